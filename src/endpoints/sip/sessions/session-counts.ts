/** How many sessions each principal has asked for, so that one cannot have all that there are. */
import { Tally } from '../../../base/collections/tally.ts';
import type { Address } from '../../../model/address.ts';

/** Sessions that one principal has asked for at once; one more is refused. */
export const sessionsOfPrincipalMax = 64;

export class SessionCounts {
  readonly #counts = new Tally<Address>();

  /** The way to give it back, once; undefined at the limit. */
  take(principal: Address): (() => void) | undefined {
    if (this.#counts.of(principal) >= sessionsOfPrincipalMax) return undefined;
    this.#counts.add(principal);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#counts.remove(principal);
    };
  }
}
