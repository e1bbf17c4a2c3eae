import { describe, expect, it } from 'vitest';
import { findPart, readPlays } from './play-files.ts';
import type { Step } from './transcript.ts';

const plays = readPlays();
/** People with accounts, a SIP core, and somebody's second device (LANGUAGE.md). */
const known = ['tom', 'mary', 'john', 'peter', 'core', 'desk', 'marystcp'];

describe('the plays', () => {
  it('are there and have titles of their own', () => {
    expect(plays.length).toBeGreaterThan(20);
    expect(new Set(plays.map((play) => play.title)).size).toBe(plays.length);
  });

  it.each(plays.map((play) => [play.path, play] as const))('%s casts known people and known parts', (_path, play) => {
    const people = play.cast.map((member) => member.name);
    expect(known).toEqual(expect.arrayContaining(people));
    expect(play.steps.flatMap(unknownParts)).toEqual([]);
  });
});

function unknownParts(step: Step): string[] {
  if (step.kind !== 'do') return [];
  const part = findPart(step.part);
  return part === undefined ? [step.part] : part.steps.flatMap(unknownParts);
}
