/**
 * Messages that are played to a client over a leg of ours, one after the other: each in a form that the client takes, up to the
 * client's own word that it has it. Knows neither where they come from nor what follows.
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../base/time/timers.ts';
import type { LegListener, OctetSource } from '../../msrp/leg/leg-words.ts';
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

export class Player implements LegListener {
  readonly #time: { readonly clock: Clock; readonly timers: Timers };
  #leg: SessionLeg | undefined;
  #sending: Sending | undefined;
  #connecting: TimerHandle | undefined;
  #isConnected = false;
  #isOver = false;
  #isAsIs = false;

  constructor(time: { readonly clock: Clock; readonly timers: Timers }) {
    this.#time = time;
  }

  use(leg: SessionLeg): void {
    this.#leg = leg;
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
      ...this.#time,
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

  began(): 'drop' {
    return 'drop';
  }

  octets(): void {}

  complete(): void {}

  abandoned(): void {}

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
