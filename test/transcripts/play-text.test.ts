import { describe, expect, it } from 'vitest';
import { assembleMessage, PlayScope } from './play-text.ts';

const scope = (): PlayScope => PlayScope.outermost('s', new Map([['tom.host', '192.0.2.1']]));

describe('PlayScope', () => {
  it('fills in what is known and makes up branches, tags and Call-IDs once', () => {
    const own = scope();
    expect(own.fill('{tom.host} {branch} {branch-2} {branch} {tag} {call} {count} {count} {length}')).toBe(
      '192.0.2.1 z9hG4bKsbranch1 z9hG4bKsbranch2 z9hG4bKsbranch1 stag3 scall4 5 6 {length}',
    );
    expect(() => own.fill('{other}')).toThrow('nobody knows {other}');
  });

  it('captures what is unknown and compares what is known', () => {
    const own = scope();
    expect(own.matches('{id};state=*;x={id}', 'a.b;state=held;x=a.b')).toBe(true);
    expect(own.lookUp('id')).toBe('a.b');
    expect(own.matches('{id}', 'aXb')).toBe(false);
    expect(own.matches('{p};{q}', 'none')).toBe(false);
    expect(own.lookUp('p')).toBeUndefined();
  });

  it('takes every other sign as itself', () => {
    expect(scope().matches(String.raw`(a+b) \* [c] \{d} \ $ ^ .?|/`, String.raw`(a+b) * [c] {d} \ $ ^ .?|/`)).toBe(
      true,
    );
    expect(scope().matches('a.c', 'abc')).toBe(false);
  });

  it('keeps the names of a part inside, save those of its person', () => {
    const own = scope();
    const part = own.forPart('tom', new Map([['text', 'hi']]));
    expect(part.fill('{me} {me.host} {text}')).toBe('tom 192.0.2.1 hi');
    part.set('me.etag', 'e1');
    part.set('inside', 'x');
    expect(own.lookUp('tom.etag')).toBe('e1');
    expect(own.lookUp('inside')).toBeUndefined();
    expect(own.lookUp('text')).toBeUndefined();
  });
});

describe('assembleMessage', () => {
  it('counts bytes, drops empty header lines, takes bytes in hex', () => {
    const bytes = assembleMessage(['A b SIP/2.0', '', 'l: {length}'], ['ö', 'x{hex:00ff}']);
    expect(bytes.toString('latin1')).toBe('A b SIP/2.0\r\nl: 7\r\n\r\nÃ¶\r\nx\x00ÿ');
  });
});
