/** Which principal a SIP URI names (contract section 2): its address of record as the address that accounts are kept by. */
import { type Address, parsePlainAddress } from '../../model/address.ts';
import { addressOfRecordOf, type SipUri } from '../../sip/message/sip-uri.ts';

/** Undefined for a URI that can name nobody. */
export function principalAddressOf(uri: SipUri): Address | undefined {
  const addressOfRecord = addressOfRecordOf(uri);
  const address = addressOfRecord === undefined ? undefined : parsePlainAddress(addressOfRecord);
  return address?.ok === true ? address.value : undefined;
}
