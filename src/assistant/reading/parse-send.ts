/**
 * Where the condition, the name and the text of `when CONDITION to NAME: TEXT` part (contract section 6): at the first
 * ` to NAME:` before which the text parses as a condition. Whatever stands in the text stays as it is, over all its lines.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { conditionCharactersMax, type ConditionFault } from '../../conditions/condition.ts';
import { parseCondition } from '../../conditions/parse-condition.ts';
import type { Command, CommandFault } from './command.ts';
import { readName } from './plain-words.ts';

type Sending = Result<Command, CommandFault>;

/** A name may be a URI, which has a colon of its own, and a port. */
const name = String.raw`("[^"\n]+"|<[^<>\s]+>|(?:(?:sips?|im|pres|wv):)?[^\s:,<>"]+(?::\d{1,5})?)`;
const recipient = new RegExp(String.raw`^\s*(?:to\s+)?${name}\s*:`, 'i');
const recipientInside = new RegExp(String.raw`\s(?:then\s+)?to\s+${name}\s*:`, 'gi');

/** What stands behind `to`, or behind a verb that asks for a name. */
export function parsePlainSend(rest: string): Sending {
  const found = recipient.exec(rest);
  const to = found?.[1] === undefined ? undefined : readName(found[1]);
  if (found === null || to === undefined) return incomplete('send', 'say to whom, a colon, and what');
  return sending(to, rest.slice(found[0].length));
}

/** What stands behind `when`. */
export function parseConditionalSend(rest: string): Sending {
  let firstFault: CommandFault | undefined;
  for (const found of rest.matchAll(recipientInside)) {
    if (found.index > conditionCharactersMax) break;
    const to = readName(found[1] ?? '');
    const said = rest.slice(0, found.index).trim();
    const condition = parseCondition(said);
    if (condition.ok && to !== undefined) return sending(to, rest.slice(found.index + found[0].length), said);
    if (!condition.ok) firstFault ??= faultOf(said, condition.error);
  }
  return firstFault === undefined ? incomplete('when', 'say a condition, to whom, a colon, and what') : err(firstFault);
}

/** The text of a condition that stands alone. */
export function readCondition(text: string): Result<string, CommandFault> {
  const said = text.trim();
  const condition = parseCondition(said);
  return condition.ok ? ok(said) : err(faultOf(said, condition.error));
}

function sending(to: string, rest: string, condition?: string): Sending {
  // One space is the sentence's, everything else the sender's.
  const text = rest.replace(/^[ \t]*(?:\r?\n)?/, '').trimEnd();
  if (text === '') return incomplete(condition === undefined ? 'send' : 'when', 'there is no text behind the colon');
  return ok({ kind: 'send', to, text, ...(condition === undefined ? {} : { condition }) });
}

function faultOf(said: string, { position, reason }: ConditionFault): CommandFault {
  return { kind: 'condition', said, position, reason };
}

function incomplete(topic: 'send' | 'when', reason: string): Sending {
  return err({ kind: 'incomplete', topic, reason });
}
