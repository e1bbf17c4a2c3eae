/** What docs/assistant.md and the pages of help tell people to say is understood. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { helpPages, welcome } from '../acts/help-pages.ts';
import { parseCommand } from './parse-command.ts';

const page = readFileSync(new URL('../../../docs/assistant.md', import.meta.url), 'utf8');
const table = page.slice(page.indexOf('## Commands'), page.indexOf('## Numbers'));
const said = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, first = '']) => [...first.matchAll(/`([^`]+)`/g)]);
const examples = said.map(([, text = '']) => text.replace('CONDITION', 'mood is happy').replace('TEXT', 'hello'));

const lines = [...welcome, ...Object.values(helpPages).flat()].map((line) => line.split(' - ')[0] ?? line);
const commands = lines.filter((line) => /^[a-z]/.test(line)).flatMap((line) => line.split('; '));

describe('what people are told to say', () => {
  it('is there', () => {
    expect([examples.length > 40, commands.length > 30]).toEqual([true, true]);
  });

  it.each([...new Set([...examples, ...commands])])('is understood: %s', (text) => {
    expect(parseCommand(text)).toMatchObject({ ok: true });
  });

  it('asks for what exists', () => {
    for (const [quoted] of page.matchAll(/^ {4}you {4}.*$/gm)) {
      expect(parseCommand(quoted.replace(/^ *you */, ''))).toMatchObject({ ok: true });
    }
  });
});
