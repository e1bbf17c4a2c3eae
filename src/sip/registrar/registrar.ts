/**
 * Decides one REGISTER against the bindings that exist (RFC 3261 10.3 steps 6 to 8, RFC 3327 5.3, RFC 5626 6): what changes
 * and what is answered, all or nothing. Pure; knows neither the store nor whether the sender may register this address.
 */
import { keepText } from '../../base/keep-text.ts';
import { parseDeltaSeconds, parseTokenList } from '../message/header-values.ts';
import { parseNameAddrList } from '../message/name-addr.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import { contactsOf } from '../message/sip-message.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { SipUri } from '../message/sip-uri.ts';
import {
  createBinding,
  findBinding,
  hasRegId,
  isSameBinding,
  namesMessage,
  requestedExpires,
} from './contact-binding.ts';
import type { RegisterContext, ThirdParty } from './contact-binding.ts';
import { keepAliveSeconds } from './keep-alive-time.ts';
import type { Binding, BindingChange, Flow } from './ports.ts';
import type { RegistrationAnswer } from './registration-answer.ts';

/** Path values of one REGISTER. */
export const pathLengthMax = 16;

export interface RegistrarRules {
  /** Seconds; what is not asked for. */
  readonly expiresDefault: number;
  /** Seconds; less is refused with 423, as long as this is below an hour (RFC 3261 10.3 step 7). */
  readonly expiresMin: number;
  /** Seconds; more is cut, and the answer tells. */
  readonly expiresMax: number;
  /** Contacts that one address-of-record may have; one more is refused with 403. */
  readonly contactsMax: number;
  /** Whether a contact points back at this server, which would make a loop (403). */
  readonly isOurs: (uri: SipUri) => boolean;
  /** The same of a Path; a core may write a name there that is a domain of ours. */
  readonly isOurRoute: (uri: SipUri) => boolean;
}

export const defaultRegistrarRules = { expiresDefault: 3_600, expiresMin: 60, expiresMax: 7_200, contactsMax: 32 };

const noPath: readonly string[] = [];

/** A REGISTER whose sender may register this address. */
export interface Registration {
  readonly request: SipRequest;
  /** `user@domain` in lower case. */
  readonly addressOfRecord: string;
  readonly flow: Flow;
  /** Set where a core registers somebody with itself as the contact. */
  readonly thirdParty?: ThirdParty;
}

export type RegistrationDecision =
  | { readonly kind: 'refused'; readonly answer: RegistrationAnswer }
  | {
      readonly kind: 'accepted';
      /** Empty for a mere question. */
      readonly changes: readonly BindingChange[];
      /** All bindings as they are after the changes. */
      readonly bindings: readonly Binding[];
      /** Nothing but times, Call-IDs and CSeqs change. */
      readonly isRefresh: boolean;
      /** Rows of the 200 besides Contact and Date. */
      readonly headers: readonly HeaderRow[];
    };

/** `existing`: the bindings of this address that have not expired; `now`: wall time. */
export function decideRegistration(
  registration: Registration,
  existing: readonly Binding[],
  rules: RegistrarRules,
  now: number,
): RegistrationDecision {
  const { request } = registration;
  const contacts = contactsOf(request);
  if (!contacts.ok) return refuse(400, `Malformed Contact: ${contacts.error}`);
  if (contacts.value === '*') return removeAll(request, existing);
  if (contacts.value.length === 0) {
    return { kind: 'accepted', changes: [], bindings: existing, isRefresh: false, headers: [] };
  }
  // The comparisons below grow with the product of what is there and what comes; more could never be kept anyway.
  if (contacts.value.length > 2 * rules.contactsMax) return refuse(403, 'Too Many Contacts');
  const path = readPath(request);
  if (path === undefined) return refuse(400, 'Malformed Path');
  if (path.some(({ uri }) => rules.isOurRoute(uri))) return refuse(403, 'Path Leads Back To This Server');
  const outbound = outboundStanding(request, contacts.value, path);
  if (outbound === 'no-support-before') return refuse(439, 'First Hop Lacks Outbound Support');
  const context = contextOf(registration, path, outbound === 'applies');
  return new ContactChanges(request, existing, rules, now).applyAll(contacts.value, context);
}

