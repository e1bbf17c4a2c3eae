/**
 * Finds the request that forked on its way and arrives a second time (RFC 3261 8.2.2.2): same From tag, Call-ID, CSeq
 * and method, other branch. It remembers hashes, not requests.
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { IdSource } from '../../base/ids.ts';
import type { SipRequest } from '../message/sip-message.ts';
import { HashIndex } from '../transaction/finished/hash-index.ts';
import { KeyedHash } from '../transaction/finished/keyed-hash.ts';

/** Requests that are remembered at the same time; at the limit new ones are not looked for. */
export const mergedRequestsMax = 1_048_576;

export class MergedRequests {
  readonly #clock: Clock;
  readonly #rememberMs: Millis;
  readonly #capacity: number;
  readonly #key: KeyedHash;
  readonly #branch: KeyedHash;
  /** Key to a number that stands for the branch. */
  readonly #index = new HashIndex();
  /** The keys in the order in which they expire, a ring of two numbers each. */
  #keys = new Int32Array(2 * ringMin);
  #expiries = new Float64Array(ringMin);
  #head = 0;
  #size = 0;

  /** `rememberMs` is how long a transaction and its answer last: 64*T1. */
  constructor(clock: Clock, ids: IdSource, rememberMs: Millis, capacity = mergedRequestsMax) {
    this.#clock = clock;
    this.#rememberMs = rememberMs;
    this.#capacity = capacity;
    this.#key = KeyedHash.withRandomKey(ids);
    this.#branch = KeyedHash.withRandomKey(ids);
  }

  get size(): number {
    return this.#size;
  }

  /** Whether the same request has come by another way; if not, it is remembered. */
  isMerged(request: SipRequest): boolean {
    const now = this.#clock.monotonic();
    this.#expire(now);
    const { lo, hi } = this.#hashKey(request);
    const branch = this.#hashBranch(request);
    const known = this.#index.get(lo, hi);
    if (known !== 0) return known !== branch;
    if (this.#size === this.#capacity) return false;
    this.#index.set(lo, hi, branch);
    this.#push(lo, hi, now + this.#rememberMs);
    return false;
  }

  #hashKey(request: SipRequest): KeyedHash {
    const hash = this.#key
      .begin()
      .add(request.from.tag ?? '')
      .add(request.callId);
    return hash.addNumber(request.cseq).add(request.method).end();
  }

  /** Never 0, which the index does not take. */
  #hashBranch(request: SipRequest): number {
    const { branch = '', host } = request.topVia;
    return this.#branch.begin().add(branch).add(host).end().lo | 1;
  }

  #expire(now: Millis): void {
    while (this.#size > 0 && (this.#expiries[this.#head] ?? 0) <= now) {
      this.#index.delete(this.#keys[2 * this.#head] ?? 0, this.#keys[2 * this.#head + 1] ?? 0);
      this.#head = (this.#head + 1) % this.#expiries.length;
      this.#size--;
    }
  }

  #push(lo: number, hi: number, expiresAt: Millis): void {
    if (this.#size === this.#expiries.length) this.#grow();
    const at = (this.#head + this.#size) % this.#expiries.length;
    this.#keys[2 * at] = lo;
    this.#keys[2 * at + 1] = hi;
    this.#expiries[at] = expiresAt;
    this.#size++;
  }

  #grow(): void {
    const { length } = this.#expiries;
    const [keys, expiries] = [this.#keys, this.#expiries];
    this.#keys = new Int32Array(4 * length);
    this.#expiries = new Float64Array(2 * length);
    for (let i = 0; i < length; i++) {
      const from = (this.#head + i) % length;
      this.#keys[2 * i] = keys[2 * from] ?? 0;
      this.#keys[2 * i + 1] = keys[2 * from + 1] ?? 0;
      this.#expiries[i] = expiries[from] ?? 0;
    }
    this.#head = 0;
  }
}

const ringMin = 1_024;
