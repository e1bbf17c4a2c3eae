/** Which principal a SIP URI names (contract section 2): its address of record as the address that accounts are kept by. */
import { type Address, domainOf, parsePlainAddress, userOf } from '../../model/address.ts';
import { USER } from '../../sip/message/grammar/characters.ts';
import { addressOfRecordOf, type SipUri } from '../../sip/message/sip-uri.ts';
import { escapeUriText } from '../../sip/message/uri/uri-escapes.ts';

/** Undefined for a URI that can name nobody. */
export function principalAddressOf(uri: SipUri): Address | undefined {
  const addressOfRecord = addressOfRecordOf(uri);
  const address = addressOfRecord === undefined ? undefined : parsePlainAddress(addressOfRecord);
  return address?.ok === true ? address.value : undefined;
}

export function principalUriOf(address: Address): string {
  return `sip:${escapeUriText(userOf(address), USER)}@${domainOf(address)}`;
}
