/**
 * The dialog of one attempt at a subscription, before and after there is one (RFC 6665 4.1.2, 4.4.1): writes the SUBSCRIBEs,
 * and reads the NOTIFYs, the first of which makes it. Knows nothing of time, nor what follows from anything.
 */
import { err, type Result } from '../../../../base/result.ts';
import { createDialogRequest } from '../../../dialog/dialog-request.ts';
import type { DialogRequest } from '../../../dialog/dialog-request.ts';
import { Dialog } from '../../../dialog/dialog.ts';
import { SipHeaders } from '../../../message/sip-headers.ts';
import type { SipRequest } from '../../../message/sip-message.ts';
import type { OwnSubscriptionPlan } from './own-subscription-words.ts';
import { notifyUnknown, readNotify } from './read-notify.ts';
import type { Notified, NotifyAnswer } from './read-notify.ts';

const tagBits = 80;
const callIdBits = 128;
const EMPTY = new Uint8Array(0);

export class OwnDialog<Document> {
  readonly localTag: string;
  readonly #plan: OwnSubscriptionPlan<Document>;
  readonly #callId: string;
  /** Of the last SUBSCRIBE without a dialog. */
  #cseq = 0;
  #dialog: Dialog | undefined;

  constructor(plan: OwnSubscriptionPlan<Document>) {
    this.#plan = plan;
    this.localTag = plan.ids.randomToken(tagBits);
    this.#callId = plan.ids.randomToken(callIdBits);
  }

  /** `expires`: seconds; 0 ends the subscription. */
  writeSubscribe(expires: number): DialogRequest {
    const { eventPackage, identity, credentials } = this.#plan;
    const request = this.#dialog === undefined ? this.#writeFirst() : createDialogRequest(this.#dialog, 'SUBSCRIBE');
    const { headers, method, requestUri } = request;
    headers.add('Event', eventPackage.name).add('Expires', String(expires));
    headers.add('Accept', eventPackage.contentTypes.join(', '));
    for (const [name, value] of identity) headers.add(name, value);
    for (const [name, value] of credentials?.rowsFor(method, requestUri) ?? []) headers.add(name, value);
    return request;
  }

  /** All or nothing, but for the CSeq, which counts in any case (RFC 3261 12.2.2). */
  readNotify(request: SipRequest): Result<Notified<Document>, NotifyAnswer> {
    const { eventPackage, resource, contact } = this.#plan;
    const dialog = this.#dialog;
    if (request.callId !== this.#callId || dialog?.has(request) === false) return err(notifyUnknown);
    if (dialog?.takeRequest(request) === 'out-of-order') return err(outOfOrder);
    const notified = readNotify(request, eventPackage, resource);
    if (!notified.ok) return notified;
    const target =
      dialog?.refreshTarget(request) ??
      Dialog.accept({ request, localTag: this.localTag, contact, localCSeq: this.#cseq });
    if (!target.ok) return err({ status: 400, warning: target.error, headers: [] });
    if (target.value !== undefined) this.#dialog = target.value;
    return notified;
  }

  #writeFirst(): DialogRequest {
    const { resourceUri, subscriberUri, contact, serverUri } = this.#plan;
    this.#cseq += 1;
    const headers = new SipHeaders([
      ['Max-Forwards', '70'],
      ['From', `<${subscriberUri}>;tag=${this.localTag}`],
      ['To', `<${resourceUri}>`],
      ['Call-ID', this.#callId],
      ['CSeq', `${this.#cseq} SUBSCRIBE`],
      ['Contact', contact],
    ]);
    return { method: 'SUBSCRIBE', requestUri: resourceUri, headers, body: EMPTY, nextHop: serverUri };
  }
}

const outOfOrder: NotifyAnswer = {
  status: 500,
  reason: 'CSeq Is Not Higher',
  warning: 'CSeq is not higher',
  headers: [],
};
