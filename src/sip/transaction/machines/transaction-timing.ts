/** The timer values of RFC 3261 17 (table 4) and what RFC 4320 and RFC 6026 add. Numbers only. */
import type { Millis } from '../../../base/time/clock.ts';

/** The three values that all others follow from. */
export interface TransactionTiming {
  /** Estimate of a round trip. */
  readonly t1: Millis;
  /** Longest interval between two retransmissions. */
  readonly t2: Millis;
  /** Longest time that a message stays in the network. */
  readonly t4: Millis;
}

export const defaultTiming: TransactionTiming = { t1: 500, t2: 4_000, t4: 5_000 };

/** Timers B, F, H, J, L and M: how long a transaction may take, and how long its traces may still arrive. */
export function transactionMs(timing: TransactionTiming): Millis {
  return 64 * timing.t1;
}

/** An INVITE that its user has not answered gets a 100 then (RFC 3261 17.2.1). */
export const inviteTryingMs: Millis = 200;

/** Timer D on datagrams: at least 32 s, whatever T1 is (RFC 3261 17.1.1.2). */
export const timerDMsMin: Millis = 32_000;

/**
 * Timer C (RFC 3261 16.6 step 11): RFC 3261 17 never ends an INVITE that once got a provisional response; a user agent
 * that waits for ever would leak, so ours ends like a proxy's.
 */
export const timerCMs: Millis = 185_000;

/** When Timer E of the peer reaches T2: not before, and on datagrams from then on, a 100 is due (RFC 4320 4.1). */
export function nonInviteTryingMs(timing: TransactionTiming): Millis {
  let elapsed = 0;
  for (let interval = timing.t1; interval < timing.t2; interval *= 2) elapsed += interval;
  return elapsed;
}
