import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCondition } from './parse-condition.ts';

/** What docs/conditions.md shows is what the code does. */
const page = readFileSync(new URL('../../docs/conditions.md', import.meta.url), 'utf8');

const examples = [...page.matchAll(/^```condition\n([^`]*)^```/gm)].flatMap(([, block = '']) =>
  block.trim().split('\n'),
);
const refusals = [...page.matchAll(/^\| `([^`]+)` \| (\d+) \| (.*) \|$/gm)];

describe('docs/conditions.md', () => {
  it('shows examples and refusals', () => {
    expect(examples.length).toBeGreaterThan(10);
    expect(refusals.length).toBeGreaterThan(5);
  });

  it.each(examples)('shows a condition: %s', (text) => {
    expect(parseCondition(text)).toMatchObject({ ok: true });
  });

  it.each(refusals.map(([, text = '', position = '', reason = '']) => [text, Number(position), reason] as const))(
    'shows a refusal: %s',
    (text, position, reason) => {
      expect(parseCondition(text)).toEqual({ ok: false, error: { position, reason } });
    },
  );

  it('names the tests of its table', () => {
    const section = page.slice(page.indexOf('## Tests'), page.indexOf('Tests are joined'));
    const tests = [...section.matchAll(/`((?:mood|online|time)[^`]*)`/g)].map(([, text = '']) => text);
    expect(tests.length).toBeGreaterThan(12);
    expect(tests.filter((text) => !parseCondition(text).ok)).toEqual([]);
  });
});
