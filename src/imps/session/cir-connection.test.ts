import { describe, expect, it } from 'vitest';
import {
  CirConnection,
  cirHeloMs,
  cirLineCharactersMax,
  type CirOutput,
  cirPingsMax,
  cirSilenceMs,
} from './cir-connection.ts';

const okLine = { kind: 'send', text: 'OK\r\n' };
const close = { kind: 'close' };

function bound(): CirConnection {
  const connection = new CirConnection(0);
  connection.handle({ kind: 'text', text: 'HELO s1\r\n' }, 0);
  connection.handle({ kind: 'known', isKnown: true }, 0);
  return connection;
}

const say = (connection: CirConnection, text: string, now = 0): CirOutput[] =>
  connection.handle({ kind: 'text', text }, now);

describe('a connection for calls', () => {
  it('names its session, pings, and is called', () => {
    const connection = new CirConnection(0);
    expect(say(connection, 'HELO s1\r\n')).toEqual([{ kind: 'helo', sessionId: 's1' }]);
    expect(connection.handle({ kind: 'known', isKnown: true }, 0)).toEqual([okLine]);
    expect(say(connection, 'PING\r\n')).toEqual([okLine]);
    expect(connection.handle({ kind: 'call', version: '1.2', cookie: 'c' }, 0)).toEqual([
      { kind: 'send', text: 'WVCI 1.2 c\r\n' },
    ]);
    expect(say(connection, 'HELO s2\n')).toEqual([{ kind: 'helo', sessionId: 's2' }]);
  });

  it('is not called before its session is known, and closed where there is none', () => {
    const connection = new CirConnection(0);
    expect(connection.handle({ kind: 'call', version: '1.2', cookie: 'c' }, 0)).toEqual([]);
    say(connection, 'HELO s1\r\n');
    expect(connection.handle({ kind: 'known', isKnown: false }, 0)).toEqual([close]);
    expect(connection.handle({ kind: 'known', isKnown: true }, 0)).toEqual([]);
    expect(connection.deadline()).toBeUndefined();
  });

  it('takes lines in pieces', () => {
    const connection = new CirConnection(0);
    const outputs = Array.from('HELO s1\r\nPING\r\n').flatMap((sign) => say(connection, sign));
    expect(outputs).toEqual([{ kind: 'helo', sessionId: 's1' }]);
    expect(connection.handle({ kind: 'known', isKnown: true }, 0)).toEqual([{ kind: 'send', text: 'OK\r\nOK\r\n' }]);
  });

  it.each([
    ['another word', 'GET / HTTP/1.1\r\n'],
    ['PING before HELO', 'PING\r\n'],
    ['HELO without a session', 'HELO\r\n'],
    ['too many pings before the answer', `HELO s1\r\n${'PING\r\n'.repeat(cirPingsMax + 1)}`],
    ['an empty line', '\r\n'],
  ])('is closed for %s', (_what, text) => {
    expect(say(new CirConnection(0), text).at(-1)).toEqual(close);
  });

  it('is closed for a line that is too long, whether it ends or not', () => {
    const line = (length: number): string => `HELO ${'s'.repeat(length - 5)}`;
    for (const end of ['', '\r\n']) {
      expect(say(new CirConnection(0), line(cirLineCharactersMax) + end)).not.toContainEqual(close);
      expect(say(new CirConnection(0), line(cirLineCharactersMax + 1) + end)).toEqual([close]);
    }
    expect(say(bound(), 'PING \t\r\n'.repeat(cirLineCharactersMax))).toHaveLength(cirLineCharactersMax);
  });

  it('is closed when it says nothing: soon before HELO, late after', () => {
    const silent = new CirConnection(0);
    expect(silent.deadline()).toBe(cirHeloMs);
    expect(silent.handle({ kind: 'tick' }, cirHeloMs - 1)).toEqual([]);
    expect(silent.handle({ kind: 'tick' }, cirHeloMs)).toEqual([close]);
    const connection = bound();
    say(connection, 'PING\r\n', 1_000);
    expect(connection.deadline()).toBe(1_000 + cirSilenceMs);
    expect(connection.handle({ kind: 'tick' }, 1_000 + cirSilenceMs)).toEqual([close]);
  });
});
