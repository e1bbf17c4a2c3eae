/**
 * Whether a handler can read the body of a request and whether the peer can read the answer's (RFC 3261 8.2.3, 20.1,
 * 20.11). The types that count are the handler's.
 */
import { isAccepted, parseAccept, parseMediaType, parseParameterized } from '../message/header-values.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { Refusal } from './request-checks.ts';

/**
 * 415 for a body whose type or encoding is not among those taken, unless it may be ignored; 400 for a broken type.
 * Types and encodings are in lower case.
 */
export function refuseContent(
  request: SipRequest,
  taken: readonly string[],
  encodings: readonly string[] = ['identity'],
): Refusal | undefined {
  const { headers, body } = request;
  if (body.length === 0 || isOptional(request)) return undefined;
  const isDecodable = headers.values('Content-Encoding').every((each) => encodings.includes(each.toLowerCase()));
  if (!isDecodable) return refuse('Accept-Encoding', encodings);
  const accept = refuse('Accept', taken);
  const row = headers.get('Content-Type');
  if (row === undefined) return accept;
  const type = parseMediaType(row);
  if (!type.ok) return { status: 400, reason: 'Malformed Content-Type', warning: type.error };
  return taken.some((each) => isOfType(type.value.essence, each)) ? undefined : accept;
}

function refuse(name: string, values: readonly string[]): Refusal {
  const list = values.join(', ');
  const warning = list === '' ? 'no content is taken' : `only ${list} is taken`;
  return { status: 415, headers: [[name, list]], warning };
}

/** 406 when the request has an Accept row that leaves out every type that the answer could have. */
export function refuseAccept(request: SipRequest, offered: readonly string[]): Refusal | undefined {
  const rows = request.headers.getAll('Accept');
  if (rows.length === 0) return undefined;
  const ranges = parseAccept(rows);
  if (!ranges.ok) return { status: 400, reason: 'Malformed Accept', warning: ranges.error };
  if (offered.some((each) => isAccepted(each, ranges.value))) return undefined;
  return { status: 406, warning: `only ${offered.join(', ')} can be sent` };
}

/** `text/*` takes every text. */
function isOfType(essence: string, taken: string): boolean {
  return taken.endsWith('/*') ? essence.startsWith(taken.slice(0, -1)) : essence === taken;
}

function isOptional(request: SipRequest): boolean {
  const row = request.headers.get('Content-Disposition');
  if (row === undefined) return false;
  const disposition = parseParameterized(row);
  return disposition.ok && disposition.value.params.get('handling')?.toLowerCase() === 'optional';
}
