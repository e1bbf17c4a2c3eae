/**
 * The main thread's end of the writer thread: gathers what is asked within one turn, and, while a commit is under way,
 * everything until its end, into the next batch (group commit). So the cost of a commit is shared and operations take
 * effect in the order in which they were issued.
 */
import { Worker } from 'node:worker_threads';
import type { Counters, Durations } from '../../../base/counters.ts';
import type { Log } from '../../../base/log.ts';
import { StoreFault } from '../../../base/store-fault.ts';
import { ContentArena } from './content-arena.ts';
import type { Batch, OperationKind, OutcomeOf, RequestOf, WriterAnswer, WriterOptions } from './operations.ts';

/** Operations and bytes of content in one batch; a little more for the last message. */
export const batchOperationsMax = 1024;
const batchBytesMax = 4 * 1024 * 1024;
/** Batches that wait behind the one under way; at the limit the newest call is refused. */
export const waitingBatchesMax = 64;

interface Waiting {
  readonly resolve: (outcome: never) => void;
  readonly reject: (fault: StoreFault) => void;
}

class PendingBatch {
  readonly operations: [OperationKind, unknown][] = [];
  readonly waiting: Waiting[] = [];
  readonly arena: ContentArena;

  constructor(spare: Uint8Array<ArrayBuffer> | undefined) {
    this.arena = new ContentArena(spare);
  }

  get isFull(): boolean {
    return this.operations.length >= batchOperationsMax || this.arena.used >= batchBytesMax;
  }
}

export interface WriterSurroundings {
  readonly log: Log;
  readonly counters: Counters;
  /** The thread ended though nobody closed it: nothing can be written any more. At most once. */
  readonly onLost: (fault: StoreFault) => void;
}

export class Writer {
  readonly #worker: Worker;
  readonly #log: Log;
  readonly #onLost: (fault: StoreFault) => void;
  readonly #commits: { value: number };
  readonly #operations: { value: number };
  readonly #faults: { value: number };
  readonly #commitTimes: Durations;
  readonly #batches: PendingBatch[] = [];
  #spareArena: Uint8Array<ArrayBuffer> | undefined;
  #underWay: PendingBatch | undefined;
  #postedAtMs = 0;
  #isScheduled = false;
  #isFailing = false;
  #isClosing = false;
  #isReady = false;
  #isLost = false;
  /** Why no call is taken any more. */
  #end: StoreFault | undefined;
  #onClosed: (() => void) | undefined;

