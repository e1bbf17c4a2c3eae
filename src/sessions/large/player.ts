/**
 * Messages that are played to a client over a leg of ours, one after the other: each in a form that the client takes, up to the
 * client's own word that it has it. Knows neither where they come from nor what follows.
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../base/time/timers.ts';
import { mediaTypeOf } from '../../formats/content-type.ts';
import { imdnContentType } from '../../formats/imdn.ts';
import type { OctetSource } from '../../msrp/leg/leg-words.ts';
import type { MsrpRequestHead } from '../../msrp/message/msrp-message.ts';
import {
  envelopeHeadMax,
  type EnvelopeWords,
  formOf,
  inEnvelope,
  isEnvelope,
  type OutgoingForm,
} from '../content/outgoing-form.ts';
import { viewed, viewedSize } from '../content/octet-views.ts';
import type { SessionLeg } from '../media/session-leg.ts';
import type { SpoolPool } from '../spool/spool-pool.ts';
import { type IncomingListener, type IncomingMessage, IncomingSpools } from '../transfer/incoming-spools.ts';
import { Sending, type SentOutcome } from '../transfer/sending.ts';

/** How long a client that is to connect may take for it. */
export const connectMsMax: Millis = 30_000;

export interface Playable {
  /** The same for the same message, whenever it is played: 4 to 32 characters (RFC 4975 9). */
  readonly messageId: string;
  readonly contentType: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** Undefined while it grows. */
  readonly size?: number | undefined;
  /** Octets that the client has already. */
  readonly from?: number;
  readonly source: OctetSource;
  readonly words: EnvelopeWords;
  /** An envelope is put around it where the client takes one, so that it says who wrote it and when. */
  readonly isEnveloped?: boolean;
}

/** `unfit`: the client takes it in no form. `isAsIs`: as its sender wrote it, with what that asks for. */
export type PlayedOutcome = SentOutcome | { readonly kind: 'unfit' };

/** Octets of what a client says by itself in such a session: a notification, as small as a MESSAGE. */
export const heardBytesMax = 64 * 1024;

export interface PlayerPlan {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly pool: SpoolPool;
  /** The client says something itself, as it may also where it only receives (RFC 4975 8.9): a notification (RFC 5438). */
  hear?(contentType: string, body: Uint8Array): void;
}

export class Player implements IncomingListener {
  /** What the leg tells. */
  readonly spools: IncomingSpools;
  readonly #time: PlayerPlan;
  #leg: SessionLeg | undefined;
  #sending: Sending | undefined;
  #connecting: TimerHandle | undefined;
  #isConnected = false;
  #isOver = false;
  #isAsIs = false;

  constructor(plan: PlayerPlan) {
    this.#time = plan;
    this.spools = new IncomingSpools(plan.pool, this);
  }

  use(leg: SessionLeg): void {
    this.#leg = leg;
    this.spools.leg = leg.msrp;
  }

  /** The last message went out as it came. */
  get isAsIs(): boolean {
    return this.#isAsIs;
  }

  async play(message: Playable): Promise<PlayedOutcome> {
    const form = await this.#formOf(message);
    if (form === undefined) return { kind: 'unfit' };
    const leg = this.#leg?.msrp;
    if (this.#isOver || leg === undefined) return { kind: 'lost', answeredBytes: 0 };
    this.#isAsIs = form.form === 'as-is';
    this.#sending = new Sending(leg, {
      messageId: message.messageId,
      contentType: form.contentType,
      headers: form.headers,
      size: viewedSize(message.size, form),
      ...(this.#isAsIs && message.from !== undefined ? { from: message.from } : {}),
      source: viewed(message.source, form),
      clock: this.#time.clock,
      timers: this.#time.timers,
    });
    this.#watch();
    return this.#sending.outcome;
  }

  /** No report and no answer will come any more: the session has ended. */
  sessionEnded(): void {
    this.#isOver = true;
    this.#connecting?.cancel();
    this.#sending?.sessionEnded();
  }

  stop(): void {
    this.#isOver = true;
    this.#connecting?.cancel();
    this.#sending?.stop();
  }

  connected(): void {
    this.#isConnected = true;
    this.#connecting?.cancel();
  }

  admit({ contentType = '', byteRange }: MsrpRequestHead): 'take' | 'drop' | number {
    const isHeard = isEnvelope({ contentType }) || mediaTypeOf(contentType) === imdnContentType;
    if (this.#time.hear === undefined || !isHeard) return 'drop';
    return (byteRange?.total ?? 0) > heardBytesMax ? 413 : 'take';
  }

  begun(): void {}

  whole({ head, spool }: IncomingMessage): void {
    if ((spool.size ?? 0) > heardBytesMax) spool.release();
    else {
      void spool.whole().then((body) => {
        spool.release();
        this.#time.hear?.(head.contentType ?? '', body);
      });
    }
  }

  abandoned({ spool }: IncomingMessage): void {
    spool.release();
  }

  ended(): void {
    this.sessionEnded();
  }

  async #formOf(message: Playable): Promise<OutgoingForm | undefined> {
    const remote = this.#leg?.remote;
    if (remote === undefined) return undefined;
    const { contentType, headers, source, words } = message;
    const first = isEnvelope(message) ? await firstOf(source) : undefined;
    if (message.isEnveloped === true && !isEnvelope(message)) {
      const wrapped = { ...inEnvelope({ contentType, headers }, words), form: 'wrapped' as const };
      if (formOf(wrapped, wrapped.prefix, remote, words)?.form === 'as-is') return wrapped;
    }
    return formOf({ contentType, headers }, first, remote, words);
  }

  #watch(): void {
    if (this.#isConnected || this.#isOver) return;
    const { clock, timers } = this.#time;
    this.#connecting = timers.at(clock.monotonic() + connectMsMax, () => this.sessionEnded());
  }
}

/** The first octets of an envelope: all of its headers, if it has any that can be read. */
async function firstOf(source: OctetSource): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let have = 0;
  while (have < envelopeHeadMax) {
    const { bytes, isEnd } = await source.read(have, envelopeHeadMax - have);
    parts.push(bytes);
    have += bytes.length;
    if (isEnd || bytes.length === 0) break;
  }
  const whole = new Uint8Array(have);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
