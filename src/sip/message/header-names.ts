/**
 * The registry of header names: canonical spelling, compact form (RFC 3261 7.3.3 and later RFCs), and which of them
 * may occur once only. It knows no values.
 */

import { NameTable } from './grammar/name-table.ts';

/** What the parser does with a header while it reads a message, besides keeping it. */
export type HeaderRole =
  | 'via'
  | 'from'
  | 'to'
  | 'call-id'
  | 'cseq'
  | 'max-forwards'
  | 'content-length'
  | 'contact'
  | 'none';

export interface KnownHeader {
  readonly name: string;
  readonly role: HeaderRole;
  /** One bit for a header whose second row makes a message ambiguous (RFC 4475 3.3.8), 0 for the others. */
  readonly singleBit: number;
}

/** Long name, then `!` where it may occur once only, then the compact form. */
const REGISTRY = `
Via/v From!/f To!/t Call-ID!/i CSeq! Max-Forwards! Content-Length!/l Content-Type!/c Contact/m
Expires! Event!/o Subscription-State! SIP-If-Match! SIP-ETag! Min-Expires! Content-Disposition! Refer-To!/r
Referred-By!/b Replaces! Session-Expires!/x Min-SE! RAck! RSeq! Max-Breadth!
Accept Accept-Contact/a Accept-Encoding Accept-Language Alert-Info Allow Allow-Events/u Authentication-Info
Authorization Call-Info Content-Encoding/e Content-Language Date Error-Info Feature-Caps Flow-Timer Geolocation
History-Info Identity In-Reply-To Join MIME-Version Organization P-Access-Network-Info P-Asserted-Identity
P-Associated-URI P-Called-Party-ID P-Charging-Vector P-Preferred-Identity Path Priority Privacy Proxy-Authenticate
Proxy-Authorization Proxy-Require Reason Record-Route Recv-Info Reject-Contact/j Reply-To Request-Disposition/d
Require Retry-After Route Security-Client Security-Server Security-Verify Server Service-Route Subject/s
Supported/k Suppress-If-Match Timestamp Unsupported User-Agent Warning WWW-Authenticate
`;

const ROLES: readonly HeaderRole[] = [
  'via',
  'from',
  'to',
  'call-id',
  'cseq',
  'max-forwards',
  'content-length',
  'contact',
];

const table = new NameTable<KnownHeader>();
const names = new Map<string, string>();

readRegistry();

function readRegistry(): void {
  let singles = 0;
  for (const entry of REGISTRY.trim().split(/\s+/)) {
    const [spelled = '', compact] = entry.split('/');
    const isSingle = spelled.endsWith('!');
    const name = isSingle ? spelled.slice(0, -1) : spelled;
    const role = ROLES.find((candidate) => candidate === name.toLowerCase()) ?? 'none';
    const header = { name, role, singleBit: isSingle ? 1 << singles++ : 0 };
    addSpelling(name, header);
    if (compact !== undefined) addSpelling(compact, header);
  }
}

function addSpelling(text: string, header: KnownHeader): void {
  table.add(text, header);
  for (const spelling of [text, text.toLowerCase(), text.toUpperCase()]) names.set(spelling, header.name);
}

/** The header whose name, in any case or in its compact form, is the token in the range; undefined for others. */
export function knownHeaderAt(codes: Uint8Array, start: number, end: number): KnownHeader | undefined {
  return table.find(codes, start, end);
}

/** The canonical name of a header that is spelt in one of the usual ways; one look-up, for hot paths. */
export function knownSpelling(name: string): string | undefined {
  return names.get(name);
}

/** What a name is looked up by: the canonical name of a known header, the name in lower case of any other. */
export function headerKeyOf(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  return names.get(lower) ?? lower;
}

/** How a name is sent: canonical for a known header, as it is for any other. */
export function canonicalHeaderName(name: string): string {
  const key = headerKeyOf(name);
  return names.get(key) ?? name;
}

/** Whether the name, in its canonical spelling, is in the registry. */
export function isKnownHeader(canonical: string): boolean {
  return names.get(canonical) === canonical;
}
