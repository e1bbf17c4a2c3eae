/** How many sessions each principal has asked for, so that one cannot have all that there are. */
import type { Address } from '../../../model/address.ts';

/** Sessions that one principal has asked for at once; one more is refused. */
export const sessionsOfPrincipalMax = 64;

export class SessionCounts {
  readonly #counts = new Map<Address, number>();

  /** The way to give it back, once; undefined at the limit. */
  take(principal: Address): (() => void) | undefined {
    const count = this.#counts.get(principal) ?? 0;
    if (count >= sessionsOfPrincipalMax) return undefined;
    this.#counts.set(principal, count + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const left = (this.#counts.get(principal) ?? 1) - 1;
      if (left > 0) this.#counts.set(principal, left);
      else this.#counts.delete(principal);
    };
  }
}
