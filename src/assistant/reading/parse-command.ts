/**
 * The reader of the assistant: plain words to a command (contract section 6), tolerant of case, punctuation, quotation
 * marks and courtesy. The first line is the command; only the text of a message goes on over further lines. Never throws.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { nearestWord, parseAttributes } from '../../conditions/attribute-words.ts';
import {
  commandCharactersMax,
  numbersPerCommandMax,
  type Command,
  type CommandFault,
  type Topic,
  topics,
} from './command.ts';
import { attributeNamed, parseSaying, readAvailability } from './parse-presence.ts';
import { parseConditionalSend, parsePlainSend, readCondition } from './parse-send.ts';
import {
  allWords,
  meaningfulWords,
  readName,
  readNumbers,
  unquote,
  withoutCourtesy,
  withoutGreeting,
} from './plain-words.ts';

export type Reading = Result<Command, CommandFault>;

export function parseCommand(text: string): Reading {
  const whole = unquote(text.replace(/^\uFEFF/, ''));
  const greeted = withoutGreeting(whole);
  const sending = readSending(greeted);
  if (sending !== undefined) return sending;
  const [firstLine = ''] = greeted.split(/\r\n|[\r\n\u2028\u2029]/, 1);
  if (firstLine.length > commandCharactersMax) return err({ kind: 'unknown', said: cut(firstLine) });
  // Whose words are anybody's guess is left as it was written.
  const line = isFreeText.test(firstLine) ? firstLine.trim() : withoutCourtesy(firstLine);
  if (isNothing.test(line)) return ok({ kind: 'help' });
  const asked = isFreeText.test(line) ? line : line.replace(/\?+$/, '').trimEnd();
  const phrase = readPhrase(asked.toLowerCase());
  return phrase === undefined ? readVerb(asked) : ok(phrase);
}

const isFreeText = /^(?:set\s+)?(?:my\s+)?(?:status|status[-_]text|note|x-\S+)(?:\s|[:=])/i;
/** Nothing but courtesy. */
const isNothing = /^(?:\?*|thanks|thank you|thx|bye|goodbye)$/i;

/** What has a text of its own is read before anything is taken off its end. */
function readSending(text: string): Reading | undefined {
  const conditional = /^when\s+/i.exec(text);
  if (conditional !== null) return parseConditionalSend(text.slice(conditional[0].length));
  const plain = /^(?:(?:send|say|write|tell)\s+)?to\s+|^(?:send|tell|write|message)\s+(?=\S+\s*:)/i.exec(text);
  return plain === null ? undefined : parsePlainSend(text.slice(plain[0].length));
}

