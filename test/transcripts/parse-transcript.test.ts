import { describe, expect, it } from 'vitest';
import { parsePart, parseTranscript } from './parse-transcript.ts';

const head = 'title A play\ncast tom udp\n';

function stepsOf(text: string): unknown[] {
  return parseTranscript('a.transcript', head + text).steps.map(({ line: _line, ...step }) => step);
}

describe('parseTranscript', () => {
  it('reads the head', () => {
    const text =
      '# remark\ntitle Two words\nsource RFC 3428\nserve --settle 1\nserve --demo\ncast tom udp\ncast mary tcp\n';
    expect(parseTranscript('a.transcript', text)).toEqual({
      path: 'a.transcript',
      title: 'Two words',
      flags: ['--settle', '1', '--demo'],
      cast: [
        { name: 'tom', transport: 'udp' },
        { name: 'mary', transport: 'tcp' },
      ],
      steps: [],
    });
  });

  it('reads what is sent: head and body, empty lines inside the body kept', () => {
    expect(stepsOf('tom sends\n  A b SIP/2.0\n  To: x\n\n  one\n\n  two\n\ntom sends again\n')).toEqual([
      { kind: 'send', actor: 'tom', head: ['A b SIP/2.0', 'To: x'], body: ['one', '', 'two'] },
      { kind: 'send-again', actor: 'tom' },
    ]);
  });

  it('reads what is received', () => {
    expect(stepsOf('tom receives within 1.5 s\n  SIP/2.0 200 *\n  A: b: c\n  no Date\n\n  text\n')).toEqual([
      {
        kind: 'receive',
        actor: 'tom',
        withinMs: 1500,
        expected: { startLine: 'SIP/2.0 200 *', headers: [['A', 'b: c']], absent: ['Date'], body: 'text' },
      },
    ]);
  });

  it.each([
    ['tom receives again', { kind: 'receive-again', actor: 'tom', withinMs: 2000 }],
    ['tom receives again within 1 s', { kind: 'receive-again', actor: 'tom', withinMs: 1000 }],
    ['tom receives nothing for 5 s', { kind: 'receive-nothing', actor: 'tom', forMs: 5000, mayRepeat: false }],
    ['tom receives nothing new for 1 min', { kind: 'receive-nothing', actor: 'tom', forMs: 60_000, mayRepeat: true }],
    ['tom answers 486 Busy', { kind: 'answer', actor: 'tom', status: '486 Busy', headers: [] }],
    ['after 32 s', { kind: 'after', ms: 32_000 }],
    ['after 5 ms', { kind: 'after', ms: 5 }],
    ['server restarts', { kind: 'restart' }],
    ['tom disconnects', { kind: 'disconnect', actor: 'tom' }],
    ['tom connects', { kind: 'connect', actor: 'tom' }],
    [
      'tom does it a=1 b="2 3"',
      {
        kind: 'do',
        actor: 'tom',
        part: 'it',
        values: new Map([
          ['a', '1'],
          ['b', '2 3'],
        ]),
      },
    ],
  ])('reads: %s', (text, step) => {
    expect(stepsOf(text)).toEqual([step]);
  });

  it.each([
    ['tom sings', 'a.transcript:3: not understood: tom sings'],
    ['tom sends', 'a.transcript:3: not understood'],
    ['tom receives', 'a.transcript:3: not understood'],
    ['tom receives nothing', 'not understood'],
    ['tom answers yes', 'not understood'],
    ['after dinner', 'not understood'],
    ['after 5 s\n  more', 'not understood'],
    ['tom does it a', 'not understood'],
    ['cast peter sctp', 'not understood'],
    ['john answers 200', 'a.transcript:3: john is not in the cast'],
    ['given a b', '`given` is for parts'],
  ])('refuses: %s', (text, why) => {
    expect(() => stepsOf(text)).toThrow(why);
  });

  it('refuses a play without title or cast, and text that belongs nowhere', () => {
    expect(() => parseTranscript('a', 'cast tom udp\n')).toThrow('a:1: a play needs a title');
    expect(() => parseTranscript('a', 'title x\n')).toThrow('a:1: a play needs a cast');
    expect(() => parseTranscript('a', '  lost\n')).toThrow('a:1: an indented line belongs to no step');
  });
});

describe('parsePart', () => {
  it('reads what is given', () => {
    const part = parsePart('a.part', 'given expires 3600\ngiven more\nme answers 200\n');
    expect([...part.given]).toEqual([
      ['expires', '3600'],
      ['more', ''],
    ]);
    expect(part.steps).toHaveLength(1);
  });

  it('knows no actor but me', () => {
    expect(() => parsePart('a.part', 'tom answers 200\n')).toThrow('in a part, me acts');
  });
});
