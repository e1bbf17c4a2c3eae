/**
 * Presence lives on another server: PUBLISH and SUBSCRIBE for it are that server's (RFC 3903 6, RFC 6665 4.2.1.3: 489). This server
 * is no proxy, so it only says so.
 */
import { parseEvent } from '../../../sip/message/header-values.ts';
import type { SipRequest } from '../../../sip/message/sip-message.ts';
import { refuse, type SipAnswer } from '../sip-answer.ts';

/** Undefined for another event. */
export function refusePresence(
  { method, headers }: SipRequest,
  packageNames: readonly string[],
): SipAnswer | undefined {
  const event = parseEvent(headers.get('Event') ?? '');
  const name = event.ok ? event.value.type.toLowerCase() : '';
  const isPresence = name === 'presence' || name.startsWith('presence.');
  // There is nothing else that anybody publishes here.
  if (!isPresence && method !== 'PUBLISH') return undefined;
  const offered = packageNames.filter((each) => !each.includes('.'));
  const rows = offered.length === 0 ? [] : [['Allow-Events', offered.join(', ')] as const];
  return refuse(489, 'presence lives on another server', rows);
}
