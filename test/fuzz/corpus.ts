/** The written seeds of a target, and what once broke it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export function readSeeds(target: string): Buffer[] {
  return readFolder(new URL(`corpora/${target}/`, import.meta.url));
}

export function readCrashers(target: string): Buffer[] {
  return readFolder(new URL(`crashers/${target}/`, import.meta.url));
}

function readFolder(folder: URL): Buffer[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.endsWith('.md'))
    .toSorted()
    .map((name) => readFileSync(new URL(name, folder)));
}
