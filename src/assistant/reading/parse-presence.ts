/** What people say of themselves: `mood happy`, `my activity is meeting`, `availability not available`, `mood none`. */
import { isConditionAttribute, valueFault } from '../../conditions/attribute-words.ts';
import { canonicalWord, type AttributeName } from '../../model/presence-state.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Command, CommandFault } from './command.ts';
import { unquote } from './plain-words.ts';

/** Values of one attribute. */
export const valuesMax = 16;
/** Characters of one value. */
export const valueCharactersMax = 256;

/** What is said of an attribute that is not to be known any more. */
const nothing = new Set(['none', 'nothing', 'clear', 'unknown', 'no', 'empty', '-']);
/** One text, whatever it says. */
const isText = (attribute: AttributeName): boolean => attribute === 'status-text' || attribute.startsWith('x-');
const otherNames: ReadonlyMap<string, AttributeName> = new Map([
  ['status', 'status-text'],
  ['note', 'status-text'],
  ['activities', 'activity'],
  ['moods', 'mood'],
  ['place', 'place-type'],
]);
/** Values that say which attribute is meant. */
const availabilities: ReadonlyMap<string, string> = new Map([
  ['available', 'available'],
  ['not-available', 'not-available'],
  ['unavailable', 'not-available'],
  ['discreet', 'discreet'],
]);

/** The attribute that a word names, in the ways in which people call it. */
export function attributeNamed(word: string): AttributeName | undefined {
  const name = canonicalWord(word);
  const known = otherNames.get(name) ?? name;
  return isConditionAttribute(known) ? known : undefined;
}

/** `available`, `I am not available.` alone. */
export function readAvailability(line: string): Command | undefined {
  const said = line.toLowerCase().replace(/^(?:i\s+am|i['’]m)\s+/, '');
  const value = availabilities.get(said.trim().replaceAll(/[\s_]+/g, '-'));
  return value === undefined ? undefined : { kind: 'say', attribute: 'availability', values: [value] };
}

/** What stands behind the name of an attribute. */
export function parseSaying(attribute: AttributeName, rest: string): Result<Command, CommandFault> {
  if (attribute === 'online') return incomplete('whether you are online is seen, not said');
  const bare = rest.replace(/^\s*(?:(?:is|to|are)\s+(?=\S)|[:=]\s*)/i, '').trim();
  if (bare === '') return ok({ kind: 'show', attribute });
  if (nothing.has(bare.toLowerCase())) return ok({ kind: 'say', attribute, values: null });
  const values = isText(attribute) ? [unquote(bare)] : listOf(bare);
  if (values.length === 0 || values.includes('')) return incomplete(`say what your ${attribute} is, or "none"`);
  if (values.length > valuesMax) return incomplete(`at most ${valuesMax} values`);
  if (values.some((value) => value.length > valueCharactersMax)) {
    return incomplete(`at most ${valueCharactersMax} characters`);
  }
  const wrong = values.map((value) => valueFault(attribute, value)).find((fault) => fault !== undefined);
  return wrong === undefined ? ok({ kind: 'say', attribute, values }) : incomplete(wrong);
}

/** Words of one value are joined as RPID does: on the phone is on-the-phone. */
function listOf(text: string): string[] {
  const parts = text.split(/\s*,\s*|\s+and\s+/i).filter((part) => part.trim() !== '');
  return [...new Set(parts.map((part) => unquote(part).replaceAll(/\s+/g, '-')))];
}

function incomplete(reason: string): Result<Command, CommandFault> {
  return err({ kind: 'incomplete', topic: 'mood', reason });
}
