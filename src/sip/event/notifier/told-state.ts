/**
 * A number that stands for what a subscriber was told last, so that it need not be kept to see that nothing is new. Not
 * for secrets: whoever can choose documents that collide deceives nobody but their own watchers.
 */
import type { NotifyDocument } from '../event-package.ts';

/** 53 bits: two multiplicative hashes of 32 bits, mixed with each other. */
export function toldState(state: string, document: NotifyDocument | undefined): number {
  let high = 0xdeadbeef ^ state.length;
  let low = 0x41c6ce57 ^ state.charCodeAt(0);
  if (document !== undefined) {
    for (const byte of document.body) {
      high = Math.imul(high ^ byte, 2_654_435_761);
      low = Math.imul(low ^ byte, 1_597_334_677);
    }
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return (high & 0x1fffff) * 0x1_0000_0000 + (low >>> 0);
}
