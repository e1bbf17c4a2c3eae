/**
 * Delivery conditions as clients write them, text or wanted attribute values, as one text of the condition language. Whether one
 * that stands alone makes sense is found out by whoever parses it.
 */
import { err, ok, type Result } from '../../../base/result.ts';
import { parseCondition } from '../../../conditions/parse-condition.ts';
import type { DeliveryCondition } from '../../../imps/message/extension.ts';
import type { PresenceAttribute } from '../../../imps/primitives/presence-attributes.ts';
import { attributeOf, type PresenceRefusal, wordsOfAttributes } from './presence-words.ts';

/** All of them must hold; undefined where there is none. */
export function conditionOf(conditions: readonly DeliveryCondition[]): Result<string | undefined, PresenceRefusal> {
  const texts: string[] = [];
  for (const condition of conditions) {
    const text = typeof condition === 'string' ? ok(condition) : textOfWanted(condition);
    if (!text.ok) return text;
    texts.push(text.value);
  }
  if (texts.length <= 1) return ok(texts[0]);
  // Each for itself, so that brackets of one never close those around another.
  for (const text of texts) {
    const parsed = parseCondition(text);
    if (parsed.ok) continue;
    const { position, reason } = parsed.error;
    return err({ code: 402, words: `Malformed condition at position ${position}: ${reason}` });
  }
  return ok(texts.map((text) => `(${text})`).join(' and '));
}

function textOfWanted(wanted: readonly PresenceAttribute[]): Result<string, PresenceRefusal> {
  const tests: string[] = [];
  for (const attribute of wanted) {
    const { name } = attribute;
    if (name === 'OnlineStatus') {
      tests.push(`online is ${attribute.value === 'F' ? 'false' : 'true'}`);
      continue;
    }
    const words = wordsOfAttributes([{ ...attribute, isValid: attribute.isValid ?? true }]);
    if (!words.ok) return words;
    const image = attributeOf(name);
    for (const [found, values] of words.value) {
      // A client that is asked for by its type alone is meant so.
      if (values === null && found !== image) continue;
      if (values === null && words.value.size > 1) continue;
      if (values === null) return err({ code: 751, words: `${name} has no value to wait for` });
      for (const value of values) tests.push(`${found} is ${quoted(value)}`);
    }
  }
  if (tests.length === 0) return err({ code: 402, words: 'a condition wants at least one attribute' });
  return ok(tests.join(' and '));
}

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