function contextOf(registration: Registration, path: readonly SipPath[], isOutbound: boolean): RegisterContext {
  const { request, addressOfRecord, flow, thirdParty } = registration;
  const allow = request.headers.getAll('Allow');
  const userAgent = request.headers.get('User-Agent');
  return {
    addressOfRecord: keepText(addressOfRecord),
    callId: keepText(request.callId),
    cseq: request.cseq,
    path: path.length === 0 ? noPath : path.map(({ text }) => keepText(text)),
    flow,
    userAgent,
    allowsMessage: allow.length === 0 || namesMessage(allow.join()),
    thirdParty,
    isOutbound,
    isSecure: request.uri.scheme === 'sips' && path.every(({ uri }) => uri.scheme === 'sips'),
  };
}

/** `Contact: *`: stands alone, with Expires 0 in the header and nothing else (RFC 3261 10.2.2, 10.3 step 6). */
function removeAll(request: SipRequest, existing: readonly Binding[]): RegistrationDecision {
  if (parseDeltaSeconds(request.headers.get('Expires') ?? '') !== 0) return refuse(400, 'Contact * Needs Expires 0');
  const { callId, cseq } = request;
  if (existing.some((binding) => isOutOfOrder(binding, callId, cseq))) return refuseOrder();
  const changes = existing.map(({ addressOfRecord, key }) => ({ kind: 'remove', addressOfRecord, key }) as const);
  return { kind: 'accepted', changes, bindings: [], isRefresh: false, headers: [] };
}

/** The changes of one REGISTER while they are gathered. */
class ContactChanges {
  readonly #request: SipRequest;
  readonly #existing: readonly Binding[];
  readonly #rules: RegistrarRules;
  readonly #now: number;
  readonly #changes: BindingChange[] = [];
  #bindings: Binding[];

  constructor(request: SipRequest, existing: readonly Binding[], rules: RegistrarRules, now: number) {
    this.#request = request;
    this.#existing = existing;
    this.#rules = rules;
    this.#now = now;
    this.#bindings = [...existing];
  }

  applyAll(contacts: readonly NameAddr[], context: RegisterContext): RegistrationDecision {
    let withTime = 0;
    for (const contact of contacts) {
      const expiresDefault = this.#defaultExpires(context);
      const seconds = requestedExpires(contact, this.#request.headers, expiresDefault);
      if (seconds > 0) withTime += 1;
      const refusal = this.#apply(contact, context, seconds);
      if (refusal !== undefined) return refusal;
    }
    if (withTime > 1 && contacts.some(hasRegId)) return refuse(400, 'More Than One Contact With reg-id');
    if (this.#bindings.length > this.#rules.contactsMax) return refuse(403, 'Too Many Contacts');
    return {
      kind: 'accepted',
      changes: this.#changes,
      bindings: this.#bindings,
      isRefresh: this.#changes.length > 0 && this.#changes.every(({ kind }) => kind === 'refresh'),
      headers: answerHeaders(context),
    };
  }

  /** What a core passes on of a client's wish is no wish of its own that could be refused. */
  #defaultExpires({ thirdParty }: RegisterContext): number {
    const { expiresDefault, expiresMin } = this.#rules;
    const { expires } = thirdParty ?? {};
    return expires === undefined || expires === 0 ? (expires ?? expiresDefault) : Math.max(expires, expiresMin);
  }

  #apply(contact: NameAddr, context: RegisterContext, seconds: number): RegistrationDecision | undefined {
    const { expiresMin, expiresMax, isOurs } = this.#rules;
    const { callId, cseq, isOutbound } = context;
    const before = findBinding(this.#existing, contact, isOutbound);
    if (before !== undefined && isOutOfOrder(before, callId, cseq)) return refuseOrder();
    if (seconds === 0) return this.#remove(contact, isOutbound);
    if (seconds < 3_600 && seconds < expiresMin)
      return refuse(423, 'Interval Too Brief', [['Min-Expires', String(expiresMin)]]);
    if (isOurs(contact.uri)) return refuse(403, 'Contact Points At This Server');
    if (contact.uri.scheme === 'sips' && !context.isSecure) return refuse(400, 'A sips Contact Needs sips All The Way');
    const expiresAt = this.#now + Math.min(seconds, expiresMax) * 1_000;
    const binding = createBinding(contact, context, expiresAt);
    if (!binding.ok) return refuse(400, `Malformed Contact: ${binding.error}`);
    this.#put(withOtherClient(binding.value, before, context), findBinding(this.#bindings, contact, isOutbound));
    return undefined;
  }

  #remove(contact: NameAddr, isOutbound: boolean): undefined {
    const binding = findBinding(this.#bindings, contact, isOutbound);
    if (binding === undefined) return;
    const { addressOfRecord, key } = binding;
    this.#bindings = this.#bindings.filter((each) => each !== binding);
    this.#changes.push({ kind: 'remove', addressOfRecord, key });
  }

  #put(fresh: Binding, before: Binding | undefined): void {
    // The key of the first form of a URI stays, since equal URIs may be written differently.
    const binding = before === undefined || before.key === fresh.key ? fresh : { ...fresh, key: before.key };
    const { addressOfRecord, key, callId, cseq, expiresAt } = binding;
    const isSame = before !== undefined && this.#existing.includes(before) && isSameBinding(before, binding);
    if (before === undefined) this.#bindings.push(binding);
    else this.#bindings = this.#bindings.map((each) => (each === before ? binding : each));
    if (isSame) this.#changes.push({ kind: 'refresh', addressOfRecord, key, callId, cseq, expiresAt });
    else this.#changes.push({ kind: 'put', binding });
  }
}

