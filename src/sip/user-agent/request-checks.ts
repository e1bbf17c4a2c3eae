/**
 * The checks of RFC 3261 8.2 that need nothing but the request: method, Request-URI, loops, merged requests,
 * extensions, in this order. What a peer did wrong comes out as the answer to it.
 */
import { knownSipMethods } from '../message/grammar/methods.ts';
import { parseTokenList } from '../message/header-values.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { SipUriScheme } from '../message/sip-uri.ts';
import type { RespondOptions } from './request-context.ts';

export interface Refusal extends RespondOptions {
  readonly status: number;
}

export interface RequestRules {
  /** The methods that have a handler, as the Allow row lists them. */
  readonly allow: () => string;
  readonly isServed: (method: string) => boolean;
  readonly schemes: ReadonlySet<SipUriScheme>;
  /** In lower case. */
  readonly optionTags: ReadonlySet<string>;
  /** Whether a sent-by is one that we write. */
  readonly isOurSentBy: (host: string, port: number | undefined) => boolean;
  readonly isMerged: (request: SipRequest) => boolean;
}

/** Undefined when the request may go to its handler. */
export function findRefusal(request: SipRequest, rules: RequestRules): Refusal | undefined {
  return (
    checkMethod(request, rules) ??
    checkRequestUri(request, rules) ??
    checkLoop(request, rules) ??
    (rules.isMerged(request) ? merged : undefined) ??
    checkExtensions(request, rules)
  );
}

const merged: Refusal = {
  status: 482,
  reason: 'Merged Request',
  warning: 'the same request came by another way',
};

function checkMethod({ method }: SipRequest, rules: RequestRules): Refusal | undefined {
  if (rules.isServed(method)) return undefined;
  const status = knownSipMethods.has(method) ? 405 : 501;
  return { status, headers: [['Allow', rules.allow()]], warning: `${method} is not served here` };
}

function checkRequestUri({ uri }: SipRequest, rules: RequestRules): Refusal | undefined {
  return rules.schemes.has(uri.scheme)
    ? undefined
    : { status: 416, warning: 'addresses of this scheme are not served' };
}

/** A request of ours that comes back: whoever we sent it to takes us for the next hop. */
function checkLoop({ vias }: SipRequest, rules: RequestRules): Refusal | undefined {
  if (!vias.some(({ host, port }) => rules.isOurSentBy(host, port))) return undefined;
  return { status: 482, reason: 'Loop Detected', warning: 'this request was here before' };
}

/** Proxy-Require counts too: for a client that asks a core to insist we are what the core is asked for. */
function checkExtensions({ headers }: SipRequest, rules: RequestRules): Refusal | undefined {
  const rows = headers.getAll('Require');
  const proxyRows = headers.getAll('Proxy-Require');
  if (rows.length + proxyRows.length === 0) return undefined;
  const tags = parseTokenList([...rows, ...proxyRows]);
  if (!tags.ok) return { status: 400, reason: 'Malformed Require', warning: tags.error };
  const unknown = tags.value.filter((tag) => !rules.optionTags.has(tag.toLowerCase()));
  if (unknown.length === 0) return undefined;
  const list = unknown.join(', ');
  return { status: 420, headers: [['Unsupported', list]], warning: `extensions that are not supported: ${list}` };
}
