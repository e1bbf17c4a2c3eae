/** The limits of the transport: what a peer may take up and how long. Numbers only. */
import type { Millis } from '../../base/time/clock.ts';

export interface TransportLimits {
  /** A larger request leaves over a stream if that can be (RFC 3261 18.1.1; the path MTU is never known here). */
  readonly datagramRequestBytesMax: number;
  /** How long a connection may take to open. */
  readonly connectMsMax: Millis;
  /** The same for a connection that is tried only because a request is too large for a datagram. */
  readonly upgradeConnectMsMax: Millis;
  /** Messages that wait for one connection to open; the newest is refused. */
  readonly connectWaitersMax: number;
  /** For so long no stream is tried to a peer that takes only datagrams, and so many such peers are remembered. */
  readonly noStreamMs: Millis;
  readonly noStreamPeersMax: number;
  /** Open connections; the newest is refused. */
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  /** Of those of one address, how many may have sent nothing whole yet; so many silent ones harm no other address. */
  readonly silentPerAddressMax: number;
  /**
   * Without any octet a connection is closed: above 64*T1 (RFC 3261 18), and above the longest time of a binding, whose
   * client may be reached over it alone. Peers that vanish are noticed by the system's probes.
   */
  readonly idleMs: Millis;
  /** A connection that has not sent one whole message by then is closed. */
  readonly firstMessageMs: Millis;
  /** A message that has begun to arrive must be whole by then. */
  readonly partialMessageMs: Millis;
  /** Octets that wait for a peer to read; a peer that lets more pile up is closed. */
  readonly writeQueueBytesMax: number;
  /** How often the times above are looked at; all of them may be late by this much. */
  readonly sweepMs: Millis;
}

export const defaultTransportLimits: TransportLimits = {
  datagramRequestBytesMax: 1_300,
  connectMsMax: 4_000,
  upgradeConnectMsMax: 1_500,
  connectWaitersMax: 1_000,
  noStreamMs: 600_000,
  noStreamPeersMax: 10_000,
  connectionsMax: 100_000,
  connectionsPerAddressMax: 20_000,
  silentPerAddressMax: 1_000,
  idleMs: 7_500_000,
  firstMessageMs: 32_000,
  partialMessageMs: 32_000,
  writeQueueBytesMax: 4_194_304,
  sweepMs: 2_000,
};

/** Open files that are left to the store, HTTP and everything else; of few files half. */
export const openFilesReserved = 1_000;

/** The limits for a process that may have so many files open; undefined where that is not known. */
export function limitsFor(openFilesMax: number | undefined): TransportLimits {
  if (openFilesMax === undefined) return defaultTransportLimits;
  const left = Math.max(openFilesMax - openFilesReserved, Math.floor(openFilesMax / 2));
  return { ...defaultTransportLimits, connectionsMax: Math.min(defaultTransportLimits.connectionsMax, left) };
}
