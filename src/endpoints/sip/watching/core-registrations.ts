/**
 * Who registered at a SIP core, learnt by the event package `reg` (RFC 3680), in place of its third-party REGISTERs: whoever has
 * an active contact there has one binding here, the core itself, as after such a REGISTER.
 */
import type { Log } from '../../../base/log.ts';
import type { Clock, Millis } from '../../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../../base/time/timers.ts';
import { parseReginfo } from '../../../formats/reginfo/parse-reginfo.ts';
import type { ContactRecord, RegistrationInfo } from '../../../formats/reginfo/registration-info.ts';
import type { Address } from '../../../model/address.ts';
import { SipHeaders } from '../../../sip/message/sip-headers.ts';
import { createSipRequest } from '../../../sip/message/sip-message.ts';
import type { SubscriberListener, SubscriberPackage } from '../../../sip/event/subscriber/subscriber-package.ts';
import { namesMessage } from '../../../sip/registrar/contact-binding.ts';
import type { LocationService } from '../../../sip/registrar/location-service.ts';
import type { Flow } from '../../../sip/registrar/ports.ts';
import { principalUriOf } from '../principal-address.ts';
import { RegistrationView } from './registration-view.ts';

/** Seconds (RFC 3680 4.4). */
export const regExpires = 3_761;
/** Seconds; the registrar takes no less. */
const bindingExpiresMin = 60;
/** After a binding that could not be stored. */
export const bindAgainMs: Millis = 5_000;

export interface CoreRegistrationsPlan {
  readonly location: Pick<LocationService, 'register' | 'bindingsOf'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /** The URI of the core. */
  readonly coreUri: string;
  /** The way by which the core told of somebody. */
  readonly wayOf: (principal: string) => Flow;
  readonly askForWholeState: (principal: string) => void;
  /** Of the REGISTERs that stand for what the core says: one Call-ID for this process. */
  readonly callId: string;
}

interface Known {
  readonly view: RegistrationView;
  /** Monotonic: what the core says holds until then. */
  until: Millis;
  isBound: boolean;
  retry: TimerHandle | undefined;
}

export class CoreRegistrations implements SubscriberListener<RegistrationInfo> {
  readonly eventPackage: SubscriberPackage<RegistrationInfo> = {
    name: 'reg',
    contentTypes: ['application/reginfo+xml'],
    expires: regExpires,
    read: (_resource, body) => parseReginfo(body),
  };
  readonly #plan: CoreRegistrationsPlan;
  readonly #known = new Map<Address, Known>();
  #cseq = 0;

  constructor(plan: CoreRegistrationsPlan) {
    this.#plan = plan;
  }

  told(resource: string, document: RegistrationInfo | undefined, expiresMs: Millis): void {
    const principal = resource as Address;
    const known = this.#known.get(principal) ?? this.#begin(principal);
    // A core that knows nothing of somebody may say nothing.
    if (document === undefined) return;
    if (known.view.apply(document) === 'gap') return this.#plan.askForWholeState(resource);
    known.until = this.#plan.clock.monotonic() + expiresMs;
    this.#bind(principal, known);
  }

  prolonged(resource: string, expiresMs: Millis): void {
    const principal = resource as Address;
    const known = this.#known.get(principal);
    if (known === undefined) return;
    known.until = this.#plan.clock.monotonic() + expiresMs;
    this.#bind(principal, known);
  }

  lost(resource: string): void {
    const principal = resource as Address;
    const known = this.#known.get(principal);
    this.#known.delete(principal);
    known?.retry?.cancel();
    if (known?.isBound === true) void this.#register(principal, 0, []);
  }

  stop(): void {
    for (const { retry } of this.#known.values()) retry?.cancel();
    this.#known.clear();
  }

  #begin(principal: Address): Known {
    const { location, coreUri } = this.#plan;
    // As it was before a start, of this server or of the subscription.
    const isBound = location.bindingsOf(principal).some(({ contactUri }) => contactUri === coreUri);
    const known: Known = { view: new RegistrationView(principal), until: 0, isBound, retry: undefined };
    this.#known.set(principal, known);
    return known;
  }

  #bind(principal: Address, known: Known): void {
    const contacts = known.view.activeContacts;
    known.retry?.cancel();
    known.retry = undefined;
    if (contacts.length === 0 && !known.isBound) return;
    const seconds = Math.max(bindingExpiresMin, Math.ceil((known.until - this.#plan.clock.monotonic()) / 1_000));
    known.isBound = contacts.length > 0;
    void this.#register(principal, contacts.length === 0 ? 0 : seconds, contacts);
  }

  /** As a third-party REGISTER of that core (3GPP TS 24.229 5.4.1.7) would; 0 seconds end it. */
  async #register(principal: Address, expires: number, contacts: readonly ContactRecord[]): Promise<void> {
    const { location, coreUri, wayOf, callId, clock, timers, log } = this.#plan;
    this.#cseq += 1;
    const headers = new SipHeaders([
      ['Via', 'SIP/2.0/UDP localhost;branch=z9hG4bKreg'],
      ['From', `<${coreUri}>;tag=reg`],
      ['To', `<${principalUriOf(principal)}>`],
      ['Call-ID', callId],
      ['CSeq', `${this.#cseq} REGISTER`],
      ['Contact', `<${coreUri}>;expires=${expires}`],
    ]);
    const { status, reason } = await location.register({
      request: createSipRequest({ method: 'REGISTER', requestUri: coreUri, headers }),
      addressOfRecord: principal,
      flow: wayOf(principal),
      thirdParty: {
        instanceId: contacts.map((contact) => parameterOf(contact, '+sip.instance')).find((id) => id !== undefined),
        userAgent: undefined,
        takesMessage: contacts.length === 0 || contacts.some(takesMessage),
        expires,
        isWhole: true,
      },
    });
    if (status < 300) return;
    log.warn({ principal, status, reason }, 'a registration that a core told of could not be kept');
    const known = this.#known.get(principal);
    if (known === undefined || known.retry !== undefined) return;
    known.retry = timers.at(clock.monotonic() + bindAgainMs, () => {
      known.isBound = true;
      this.#bind(principal, known);
    });
  }
}

function takesMessage(contact: ContactRecord): boolean {
  const methods = parameterOf(contact, 'methods');
  return methods === undefined || namesMessage(methods);
}

function parameterOf({ parameters = [] }: ContactRecord, wanted: string): string | undefined {
  return parameters.find(({ name }) => name.toLowerCase() === wanted)?.value.replaceAll(/^"|"$/g, '');
}
