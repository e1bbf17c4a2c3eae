/**
 * A session as a client to deliver to. A push client has a message when it says MessageDelivered; one that is too large for
 * it, or of a kind that it does not take, is announced. A notify client is told that one waits.
 */
import type {
  AnnouncedMessage,
  AttemptOutcome,
  DeliveryStyle,
  DeliveryTarget,
  OpenAttempt,
  OutgoingMessage,
} from '../../../delivery/ports.ts';
import { isComposingNotice } from '../../../formats/is-composing.ts';
import { mediaTypeOf } from '../../../formats/content-type.ts';
import type { Primitive } from '../../../imps/primitives/primitive.ts';
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
  readonly pushBytesMax: number;
  /** Empty: all. */
  readonly contentTypes: readonly string[];
}

export interface TargetSession {
  readonly id: string;
  readonly device: string;
  taking(): TakingMessages;
  shown(message: AnnouncedMessage): ShownMessage;
  offer(primitive: Primitive, options?: OfferOptions): OpenOffer;
}

export interface OfferOptions {
  /** The mark of a deferred message goes along where the client knows it. */
  readonly isDeferred?: boolean;
  /** One that waits under the same word makes way for it. */
  readonly replaces?: string;
  /** Asked whenever it could leave. */
  readonly mayGo?: () => boolean;
}

export interface OpenOffer {
  readonly end: Promise<OfferEnd>;
  /** It does not leave any more; an answer that still arrives counts. */
  stop(): void;
}

/** Messages under way to one session that are not acknowledged yet. */
export const sessionWindow = 4;
/** Announcements that a session remembers, so that it is told of each message once. */
const announcedMax = 10_000;

export class SessionTarget implements DeliveryTarget {
  readonly priority = 1;
  readonly window = sessionWindow;
  readonly style: DeliveryStyle;
  readonly #session: TargetSession;
  readonly #announced = new Set<string>();

  constructor(session: TargetSession, style: DeliveryStyle) {
    this.#session = session;
    this.style = style;
  }

  get id(): string {
    return `imps ${this.#session.id}`;
  }

  get device(): string {
    return `imps ${this.#session.device}`;
  }

  get way(): string {
    return this.id;
  }

  attempt(message: OutgoingMessage, onOutcome: (outcome: AttemptOutcome) => void): OpenAttempt {
    const { contentType, body } = message.message;
    // Who is typing is not shown here, and is no reason to keep a sender waiting.
    if (isComposingNotice(contentType, body)) onOutcome({ kind: 'delivered' });
    else return this.#begin(message, onOutcome);
    return noAttempt;
  }

  async announce(message: AnnouncedMessage): Promise<void> {
    if (this.#announced.has(message.id)) return;
    if (this.#announced.size >= announcedMax) this.#announced.clear();
    this.#announced.add(message.id);
    const { messageInfo } = this.#session.shown(message);
    const notification: Primitive = { name: 'MessageNotification', value: { messageInfo } };
    const { end: ending } = this.#session.offer(notification, { isDeferred: message.isDeferred });
    const end = await ending;
    if (end.kind === 'unanswered') this.#announced.delete(message.id);
  }

  #begin(message: OutgoingMessage, onOutcome: (outcome: AttemptOutcome) => void): OpenAttempt {
    const { messageInfo, contentData, bytes } = this.#session.shown(message);
    const { pushBytesMax, contentTypes } = this.#session.taking();
    if (!isTaken(messageInfo.contentType ?? '', contentTypes)) onOutcome({ kind: 'refused', status: 'imps 415' });
    else if (bytes > pushBytesMax) void this.#announceInstead(message).then(onOutcome);
    else {
      const options = { isDeferred: message.isDeferred, mayGo: () => message.mayStillGo() };
      const offer = this.#session.offer({ name: 'NewMessage', value: { messageInfo, contentData } }, options);
      void offer.end.then((end) => this.#outcomeOf(end, message)).then(onOutcome);
      return { stopSending: () => offer.stop() };
    }
    return noAttempt;
  }

  async #outcomeOf(end: OfferEnd, message: OutgoingMessage): Promise<AttemptOutcome> {
    if (end.kind === 'unanswered') {
      if (end.why === 'withdrawn') return { kind: 'withdrawn' };
      return end.why === 'too-large'
        ? this.#announceInstead(message)
        : { kind: 'client-failed', status: `imps ${end.why}` };
    }
    if (end.primitive.name === 'MessageDelivered') return { kind: 'delivered' };
    const code = end.primitive.name === 'Status' ? end.primitive.value.result.code : 0;
    // Anything but MessageDelivered proves nothing; a refusal is one only where it is about this message for good.
    if (refusals.has(code)) return { kind: 'refused', status: `imps ${code}` };
    return { kind: 'message-failed', status: `imps ${code}`, mayPoison: true };
  }

  async #announceInstead(message: OutgoingMessage): Promise<AttemptOutcome> {
    await this.announce(message);
    return { kind: 'message-failed', status: 'imps too large to push, announced', mayPoison: false };
  }
}

const noAttempt: OpenAttempt = { stopSending() {} };

/** Unsupported type, message rejected. */
const refusals: ReadonlySet<number> = new Set([415, 538]);

function isTaken(contentType: string, taken: readonly string[]): boolean {
  const type = mediaTypeOf(contentType);
  return taken.length === 0 || taken.some((accepted) => matches(mediaTypeOf(accepted), type));
}

function matches(accepted: string, type: string): boolean {
  if (accepted === type || accepted === '*/*' || accepted === '*') return true;
  return accepted.endsWith('/*') && type.startsWith(accepted.slice(0, -1));
}