/** Sentences that are commands as a whole. In lower case. */
const phrases: readonly (readonly [RegExp, Command])[] = [
  [/^who\s+(?:may|can|is allowed to)\s+(?:see|watch)\b/, { kind: 'rules' }],
  [/^(?:my\s+)?(?:watcher\s+)?rules$/, { kind: 'rules' }],
  [/^who\s+(?:asks|is asking|wants)\b|^(?:my\s+)?(?:requests|pending)$/, { kind: 'requests' }],
  [
    /^(?:who(?:m)?\s+(?:do|did|have)\s+i\s+block(?:ed)?|who\s+is\s+blocked|(?:my\s+)?block(?:ed|s)|block\s?list)$/,
    { kind: 'blocked' },
  ],
  [
    /^(?:what\s+(?:did|have)\s+i\s+sen[dt]|(?:my\s+|the\s+)?(?:outbox|sent)(?:\s+messages)?|list\s+(?:my\s+)?(?:outbox|sent))$/,
    { kind: 'outbox' },
  ],
  [
    /^(?:what(?:'s| is)\s+(?:new|waiting)|any\s+(?:new\s+)?(?:messages|mail|news)|(?:my\s+|the\s+)?(?:inbox|messages|mail))$/,
    { kind: 'list' },
  ],
];

function readPhrase(line: string): Command | undefined {
  return phrases.find(([pattern]) => pattern.test(line))?.[1] ?? readAvailability(line);
}

type VerbReader = (rest: string) => Reading;

function readVerb(line: string): Reading {
  const [, said = '', rest = ''] =
    /^(?:(?:set|my|make)\s+(?:my\s+)?(?=\S))?(\S+?)[:=,]?(?:\s+(.*))?$/s.exec(line) ?? [];
  const word = said.toLowerCase();
  const read = verbs.get(word);
  if (read !== undefined) return read(rest.trim());
  const attribute = attributeNamed(word);
  if (attribute !== undefined) return parseSaying(attribute, rest);
  const nearest = nearestWord(word, [...verbs.keys(), 'mood', 'availability', 'activity', 'status', 'when', 'to']);
  return err({ kind: 'unknown', said: cut(line), ...(nearest === undefined ? {} : { nearest }) });
}

const verbs: ReadonlyMap<string, VerbReader> = new Map([
  ...named(['list', 'ls', 'all', 'show'], readList),
  ...named(['get', 'fetch', 'read', 'collect'], readGet),
  ...named(['reject', 'refuse', 'discard', 'delete'], (rest) =>
    withNumbers(rest, 'reject', (numbers) => ({ kind: 'reject', numbers })),
  ),
  ...named(['outbox', 'sent'], () => ok({ kind: 'outbox' })),
  ...named(['recall', 'unsend', 'cancel'], (rest) =>
    withNumbers(rest, 'recall', (numbers) => ({ kind: 'recall', numbers })),
  ),
  ...named(['change', 'amend'], readChange),
  ...named(['clear', 'forget', 'unset'], readClear),
  ...named(['allow', 'let'], (rest) => readAllow('allow', rest)),
  ...named(['disallow', 'forbid'], (rest) => readAllow('disallow', rest)),
  ...named(['confirm', 'accept', 'approve'], (rest) =>
    withName(rest, 'requests', (watcher) => ({ kind: 'decide', watcher, isAllowed: true })),
  ),
  ...named(['deny', 'decline'], (rest) =>
    withName(rest, 'requests', (watcher) => ({ kind: 'decide', watcher, isAllowed: false })),
  ),
  ...named(['block'], (rest) => withName(rest, 'block', (other) => ({ kind: 'block', other }))),
  ...named(['unblock'], (rest) => withName(rest, 'block', (other) => ({ kind: 'unblock', other }))),
  ...named(['reports', 'report'], readReports),
  ...named(['delivery'], readDelivery),
  ...named(['more', 'next', 'continue'], () => ok({ kind: 'more' })),
  ...named(['help', 'commands', 'info'], readHelp),
]);

function named(names: readonly string[], read: VerbReader): (readonly [string, VerbReader])[] {
  return names.map((name) => [name, read]);
}

function readList(rest: string): Reading {
  const from = /(?:^|\s)from\s+(.+)$/is.exec(rest);
  if (from !== null) return withName(from[1] ?? '', 'list', (name) => ({ kind: 'list', from: name }));
  const words = meaningfulWords(rest).filter(
    (word) => !['all', 'inbox', 'waiting', 'new', 'mail', 'list'].includes(word),
  );
  return words.length === 0
    ? ok({ kind: 'list' })
    : incomplete('list', `I do not know what "${cut(words.join(' '))}" is`);
}

function readGet(rest: string): Reading {
  const from = /(?:^|\s)from\s+(.+)$/is.exec(rest);
  if (from !== null) {
    return withName(from[1] ?? '', 'get', (name) => ({ kind: 'get', what: { kind: 'from', name } }));
  }
  const words = meaningfulWords(rest);
  if (words.length === 1 && ['all', 'everything'].includes(words[0] ?? ''))
    return ok({ kind: 'get', what: { kind: 'all' } });
  return withNumbers(rest, 'get', (numbers) => ({ kind: 'get', what: { kind: 'numbers', numbers } }));
}

/** `3 to when CONDITION`, `3: when CONDITION`, `3 to at once`. */
function readChange(rest: string): Reading {
  const [, number, wish = ''] =
    /^(?:(?:message|number|no\.?)\s+)?#?(\d{1,4})(?:\s*[:,]\s*|\s+(?:to\s+)?)(.*)$/is.exec(rest) ?? [];
  if (number === undefined || wish === '') return incomplete('change', 'say which number, and when it is to go');
  if (/^(?:go\s+)?(?:at once|now|immediately|any\s?time|no condition|without (?:a )?condition)$/i.test(wish)) {
    return ok({ kind: 'change', number: Number(number), condition: null });
  }
  const condition = readCondition(wish.replace(/^when\s+/i, ''));
  return condition.ok ? ok({ kind: 'change', number: Number(number), condition: condition.value }) : condition;
}

function readClear(rest: string): Reading {
  const [word = '', ...others] = meaningfulWords(rest);
  const attribute = others.length === 0 ? attributeNamed(word) : undefined;
  if (attribute === undefined) return incomplete('mood', 'say which of mood, activity, status, ... is to be forgotten');
  return parseSaying(attribute, 'none');
}

/** `john mood and activity`, `john to see my mood`, `everybody`. */
function readAllow(kind: 'allow' | 'disallow', rest: string): Reading {
  const [, who = '', what = ''] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
  const name = readName(who);
  if (name === undefined) return incomplete('rules', 'say whom, and what');
  const watcher = ['everybody', 'everyone', 'all', 'anybody', 'anyone', '*'].includes(name.toLowerCase()) ? '*' : name;
  const words = allWords(what).filter(
    (word) => !['to', 'see', 'watch', 'my', 'the', 'and', 'from', 'seeing'].includes(word),
  );
  if (words.length === 0) return ok({ kind, watcher });
  if (words.length === 1 && ['everything', 'all', 'anything', '*'].includes(words[0] ?? '')) {
    return ok({ kind, watcher, attributes: '*' });
  }
  const attributes = parseAttributes(words.map((word) => attributeNamed(word) ?? word));
  return attributes.ok ? ok({ kind, watcher, attributes: attributes.value }) : incomplete('rules', attributes.error);
}

function readReports(rest: string): Reading {
  const [word] = allWords(rest);
  if (word === undefined) return ok({ kind: 'reports' });
  const isOn = ['on', 'yes'].includes(word);
  return isOn || ['off', 'no'].includes(word) ? ok({ kind: 'reports', isOn }) : incomplete('reports', 'say on or off');
}

function readDelivery(rest: string): Reading {
  const method = (['push', 'notify', 'pull'] as const).find((each) => allWords(rest).at(-1) === each);
  return method === undefined ? incomplete('delivery', 'say push, notify or pull') : ok({ kind: 'delivery', method });
}

/** By the name of a topic, or a word that belongs to one. */
function readHelp(rest: string): Reading {
  const [word] = meaningfulWords(rest.replace(/^(?:with|on|about|me)\s+/i, ''));
  const topic = word === undefined ? undefined : (topics.find((each) => each === word) ?? topicOf.get(word));
  return ok(topic === undefined ? { kind: 'help' } : { kind: 'help', topic });
}

const topicOf: ReadonlyMap<string, Topic> = new Map([
  ['all', 'list'],
  ['more', 'list'],
  ['from', 'get'],
  ['to', 'send'],
  ['condition', 'when'],
  ['conditions', 'when'],
  ['sent', 'outbox'],
  ['amend', 'change'],
  ['availability', 'mood'],
  ['activity', 'mood'],
  ['status', 'mood'],
  ['presence', 'mood'],
  ['allow', 'rules'],
  ['disallow', 'rules'],
  ['who', 'rules'],
  ['confirm', 'requests'],
  ['deny', 'requests'],
  ['unblock', 'block'],
  ['blocked', 'block'],
  ['report', 'reports'],
]);

function withNumbers(rest: string, topic: Topic, make: (numbers: readonly number[]) => Command): Reading {
  const numbers = readNumbers(meaningfulWords(rest));
  return numbers === undefined
    ? incomplete(topic, `say which by number, at most ${numbersPerCommandMax} of them`)
    : ok(make(numbers));
}

function withName(rest: string, topic: Topic, make: (name: string) => Command): Reading {
  const name = readName(rest);
  return name === undefined ? incomplete(topic, 'say one name') : ok(make(name));
}

function incomplete(topic: Topic, reason: string): Reading {
  return err({ kind: 'incomplete', topic, reason });
}

const shownMax = 40;

function cut(text: string): string {
  return text.length > shownMax ? `${text.slice(0, shownMax)}...` : text;
}
