/**
 * What comes over one leg, each message in a spool: begun, growing, whole or given up. The other side is told to wait while a
 * spool is full. What becomes of the messages is somebody else's affair.
 */
import type { LegEnd, LegListener, MsrpLeg } from '../../msrp/leg/leg-words.ts';
import type { MsrpRequestHead } from '../../msrp/message/msrp-message.ts';
import { Spool } from '../spool/spool.ts';
import type { SpoolPool } from '../spool/spool-pool.ts';

export interface IncomingMessage {
  readonly head: MsrpRequestHead;
  readonly spool: Spool;
}

export interface IncomingListener {
  /** Whether a message may begin; a status refuses it. */
  admit(head: MsrpRequestHead): 'take' | 'drop' | number;
  begun(message: IncomingMessage): void;
  /** The spool is finished. */
  whole(message: IncomingMessage): void;
  /** The spool has failed; nothing of it is worth anything. */
  abandoned(message: IncomingMessage, why: string): void;
  connected?(): void;
  /** The connection is gone, or was never there. Those that were begun are abandoned before. */
  ended(why: LegEnd): void;
  /** Octets came. */
  heard?(): void;
}

export class IncomingSpools implements LegListener {
  readonly #pool: SpoolPool;
  readonly #listener: IncomingListener;
  readonly #open = new Map<string, IncomingMessage>();
  #isPaused = false;
  #isHeld = false;
  #leg: MsrpLeg | undefined;

  constructor(pool: SpoolPool, listener: IncomingListener) {
    this.#pool = pool;
    this.#listener = listener;
  }

  get leg(): MsrpLeg | undefined {
    return this.#leg;
  }

  /** To be set before anything comes. */
  set leg(leg: MsrpLeg) {
    this.#leg = leg;
    if (this.#isPaused) leg.pause();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  connected(): void {
    this.#listener.connected?.();
  }

  began(head: MsrpRequestHead): 'take' | 'drop' | number {
    const verdict = this.#listener.admit(head);
    if (verdict !== 'take') return verdict;
    if (!this.#pool.hasRoom) return 413;
    const spool = new Spool(this.#pool);
    spool.onRoom = () => this.#resume();
    const message = { head, spool };
    this.#open.set(head.messageId ?? '', message);
    this.#listener.begun(message);
    return 'take';
  }

  octets(messageId: string, offset: number, bytes: Uint8Array): void {
    const message = this.#open.get(messageId);
    if (message === undefined) return;
    message.spool.write(offset, bytes);
    this.#listener.heard?.();
    if (message.spool.isFull) this.#pause();
  }

  /** Whoever is to take what comes cannot: nothing more is to come until that is over. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (isHeld) this.#pause();
    else this.#resume();
  }

  complete(head: MsrpRequestHead, size: number): void {
    const message = this.#take(head.messageId ?? '');
    if (message === undefined) return;
    message.spool.finish(size);
    this.#listener.whole(message);
    this.#resume();
  }

  abandoned(messageId: string, why: string): void {
    const message = this.#take(messageId);
    if (message === undefined) return;
    message.spool.fail(why);
    this.#listener.abandoned(message, why);
    this.#resume();
  }

  ended(why: LegEnd): void {
    this.giveUp('the connection is gone');
    this.#listener.ended(why);
  }

  /** What has begun and is not whole will not be. */
  giveUp(why: string): void {
    for (const messageId of this.#open.keys()) this.abandoned(messageId, why);
  }

  #take(messageId: string): IncomingMessage | undefined {
    const message = this.#open.get(messageId);
    this.#open.delete(messageId);
    return message;
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#leg?.pause();
  }

  #resume(): void {
    if (!this.#isPaused || this.#isHeld) return;
    for (const { spool } of this.#open.values()) if (spool.isFull) return;
    this.#isPaused = false;
    this.#leg?.resume();
  }
}
