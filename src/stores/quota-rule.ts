/** The quotas of contract section 1 (`--quota-…`) as arithmetic. Counts come in; where they are kept is the adapter's affair. */
import type { Quotas } from '../delivery/ports.ts';

/** What is held and waiting for one recipient; bytes are bytes of body. */
export interface RecipientUsage {
  readonly messages: number;
  readonly bytes: number;
  readonly heldMessages: number;
  readonly heldBytes: number;
}

/** Whether one more message of `bytes` does not fit; of an odd quota the smaller half may be held. */
export function exceedsRecipientQuota(usage: RecipientUsage, isHeld: boolean, bytes: number, quotas: Quotas): boolean {
  if (usage.messages + 1 > quotas.recipientMessages || usage.bytes + bytes > quotas.recipientBytes) return true;
  if (!isHeld) return false;
  return (
    usage.heldMessages + 1 > Math.floor(quotas.recipientMessages / 2) ||
    usage.heldBytes + bytes > Math.floor(quotas.recipientBytes / 2)
  );
}
