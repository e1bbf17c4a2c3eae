/** What goes into the machine of a subscription of ours, and what comes out of it. */
import type { IdSource } from '../../../../base/ids.ts';
import type { Millis } from '../../../../base/time/clock.ts';
import type { DialogRequest } from '../../../dialog/dialog-request.ts';
import type { DigestClient } from '../../../digest/digest-client.ts';
import type { HeaderRow } from '../../../message/sip-headers.ts';
import type { SipRequest, SipResponse } from '../../../message/sip-message.ts';
import type { NotifyAnswer } from './read-notify.ts';
import type { SubscriberPackage } from '../subscriber-package.ts';

export type OwnSubscriptionState = 'waiting' | 'given-up' | 'subscribing' | 'subscribed' | 'ending' | 'ended';

export interface OwnSubscriptionPlan<Document> {
  readonly eventPackage: SubscriberPackage<Document>;
  /** `user@domain`, for the package. */
  readonly resource: string;
  readonly resourceUri: string;
  readonly subscriberUri: string;
  /** The URI of the server that the first SUBSCRIBE is sent to. */
  readonly serverUri: string;
  /** Our own Contact towards it, with angle brackets. */
  readonly contact: string;
  /** Without them a challenge is a refusal. */
  readonly credentials: DigestClient | undefined;
  /** Rows about us besides credentials. */
  readonly identity: readonly HeaderRow[];
  readonly ids: IdSource;
}

export type OwnSubscriptionInput =
  /** It is its turn; follows `due`. */
  | { readonly kind: 'start' }
  /** Of the SUBSCRIBE of that number. */
  | { readonly kind: 'answered'; readonly attempt: number; readonly response: SipResponse }
  | { readonly kind: 'failed'; readonly attempt: number }
  /** Its To tag is `localTag`. */
  | { readonly kind: 'notified'; readonly request: SipRequest }
  /** A difference was missed, so a refresh is to bring everything (RFC 3680 5.2). */
  | { readonly kind: 'whole-state-wanted' }
  /** There is a reason for it, again. */
  | { readonly kind: 'wanted' }
  | { readonly kind: 'unwanted' }
  /** The server answers others again. */
  | { readonly kind: 'server-back' }
  | { readonly kind: 'tick' };

export type OwnSubscriptionOutput<Document> =
  /** Its time has come to begin, or to begin again: it waits for `start`. */
  | { readonly kind: 'due' }
  /** `answered` or `failed` of that number must follow. */
  | { readonly kind: 'send'; readonly attempt: number; readonly request: DialogRequest }
  | { readonly kind: 'answer'; readonly answer: NotifyAnswer }
  | { readonly kind: 'told'; readonly document: Document | undefined; readonly expiresMs: Millis }
  | { readonly kind: 'prolonged'; readonly expiresMs: Millis }
  | { readonly kind: 'lost' }
  /** What came of a SUBSCRIBE, for whoever counts. */
  | { readonly kind: 'outcome'; readonly outcome: SubscribeOutcome; readonly status: number | undefined }
  | { readonly kind: 'ended' };

/**
 * `later`: perhaps another time; `refused`: not for a long time; `unauthorised`: our credentials do not do; `silent`: no answer
 * of the server, or no NOTIFY; `terminated`: ended by the server.
 */
export type SubscribeOutcome = 'accepted' | 'later' | 'refused' | 'unauthorised' | 'silent' | 'terminated';
