import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionCharactersMax } from '../../conditions/condition.ts';
import { commandCharactersMax, numbersPerCommandMax, topics, type Command, type CommandFault } from './command.ts';
import { parseCommand } from './parse-command.ts';
import { valueCharactersMax, valuesMax } from './parse-presence.ts';

const list: Command = { kind: 'list' };
const outbox: Command = { kind: 'outbox' };
const help: Command = { kind: 'help' };
const rules: Command = { kind: 'rules' };
const requests: Command = { kind: 'requests' };
const blocked: Command = { kind: 'blocked' };
const get = (...numbers: number[]): Command => ({ kind: 'get', what: { kind: 'numbers', numbers } });
const getFrom = (name: string): Command => ({ kind: 'get', what: { kind: 'from', name } });
const send = (to: string, text: string, condition?: string): Command => ({
  kind: 'send',
  to,
  text,
  ...(condition === undefined ? {} : { condition }),
});
const say = (attribute: string, ...values: string[]): Command => ({ kind: 'say', attribute, values });

const understood: readonly (readonly [string, Command])[] = [
  ['list', list],
  ['LIST', list],
  ['List.', list],
  ['  list!  ', list],
  ['"list"', list],
  ['“List”', list],
  ["'list'", list],
  ['please list', list],
  ['list, please!', list],
  ['Hi, could you please list my messages, thanks', list],
  ['inbox', list],
  ['my messages', list],
  ["what's new?", list],
  ['list all', list],
  ['all', list],
  ['\uFEFFlist', list],
  ['list\nSent from my phone', list],
  ['list from tom', { kind: 'list', from: 'tom' }],
  ['List from Tom.', { kind: 'list', from: 'Tom' }],
  ['all from tom', { kind: 'list', from: 'tom' }],
  ['list messages from <sip:tom@example.com>', { kind: 'list', from: 'sip:tom@example.com' }],

  ['get 2', get(2)],
  ['Get #2.', get(2)],
  ['get message 2 please', get(2)],
  ['fetch number 2', get(2)],
  ['get me the message no. 2', get(2)],
  ['get 1, 3 and 5', get(1, 3, 5)],
  ['get 2-4', get(2, 3, 4)],
  ['get 2 2', get(2)],
  ['get all', { kind: 'get', what: { kind: 'all' } }],
  ['get everything', { kind: 'get', what: { kind: 'all' } }],
  ['get from tom', getFrom('tom')],
  ['get all messages from tom', getFrom('tom')],
  ['get everything from "tom"', getFrom('tom')],
  ['reject 2', { kind: 'reject', numbers: [2] }],
  ['delete 2 and 3', { kind: 'reject', numbers: [2, 3] }],

  ['to mary: hello', send('mary', 'hello')],
  ['To mary : Hello, World!', send('mary', 'Hello, World!')],
  ['to mary:hello', send('mary', 'hello')],
  ['to mary@example.com: hi: there', send('mary@example.com', 'hi: there')],
  ['to sip:mary@example.com: hi', send('sip:mary@example.com', 'hi')],
  ['to sip:mary@example.com:5070: hi', send('sip:mary@example.com:5070', 'hi')],
  ['to <sip:mary@example.com>: hi', send('sip:mary@example.com', 'hi')],
  ['to mary:5 apples', send('mary', '5 apples')],
  ['send to mary: hi', send('mary', 'hi')],
  ['tell mary: hi', send('mary', 'hi')],
  ['please send mary: hi, please.', send('mary', 'hi, please.')],
  ['to mary: "quoted"', send('mary', '"quoted"')],
  ['"to mary: hi"', send('mary', 'hi')],
  ['to mary: one\ntwo\n\nlist\n', send('mary', 'one\ntwo\n\nlist')],
  ['to mary:\none', send('mary', 'one')],
  ['when availability is available to mary: call me', send('mary', 'call me', 'availability is available')],
  ['When mood is not angry TO Mary: Hi.', send('Mary', 'Hi.', 'mood is not angry')],
  ['when online to mary: a\nb to tom: c', send('mary', 'a\nb to tom: c', 'online')],
  [
    'when mood changes from angry to happy to mary: now to work: go',
    send('mary', 'now to work: go', 'mood changes from angry to happy'),
  ],
  [
    'when status-text is "back to mary: soon" to mary: text',
    send('mary', 'text', 'status-text is "back to mary: soon"'),
  ],
  [
    'when online and time within 18:00-23:00 on mon-fri Europe/Paris to sip:mary@example.com: hi',
    send('sip:mary@example.com', 'hi', 'online and time within 18:00-23:00 on mon-fri Europe/Paris'),
  ],
  ['please when online to mary: hi', send('mary', 'hi', 'online')],

  ['outbox', outbox],
  ['Sent', outbox],
  ['my outbox, please', outbox],
  ['list sent', outbox],
  ['what did I send?', outbox],
  ['recall 3', { kind: 'recall', numbers: [3] }],
  ['Please recall message 3.', { kind: 'recall', numbers: [3] }],
  ['change 3 to when mood is happy', { kind: 'change', number: 3, condition: 'mood is happy' }],
  ['change 3 to mood is happy', { kind: 'change', number: 3, condition: 'mood is happy' }],
  ['amend message 3: when online', { kind: 'change', number: 3, condition: 'online' }],
  ['change 3 to at once', { kind: 'change', number: 3, condition: null }],
  ['change 3 to now', { kind: 'change', number: 3, condition: null }],

  ['mood happy', say('mood', 'happy')],
  ['Mood: Happy!', say('mood', 'Happy')],
  ['my mood is happy', say('mood', 'happy')],
  ['set my mood to happy and tired', say('mood', 'happy', 'tired')],
  ['mood happy, happy', say('mood', 'happy')],
  ['availability not-available', say('availability', 'not-available')],
  ['availability NOT AVAILABLE', say('availability', 'NOT-AVAILABLE')],
  ['available', say('availability', 'available')],
  ['I am not available.', say('availability', 'not-available')],
  ['unavailable', say('availability', 'not-available')],
  ['activity meeting', say('activity', 'meeting')],
  ['activity on the phone', say('activity', 'on-the-phone')],
  ['place home', say('place-type', 'home')],
  ['x-car red, mostly', say('x-car', 'red, mostly')],
  ['status At lunch, back at 2!', say('status-text', 'At lunch, back at 2!')],
  ['my status is "Out, thanks."', say('status-text', 'Out, thanks.')],
  ['mood none', { kind: 'say', attribute: 'mood', values: null }],
  ['status none', { kind: 'say', attribute: 'status-text', values: null }],
  ['clear mood', { kind: 'say', attribute: 'mood', values: null }],
  ['forget my activity', { kind: 'say', attribute: 'activity', values: null }],
  ['mood', { kind: 'show', attribute: 'mood' }],
  ['mood?', { kind: 'show', attribute: 'mood' }],

  ['who may see me', rules],
  ['Who may see my mood?', rules],
  ['rules', rules],
  ['allow john mood', { kind: 'allow', watcher: 'john', attributes: ['mood'] }],
  ['allow john to see my mood and status', { kind: 'allow', watcher: 'john', attributes: ['mood', 'status-text'] }],
  ['let john see mood, activity', { kind: 'allow', watcher: 'john', attributes: ['mood', 'activity'] }],
  ['allow john everything', { kind: 'allow', watcher: 'john', attributes: '*' }],
  ['allow everybody mood', { kind: 'allow', watcher: '*', attributes: ['mood'] }],
  ['allow john', { kind: 'allow', watcher: 'john' }],
  ['disallow john mood', { kind: 'disallow', watcher: 'john', attributes: ['mood'] }],
  ['disallow john', { kind: 'disallow', watcher: 'john' }],
  ['who asks', requests],
  ['Who asks to see me?', requests],
  ['requests', requests],
  ['confirm john', { kind: 'decide', watcher: 'john', isAllowed: true }],
  ['deny john.', { kind: 'decide', watcher: 'john', isAllowed: false }],
  ['block tom', { kind: 'block', other: 'tom' }],
  ['Please block tom@example.com!', { kind: 'block', other: 'tom@example.com' }],
  ['unblock "tom"', { kind: 'unblock', other: 'tom' }],
  ['blocked', blocked],
  ['whom do I block?', blocked],
  ['reports on', { kind: 'reports', isOn: true }],
  ['Reports OFF.', { kind: 'reports', isOn: false }],
  ['reports', { kind: 'reports' }],
  ['delivery pull', { kind: 'delivery', method: 'pull' }],
  ['delivery to notify', { kind: 'delivery', method: 'notify' }],
  ['more', { kind: 'more' }],
  ['help', help],
  ['?', help],
  ['Hello!', help],
  ['thank you', help],
  ['', help],
  ['help when', { kind: 'help', topic: 'when' }],
  ['help with conditions, please', { kind: 'help', topic: 'when' }],
  ['help something', help],
];

