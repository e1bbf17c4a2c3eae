/** The quotas of contract section 1 (`--quota-…`) as arithmetic. Counts come in; where they are kept is the adapter's affair. */
import type { Quotas } from '../delivery/ports.ts';

/** What is held and waiting for one recipient; bytes are bytes of body, those that are kept apart by themselves. */
export interface RecipientUsage {
  readonly messages: number;
  readonly bytes: number;
  readonly heldMessages: number;
  readonly heldBytes: number;
  readonly largeBytes: number;
  readonly heldLargeBytes: number;
}

export interface OneMore {
  readonly isHeld: boolean;
  readonly bytes: number;
  readonly isLarge: boolean;
}

/** Whether one more message does not fit; of an odd quota the smaller half may be held. */
export function exceedsRecipientQuota(
  usage: RecipientUsage,
  { isHeld, bytes, isLarge }: OneMore,
  quotas: Quotas,
): boolean {
  const bytesMax = isLarge ? quotas.largeBytes : quotas.recipientBytes;
  const used = isLarge ? usage.largeBytes : usage.bytes;
  if (usage.messages + 1 > quotas.recipientMessages || used + bytes > bytesMax) return true;
  if (!isHeld) return false;
  const held = isLarge ? usage.heldLargeBytes : usage.heldBytes;
  return usage.heldMessages + 1 > Math.floor(quotas.recipientMessages / 2) || held + bytes > Math.floor(bytesMax / 2);
}