/** Where another client of the user takes messages, one that does not take them changes nothing. */
function withOtherClient(binding: Binding, before: Binding | undefined, { thirdParty }: RegisterContext): Binding {
  if (thirdParty?.isWhole !== false || thirdParty.takesMessage !== false || before?.takesMessage !== true)
    return binding;
  const { instanceId, userAgent } = before;
  if (instanceId === binding.instanceId) return binding;
  const { instanceId: _instance, userAgent: _agent, ...rest } = binding;
  return {
    ...rest,
    ...(instanceId === undefined ? {} : { instanceId }),
    ...(userAgent === undefined ? {} : { userAgent }),
    takesMessage: true,
  };
}

/** RFC 3261 10.3 steps 6 and 7: the same Call-ID must bring a higher CSeq. */
function isOutOfOrder(binding: Binding, callId: string, cseq: number): boolean {
  return binding.callId === callId && cseq <= binding.cseq;
}

interface SipPath {
  readonly text: string;
  readonly uri: SipUri;
}

/** Undefined when it is malformed or too long. A client need not say Supported: path (contract section 6). */
function readPath(request: SipRequest): SipPath[] | undefined {
  if (!request.headers.has('Path')) return [];
  const values = request.headers.values('Path');
  const parsed = parseNameAddrList(values);
  if (!parsed.ok || values.length > pathLengthMax) return undefined;
  return parsed.value.map(({ uri }, index) => ({ text: values[index] ?? '', uri }));
}

/** RFC 5626 6: outbound applies where the client speaks it and so does whoever it talks to directly. */
function outboundStanding(
  request: SipRequest,
  contacts: readonly NameAddr[],
  path: readonly SipPath[],
): 'applies' | 'absent' | 'no-support-before' {
  if (!contacts.some(hasRegId)) return 'absent';
  const supported = parseTokenList(request.headers.getAll('Supported'));
  if (!supported.ok || !supported.value.some((tag) => tag.toLowerCase() === 'outbound')) return 'absent';
  const isFirstHop = request.vias.length === 1;
  return isFirstHop || path[0]?.uri.params.has('ob') === true ? 'applies' : 'no-support-before';
}

function answerHeaders({ path, isOutbound, flow }: RegisterContext): HeaderRow[] {
  const headers: HeaderRow[] = [];
  for (const value of path) headers.push(['Path', value]);
  return isOutbound ? [...headers, ...outboundRows(flow)] : headers;
}

/** RFC 5626 6 and 5.4. Over datagrams keep-alives keep nothing that could be seen to end, so that no time is named. */
export function outboundRows(flow: Flow): HeaderRow[] {
  const required: HeaderRow = ['Require', 'outbound'];
  return flow.transport === 'udp' ? [required] : [required, ['Flow-Timer', String(keepAliveSeconds)]];
}

function refuse(status: number, reason: string, headers: readonly HeaderRow[] = []): RegistrationDecision {
  return { kind: 'refused', answer: { status, reason, headers } };
}

/** RFC 3261 10.3 names no status for this; 500 is what registrars answer. */
function refuseOrder(): RegistrationDecision {
  return refuse(500, 'CSeq Is Not Higher');
}
