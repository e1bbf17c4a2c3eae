/** The table that goes with the torture files, and which answers it allows. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../shared/reference/torture/', import.meta.url));

export const areTortureFilesThere = existsSync(`${folder}expected.json`);

export interface TortureCase {
  readonly name: string;
  readonly file: string;
  readonly message: 'request' | 'response';
  /** A status, `process`, or what becomes of a response. */
  readonly preferred: string;
  readonly alternatives: readonly string[];
}

export function readTortureCases(): readonly TortureCase[] {
  if (!areTortureFilesThere) return [];
  const cases: readonly TortureCase[] = JSON.parse(readFileSync(`${folder}expected.json`, 'utf8'));
  return cases;
}

export function readTortureFile({ file }: TortureCase): Buffer {
  return readFileSync(folder + file);
}

/** Where the answer to a datagram goes that says nothing of its real port (RFC 3261 18.2.2). */
export function sentByPort(octets: Buffer): number {
  const host = /^(?:Via|v)\s*:\s*SIP\s*\/\s*2\.0\s*\/\s*\w+\s+(\S+)/im.exec(octets.toString('latin1'))?.[1] ?? '';
  return Number(/^(?:\[[^\]]*\]|[^:;]*):(\d+)/.exec(host)?.[1] ?? 5060);
}

/** What any server may say to a request that is not malformed: who are you, no such user, not this, no such dialog. */
const processed = [200, 202, 401, 403, 404, 405, 406, 407, 415, 420, 480, 481, 488, 501];
/** Faults that a sensible server finds before it asks who sent them. */
const foundFirst = ['400', '416', '505'];

/** The final statuses that the table allows; undefined is no answer, which is all that a response may have. */
export function allowedStatuses({ message, preferred, alternatives }: TortureCase): readonly (number | undefined)[] {
  if (message === 'response') return [undefined];
  const words = [preferred, ...alternatives];
  const statuses = words.flatMap((word) => (word === 'process' ? processed : [Number(word)]));
  return foundFirst.includes(preferred) ? statuses : [...statuses, 401, 404, 407];
}
