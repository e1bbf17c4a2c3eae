/** Words that many calls have in common, read and written: addresses, times, pages. */
import { type Address, parseAddress } from '../../../model/address.ts';
import { malformed } from './refusals.ts';

/** Throws the 400 that names what is wrong with it. */
export function readAddress(text: string, where: string): Address {
  const address = parseAddress(text);
  if (!address.ok) throw malformed('malformed-address', `${where}: ${address.error}`);
  return address.value;
}

export function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** The page, and where the next one begins if there is one. */
export function pageOf<T extends { readonly id: string }>(items: T[], hasMore: boolean): { items: T[]; next?: string } {
  const last = items.at(-1);
  return hasMore && last !== undefined ? { items, next: last.id } : { items };
}

/** Drops what is undefined, so that it is absent in JSON and in the types. */
export function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
