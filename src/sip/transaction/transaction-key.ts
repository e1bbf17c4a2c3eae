/**
 * What makes two requests one transaction (RFC 3261 17.2.3), as a 64-bit hash. ACK and CANCEL are looked for under
 * the key of their INVITE. It keeps nothing.
 */
import type { SipRequest } from '../message/sip-message.ts';
import type { Flow } from '../registrar/ports.ts';
import type { KeyedHash } from './finished/keyed-hash.ts';

const COOKIE = 'z9hG4bK';

/**
 * Leaves the key in the hash. `method` is that of the transaction, INVITE for an ACK. Only datagrams are retransmitted
 * (RFC 3261 17.1.1.1, 17.1.2.1), so the same request over a stream is another one, with an answer of its own.
 */
export function hashTransactionKey(hash: KeyedHash, request: SipRequest, flow: Flow, method = request.method): void {
  const via = request.topVia;
  const { branch } = via;
  hash
    .begin()
    .add(method)
    .addNumber(flow.transport === 'udp' ? 0 : 1)
    .add(via.host.toLowerCase())
    .addNumber(via.port ?? -1);
  if (branch !== undefined && isUniqueBranch(branch)) hash.add(branch).end();
  else hashOldKey(hash, request);
}

/** A cookie with nothing behind it is no branch (RFC 4475 3.2.1). */
export function isUniqueBranch(branch: string | undefined): boolean {
  return branch !== undefined && branch.length > COOKIE.length && branch.startsWith(COOKIE);
}

/**
 * A peer of RFC 2543. The To tag is left out, which an ACK has and its INVITE has not: whoever finds an INVITE for an
 * ACK by such a key compares the tag.
 */
function hashOldKey(hash: KeyedHash, request: SipRequest): void {
  hash
    .add(request.topVia.branch ?? '')
    .add(request.requestUri)
    .add(request.from.tag ?? '');
  hash.add(request.callId).addNumber(request.cseq).end();
}
