/** The operator's settings that delivery obeys, with the limits that no setting moves. */
import type { Millis } from '../base/time/clock.ts';
import type { Quotas } from './ports.ts';

export interface DeliveryPolicy {
  readonly isConditional: boolean;
  /** Off: nothing is kept; what cannot be delivered now is refused. */
  readonly isStoreOffline: boolean;
  /** `accept`: a blocked sender is answered exactly as for an offline recipient. */
  readonly blockedAnswer: 'refuse' | 'accept';
  readonly deliverOn: 'register' | 'publish';
  /** How long the sender's own transaction waits for a client before the message is stored. */
  readonly answerWithinMs: Millis;
  readonly validityDefaultMs: Millis;
  readonly validityMaxMs: Millis;
  readonly bodyBytesMax: number;
  /** Of a message that no pager message can carry. */
  readonly largeBytesMax: number;
  readonly quotas: Quotas;
  readonly rate: { readonly requests: number; readonly perMs: Millis };
}

/** Back-off of a silent client, doubling from the first to the last (contract section 4, Order). */
export const backoffFirstMs = 30_000;
export const backoffLastMs = 900_000;

/** How soon the store is asked again after it failed. */
export const storeRetryMs: Millis = 1000;

/** A message that failed so often for its own sake is set aside (contract section 4, Outcomes). */
export const messageFailuresMax = 3;

/** How long a repeated message that was relayed is recognised: 64*T1 (contract section 4). */
export const relayedRememberedMs = 32_000;

/** The longest wait for a client where the message may not be stored; the sender's own timer F ends soon after. */
export const undecidedMsMax = 30_000;

export function backoffMs(failures: number): Millis {
  return Math.min(backoffLastMs, backoffFirstMs * 2 ** Math.max(0, failures - 1));
}
