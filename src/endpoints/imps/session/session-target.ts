/**
 * A session as a client to deliver to. A push client has a message when it says MessageDelivered; one that is too large to
 * be pushed is announced, one that is too large to be fetched is told of in words. A notify client is told that one waits.
 */
import type {
  AnnouncedMessage,
  AttemptOutcome,
  DeliveryStyle,
  DeliveryTarget,
  OpenAttempt,
  OutgoingMessage,
} from '../../../delivery/ports.ts';
import { mediaTypeOf } from '../../../formats/content-type.ts';
import { isComposingNotice } from '../../../formats/is-composing.ts';
import type { Primitive } from '../../../imps/primitives/primitive.ts';
import type { ContentLimits } from '../../../imps/session/negotiation.ts';
import type { ShownMessage } from '../words/message-words.ts';

/** What becomes of something that was offered: the answer of the client, or why there is none. */
export type OfferEnd =
  | { readonly kind: 'answered'; readonly primitive: Primitive }
  | {
      readonly kind: 'unanswered';
      readonly why: 'silence' | 'too-many' | 'too-large' | 'replaced' | 'withdrawn' | 'ended';
    };

/** How a session takes messages, as it has been agreed. */
export interface TakingMessages {
  readonly contentLimits: ContentLimits;
  /** Empty: all. */
  readonly contentTypes: readonly string[];
}

export interface OfferOptions {
  /** The mark of a deferred message goes along where the client knows it. */
  readonly isDeferred?: boolean;
  /** What waits under the same word is replaced. */
  readonly replaces?: string;
  /** Asked at the moment at which it would leave. */
  readonly mayGo?: () => boolean;
  /** Hears how it ended. What it resolves to has to be waited for before the response to the client's answer leaves. */
  readonly onEnd?: (end: OfferEnd) => void | Promise<void>;
}

export interface OpenOffer {
  readonly end: Promise<OfferEnd>;
  /** What has left may be answered still. */
  stop(): void;
}

export interface TargetSession {
  /** As delivery knows it; nobody can guess the session by it. */
  readonly targetId: string;
  readonly device: string;
  /** What cannot be pushed is kept, so that its client may fetch it. */
  readonly isKeeping: boolean;
  taking(): TakingMessages;
  shown(message: AnnouncedMessage): ShownMessage;
  /** In place of a message that is too large for the client. */
  shownNotice(message: AnnouncedMessage): ShownMessage;
  /** Whether the client can parse it. */
  fits(primitive: Primitive): boolean;
  offer(primitive: Primitive, options?: OfferOptions): OpenOffer;
}

/** Messages under way to one session that are not acknowledged yet. */
export const sessionWindow = 16;
/** Announcements that a session remembers, so that it is told of each message once; the oldest goes. */
export const announcedMax = 10_000;
/** Announcements that wait for their answer; whoever announces waits for the next. */
export const announcementsOpenMax = 32;

export class SessionTarget implements DeliveryTarget {
  readonly priority = 1;
  readonly window = sessionWindow;
  readonly style: DeliveryStyle;
  readonly #session: TargetSession;
  readonly #announced: Set<string>;
  #announcementsOpen = 0;
  #whenRoom: (() => void)[] = [];

  /** `before`: the same client when it was delivered to in another style. */
  constructor(session: TargetSession, style: DeliveryStyle, before?: SessionTarget) {
    this.#session = session;
    this.style = style;
    this.#announced = before === undefined ? new Set() : before.#announced;
  }

  get id(): string {
    return `imps ${this.#session.targetId}`;
  }

  get device(): string {
    return `imps ${this.#session.device}`;
  }

  get way(): string {
    return this.id;
  }

  attempt(message: OutgoingMessage, onOutcome: (outcome: AttemptOutcome) => void): OpenAttempt {
    const { contentType, body, large } = message.message;
    // Who is typing is not shown here, and is no reason to keep a sender waiting.
    if (isComposingNotice(contentType, body)) {
      onOutcome({ kind: 'delivered' });
      return noAttempt;
    }
    if (large !== undefined) return this.#sendNotice(message, onOutcome);
    const { messageInfo, contentData, bytes } = this.#session.shown(message);
    const taking = this.#session.taking();
    const type = mediaTypeOf(messageInfo.contentType ?? '');
    if (!isTaken(type, taking.contentTypes)) {
      onOutcome({ kind: 'refused', status: 'imps 415' });
      return noAttempt;
    }
    const value = { messageInfo, contentData };
    const isPushed = mayBePushed(bytes, type, taking) && this.#session.fits({ name: 'NewMessage', value });
    if (isPushed) return this.#send(message, { name: 'NewMessage', value }, outcomeOfPush, onOutcome);
    if (!this.#session.isKeeping) {
      onOutcome({ kind: 'refused', status: 'imps too large' });
      return noAttempt;
    }
    const isFetched = mayBeFetched(bytes, taking) && this.#session.fits({ name: 'GetMessage-Response', value });
    if (!isFetched) return this.#sendNotice(message, onOutcome);
    const announcement: Primitive = { name: 'MessageNotification', value: { messageInfo } };
    return this.#send(message, announcement, outcomeOfAnnouncement, onOutcome);
  }

