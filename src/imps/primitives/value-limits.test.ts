import { describe, expect, it } from 'vitest';
import { leaf, node } from '../csp-element.ts';
import { numberMax } from '../shapes/values.ts';
import { formatPrimitive, parsePrimitive } from './primitive.ts';
import { makeStatus } from './results.ts';
import { passwordCharactersMax } from './session-primitives.ts';
import { addressCharactersMax, descriptionCharactersMax, idCharactersMax, urlCharactersMax } from './shared-shapes.ts';

const login = (name: string, text: string) =>
  node(
    'Login-Request',
    [leaf('UserID', 'u'), leaf('SessionCookie', 'c')].map((each) => (each.name === name ? leaf(name, text) : each)),
  );
const code = (element: ReturnType<typeof node>): number => {
  const read = parsePrimitive(element, '1.2');
  return read.ok ? 200 : read.error.code;
};

describe('a value of a request may have', () => {
  it.each([
    ['an address', addressCharactersMax, (text: string) => login('UserID', text)],
    ['a cookie', idCharactersMax, (text: string) => login('SessionCookie', text)],
    [
      'a password',
      passwordCharactersMax,
      (text: string) => node('Login-Request', [leaf('UserID', 'u'), leaf('Password', text)]),
    ],
    [
      'the URL of a client',
      urlCharactersMax,
      (text: string) => node('Login-Request', [leaf('UserID', 'u'), node('ClientID', [leaf('URL', text)])]),
    ],
  ] as const)('%s so many characters', (_what, max, write) => {
    expect([code(write('x'.repeat(max))), code(write('x'.repeat(max + 1)))]).toEqual([200, 402]);
  });

  it('a number so much', () => {
    const of = (value: number) => node('KeepAlive-Request', [leaf('TimeToLive', String(value))]);
    expect([code(of(numberMax)), code(of(numberMax + 1))]).toEqual([200, 402]);
  });
});

it('words for people are cut at their limit', () => {
  const told = (length: number): number => {
    const { children } = formatPrimitive(makeStatus(400, 'w'.repeat(length)), '1.2');
    return children[0]?.children.find(({ name }) => name === 'Description')?.text.length ?? 0;
  };
  expect([told(descriptionCharactersMax), told(descriptionCharactersMax + 1)]).toEqual([
    descriptionCharactersMax,
    descriptionCharactersMax,
  ]);
});
