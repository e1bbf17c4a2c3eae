/** The plays and parts of this folder, read from their files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parsePart, parseTranscript } from './parse-transcript.ts';
import type { FindPart } from './play-transcript.ts';
import type { Part, Transcript } from './transcript.ts';

const folder = new URL('./', import.meta.url);

/** Every `plays/*.transcript`, by name. Throws at the first that cannot be read. */
export function readPlays(): Transcript[] {
  const names = readdirSync(new URL('plays/', folder)).filter((name) => name.endsWith('.transcript'));
  return names.toSorted().map((name) => parseTranscript(`plays/${name}`, read(`plays/${name}`)));
}

const parts = new Map<string, Part>();

export const findPart: FindPart = (name) => {
  const path = `parts/${name}.part`;
  const known = parts.get(name);
  if (known || !existsSync(new URL(path, folder))) return known;
  const part = parsePart(path, read(path));
  parts.set(name, part);
  return part;
};

function read(path: string): string {
  return readFileSync(new URL(path, folder), 'utf8');
}
