/** One message on its way out of a leg: what is read of it, which chunks are answered, and its end, which is told once. */
import { formatByteRange } from '../message/byte-range.ts';
import { OutgoingTransfer } from '../transfer/outgoing-transfer.ts';
import { ReceivedRanges } from '../transfer/received-ranges.ts';
import type { OutgoingMsrp, OutgoingOutcome, SourceOctets } from './leg-words.ts';

/** How it ends, without what was answered. */
type End = OutgoingOutcome extends infer Each ? (Each extends unknown ? Omit<Each, 'answeredBytes'> : never) : never;

export class OutgoingMessage {
  readonly plan: OutgoingMsrp;
  readonly transfer: OutgoingTransfer;
  /** What the next chunk is made of. */
  piece: SourceOctets | undefined;
  isReading = false;
  /** The other side has seen a part of it. */
  hasBegun = false;
  readonly #answered = new ReceivedRanges();
  #openChunks = 0;
  #isOver = false;

  constructor(plan: OutgoingMsrp) {
    this.plan = plan;
    this.transfer = new OutgoingTransfer(plan.size, plan.from);
    this.#answered.add(1, plan.from ?? 0);
  }

  /** Its end was told. */
  get isOver(): boolean {
    return this.#isOver;
  }

  chunkLeft(): void {
    this.hasBegun = true;
    if (this.plan.failureReport !== 'no') this.#openChunks += 1;
    this.#endIfAllIsAnswered();
  }

  /** A chunk with the octets from `start` to `end` was answered with 200. */
  chunkAnswered(start: number, end: number): void {
    this.#openChunks -= 1;
    this.#answered.add(start, end);
    this.#endIfAllIsAnswered();
  }

  end(end: End): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.piece = undefined;
    this.plan.onEnd({ ...end, answeredBytes: this.#answered.contiguousEnd });
  }

  /** In words, for whoever reads a fault. */
  get place(): string {
    return formatByteRange({ start: this.transfer.offset + 1, total: this.plan.size });
  }

  #endIfAllIsAnswered(): void {
    if (this.transfer.isDone && this.#openChunks === 0) {
      this.end({ kind: (this.plan.failureReport ?? 'yes') === 'yes' ? 'answered' : 'sent' });
    }
  }
}
