/**
 * The Call-IDs of deliveries that nobody has answered yet, so that one that comes back is known for what it is: a loop
 * (RFC 3261 8.2.2.2), also where no Via tells. All attempts of one message have the same.
 */
export class OpenCalls {
  readonly #counts = new Map<string, number>();

  get size(): number {
    return this.#counts.size;
  }

  has(callId: string): boolean {
    return this.#counts.has(callId);
  }

  begin(callId: string): void {
    this.#counts.set(callId, (this.#counts.get(callId) ?? 0) + 1);
  }

  end(callId: string): void {
    const count = (this.#counts.get(callId) ?? 0) - 1;
    if (count > 0) this.#counts.set(callId, count);
    else this.#counts.delete(callId);
  }
}
