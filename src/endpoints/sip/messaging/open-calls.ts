/**
 * The Call-IDs of deliveries that nobody has answered yet, so that one that comes back is known for what it is: a loop
 * (RFC 3261 8.2.2.2), also where no Via tells. All attempts of one message have the same.
 */
import { Tally } from '../../../base/collections/tally.ts';

export class OpenCalls {
  readonly #counts = new Tally<string>();

  get size(): number {
    return this.#counts.size;
  }

  has(callId: string): boolean {
    return this.#counts.of(callId) > 0;
  }

  begin(callId: string): void {
    this.#counts.add(callId);
  }

  end(callId: string): void {
    this.#counts.remove(callId);
  }
}
