/** What this server says of itself: in Server and Warning, and in what OPTIONS and REGISTER answer. */
import { deliverWhenTag } from '../../endpoints/sip/condition-header.ts';
import { recipientListTag } from '../../endpoints/sip/lists/list-request.ts';
import type { HeaderRow } from '../../sip/message/sip-headers.ts';
import type { ServerParts } from '../server-parts.ts';

/** For the Warning row (RFC 3261 20.43). */
export function hostOf({ domains }: ServerParts['config']): string {
  return domains[0] ?? 'localhost';
}

/** For the Server row (RFC 3261 20.35). */
export function productOf(version: string): string {
  return `restante/${version}`;
}

export function supportedTags({ config }: ServerParts): string[] {
  return config.isConditional ? ['path', 'outbound', deliverWhenTag] : ['path', 'outbound'];
}

/** What is known besides in sessions and for lists, so that a registrar need not say it. */
export const particularTags: readonly string[] = ['timer', '100rel', recipientListTag];

/** What OPTIONS and REGISTER answers say of this server (contract section 6). */
export function capabilitiesOf(parts: ServerParts): HeaderRow[] {
  const rows: HeaderRow[] = [['Supported', supportedTags(parts).join(', ')]];
  if (parts.config.isStoreOffline) rows.push(['Feature-Caps', '*;+g.restante.offline="push,notify,pull"']);
  return rows;
}
