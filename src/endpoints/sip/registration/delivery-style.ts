/**
 * How a contact wants to be delivered to: the feature tag `+restante.delivery` of its REGISTER (RFC 3840 9, contract section
 * 6), and what the answer says was agreed. What is not known, or cannot be promised, is `push`.
 */
import type { DeliveryStyle } from '../../../delivery/ports.ts';
import { uncheckedParams } from '../../../sip/message/grammar/header-params.ts';
import { parseNameAddr } from '../../../sip/message/name-addr.ts';
import type { HeaderRow } from '../../../sip/message/sip-headers.ts';

const tag = '+restante.delivery';
const styles: readonly string[] = ['push', 'notify', 'pull'] satisfies readonly DeliveryStyle[];

/** `mayWait`: messages may be kept until somebody fetches them. */
export function styleOf(contactParameters: string, mayWait: boolean): DeliveryStyle {
  if (!mayWait || !namesTag(contactParameters)) return 'push';
  return readStyle(uncheckedParams(contactParameters).get(tag));
}

/** The row of a REGISTER's answer as it is agreed; a Contact without the tag stays without it. */
export function withAgreedStyle(row: HeaderRow, mayWait: boolean): HeaderRow {
  const [name, value] = row;
  if (name !== 'Contact' || !namesTag(value)) return row;
  const contact = parseNameAddr(value);
  if (!contact.ok) return row;
  const agreed = mayWait ? readStyle(contact.value.params.get(tag)) : 'push';
  for (const { name: written, text } of contact.value.params) {
    if (written.toLowerCase() !== tag) continue;
    // The last one, since a display name may have the same words.
    const at = value.lastIndexOf(`;${text}`);
    return [name, `${value.slice(0, at)};${tag}="${agreed}"${value.slice(at + 1 + text.length)}`];
  }
  return row;
}

function namesTag(text: string): boolean {
  return text.toLowerCase().includes(tag);
}

/** Of several the first that is known (RFC 3840 9: a list of values in quotes). */
function readStyle(value: string | undefined): DeliveryStyle {
  const wanted = (value ?? '').split(',').map((each) => each.trim().toLowerCase());
  return (wanted.find((each) => styles.includes(each)) ?? 'push') as DeliveryStyle;
}
