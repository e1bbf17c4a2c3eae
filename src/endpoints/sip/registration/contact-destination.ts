/**
 * Where a registered contact is reached: the first Path (RFC 3327 5.4), else the flow that it registered over when it is a
 * stream or behind a NAT (RFC 5626 5.3, RFC 3581), else the contact's own host and port. A core is behind no NAT.
 */
import { parseNameAddr } from '../../../sip/message/name-addr.ts';
import { parseSipUri, type SipUri } from '../../../sip/message/sip-uri.ts';
import { isOutboundKey } from '../../../sip/registrar/contact-binding.ts';
import type { Binding, Flow } from '../../../sip/registrar/ports.ts';
import type { Destination } from '../../../sip/transport/route-finder.ts';

/** A binding does not change, so neither does its destination; its flow may close, which the transport finds out. */
const known = new WeakMap<Binding, Destination>();

export function destinationOf(binding: Binding): Destination {
  let destination = known.get(binding);
  if (destination === undefined) {
    destination = findDestination(binding);
    known.set(binding, destination);
  }
  return destination;
}

/** What a client gave its URI for: `flow` registered it (RFC 5626 5.3); an address `behind-nat` may not be its own. */
type Standing = 'flow' | 'behind-nat' | 'own-address';

function findDestination({ path, contactUri, flow, key, isRoute }: Binding): Destination {
  const [first] = path;
  const routed = first === undefined ? undefined : parseNameAddr(first);
  if (routed?.ok === true) return byUri(routed.value.uri);
  if (isRoute === true) return wayTo(contactUri, flow, 'own-address');
  return wayTo(contactUri, flow, isOutboundKey(key) ? 'flow' : 'behind-nat');
}

/**
 * Whether what goes to a binding reaches a trusted peer first: over a flow that is its own, at its numeric address, or at
 * the name that a trusted core gave of itself. Who a core's name leads to is the core's word.
 */
export function leadsToTrusted(binding: Binding, isTrusted: (address: string) => boolean): boolean {
  const { flow, host = '' } = destinationOf(binding);
  if (flow !== undefined) return isTrusted(flow.remoteAddress);
  const address = host.replace(/^\[|\]$/g, '');
  if (isNumericHost(address)) return isTrusted(address);
  return isTrusted(binding.flow.remoteAddress) && (binding.isRoute === true || binding.path.length > 0);
}

/** Where a URI leads by itself (RFC 3263 4 without NAPTR and SRV). */
export function destinationOfUri(uri: string): Destination {
  const parsed = parseSipUri(uri);
  return parsed.ok ? byUri(parsed.value) : { transport: 'udp' };
}

/** The way to a URI that a client gave over this flow. */
export function destinationTo(uri: string, flow: Flow): Destination {
  return wayTo(uri, flow, 'behind-nat');
}

function wayTo(uri: string, flow: Flow, standing: Standing): Destination {
  const parsed = parseSipUri(uri);
  if (!parsed.ok) return { flow, transport: flow.transport };
  const direct = byUri(parsed.value);
  if (isReachedOverFlow(parsed.value, flow, standing)) return { ...direct, flow };
  if (flow.transport !== 'udp' || direct.transport !== 'udp') return direct;
  // Many clients write the name of their machine, which nobody else may know.
  return { ...direct, unnamed: { address: flow.remoteAddress, port: flow.remotePort } };
}

function isReachedOverFlow(contact: SipUri, flow: Flow, standing: Standing): boolean {
  // RFC 5630 3.1.3: a sips contact asks for more than a flow without TLS can promise.
  if (contact.scheme === 'sips' && flow.transport !== 'tls' && flow.transport !== 'wss') return false;
  if (standing === 'flow' || contact.params.has('ob')) return true;
  if (flow.transport !== 'udp') return mayMeanStream(contact, flow);
  return standing === 'behind-nat' && isBehindNat(contact, flow);
}

/**
 * Many clients leave `transport` out of the contact that they register over a connection. As long as that is open they
 * are reached over it, and only then where RFC 3263 4.1 leads. Browsers write ws and wss as they like.
 */
function mayMeanStream(contact: SipUri, { transport }: Flow): boolean {
  const named = transportOf(contact);
  if (transport === 'ws' || transport === 'wss') {
    return named === 'ws' || named === 'wss' || !contact.params.has('transport') || isInvalidName(contact);
  }
  return named === transport || (contact.scheme === 'sip' && !contact.params.has('transport'));
}

function byUri(uri: SipUri): Destination {
  const { host, port } = uri;
  const maddr = uri.params.get('maddr');
  return { host: maddr ?? host, transport: transportOf(uri), ...(port === undefined ? {} : { port }) };
}

function transportOf({ scheme, params }: SipUri): Flow['transport'] {
  const named = params.get('transport')?.toLowerCase();
  // RFC 5630 3.1.4: sips says TLS, whatever runs below it.
  if (scheme === 'sips') return named === 'ws' || named === 'wss' ? 'wss' : 'tls';
  switch (named) {
    case 'tcp':
    case 'tls':
    case 'ws':
    case 'wss':
      return named;
    default:
      return 'udp';
  }
}

/** Its contact names a numeric address that is not the one it came from, or a name that nobody can look up. */
function isBehindNat(contact: SipUri, flow: Flow): boolean {
  if (isInvalidName(contact)) return true;
  const host = contact.host.replace(/^\[|\]$/g, '').toLowerCase();
  return isNumericHost(host) && host !== flow.remoteAddress;
}

function isNumericHost(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(':');
}

/** Whether what came over `flow` and is reached at `target` is the client of this binding, as far as can be told. */
export function isOfClient({ contactUri, path, flow: own }: Binding, target: string, flow: Flow): boolean {
  // Behind a proxy many have the same flow.
  if (path.length === 0 && isSameFlow(own, flow)) return true;
  const [contact, other] = [parseSipUri(contactUri), parseSipUri(target)];
  if (!contact.ok || !other.ok) return false;
  const { user, host, port } = contact.value;
  return (
    user === other.value.user && host.toLowerCase() === other.value.host.toLowerCase() && port === other.value.port
  );
}

/** The same peer; a connection of its own is no matter. */
export function isSameFlow(one: Flow, other: Flow): boolean {
  const isSamePeer = one.remotePort === other.remotePort && one.remoteAddress === other.remoteAddress;
  return isSamePeer && one.transport === other.transport;
}

/** RFC 2606, RFC 7118 appendix B: a name that nobody is meant to look up. */
function isInvalidName({ host }: SipUri): boolean {
  return /\.invalid\.?$/i.test(host);
}
