/**
 * Whether a Request-URI names the server, or somebody whom it serves; if not, 404 in the words of contract section 5. For
 * methods that are answered here in the place of a user (RFC 3261 8.2.2.1, 11.2).
 */
import type { AccountStanding } from '../../accounts/account-directory.ts';
import type { Address } from '../../model/address.ts';
import type { SipUri } from '../../sip/message/sip-uri.ts';
import { principalAddressOf } from './principal-address.ts';
import { refuse, type SipAnswer } from './sip-answer.ts';

/** Undefined where there is no absence. */
export type AbsenceFinder = (uri: SipUri) => SipAnswer | undefined | Promise<SipAnswer | undefined>;

export interface AbsencePlan {
  /** Whether the host is a domain or an address of this server. */
  readonly servesHost: (uri: SipUri) => boolean;
  readonly lookUp: (address: Address) => AccountStanding | Promise<AccountStanding>;
}

export function createAbsenceFinder({ servesHost, lookUp }: AbsencePlan): AbsenceFinder {
  return (uri) => {
    if (!servesHost(uri)) return refuse(404, 'a domain not served here');
    if (uri.user === undefined) return undefined;
    const address = principalAddressOf(uri);
    if (address === undefined) return noRecipient;
    const standing = lookUp(address);
    return typeof standing === 'string' ? absenceOf(standing) : standing.then(absenceOf);
  };
}

const noRecipient = refuse(404, 'no such recipient');

/** A user at a mere address of the server is nobody's name: whoever asks there means the server. */
function absenceOf(standing: AccountStanding): SipAnswer | undefined {
  return standing === 'unknown' ? noRecipient : undefined;
}
