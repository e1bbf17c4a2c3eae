/**
 * One Contact of a REGISTER as the binding that it asks for (RFC 3261 10.3 step 7, RFC 5626 6, RFC 3840 `methods`). Knows
 * nothing of the bindings that exist but how to find the one that is meant.
 */
import { keepText } from '../../base/keep-text.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { parseDeltaSeconds, parseQValue } from '../message/header-values.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { SipHeaders } from '../message/sip-headers.ts';
import { areSipUrisEqual, parseSipUri } from '../message/sip-uri.ts';
import type { Binding, Flow } from './ports.ts';

/** Characters of a contact URI together with its parameters and its display name. */
export const contactLengthMax = 2_048;
/** Characters that are kept of a User-Agent. */
export const userAgentLengthMax = 128;

/** What all contacts of one REGISTER have in common. */
export interface RegisterContext {
  readonly addressOfRecord: string;
  readonly callId: string;
  readonly cseq: number;
  readonly path: readonly string[];
  readonly flow: Flow;
  readonly userAgent: string | undefined;
  /** Whether Allow names MESSAGE, or is absent. */
  readonly allowsMessage: boolean;
  /** Set where a core registers somebody. */
  readonly thirdParty: ThirdParty | undefined;
  /** Whether `reg-id` counts (RFC 5626 6). */
  readonly isOutbound: boolean;
  /** Whether Request-URI and Path are sips, as those of a sips contact must be (RFC 5630 5.3). */
  readonly isSecure: boolean;
}

/** What a core that registers somebody tells of this user's own clients; what it does not tell is undefined. */
export interface ThirdParty {
  readonly instanceId: string | undefined;
  readonly userAgent: string | undefined;
  readonly takesMessage: boolean | undefined;
  /** Seconds. */
  readonly expires: number | undefined;
  /** Whether it speaks of all clients of the user, and not of one that happened to register. */
  readonly isWhole: boolean;
}

/** The error says what is malformed (400). */
export function createBinding(contact: NameAddr, context: RegisterContext, expiresAt: number): Result<Binding, string> {
  const { params, uri, displayName } = contact;
  const q = parseQValue(params.get('q') ?? '1');
  if (q === undefined) return err('malformed q of a contact');
  const parameters = params.without('q').without('expires').toString();
  const length = uri.text.length + parameters.length + (displayName?.length ?? 0);
  if (length > contactLengthMax) return err('a contact is too long');
  const contactUri = keepText(uri.text);
  const { thirdParty } = context;
  const instanceId = params.get('+sip.instance') ?? thirdParty?.instanceId;
  const userAgent = thirdParty?.userAgent ?? context.userAgent;
  return ok({
    addressOfRecord: context.addressOfRecord,
    key: outboundKey(contact, context.isOutbound) ?? contactUri,
    contactUri,
    contactParameters: keepText(parameters),
    ...(displayName === undefined ? {} : { displayName: keepText(displayName) }),
    q,
    callId: context.callId,
    cseq: context.cseq,
    path: context.path,
    flow: context.flow,
    ...(instanceId === undefined ? {} : { instanceId: keepText(instanceId) }),
    ...(userAgent === undefined ? {} : { userAgent: keepText(userAgent.slice(0, userAgentLengthMax)) }),
    ...(thirdParty === undefined ? {} : { isRoute: true as const }),
    takesMessage: takesMessage(contact, context.allowsMessage) && thirdParty?.takesMessage !== false,
    expiresAt,
  });
}

/** Instance and reg-id, where both are there and outbound applies. Begins with `<`, as no URI does. */
export function outboundKey(contact: NameAddr, isOutbound: boolean): string | undefined {
  const instance = contact.params.get('+sip.instance');
  if (!isOutbound || instance === undefined || !hasRegId(contact)) return undefined;
  return keepText(`<${instance.replace(/^<|>$/g, '')}>;${contact.params.get('reg-id') ?? ''}`);
}

export function isOutboundKey(key: string): boolean {
  return key.startsWith('<');
}

/** `reg-id` without an instance does not count (RFC 5626 6), nor does a malformed one. */
export function hasRegId(contact: NameAddr): boolean {
  const regId = contact.params.get('reg-id');
  return regId !== undefined && /^[1-9]\d{0,9}$/.test(regId) && contact.params.has('+sip.instance');
}

/** The binding that a Contact means: by outbound key alone where there is one, else by comparing URIs (RFC 3261 19.1.4). */
export function findBinding(bindings: readonly Binding[], contact: NameAddr, isOutbound: boolean): Binding | undefined {
  const key = outboundKey(contact, isOutbound);
  if (key !== undefined) return bindings.find((binding) => binding.key === key);
  const { text } = contact.uri;
  const same = bindings.find((binding) => binding.contactUri === text && !isOutboundKey(binding.key));
  return same ?? bindings.find((binding) => !isOutboundKey(binding.key) && isContactOf(binding, contact));
}

function isContactOf(binding: Binding, contact: NameAddr): boolean {
  const uri = parseSipUri(binding.contactUri);
  return uri.ok && areSipUrisEqual(uri.value, contact.uri);
}

/** Seconds that a Contact asks for; what is malformed counts as the default (RFC 3261 10.2.1.1, 20.10). */
export function requestedExpires(contact: NameAddr, headers: SipHeaders, expiresDefault: number): number {
  const own = contact.params.get('expires');
  if (own !== undefined) return parseDeltaSeconds(own) ?? expiresDefault;
  return headerExpires(headers, expiresDefault);
}

export function headerExpires(headers: SipHeaders, expiresDefault: number): number {
  const text = headers.get('Expires');
  return text === undefined ? expiresDefault : (parseDeltaSeconds(text) ?? expiresDefault);
}

/** Whether everything that is kept, but for Call-ID, CSeq and time, is as it was: nothing of that need be written again. */
export function isSameBinding(a: Binding, b: Binding): boolean {
  return (
    a.contactUri === b.contactUri &&
    a.contactParameters === b.contactParameters &&
    a.q === b.q &&
    a.displayName === b.displayName &&
    a.userAgent === b.userAgent &&
    a.takesMessage === b.takesMessage &&
    a.isRoute === b.isRoute &&
    a.instanceId === b.instanceId &&
    isSameFlow(a.flow, b.flow) &&
    a.path.length === b.path.length &&
    a.path.every((value, index) => value === b.path[index])
  );
}

export function isSameFlow(a: Flow, b: Flow): boolean {
  return (
    a.remotePort === b.remotePort &&
    a.remoteAddress === b.remoteAddress &&
    a.transport === b.transport &&
    a.connection === b.connection
  );
}

/** `methods` of the contact decides, else Allow (contract section 6). Nothing but SIP can be sent a MESSAGE. */
function takesMessage(contact: NameAddr, allowsMessage: boolean): boolean {
  const { scheme } = contact.uri;
  if (scheme !== 'sip' && scheme !== 'sips') return false;
  const methods = contact.params.get('methods');
  return methods === undefined ? allowsMessage : namesMessage(methods);
}

/** Whether a list of methods, as in Allow or `methods`, names MESSAGE. */
export function namesMessage(list: string): boolean {
  return list.includes('MESSAGE') && list.split(',').some((method) => method.trim() === 'MESSAGE');
}
