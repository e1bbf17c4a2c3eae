import { describe, expect, it } from 'vitest';
import { addressOf, initialsOf, nameOf, toneOf } from './names.ts';
import { splitLinks } from './links.ts';
import { factsOf, problemWords } from './problem-words.ts';
import { personalSentence, shorten, waitingSentence } from './sentences.ts';
import { isOpen, laterState, stateWords, type SentState } from './state-words.ts';
import { dayLine, duration, isSameDay, listTime, shortTime } from './times.ts';
import { Problem } from '../api/call.ts';

describe('names', () => {
  it.each([
    ['mary@example.com', 'Mary', 'M'],
    ['john.smith@example.com', 'John Smith', 'JS'],
    ['ärmel-öse@example.com', 'Ärmel Öse', 'ÄÖ'],
    ['😀@example.com', '😀', '😀'],
  ])('%s is %s', (address, name, initials) => {
    expect(nameOf(address)).toBe(name);
    expect(initialsOf(address)).toBe(initials);
    expect(toneOf(address)).toBe(toneOf(address));
    expect(toneOf(address)).toBeLessThan(8);
  });

  it.each([
    ['mary', 'mary@localhost'],
    [' SIP:Mary@Example.COM ', 'mary@example.com'],
    ['', undefined],
    ['two words', undefined],
    ['a@b@c', undefined],
    ['@b', undefined],
  ])('somebody types %j and means %s', (typed, address) => {
    expect(addressOf(typed, 'localhost')).toBe(address);
  });
});

describe('states', () => {
  it.each<[SentState, SentState, SentState]>([
    ['sending', 'held', 'held'],
    ['held', 'waiting', 'waiting'],
    ['waiting', 'held', 'held'],
    ['delivered', 'held', 'delivered'],
    ['displayed', 'delivered', 'displayed'],
    ['delivered', 'displayed', 'displayed'],
    ['held', 'expired', 'expired'],
    ['expired', 'held', 'expired'],
    ['recalled', 'delivered', 'recalled'],
  ])('%s, then news of %s: %s', (known, news, then) => {
    expect(laterState(known, news)).toBe(then);
  });

  it('only what is kept may be recalled', () => {
    const all: SentState[] = [
      'sending',
      'held',
      'waiting',
      'delivered',
      'displayed',
      'rejected',
      'recalled',
      'expired',
    ];
    expect(all.filter(isOpen)).toEqual(['held', 'waiting']);
    for (const state of all) expect(stateWords(state).word).not.toBe('');
  });
});

describe('times', () => {
  const now = new Date(2026, 10, 21, 14, 0).getTime();
  const at = (days: number, hour = 9): number => new Date(2026, 10, 21 + days, hour, 5).getTime();

  it('are as short as they may be', () => {
    expect(shortTime(at(0), now)).not.toMatch(/[A-Z][a-z]{2} /);
    expect(shortTime(at(-2), now)).toMatch(/^\S+ /);
    expect(shortTime(at(-30), now).length).toBeGreaterThan(shortTime(at(-2), now).length - 1);
    expect(listTime(at(-1), now)).toBe('Yesterday');
    expect(dayLine(at(0), now)).toBe('Today');
    expect(dayLine(at(-1, 23), now)).toBe('Yesterday');
    expect(isSameDay(at(0, 0), at(0, 23))).toBe(true);
    expect(isSameDay(at(-1, 23), at(0, 0))).toBe(false);
  });

  it.each([
    [-5, '0 s'],
    [59_000, '59 s'],
    [90_000, '2 min'],
    [3_600_000, '1 h'],
    [47 * 3_600_000, '47 h'],
    [7 * 86_400_000, '7 days'],
  ])('%i ms last %s', (ms, words) => {
    expect(duration(ms)).toBe(words);
  });
});

describe('sentences', () => {
  const now = Date.UTC(2026, 10, 21, 9);

  it('have a name, and times of this clock', () => {
    const sentence =
      "Wait until the recipient's mood has changed from angry or it is 2026-11-21 09:30:00 UTC or later.";
    expect(waitingSentence(sentence, 'mary@localhost', now)).toBe(
      `Waits until Mary's mood has changed from angry or it is ${shortTime(now + 1_800_000, now)} or later.`,
    );
  });

  it('stay as they are where there is no time', () => {
    const sentence = 'Wait until it is between 18:00 and 23:00 (UTC).';
    expect(personalSentence(sentence, 'mary@localhost', now)).toBe(sentence);
    expect(personalSentence('9999-99-99 00:00 UTC', 'mary@localhost', now)).toBe('9999-99-99 00:00 UTC');
  });
});

describe('links', () => {
  it.each<[string, readonly string[]]>([
    ['nothing here', []],
    ['see https://example.com/a?b=c#d.', ['https://example.com/a?b=c#d']],
    ['(http://a.example) and HTTPS://B.example!', ['http://a.example', 'HTTPS://B.example']],
    ['javascript:alert(1) data:text/html,x //x ftp://x http:// https://', []],
    ['<a href="https://x.example/">', ['https://x.example/']],
  ])('of %j', (text, links) => {
    const parts = splitLinks(text);
    expect(parts.map((part) => part.text).join('')).toBe(text);
    expect(parts.flatMap(({ href }) => (href === undefined ? [] : [href]))).toEqual(links);
  });
});

describe('problems', () => {
  it('are said in words, with whom and what', () => {
    const body = {
      type: 'urn:restante:problem:attribute-not-authorised',
      title: 'x',
      attributes: ['mood', 'place-type'],
    };
    expect(problemWords(factsOf(new Problem(403, body)), 'mary@localhost')).toBe(
      'Mary does not let you ask about mood, place.',
    );
    expect(problemWords(factsOf(new Problem(403, { type: 'urn:restante:problem:blocked' })), 'mary@localhost')).toBe(
      'Mary does not take messages from you.',
    );
    expect(problemWords(factsOf(new Problem(0, {})))).toMatch(/cannot be reached/);
    expect(problemWords(factsOf(new Error('boom')))).toBe('boom');
    expect(problemWords(factsOf(new Problem(418, { detail: 'a teapot' })))).toBe('a teapot');
  });

  it.each([
    [0, '', true],
    [503, 'store-unavailable', true],
    [429, 'too-many-requests', true],
    [429, 'sender-queue-full', false],
    [403, 'blocked', false],
  ])('status %i %s may pass: %s', (status, name, isPassing) => {
    expect(new Problem(status, { type: `urn:restante:problem:${name}` }).isPassing).toBe(isPassing);
  });
});

describe('shorten', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'abc'],
    ['ab👍', 3, 'ab'],
    ['a👍b', 3, 'a👍'],
  ])('%s to %i', (text, lengthMax, short) => {
    expect(shorten(text, lengthMax)).toBe(short);
  });
});
