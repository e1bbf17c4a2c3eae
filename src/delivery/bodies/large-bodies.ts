/**
 * What of a message is too large for its row. Kept apart are bodies above `inlineBytesMax`; those among them that the server
 * takes as pager messages are put together again before a client sees them, so that nobody can tell where they were.
 */
import type { Clock } from '../../base/time/clock.ts';
import type { Counters } from '../../base/counters.ts';
import type { Log } from '../../base/log.ts';
import { StoreFault } from '../../base/store-fault.ts';
import type { Timers } from '../../base/time/timers.ts';
import { inlineBytesMax, type InstantMessage } from '../../model/instant-message.ts';
import { type DeliveryPolicy, storeRetryMs } from '../delivery-policy.ts';
import { BodySpool } from './body-spool.ts';
import type { BlobReader, BlobStore, MailboxStore } from '../ports.ts';

/** Octets that are read or written at once. */
const pieceBytes = 64 * 1024;
const namesPageMax = 1000;

/** For the timeline: a file was lost, as with a backup that left it out. */
export const bodyIsMissing = 'its body is missing from the store';

export interface LargeBodiesPlan {
  readonly blobs: BlobStore;
  readonly store: MailboxStore;
  readonly policy: Pick<DeliveryPolicy, 'bodyBytesMax'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly counters: Counters;
  readonly log: Log;
}

export class LargeBodies {
  readonly #plan: LargeBodiesPlan;
  /** To be removed as soon as the blob store can. */
  readonly #discarded = new Set<string>();
  /** Handed in by whoever wrote them, and named by a row since. */
  readonly #named = new Set<string>();
  #isRemoving = false;

  constructor(plan: LargeBodiesPlan) {
    this.#plan = plan;
    plan.counters.gauge('restante_blobs_to_remove', () => this.#discarded.size);
  }

  /** For a body that is coming in. */
  spool(): BodySpool {
    return new BodySpool(this.#plan.blobs, this.#plan.policy.bodyBytesMax);
  }

  isTooLong({ body }: InstantMessage): boolean {
    return body.length > inlineBytesMax;
  }

  /** The message as its row has it; its body is durable. Rejects with `StoreFault`. */
  async setApart(message: InstantMessage): Promise<InstantMessage> {
    const { body } = message;
    const writer = await this.#plan.blobs.create();
    try {
      for (let at = 0; at < body.length; at += pieceBytes) {
        await writer.write(body.subarray(at, at + pieceBytes), at);
      }
      await writer.sync();
    } catch (fault) {
      await writer.abandon().catch(() => this.#remove(writer.name));
      throw fault;
    }
    return { ...message, body: new Uint8Array(), large: { blob: writer.name, bytes: body.length } };
  }

  /** It is a pager message all the same: its body must be read before a client sees it. */
  isReadFirst(message: InstantMessage): boolean {
    return message.ownSession === undefined && this.#isSmall(message);
  }

  #isSmall({ large }: InstantMessage): boolean {
    return large !== undefined && large.bytes <= this.#plan.policy.bodyBytesMax;
  }

  /** As its clients see it. Undefined where what the row names is not there. Rejects with `StoreFault`. */
  async whole(message: InstantMessage): Promise<InstantMessage | undefined> {
    if (!this.#isSmall(message)) return message;
    const reader = await this.open(message);
    if (reader === undefined) return undefined;
    const { large: _, ...rest } = message;
    try {
      const body = await reader.read(0, reader.bytes);
      return body.length === reader.bytes ? { ...rest, body } : undefined;
    } finally {
      await reader.close();
    }
  }

  /** Wherever it is; to be closed. Undefined where what the row names is not there. Rejects with `StoreFault`. */
  async open({ body, large }: InstantMessage): Promise<BlobReader | undefined> {
    if (large === undefined) return inlineReader(body);
    const reader = await this.#plan.blobs.open(large.blob);
    if (reader === undefined || reader.bytes === large.bytes) return reader;
    await reader.close();
    return undefined;
  }

  /** A row names it, or may do so. */
  named({ large }: Pick<InstantMessage, 'large'>): void {
    if (large !== undefined) this.#named.add(large.blob);
  }

  /** A message that was handed in with its body apart is answered: where no row has come of it the body goes. */
  submitted(message: InstantMessage): void {
    if (message.large !== undefined && !this.#named.delete(message.large.blob)) this.discard(message);
  }

  /** Its row has ended, or there is none: removed now, or as soon as that is possible. */
  discard({ large }: Pick<InstantMessage, 'large'>): void {
    if (large !== undefined) this.#remove(large.blob);
  }

  /** The store did not say whether there is a row: it is asked. At worst the next start sees to it. */
  async discardUnlessKept(message: InstantMessage, id: string): Promise<void> {
    if (message.large === undefined) return;
    const { store } = this.#plan;
    try {
      if ((await store.find(message.recipient, id)) === undefined) this.discard(message);
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      if (!fault.isTemporary) return;
      await this.#pause();
      await this.discardUnlessKept(message, id);
    }
  }

  /** What a crash left without a row goes. To be awaited before anything is stored. Rejects with `StoreFault`. */
  async sweep(): Promise<void> {
    const { blobs, store, log } = this.#plan;
    const named = new Set<string>();
    let after: string | undefined;
    for (;;) {
      const page = await store.blobs(after, namesPageMax);
      for (const name of page) named.add(name);
      after = page.at(-1);
      if (page.length < namesPageMax) break;
    }
    const { removed, missing } = await blobs.sweep(named);
    if (removed > 0) log.info({ removed }, 'large bodies that nobody waits for were removed');
    if (missing.length > 0) {
      log.error({ missing: missing.length, first: missing[0] }, 'large bodies are missing that messages wait with');
    }
  }

  #remove(name: string): void {
    this.#discarded.add(name);
    if (!this.#isRemoving) void this.#removeAll();
  }

  async #removeAll(): Promise<void> {
    this.#isRemoving = true;
    while (this.#discarded.size > 0) {
      const names = [...this.#discarded];
      try {
        await this.#plan.blobs.remove(names);
        for (const name of names) this.#discarded.delete(name);
      } catch (fault) {
        if (!(fault instanceof StoreFault)) throw fault;
        this.#plan.log.warn({ blobs: names.length, fault: fault.message }, 'large bodies wait to be removed');
        // Nothing more can be done in this life; the next start sweeps them.
        if (!fault.isTemporary) break;
        await this.#pause();
      }
    }
    this.#isRemoving = false;
  }

  #pause(): Promise<void> {
    const { timers, clock } = this.#plan;
    return new Promise((resolve) => {
      timers.at(clock.monotonic() + storeRetryMs, () => resolve());
    });
  }
}

function inlineReader(body: Uint8Array): BlobReader {
  return {
    bytes: body.length,
    read: (offset, length) => Promise.resolve(body.subarray(offset, offset + length)),
    close: () => Promise.resolve(),
  };
}
