/**
 * Who a request is from: proved by digest, or believed because it came from a trusted peer (contract section 2; RFC 3261 22,
 * RFC 3325). A request that names somebody else than the one who proved it is refused.
 */
import type { TrustedPeers } from '../../accounts/trusted-peers.ts';
import type { Counters } from '../../base/counters.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type Address, domainOf } from '../../model/address.ts';
import type { DigestGuard, DigestOutcome } from '../../sip/digest/digest-guard.ts';
import { type NameAddr, parseNameAddrList } from '../../sip/message/name-addr.ts';
import type { SipRequest } from '../../sip/message/sip-message.ts';
import type { Flow } from '../../sip/registrar/ports.ts';
import { principalAddressOf } from './principal-address.ts';
import { refuse, type SipAnswer } from './sip-answer.ts';

export interface Identity {
  readonly principal: Address;
  /** It came from a `--trust` address: never slowed down, needs no account. */
  readonly isTrusted: boolean;
}

export interface IdentifierPlan {
  readonly guard: DigestGuard;
  readonly trusted: TrustedPeers;
  /** In lower case; the first is the realm for those who claim to be of none of them. */
  readonly domains: readonly string[];
  readonly counters: Counters;
}

export type Identification = Result<Identity, SipAnswer>;

export class Identifier {
  readonly #plan: IdentifierPlan;

  constructor(plan: IdentifierPlan) {
    this.#plan = plan;
  }

  /** A value where nothing has to be looked up first. 407 for MESSAGE and INVITE, 401 for the others. */
  identify(request: SipRequest, flow: Flow): Identification | Promise<Identification> {
    if (this.#plan.trusted.has(flow.remoteAddress)) return believe(request);
    const kind = request.method === 'MESSAGE' || request.method === 'INVITE' ? '407' : '401';
    const outcome = this.#plan.guard.check(request, {
      kind,
      realm: this.#realmOf(request),
      source: flow.remoteAddress,
    });
    if (outcome instanceof Promise) return outcome.then((found) => this.#judge(request, found));
    return this.#judge(request, outcome);
  }

  #realmOf(request: SipRequest): string {
    const { domains } = this.#plan;
    const claimed = addressIn(request.from);
    const domain = claimed === undefined ? undefined : domainOf(claimed);
    return domain !== undefined && domains.includes(domain) ? domain : (domains[0] ?? '');
  }

  #judge(request: SipRequest, outcome: DigestOutcome): Identification {
    switch (outcome.kind) {
      case 'malformed':
        return err(refuse(400, outcome.reason));
      case 'challenge':
        this.#plan.counters.add(`sip_challenges{why="${outcome.why}"}`);
        return err(refuse(outcome.status, 'wrong or missing credentials', outcome.headers));
      default:
        return isNamedThroughout(request, outcome.address as Address);
    }
  }
}

/** The account that was proved must be the one that From and P-Asserted-Identity name (RFC 3261 22, contract section 2). */
function isNamedThroughout(request: SipRequest, principal: Address): Identification {
  if (addressIn(request.from) !== principal) return err(refuse(403, 'From names another principal'));
  if (assertedIn(request).some((asserted) => asserted !== principal)) {
    return err(refuse(403, 'P-Asserted-Identity names another principal'));
  }
  return ok({ principal, isTrusted: false });
}

function believe(request: SipRequest): Identification {
  // Of a SIP and a tel identity (RFC 3325 9.1) the first that names a principal counts.
  const named = assertedIn(request)[0] ?? addressIn(request.from);
  // A core registers its users in its own name, which is often no more than a host (3GPP TS 24.229 5.4.1.7).
  const principal = named ?? (request.method === 'REGISTER' ? addressIn(request.to) : undefined);
  if (principal === undefined) return err(refuse(400, 'From is not the address of a principal'));
  return ok({ principal, isTrusted: true });
}

/** The principals that P-Asserted-Identity names; what is no SIP identity, or malformed, names nobody. */
function assertedIn(request: SipRequest): Address[] {
  const rows = request.headers.getAll('P-Asserted-Identity');
  if (rows.length === 0) return [];
  const asserted = parseNameAddrList(rows);
  return asserted.ok ? asserted.value.map(addressIn).filter((address) => address !== undefined) : [];
}

export function addressIn({ uri }: NameAddr): Address | undefined {
  return principalAddressOf(uri);
}
