/** The requests of the bench as text: a MESSAGE of about 500 bytes as the measured peers got it, REGISTER, PUBLISH. */
import { assert } from '../../../../base/assert.ts';
import type { LoadTransport } from '../load-plan.ts';
import { branchMark } from './wire-bytes.ts';

export interface RequestOrigin {
  readonly transport: LoadTransport;
  readonly domain: string;
  /** Where answers come to; on loopback, as the port of the contact, where messages come to. */
  readonly port: number;
  readonly contactPort: number;
}

/** Bytes of the body of every MESSAGE. */
export const bodyBytes = 208;
/** Begins each body; the numbers of user and round follow, seven digits each. */
export const bodyMark = 'bench ';

const host = '127.0.0.1';
const padding =
  'The quick brown fox jumps over the lazy dog while the server under test carries this line of chat to a friend, ' +
  'who may be online, busy or away; and a little more, so that it has a usual length.';

/** With the marks of a template in it. */
export function messageText(origin: RequestOrigin): string {
  const start = `${bodyMark}{user} {round} `;
  const shown = bodyMark.length + 7 + 1 + 7 + 1;
  assert(padding.length >= bodyBytes - shown, 'the padding fills the body');
  return `MESSAGE sip:${userOf('{user}')}@${origin.domain} SIP/2.0
${viaOf(origin, '{transaction}')}
Max-Forwards: 70
From: <sip:${userOf('{sender}')}@${origin.domain}>;tag=f{transaction}
To: <sip:${userOf('{user}')}@${origin.domain}>
Call-ID: {transaction}@${host}
CSeq: 1 MESSAGE
Content-Type: text/plain
Content-Length: ${bodyBytes}

${start}${padding.slice(0, bodyBytes - shown)}`;
}

/** With the marks of a template in it; `authorization` is the value of that header. */
export function registerText(origin: RequestOrigin, authorization?: string): string {
  const transport = origin.transport === 'tcp' ? ';transport=tcp' : '';
  const credentials = authorization === undefined ? '' : `Authorization: ${authorization}\n`;
  return `REGISTER sip:${origin.domain} SIP/2.0
${viaOf(origin, '{transaction}')}
Max-Forwards: 70
From: <sip:${userOf('{user}')}@${origin.domain}>;tag=r{user}
To: <sip:${userOf('{user}')}@${origin.domain}>
Call-ID: r{user}@${host}
CSeq: {sequence} REGISTER
Contact: <sip:${userOf('{user}')}@${host}:${origin.contactPort}${transport}>
Expires: 3600
${credentials}Content-Length: 0

`;
}

/** With the marks of a template in it: one user watches another (RFC 3856). */
export function subscribeText(origin: RequestOrigin): string {
  const transport = origin.transport === 'tcp' ? ';transport=tcp' : '';
  const watcher = userOf('{watcher}');
  return `SUBSCRIBE sip:${userOf('{user}')}@${origin.domain} SIP/2.0
${viaOf(origin, '{transaction}')}
Max-Forwards: 70
From: <sip:${watcher}@${origin.domain}>;tag=s{user}
To: <sip:${userOf('{user}')}@${origin.domain}>
Call-ID: s{watcher}-{transaction}@${host}
CSeq: 1 SUBSCRIBE
Contact: <sip:${watcher}@${host}:${origin.contactPort}${transport}>
Event: presence
Accept: application/pidf+xml
Expires: 3600
Content-Length: 0

`;
}

export interface Publishing {
  /** Seven digits. */
  readonly user: string;
  readonly mood: string;
  readonly transaction: string;
  /** Of the publication that this one takes the place of (RFC 3903 4.1). */
  readonly entityTag: string | undefined;
}

/** Whole, with CRLF. */
export function formatPublish(origin: RequestOrigin, publishing: Publishing): string {
  const address = `${userOf(publishing.user)}@${origin.domain}`;
  const body = formatMood(address, publishing.mood);
  const match = publishing.entityTag === undefined ? '' : `SIP-If-Match: ${publishing.entityTag}\n`;
  const head = `PUBLISH sip:${address} SIP/2.0
${viaOf(origin, publishing.transaction)}
Max-Forwards: 70
From: <sip:${address}>;tag=p${publishing.transaction}
To: <sip:${address}>
Call-ID: ${publishing.transaction}@${host}
CSeq: 1 PUBLISH
Event: presence
Expires: 3600
${match}Content-Type: application/pidf+xml
Content-Length: ${body.length}

`;
  return head.replaceAll('\n', '\r\n') + body;
}

export function userOf(digits: string): string {
  return `u${digits}`;
}

export function formatUserNumber(user: number): string {
  return String(user).padStart(7, '0');
}

function viaOf({ transport, port }: RequestOrigin, transaction: string): string {
  return `Via: SIP/2.0/${transport.toUpperCase()} ${host}:${port};rport;branch=${branchMark}${transaction}`;
}

/** RFC 3863 with the person of RFC 4479 and the mood of RFC 4480. */
function formatMood(address: string, mood: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf" ' +
    'xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" ' +
    `entity="pres:${address}"><tuple id="t"><status><basic>open</basic></status></tuple>` +
    `<dm:person id="p"><rpid:mood><rpid:${mood}/></rpid:mood></dm:person></presence>`
  );
}