  announce(message: AnnouncedMessage): void | Promise<void> {
    if (this.#announced.has(message.id)) return undefined;
    this.#announced.add(message.id);
    const oldest = this.#announced.size > announcedMax ? this.#announced.values().next().value : undefined;
    if (oldest !== undefined) this.#announced.delete(oldest);
    const { messageInfo } = this.#session.shown(message);
    const { isDeferred } = message;
    this.#announcementsOpen += 1;
    void this.#session
      .offer({ name: 'MessageNotification', value: { messageInfo } }, { isDeferred })
      .end.then(({ kind }) => {
        this.#announcementsOpen -= 1;
        // It may be told of it when what waits is looked through again.
        if (kind === 'unanswered') this.#announced.delete(message.id);
        for (const resolve of this.#whenRoom.splice(0)) resolve();
      });
    if (this.#announcementsOpen < announcementsOpenMax) return undefined;
    return new Promise((resolve) => {
      this.#whenRoom.push(resolve);
    });
  }

  #sendNotice(message: OutgoingMessage, onOutcome: (outcome: AttemptOutcome) => void): OpenAttempt {
    const { messageInfo, contentData } = this.#session.shownNotice(message);
    const notice: Primitive = { name: 'NewMessage', value: { messageInfo, contentData } };
    if (!this.#session.fits(notice)) {
      onOutcome(waitsForAnother);
      return noAttempt;
    }
    return this.#send(message, notice, outcomeOfAnnouncement, onOutcome);
  }

  #send(
    message: OutgoingMessage,
    primitive: Primitive,
    outcomeOf: (answer: Primitive) => AttemptOutcome,
    onOutcome: (outcome: AttemptOutcome) => void,
  ): OpenAttempt {
    const { isDeferred } = message;
    const onEnd = (end: OfferEnd): Promise<void> | undefined => {
      onOutcome(end.kind === 'answered' ? outcomeOf(end.primitive) : outcomeOfSilence(end));
      // What a client has acknowledged is not offered or listed again, whatever happens after the response.
      return message.settled();
    };
    const open = this.#session.offer(primitive, { isDeferred, mayGo: () => message.mayStillGo(), onEnd });
    return { stopSending: () => open.stop() };
  }
}

const noAttempt: OpenAttempt = { stopSending() {} };

/** A client that can parse so little is no reason to give a message up: it waits on, for another. */
const waitsForAnother: AttemptOutcome = { kind: 'announced' };

/** Unsupported type, message rejected. */
const refusals: ReadonlySet<number> = new Set([415, 538]);

/** Anything but MessageDelivered proves nothing; a refusal is one only where it is about this message for good. */
function outcomeOfPush(answer: Primitive): AttemptOutcome {
  if (answer.name === 'MessageDelivered') return { kind: 'delivered' };
  const code = answer.name === 'Status' ? answer.value.result.code : 0;
  if (refusals.has(code)) return { kind: 'refused', status: `imps ${code}` };
  return { kind: 'message-failed', status: `imps ${code}`, mayPoison: true };
}

function outcomeOfAnnouncement(answer: Primitive): AttemptOutcome {
  const code = answer.name === 'Status' ? answer.value.result.code : 200;
  if (code < 300) return { kind: 'announced' };
  return { kind: 'message-failed', status: `imps ${code}`, mayPoison: true };
}

function outcomeOfSilence({ why }: Extract<OfferEnd, { kind: 'unanswered' }>): AttemptOutcome {
  if (why === 'withdrawn') return { kind: 'withdrawn' };
  if (why === 'too-large') return waitsForAnother;
  // Another message may do better than one that is never acknowledged.
  if (why === 'silence') return { kind: 'message-failed', status: 'imps not acknowledged', mayPoison: false };
  return { kind: 'client-failed', status: `imps ${why}` };
}

function mayBePushed(bytes: number, type: string, { contentLimits }: TakingMessages): boolean {
  const { pushBytesMax = bytes, textBytesMax = bytes, richBytesMax = bytes } = contentLimits;
  return bytes <= pushBytesMax && bytes <= (type.startsWith('text/') ? textBytesMax : richBytesMax);
}

/** What may not is told of in words. */
export function mayBeFetched(bytes: number, { contentLimits }: Pick<TakingMessages, 'contentLimits'>): boolean {
  return bytes <= (contentLimits.pullBytesMax ?? bytes);
}

function isTaken(type: string, taken: readonly string[]): boolean {
  return taken.length === 0 || taken.some((accepted) => matches(mediaTypeOf(accepted), type));
}

function matches(accepted: string, type: string): boolean {
  if (accepted === type || accepted === '*/*' || accepted === '*') return true;
  return accepted.endsWith('/*') && type.startsWith(accepted.slice(0, -1));
}