const faulty: readonly (readonly [string, Partial<CommandFault>])[] = [
  ['lsit', { kind: 'unknown', said: 'lsit', nearest: 'list' }],
  ['recal 3', { kind: 'unknown', said: 'recal 3', nearest: 'recall' }],
  ['modd happy', { kind: 'unknown', nearest: 'mood' }],
  ['Schokolade bitte', { kind: 'unknown', said: 'Schokolade bitte' }],
  ['get', { kind: 'incomplete', topic: 'get' }],
  ['get two', { kind: 'incomplete', topic: 'get' }],
  ['list of things', { kind: 'incomplete', topic: 'list' }],
  ['list from', { kind: 'incomplete', topic: 'list' }],
  ['reject', { kind: 'incomplete', topic: 'reject' }],
  ['recall all', { kind: 'incomplete', topic: 'recall' }],
  ['to mary', { kind: 'incomplete', topic: 'send' }],
  ['to mary:', { kind: 'incomplete', topic: 'send', reason: 'there is no text behind the colon' }],
  ['when online to mary:', { kind: 'incomplete', topic: 'when' }],
  ['when will it rain', { kind: 'incomplete', topic: 'when' }],
  ['when moood is happy to mary: come to tea: now', { kind: 'condition', said: 'moood is happy', position: 0 }],
  ['when mood is to mary: hi', { kind: 'condition', said: 'mood is', position: 7 }],
  ['change 3', { kind: 'incomplete', topic: 'change' }],
  ['change it to when online', { kind: 'incomplete', topic: 'change' }],
  ['change 3 to when moood is happy', { kind: 'condition', said: 'moood is happy', position: 0 }],
  ['online true', { kind: 'incomplete', topic: 'mood', reason: 'whether you are online is seen, not said' }],
  [
    'availability maybe',
    { kind: 'incomplete', topic: 'mood', reason: '"maybe" is none of available, not-available, discreet' },
  ],
  ['clear everything now', { kind: 'incomplete', topic: 'mood' }],
  ['allow', { kind: 'incomplete', topic: 'rules' }],
  ['allow john moood', { kind: 'incomplete', reason: '"moood" is not the name of an attribute; did you mean mood?' }],
  ['confirm', { kind: 'incomplete', topic: 'requests' }],
  ['block', { kind: 'incomplete', topic: 'block' }],
  ['block tom and john', { kind: 'incomplete', topic: 'block' }],
  ['reports maybe', { kind: 'incomplete', topic: 'reports' }],
  ['delivery', { kind: 'incomplete', topic: 'delivery' }],
];

