/** Reads the language of LANGUAGE.md. Every fault names its line. */
import {
  TranscriptFault,
  type CastMember,
  type Expectation,
  type Part,
  type Step,
  type Transcript,
} from './transcript.ts';

/** How long `receives` waits when the play does not say, in milliseconds. */
export const patienceMs = 2000;

export function parseTranscript(path: string, text: string): Transcript {
  const head = new Head();
  const steps = parseLines(path, text, head);
  const first = { path, line: 1 };
  if (head.title === '') throw new TranscriptFault(first, 'a play needs a title');
  if (head.cast.length === 0) throw new TranscriptFault(first, 'a play needs a cast');
  if (head.given.size > 0) throw new TranscriptFault(first, '`given` is for parts');
  const names = new Set(head.cast.map((member) => member.name));
  for (const step of steps) {
    if ('actor' in step && !names.has(step.actor)) {
      throw new TranscriptFault({ path, line: step.line }, `${step.actor} is not in the cast`);
    }
  }
  return { path, title: head.title, flags: head.flags, cast: head.cast, steps };
}

export function parsePart(path: string, text: string): Part {
  const head = new Head();
  const steps = parseLines(path, text, head);
  for (const step of steps) {
    if ('actor' in step && step.actor !== 'me')
      throw new TranscriptFault({ path, line: step.line }, 'in a part, me acts');
  }
  return { path, given: head.given, steps };
}

const transports = ['udp', 'tcp', 'tls', 'ws'] as const;

class Head {
  title = '';
  flags: string[] = [];
  cast: CastMember[] = [];
  given = new Map<string, string>();

  /** False when the line is no word of the head. */
  take(line: string): boolean {
    const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    switch (word) {
      case 'title':
        this.title = rest;
        return true;
      case 'source':
        return true;
      case 'serve':
        this.flags.push(...rest.split(/\s+/));
        return true;
      case 'cast': {
        const [, name = '', word = ''] = /^(\w+) (\w+)$/.exec(rest) ?? [];
        const transport = transports.find((each) => each === word);
        if (transport === undefined) return false;
        this.cast.push({ name, transport });
        return true;
      }
      case 'given': {
        const [, name = '', value = ''] = /^([\w-]+)\s*(.*)$/.exec(rest) ?? [];
        this.given.set(name, value);
        return true;
      }
      default:
        return false;
    }
  }
}

function parseLines(path: string, text: string, head: Head): Step[] {
  const lines = text.split('\n');
  const steps: Step[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = (lines[at] ?? '').trimEnd();
    if (line === '' || line.startsWith('#')) continue;
    const place = { path, line: at + 1 };
    if (line.startsWith(' ')) throw new TranscriptFault(place, 'an indented line belongs to no step');
    const block = takeBlock(lines, at + 1);
    at += block.taken;
    const step = parseStep(line, at + 1 - block.taken, block.lines);
    if (step === undefined && (block.lines.length > 0 || !head.take(line))) {
      throw new TranscriptFault(place, `not understood: ${line}`);
    }
    if (step) steps.push(step);
  }
  return steps;
}

/** The indented lines below a step without their indentation; empty lines between them belong to it. */
function takeBlock(lines: readonly string[], from: number): { lines: string[]; taken: number } {
  const block: string[] = [];
  let at = from;
  while (at < lines.length && /^(?: {2}|\s*$)/.test(lines[at] ?? '')) {
    block.push((lines[at] ?? '').slice(2));
    at += 1;
  }
  while (block.length > 0 && block.at(-1)?.trim() === '') block.pop();
  return { lines: block, taken: at - from };
}

