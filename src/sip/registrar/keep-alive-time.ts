/** How often clients are to be heard of over a stream (RFC 5626 4.4.1 and 5.4, RFC 6223 5). Numbers only. */
import type { Millis } from '../../base/time/clock.ts';

/** What clients are told. */
export const keepAliveSeconds = 120;
/** The flow of a client that registered with outbound is dead after so long: two keep-alives may be missed. */
export const flowSilenceMsMax: Millis = 300_000;