describe('parseCommand', () => {
  it.each(understood)('reads: %s', (text, command) => {
    expect(parseCommand(text)).toEqual({ ok: true, value: command });
  });

  it.each(faulty)('says what it does not understand of: %s', (text, fault) => {
    expect(parseCommand(text)).toMatchObject({ ok: false, error: fault });
  });

  it('knows a page for each topic', () => {
    for (const topic of topics)
      expect(parseCommand(`help ${topic}`)).toEqual({ ok: true, value: { kind: 'help', topic } });
  });

  it('never throws and is quick, whatever the text', () => {
    const pieces = [
      'when ',
      ' to mary: ',
      'online',
      ' and ',
      '"',
      'get',
      'list',
      ' ',
      '\n',
      'please',
      ':',
      '<',
      '2',
      '-',
      '\\',
    ];
    const noise = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 200 }).map((parts) => parts.join('')),
    );
    const isRead = (text: string): boolean => typeof parseCommand(text).ok === 'boolean';
    expect(fc.check(fc.property(noise, isRead)).failed).toBe(false);
  });

  it.each([' ', '"', ' to "', 'please ', ' to a', '. ', '“', 'when ', 'mood a,'])(
    'is done with 64 KiB of %j before long',
    (piece) => {
      for (const before of ['', 'when ', 'to mary: ', 'list ', 'status ']) {
        expect(typeof parseCommand(`${before}${piece.repeat(65_536 / piece.length)}x`).ok).toBe('boolean');
      }
    },
    2000,
  );

  it('keeps whatever text is behind the colon, but for the white space around it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        fc.pre(text.trim() === text && !/["'`”’»“]$/.test(text));
        expect(parseCommand(`when online to mary: ${text}`)).toEqual({ ok: true, value: send('mary', text, 'online') });
      }),
    );
  });
});

describe('limits of a command', () => {
  it('characters of its line', () => {
    const line = (length: number): string => `list from ${'t'.repeat(length - 10)}`;
    expect(parseCommand(line(commandCharactersMax)).ok).toBe(true);
    expect(parseCommand(line(commandCharactersMax + 1))).toMatchObject({ error: { kind: 'unknown' } });
  });

  it('numbers', () => {
    const numbers = (count: number): string => Array.from({ length: count }, (_, index) => index + 1).join(' ');
    for (const many of [numbers, (count: number) => `1-${count}`]) {
      expect(parseCommand(`get ${many(numbersPerCommandMax)}`).ok).toBe(true);
      expect(parseCommand(`get ${many(numbersPerCommandMax + 1)}`)).toMatchObject({ error: { kind: 'incomplete' } });
    }
    expect(parseCommand('get 9999').ok).toBe(true);
    expect(parseCommand('get 10000').ok).toBe(false);
  });

  it('values of an attribute, and characters of one', () => {
    const values = (count: number): string => Array.from({ length: count }, (_, index) => `m${index}`).join(', ');
    expect(parseCommand(`mood ${values(valuesMax)}`).ok).toBe(true);
    expect(parseCommand(`mood ${values(valuesMax + 1)}`).ok).toBe(false);
    expect(parseCommand(`status ${'s'.repeat(valueCharactersMax)}`).ok).toBe(true);
    expect(parseCommand(`status ${'s'.repeat(valueCharactersMax + 1)}`).ok).toBe(false);
  });

  it('characters of a condition', () => {
    const condition = (length: number): string => `mood is ${'m'.repeat(length - 8)}`;
    expect(parseCommand(`when ${condition(conditionCharactersMax)} to mary: hi`).ok).toBe(true);
    expect(parseCommand(`when ${condition(conditionCharactersMax + 1)} to mary: hi`).ok).toBe(false);
  });
});
