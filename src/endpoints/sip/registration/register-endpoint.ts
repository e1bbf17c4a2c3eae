/** REGISTER (RFC 3261 10.3): who may register which address. The bindings themselves are the location service's. */
import type { AccountStanding } from '../../../accounts/account-directory.ts';
import type { Address } from '../../../model/address.ts';
import type { HeaderRow } from '../../../sip/message/sip-headers.ts';
import type { SipRequest } from '../../../sip/message/sip-message.ts';
import type { SipUri } from '../../../sip/message/sip-uri.ts';
import type { LocationService } from '../../../sip/registrar/location-service.ts';
import type { Flow } from '../../../sip/registrar/ports.ts';
import type { Registration } from '../../../sip/registrar/registrar.ts';
import type { RegistrationAnswer } from '../../../sip/registrar/registration-answer.ts';
import { addressIn, type Identity } from '../identity.ts';
import { refuse, type SipAnswer } from '../sip-answer.ts';
import { withAgreedStyle } from './delivery-style.ts';
import { readThirdParty } from './third-party.ts';

export interface RegisterPlan {
  readonly location: LocationService;
  /** Whether the Request-URI names a domain or an address of this server. */
  readonly servesHost: (uri: SipUri) => boolean;
  readonly lookUp: (address: Address) => AccountStanding | Promise<AccountStanding>;
  /** What every 200 says of the server: Supported, Feature-Caps. */
  readonly capabilities: readonly HeaderRow[];
  /** Whether messages may be kept until a client fetches them. */
  readonly mayWait: boolean;
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
    return {
      status,
      headers: [...headers.map((row) => withAgreedStyle(row, this.#plan.mayWait)), ...this.#plan.capabilities],
    };
  }
}
