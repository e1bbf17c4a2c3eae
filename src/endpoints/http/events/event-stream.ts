/**
 * One stream of server-sent events (WHATWG HTML 9.2): numbers its events, keeps the line alive, and ends when its reader
 * does not keep up. What it did not hand over is for its owner to offer again.
 */
import type { Millis } from '../../../base/time/clock.ts';

/** Octets that wait for a slow reader; beyond it the stream ends. */
export const streamBytesMax = 1_048_576;
/** A comment so often that nothing on the way takes the line for dead. */
export const heartbeatMs: Millis = 15_000;

/** The connection under a stream. */
export interface EventWire {
  /** Octets written and not taken by the system yet. */
  readonly bytesWaiting: number;
  /** `onTaken` is called when the system has taken it, with `false` when it never will. */
  write(text: string, onTaken: (isTaken: boolean) => void): void;
  /** At once. */
  destroy(): void;
}

/** Where a stream is, as Last-Event-ID says: the number of the last report before it, and of the event itself. */
export interface StreamPosition {
  readonly report: number;
  readonly event: number;
}

export type EventName = 'message' | 'waiting' | 'report' | 'presence' | 'subscription';

export class EventStream {
  readonly id: string;
  readonly #wire: EventWire;
  #position: StreamPosition;
  #hasEnded = false;

  constructor(id: string, wire: EventWire, position: StreamPosition) {
    this.id = id;
    this.#wire = wire;
    this.#position = position;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get position(): StreamPosition {
    return this.#position;
  }

  /** False when the reader is too slow, or gone: nothing was sent and nothing will be. `report` is the number of a report. */
  send(name: EventName, data: object, report?: number): Promise<boolean> {
    if (this.#hasEnded) return Promise.resolve(false);
    if (this.#wire.bytesWaiting > streamBytesMax) {
      this.end();
      return Promise.resolve(false);
    }
    this.#position = { report: report ?? this.#position.report, event: this.#position.event + 1 };
    const text = `id: ${formatPosition(this.#position)}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    return new Promise((resolve) => {
      this.#wire.write(text, resolve);
    });
  }

  beat(): void {
    if (!this.#hasEnded) this.#wire.write(': beat\n\n', () => {});
  }

  /** From our side; its owner hears of the end as of any other. */
  end(): void {
    this.#hasEnded = true;
    this.#wire.destroy();
  }

  /** The connection is gone. */
  closed(): void {
    this.#hasEnded = true;
  }
}

export function formatPosition({ report, event }: StreamPosition): string {
  return `${report}-${event}`;
}

/** Undefined for what no stream of ours has sent. */
export function parsePosition(text: string | undefined): StreamPosition | undefined {
  const [, report, event] = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? '') ?? [];
  return report === undefined || event === undefined ? undefined : { report: Number(report), event: Number(event) };
}