function parseStep(text: string, line: number, block: readonly string[]): Step | undefined {
  const after = /^after (.+)$/.exec(text);
  if (after) {
    const ms = parseDuration(after[1]);
    return ms === undefined || block.length > 0 ? undefined : { line, kind: 'after', ms };
  }
  if (text === 'server restarts' && block.length === 0) return { line, kind: 'restart' };
  const [, actor = '', verb = '', rest = ''] = /^(\w+) (\w+)(?: (.+))?$/.exec(text) ?? [];
  switch (verb) {
    case 'sends':
      return parseSend(actor, line, rest, block);
    case 'receives':
      return parseReceive(actor, line, rest, block);
    case 'answers':
      return /^\d{3}( .+)?$/.test(rest) ? { line, kind: 'answer', actor, status: rest, headers: block } : undefined;
    case 'does': {
      const [, part = '', values = ''] = /^([\w-]+)(.*)$/.exec(rest) ?? [];
      const read = parseValues(values);
      return part === '' || read === undefined || block.length > 0
        ? undefined
        : { line, kind: 'do', actor, part, values: read };
    }
    case 'disconnects':
    case 'connects':
      return { line, kind: verb === 'connects' ? 'connect' : 'disconnect', actor };
    default:
      return undefined;
  }
}

function parseSend(actor: string, line: number, rest: string, block: readonly string[]): Step | undefined {
  if (rest === 'again' && block.length === 0) return { line, kind: 'send-again', actor };
  if (rest === 'a keep-alive' && block.length === 0) return { line, kind: 'send-keep-alive', actor };
  if (rest !== '' || block.length === 0) return undefined;
  const empty = block.indexOf('');
  const [head, body] = empty < 0 ? [block, []] : [block.slice(0, empty), block.slice(empty + 1)];
  return { line, kind: 'send', actor, head, body };
}

function parseReceive(actor: string, line: number, rest: string, block: readonly string[]): Step | undefined {
  const nothing = /^nothing( new)? for (.+)$/.exec(rest);
  if (nothing) {
    const forMs = parseDuration(nothing[2]);
    if (forMs === undefined || block.length > 0) return undefined;
    return { line, kind: 'receive-nothing', actor, forMs, mayRepeat: nothing[1] !== undefined };
  }
  const timed = /^(again|a keep-alive)? ?(?:within (.+))?$/.exec(rest);
  const withinMs = timed?.[2] === undefined ? patienceMs : parseDuration(timed[2]);
  if (!timed || withinMs === undefined) return undefined;
  if (timed[1] === 'again') return block.length > 0 ? undefined : { line, kind: 'receive-again', actor, withinMs };
  if (timed[1] === 'a keep-alive')
    return block.length > 0 ? undefined : { line, kind: 'receive-keep-alive', actor, withinMs };
  if (block.length === 0) return undefined;
  return { line, kind: 'receive', actor, withinMs, expected: parseExpectation(block) };
}

function parseExpectation(block: readonly string[]): Expectation {
  const empty = block.indexOf('');
  const lines = empty < 0 ? block.slice(1) : block.slice(1, empty);
  const headers: [string, string][] = [];
  const absent: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (/^no [\w-]+$/.test(line)) absent.push(line.slice(3));
    else headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  const body = empty < 0 ? undefined : block.slice(empty + 1).join('\n');
  return { startLine: block[0] ?? '', headers, absent, body };
}

function parseValues(text: string): Map<string, string> | undefined {
  const values = new Map<string, string>();
  const rest = text.replace(
    /\s+([\w-]+)=(?:"([^"]*)"|(\S+))/g,
    (_all, name: string, quoted?: string, plain?: string) => {
      values.set(name, quoted ?? plain ?? '');
      return '';
    },
  );
  return rest.trim() === '' ? values : undefined;
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };

function parseDuration(text: string | undefined): number | undefined {
  const [, count, unit] = /^(\d+(?:\.\d+)?) ?(ms|s|min|h)$/.exec(text ?? '') ?? [];
  const unitMs = unitsMs[unit ?? ''];
  return count === undefined || unitMs === undefined ? undefined : Number(count) * unitMs;
}
