/** Method names (RFC 3261 7.1 and later RFCs); any other token is a method too, only an unknown one. */
import { TOKEN } from './characters.ts';
import { nameTableOf } from './name-table.ts';
import type { Scanner } from './scanner.ts';

/** The methods that have a meaning somewhere; any other is answered 501 (RFC 3261 21.5.2), these at most 405. */
export const knownSipMethods: ReadonlySet<string> = new Set([
  'ACK',
  'BYE',
  'CANCEL',
  'INFO',
  'INVITE',
  'MESSAGE',
  'NOTIFY',
  'OPTIONS',
  'PRACK',
  'PUBLISH',
  'REFER',
  'REGISTER',
  'SUBSCRIBE',
  'UPDATE',
]);

const table = nameTableOf(knownSipMethods);

/** Reads a method, which compares with case. */
export function readMethod(scanner: Scanner): string | undefined {
  const { text, at: from } = scanner;
  if (scanner.skipWhile(TOKEN) === 0) return undefined;
  const known = table.find(scanner.codes, from, scanner.at);
  return known !== undefined && text.startsWith(known, from) ? known : text.slice(from, scanner.at);
}
