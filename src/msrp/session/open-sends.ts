/**
 * Chunks that wait for their answer (RFC 4975 7.1.1, Failure-Report): 30 s from the moment at which their last octet has left.
 * Time stands still while the connection is not read, since answers may lie in it.
 */

/** Milliseconds until a SEND without an answer has failed. */
export const answerMsMax = 30_000;
/**
 * Chunks that wait for an answer on one connection; one more is not sent until one is answered. So many that two sides who
 * do not read each other for a while both get on with what they send.
 */
export const openChunksMax = 4_096;

export interface WaitingSend {
  readonly transactionId: string;
  readonly reference: number;
  /** Octets of the connection that must have left. */
  readonly endsAt: number;
  /** What silence means: a failure, or with Failure-Report `partial` that all is well. */
  readonly silence: 200 | 408;
}

interface OpenSend extends WaitingSend {
  /** In the time in which the connection was read; undefined until its octets have left. */
  deadline: number | undefined;
}

export class OpenSends {
  readonly #open = new Map<string, OpenSend>();
  /** In order, without deadlines. */
  #leaving: OpenSend[] = [];
  #unreadMs = 0;
  #pausedAt: number | undefined;

  get hasRoom(): boolean {
    return this.#open.size < openChunksMax;
  }

  add(waiting: WaitingSend): void {
    const send: OpenSend = { ...waiting, deadline: undefined };
    this.#open.set(send.transactionId, send);
    this.#leaving.push(send);
  }

  /** So many octets of the connection have left. */
  left(octets: number, now: number): void {
    if ((this.#leaving[0]?.endsAt ?? Infinity) > octets) return;
    let count = 0;
    for (const send of this.#leaving) {
      if (send.endsAt > octets) break;
      send.deadline = this.#readTime(now) + answerMsMax;
      count += 1;
    }
    this.#leaving = this.#leaving.slice(count);
  }

  /** Its reference; undefined for an answer to nothing that waits. */
  answered(transactionId: string): number | undefined {
    const send = this.#open.get(transactionId);
    this.#open.delete(transactionId);
    return send?.reference;
  }

  pause(now: number): void {
    this.#pausedAt ??= now;
  }

  resume(now: number): void {
    if (this.#pausedAt === undefined) return;
    this.#unreadMs += now - this.#pausedAt;
    this.#pausedAt = undefined;
  }

  deadline(): number | undefined {
    if (this.#pausedAt !== undefined) return undefined;
    const [first] = this.#open.values();
    return first?.deadline === undefined ? undefined : first.deadline + this.#unreadMs;
  }

  /** Those whose time is over. */
  expire(now: number): WaitingSend[] {
    const over: WaitingSend[] = [];
    for (const send of this.#open.values()) {
      if (send.deadline === undefined || send.deadline > this.#readTime(now)) break;
      this.#open.delete(send.transactionId);
      over.push(send);
    }
    return over;
  }

  #readTime(now: number): number {
    return (this.#pausedAt ?? now) - this.#unreadMs;
  }
}
