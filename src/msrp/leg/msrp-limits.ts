/** What the connections of MSRP may take up, and how long. Numbers only. */
import type { Millis } from '../../base/time/clock.ts';

export interface MsrpLimits {
  /** Open connections; the newest is refused. */
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  /** How long a connection may take to open. */
  readonly connectMsMax: Millis;
  /** How long a leg waits for the other side to connect, from the moment at which that knows where. */
  readonly bindMsMax: Millis;
  /** Octets that wait for a peer to read, beyond which no chunk is made for it. */
  readonly writeAheadBytesMax: number;
  /** The same with answers and reports, which do not wait: a peer that lets more pile up is closed. */
  readonly writeQueueBytesMax: number;
  /** A peer that takes nothing of what waits for it for so long is closed. */
  readonly unreadMsMax: Millis;
  /** How often that is looked at. */
  readonly sweepMs: Millis;
}

export const defaultMsrpLimits: MsrpLimits = {
  connectionsMax: 50_000,
  connectionsPerAddressMax: 10_000,
  connectMsMax: 4_000,
  bindMsMax: 32_000,
  writeAheadBytesMax: 512 * 1024,
  writeQueueBytesMax: 2048 * 1024,
  unreadMsMax: 60_000,
  sweepMs: 2_000,
};