  private constructor(worker: Worker, { log, counters, onLost }: WriterSurroundings) {
    this.#worker = worker;
    this.#log = log;
    this.#onLost = onLost;
    this.#commits = counters.counter('store_commits');
    this.#operations = counters.counter('store_operations');
    this.#faults = counters.counter('store_faults');
    this.#commitTimes = counters.durations('restante_store_commit_seconds');
    counters.gauge('store_operations_waiting', () => this.#countWaiting());
  }

  /** Resolves when the thread has the database open; rejects with the fault that prevented it. */
  static async start(options: WriterOptions, surroundings: WriterSurroundings): Promise<Writer> {
    // Sources run as they are; the build rewrites import specifiers, but not this one.
    const file = import.meta.url.endsWith('.ts') ? './writer-thread.ts' : './writer-thread.js';
    const worker = new Worker(new URL(file, import.meta.url), { workerData: options, name: 'store-writer' });
    const writer = new Writer(worker, surroundings);
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (answer: WriterAnswer) => {
        if (answer.kind === 'ready') {
          writer.#isReady = true;
          resolve();
        } else if (answer.kind === 'unusable') reject(new StoreFault(answer.fault.message, answer.fault.isTemporary));
        else writer.#receive(answer);
      });
      worker.on('error', (error: unknown) => {
        const fault = new StoreFault(`the writer of ${options.file} failed: ${String(error)}`, false, { cause: error });
        reject(fault);
        writer.#abandon(fault);
      });
      worker.on('exit', () => {
        const words = writer.#isClosing ? 'the store is closed' : `the writer of ${options.file} ended`;
        reject(new StoreFault(words, false));
        writer.#abandon(new StoreFault(words, false));
      });
    });
    return writer;
  }

  /** Resolves with the outcome when it is durable. */
  submit<K extends OperationKind>(kind: K, request: RequestOf<K>): Promise<OutcomeOf<K>> {
    const batch = this.#end === undefined ? this.#openBatch() : undefined;
    if (batch === undefined) return Promise.reject(this.#refusal());
    batch.operations.push([kind, request]);
    return new Promise<OutcomeOf<K>>((resolve, reject) => {
      batch.waiting.push({ resolve, reject });
    });
  }

  /** The same for what points into the contents of its batch: `make` appends to them. */
  submitWithContents<K extends OperationKind>(
    kind: K,
    make: (arena: ContentArena) => RequestOf<K>,
  ): Promise<OutcomeOf<K>> {
    const batch = this.#end === undefined ? this.#openBatch() : undefined;
    if (batch === undefined) return Promise.reject(this.#refusal());
    batch.operations.push([kind, make(batch.arena)]);
    return new Promise<OutcomeOf<K>>((resolve, reject) => {
      batch.waiting.push({ resolve, reject });
    });
  }

  /** A put, which does so too. Resolves with what `read` makes of it. */
  submitPut<T>(make: (arena: ContentArena) => RequestOf<'put'>, read: (answer: OutcomeOf<'put'>) => T): Promise<T> {
    const batch = this.#end === undefined ? this.#openBatch() : undefined;
    if (batch === undefined) return Promise.reject(this.#refusal());
    batch.operations.push(['put', make(batch.arena)]);
    return new Promise<T>((resolve, reject) => {
      batch.waiting.push({ resolve: (answer) => resolve(read(answer)), reject });
    });
  }

  /** What was submitted is still committed. */
  async close(): Promise<void> {
    if (this.#end !== undefined) return;
    this.#end = new StoreFault('the store is closed', false);
    await new Promise<void>((resolve) => {
      this.#onClosed = resolve;
      this.#postNext();
    });
  }

  #refusal(): StoreFault {
    return this.#end ?? new StoreFault('the store cannot keep up: too many calls wait', true);
  }

  #openBatch(): PendingBatch | undefined {
    const last = this.#batches.at(-1);
    if (last !== undefined && !last.isFull) return last;
    if (this.#batches.length >= waitingBatchesMax) return undefined;
    const batch = new PendingBatch(this.#spareArena);
    this.#spareArena = undefined;
    this.#batches.push(batch);
    this.#schedule();
    return batch;
  }

  /** At the end of this turn, so that all packets which were read in it share one commit. */
  #schedule(): void {
    if (this.#isScheduled || this.#underWay !== undefined) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#postNext();
    });
  }

  #postNext(): void {
    if (this.#underWay !== undefined) return;
    const batch = this.#batches.shift();
    if (batch !== undefined) {
      this.#underWay = batch;
      this.#postedAtMs = performance.now();
      const message: Batch = { operations: batch.operations, arena: batch.arena.bytes };
      this.#worker.postMessage(message, [message.arena.buffer]);
    } else if (this.#onClosed !== undefined && !this.#isClosing) {
      this.#isClosing = true;
      this.#worker.postMessage('close', []);
    }
  }

  #receive(answer: WriterAnswer): void {
    if (answer.kind === 'warning') this.#log.warn({}, answer.text);
    if (answer.kind !== 'committed' && answer.kind !== 'rolled-back') return;
    const batch = this.#underWay;
    this.#underWay = undefined;
    this.#commitTimes.add(performance.now() - this.#postedAtMs);
    this.#spareArena = answer.arena;
    // The next commit begins before the answers of this one are worked on.
    this.#postNext();
    if (batch === undefined) return;
    if (answer.kind === 'committed') this.#settle(batch, answer);
    else this.#fail(batch, new StoreFault(answer.fault.message, answer.fault.isTemporary));
  }

  #settle(batch: PendingBatch, answer: Extract<WriterAnswer, { kind: 'committed' }>): void {
    this.#commits.value += 1;
    this.#operations.value += batch.operations.length;
    if (this.#isFailing) this.#log.info({}, 'the store can write again');
    this.#isFailing = false;
    for (const [index, { message, isTemporary }] of answer.faults) {
      this.#faults.value += 1;
      this.#log.error({ operation: batch.operations[index]?.[0] }, message);
      batch.waiting[index]?.reject(new StoreFault(message, isTemporary));
    }
    // A promise that was rejected already stays so.
    for (const [index, waiting] of batch.waiting.entries()) waiting.resolve(answer.outcomes[index] as never);
  }

  #fail(batch: PendingBatch, fault: StoreFault): void {
    this.#faults.value += batch.waiting.length;
    if (!this.#isFailing) this.#log.error({ operations: batch.waiting.length }, fault.message);
    this.#isFailing = true;
    for (const waiting of batch.waiting) waiting.reject(fault);
  }

  /** The thread is gone: nothing that waits will be answered by it. */
  #abandon(fault: StoreFault): void {
    const isLost = this.#isReady && !this.#isClosing && !this.#isLost;
    this.#end ??= fault;
    if (this.#underWay !== undefined) this.#fail(this.#underWay, fault);
    this.#underWay = undefined;
    for (const batch of this.#batches.splice(0)) this.#fail(batch, fault);
    this.#onClosed?.();
    if (!isLost) return;
    this.#isLost = true;
    this.#onLost(fault);
  }

  #countWaiting(): number {
    return this.#batches.reduce((sum, batch) => sum + batch.operations.length, this.#underWay?.operations.length ?? 0);
  }
}
