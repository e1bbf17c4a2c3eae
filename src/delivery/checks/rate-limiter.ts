/** A token bucket for each sender: so many messages at once, filled again evenly over the period. */
import type { Millis } from '../../base/time/clock.ts';

interface Bucket {
  tokens: number;
  at: Millis;
}

/** Senders remembered; when one more comes, those whose bucket is full again are forgotten, else it has to wait. */
export const bucketsMax = 100_000;

export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();
  readonly #requests: number;
  readonly #perMs: Millis;

  constructor(rate: { readonly requests: number; readonly perMs: Millis }) {
    this.#requests = rate.requests;
    this.#perMs = rate.perMs;
  }

  /** 0 when the message may pass; else how long to wait until one may, in milliseconds. `now` is monotonic. */
  take(sender: string, now: Millis): Millis {
    const bucket = this.#bucketOf(sender, now);
    if (bucket === undefined) return this.#perMs;
    const filled = ((now - bucket.at) * this.#requests) / this.#perMs;
    bucket.tokens = Math.min(this.#requests, bucket.tokens + filled);
    bucket.at = now;
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * this.#perMs) / this.#requests);
    bucket.tokens -= 1;
    return 0;
  }

  #bucketOf(sender: string, now: Millis): Bucket | undefined {
    let bucket = this.#buckets.get(sender);
    if (bucket === undefined) {
      if (this.#buckets.size >= bucketsMax) this.#forget(now);
      if (this.#buckets.size >= bucketsMax) return undefined;
      bucket = { tokens: this.#requests, at: now };
      this.#buckets.set(sender, bucket);
    }
    return bucket;
  }

  #forget(now: Millis): void {
    for (const [sender, bucket] of this.#buckets) if (now - bucket.at >= this.#perMs) this.#buckets.delete(sender);
  }
}
