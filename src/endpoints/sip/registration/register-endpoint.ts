/**
 * REGISTER (RFC 3261 10.3): who may register which address, and what a binding is to delivery, namely a client that came, was
 * heard of, or went. The bindings themselves are the location service's.
 */
import type { AccountStanding } from '../../../accounts/account-directory.ts';
import type { DeliveryService } from '../../../delivery/delivery-service.ts';
import type { Address } from '../../../model/address.ts';
import type { HeaderRow } from '../../../sip/message/sip-headers.ts';
import type { SipRequest } from '../../../sip/message/sip-message.ts';
import type { SipUri } from '../../../sip/message/sip-uri.ts';
import type { BindingsChange, LocationService } from '../../../sip/registrar/location-service.ts';
import type { Binding, Flow } from '../../../sip/registrar/ports.ts';
import type { Registration } from '../../../sip/registrar/registrar.ts';
import type { RegistrationAnswer } from '../../../sip/registrar/registration-answer.ts';
import { addressIn, type Identity } from '../identity.ts';
import { SipTarget, type SipTargetTools } from '../messaging/sip-target.ts';
import { refuse, type SipAnswer } from '../sip-answer.ts';
import { readThirdParty } from './third-party.ts';

export interface RegisterPlan {
  readonly location: LocationService;
  /** Whether the Request-URI names a domain or an address of this server. */
  readonly servesHost: (uri: SipUri) => boolean;
  readonly lookUp: (address: Address) => AccountStanding | Promise<AccountStanding>;
  /** What every 200 says of the server: Supported, Feature-Caps. */
  readonly capabilities: readonly HeaderRow[];
}

export class RegisterEndpoint {
  readonly #plan: RegisterPlan;

  constructor(plan: RegisterPlan) {
    this.#plan = plan;
  }

  /** A value where nothing must become durable or be looked up first. */
  answer(request: SipRequest, flow: Flow, identity: Identity): SipAnswer | Promise<SipAnswer> {
    const { uri } = request.to;
    if (uri.scheme !== 'sip' && uri.scheme !== 'sips') return refuse(400, 'To is not a SIP URI');
    const address = addressIn(request.to);
    const thirdParty = identity.isTrusted && addressIn(request.from) !== address ? readThirdParty(request) : undefined;
    // What a core calls this server by is its own affair.
    if (thirdParty === undefined && !this.#plan.servesHost(request.uri)) return refuse(404, 'a domain not served here');
    if (address === undefined) return refuse(404, 'no such address');
    // A core registers its users for them (RFC 3261 10.2, third party); everybody else only themselves.
    if (!identity.isTrusted && address !== identity.principal) return refuse(403, 'this address is not yours');
    const registration = {
      request,
      addressOfRecord: address,
      flow,
      ...(thirdParty === undefined ? {} : { thirdParty }),
    };
    const standing = this.#plan.lookUp(address);
    if (typeof standing === 'string') return this.#register(registration, standing);
    return standing.then((found) => this.#register(registration, found));
  }

  #register(registration: Registration, standing: AccountStanding): SipAnswer | Promise<SipAnswer> {
    if (standing !== 'known') return refuse(404, 'no such address');
    const answer = this.#plan.location.register(registration);
    return answer instanceof Promise ? answer.then((found) => this.#complete(found)) : this.#complete(answer);
  }

  #complete({ status, reason, headers }: RegistrationAnswer): SipAnswer {
    if (status >= 300) return { status, reason, warning: reason, headers };
    return { status, headers: [...headers.map(agreedStyle), ...this.#plan.capabilities] };
  }
}

/** Push is the one style of delivery that this server offers, and the answer says so (contract section 6). */
function agreedStyle(row: HeaderRow): HeaderRow {
  const [name, value] = row;
  if (name !== 'Contact' || !value.includes('+restante.delivery')) return row;
  return [name, value.replace(/(;\+restante\.delivery)="?[^";]*"?/i, '$1="push"')];
}

export interface BindingTargetsTools extends SipTargetTools {
  /** A client of this principal came, or was heard of: what else waits for it may go. */
  onClientAlive(principal: Address): void;
}

/** Tells delivery of every binding that takes messages. */
export class BindingTargets {
  readonly #delivery: DeliveryService;
  readonly #tools: BindingTargetsTools;

  constructor(delivery: DeliveryService, tools: BindingTargetsTools) {
    this.#delivery = delivery;
    this.#tools = tools;
  }

  /** At the start, for what was registered before it. */
  restored(binding: Binding): void {
    this.#up(binding);
  }

  changed({ addressOfRecord, after, cause, keys }: BindingsChange): void {
    const principal = addressOfRecord as Address;
    for (const key of keys) {
      const binding = after.find((each) => each.key === key);
      if (binding?.takesMessage !== true) this.#delivery.targetDown(principal, key);
      else if (cause === 'refreshed') this.#heard(principal, key);
      else this.#up(binding);
    }
  }

  /** Any request of a principal over the flow of a binding shows that this client is alive (contract section 4). */
  heard(principal: Address, flow: Flow, bindings: readonly Binding[]): void {
    for (const binding of bindings) {
      if (isSameFlow(binding.flow, flow)) this.#heard(principal, binding.key);
    }
  }

  #heard(principal: Address, key: string): void {
    this.#delivery.targetHeard(principal, key);
    this.#tools.onClientAlive(principal);
  }

  #up(binding: Binding): void {
    if (!binding.takesMessage) return;
    const principal = binding.addressOfRecord as Address;
    this.#delivery.targetUp(principal, new SipTarget(binding, this.#tools));
    this.#tools.onClientAlive(principal);
  }
}

function isSameFlow(one: Flow, other: Flow): boolean {
  const isSamePeer = one.remotePort === other.remotePort && one.remoteAddress === other.remoteAddress;
  return isSamePeer && one.transport === other.transport;
}
