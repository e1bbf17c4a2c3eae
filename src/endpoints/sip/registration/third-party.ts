/**
 * What a core tells of a user when it registers them with us (3GPP TS 24.229 5.4.1.7, TS 23.218): in the body may stand the
 * REGISTER of the phone and its 200, alone or among other parts. What is not understood there is passed over, never refused.
 */
import { mediaTypeOf } from '../../../formats/content-type.ts';
import { parseMultipart } from '../../../formats/multipart.ts';
import { CR, LF } from '../../../sip/message/grammar/characters.ts';
import { parseDeltaSeconds } from '../../../sip/message/header-values.ts';
import type { NameAddr } from '../../../sip/message/name-addr.ts';
import { parseSipMessage } from '../../../sip/message/parse-message.ts';
import type { SipHeaders } from '../../../sip/message/sip-headers.ts';
import { contactsOf, type SipRequest, type SipResponse } from '../../../sip/message/sip-message.ts';
import { namesMessage, type ThirdParty } from '../../../sip/registrar/contact-binding.ts';

export function readThirdParty({ headers, body }: SipRequest): ThirdParty {
  const contentType = headers.get('Content-Type') ?? '';
  const parts = parseMultipart(contentType, body) ?? [{ contentType, content: body }];
  let request: SipRequest | undefined;
  let response: SipResponse | undefined;
  for (const part of parts) {
    if (mediaTypeOf(part.contentType) !== 'message/sip') continue;
    const parsed = parseSipMessage(withEmptyLine(part.content));
    if (parsed.kind === 'request' && parsed.message.method === 'REGISTER') request ??= parsed.message;
    else if (parsed.kind === 'response' && parsed.message.status === 200) response ??= parsed.message;
  }
  return describe(request, response);
}

/** Some who put a message into a part lose the empty line that ends its headers. */
function withEmptyLine(content: Uint8Array): Uint8Array {
  const whole = new Uint8Array(content.length + 4);
  whole.set(content);
  whole.set([CR, LF, CR, LF], content.length);
  return whole;
}

/** The 200 lists every phone of the user; the REGISTER speaks of the one that sent it, and says nothing when that one leaves. */
function describe(request: SipRequest | undefined, response: SipResponse | undefined): ThirdParty {
  const asked = request === undefined ? [] : contactsIn(request);
  const granted = response === undefined ? [] : contactsIn(response);
  const isWhole = response !== undefined;
  const phones = isWhole ? granted : asked;
  const hasNone = isWhole && !response.headers.has('Contact');
  const expires = hasNone ? 0 : longestOf(phones, (isWhole ? response : request)?.headers);
  if (!isWhole && expires === 0) return { ...nothing };
  const allow = request?.headers.getAll('Allow') ?? [];
  const allowsMessage = allow.length === 0 || namesMessage(allow.join());
  return {
    instanceId: (asked[0] ?? granted[0])?.params.get('+sip.instance'),
    userAgent: request?.headers.get('User-Agent'),
    takesMessage: phones.length === 0 ? undefined : phones.some((phone) => takesMessage(phone, allowsMessage)),
    expires,
    isWhole,
  };
}

const nothing: ThirdParty = {
  instanceId: undefined,
  userAgent: undefined,
  takesMessage: undefined,
  expires: undefined,
  isWhole: false,
};

function contactsIn(message: SipRequest | SipResponse): readonly NameAddr[] {
  const contacts = contactsOf(message);
  return contacts.ok && contacts.value !== '*' ? contacts.value : [];
}

function takesMessage(phone: NameAddr, allowsMessage: boolean): boolean {
  const methods = phone.params.get('methods');
  return methods === undefined ? allowsMessage : namesMessage(methods);
}

/** As long as one of the phones is registered the user is. */
function longestOf(phones: readonly NameAddr[], headers: SipHeaders | undefined): number | undefined {
  let most: number | undefined;
  for (const { params } of phones) {
    const text = params.get('expires') ?? headers?.get('Expires');
    const seconds = text === undefined ? undefined : parseDeltaSeconds(text);
    if (seconds !== undefined && seconds > (most ?? -1)) most = seconds;
  }
  return most;
}
