/** Names as people write them, and addresses as people read them: within one's own domain the user part is enough. */
import { err, ok, type Result } from '../../base/result.ts';
import { type Address, domainOf, parseAddress, userOf } from '../../model/address.ts';
import type { Name } from '../reading/command.ts';
import { shorten } from '../answer-text.ts';
import type { Asking, Rooms } from './asking.ts';

const shownNameMax = 60;

export function readAddress(name: Name, { owner }: Pick<Asking, 'owner'>): Result<Address, string> {
  const whole = name.includes('@') ? name : `${name}@${domainOf(owner)}`;
  const address = parseAddress(whole);
  return address.ok ? address : err(`"${shorten(name, shownNameMax)}" is not a name: ${address.error}.`);
}

/** Somebody who may be there: whoever is not of a domain served here may be anybody. */
export async function readPerson(name: Name, asking: Asking, { directory }: Rooms): Promise<Result<Address, string>> {
  const address = readAddress(name, asking);
  if (!address.ok) return address;
  const standing = await directory.lookUp(address.value);
  if (standing === 'unknown') return err(`No such recipient: there is nobody called ${address.value}.`);
  return ok(address.value);
}

export function shortName(address: Address, { owner }: Pick<Asking, 'owner'>): string {
  return shorten(domainOf(address) === domainOf(owner) ? userOf(address) : address, shownNameMax);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export function sayTime(ms: number): string {
  const date = new Date(ms);
  const two = (number: number): string => String(number).padStart(2, '0');
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())} UTC`;
  return `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ''} ${time}`;
}

export function sayCount(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
