/**
 * A stream as a client to deliver to. A push client has a message when it says so (POST …/delivered); what it does not
 * acknowledge within the lease is offered again later. A notify client is told that one waits.
 */
import type { Clock, Millis } from '../../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../../base/time/timers.ts';
import type {
  AttemptOutcome,
  DeliveryStyle,
  DeliveryTarget,
  OpenAttempt,
  OutgoingMessage,
} from '../../../delivery/ports.ts';
import { isComposingNotice } from '../../../formats/is-composing.ts';
import type { InstantMessage } from '../../../model/instant-message.ts';
import { shownMessage, shownNotice } from '../message-words.ts';
import type { EventStream } from './event-stream.ts';

/** From an event to the acknowledgement of its message. */
export const leaseMs: Millis = 30_000;
/** One that is too large to go along must be fetched first: a second more for each so many octets. */
export const fetchedBytesPerSecond = 64 * 1024;
/** Messages under way to one stream that are not acknowledged yet. */
export const streamWindow = 16;
/** Notices that a stream remembers, so that it is told of each message once. */
const announcedMax = 50_000;

interface Lease {
  readonly timer: TimerHandle;
  readonly onOutcome: (outcome: AttemptOutcome) => void;
}

export interface StreamTargetTools {
  readonly clock: Clock;
  readonly timers: Timers;
}

export class StreamTarget implements DeliveryTarget {
  readonly priority = 1;
  readonly window = streamWindow;
  readonly style: DeliveryStyle;
  readonly #stream: EventStream;
  readonly #tools: StreamTargetTools;
  readonly #leases = new Map<string, Lease>();
  readonly #announced = new Set<string>();

  constructor(stream: EventStream, style: DeliveryStyle, tools: StreamTargetTools) {
    this.#stream = stream;
    this.style = style;
    this.#tools = tools;
  }

  get id(): string {
    return `http ${this.#stream.id}`;
  }

  get device(): string {
    return this.id;
  }

  /** A stream is its own way, and another one when it gets what waits in another style; the next one is another client. */
  get way(): string {
    return `${this.id} ${this.style}`;
  }

  attempt(message: OutgoingMessage, onOutcome: (outcome: AttemptOutcome) => void): OpenAttempt {
    // Who is typing is not shown here, and is no reason to keep a sender waiting.
    if (isComposingNotice(message.message.contentType, message.message.body)) {
      onOutcome({ kind: 'delivered' });
      return noAttempt;
    }
    const { clock, timers } = this.#tools;
    const { id } = message;
    const timer = timers.at(clock.monotonic() + leaseOf(message.message), () => this.#settle(id, notAcknowledged));
    this.#leases.set(id, { timer, onOutcome });
    void this.#stream.send('message', shownMessage(message)).then((isSent) => {
      if (!isSent) this.#settle(id, streamClosed);
    });
    return noAttempt;
  }

  async announce(message: OutgoingMessage): Promise<void> {
    if (this.#announced.has(message.id)) return;
    if (this.#announced.size >= announcedMax) this.#announced.clear();
    this.#announced.add(message.id);
    await this.#stream.send('waiting', shownNotice(message));
  }

  /** Its reader has it and has not said yet what becomes of it. */
  isOffered(id: string): boolean {
    return this.#leases.has(id);
  }

  /** Its reader has it, by this stream or otherwise. */
  taken(id: string): void {
    this.#settle(id, { kind: 'delivered' });
  }

  /** Its reader does not want it. */
  turnedAway(id: string): void {
    this.#settle(id, { kind: 'refused', status: 'turned away' });
  }

  /** The stream is over: what it was sent and did not acknowledge waits for the next one. */
  closed(): void {
    for (const id of this.#leases.keys()) this.#settle(id, streamClosed);
  }

  #settle(id: string, outcome: AttemptOutcome): void {
    const lease = this.#leases.get(id);
    if (lease === undefined) return;
    this.#leases.delete(id);
    lease.timer.cancel();
    lease.onOutcome(outcome);
  }
}

function leaseOf({ large }: InstantMessage): Millis {
  return large === undefined ? leaseMs : leaseMs + Math.ceil(large.bytes / fetchedBytesPerSecond) * 1000;
}

const noAttempt: OpenAttempt = { stopSending() {} };
const streamClosed: AttemptOutcome = { kind: 'client-failed', status: 'http stream closed' };
const notAcknowledged: AttemptOutcome = { kind: 'message-failed', status: 'http not acknowledged', mayPoison: false };
