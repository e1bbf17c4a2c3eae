/**
 * The document of an owner's rules: as it came where they are still those that it says; else each of its rules that is still
 * there as it stands in it, to the letter, and the others anew. So nothing is lost when rules are changed in another form.
 */
import type { Address } from '../../model/address.ts';
import { orderRule, type WatcherRule } from '../../model/watcher-rule.ts';
import { parseXmlText, type XmlLimits, type XmlSource, type XmlSpan } from '../xml-reader.ts';
import { formatPresRules, formatRuleAlone, RuleIds } from './format-pres-rules.ts';
import { parsePresRules, type RuleElement } from './parse-pres-rules.ts';

export interface RulesAndDocument {
  readonly owner: Address;
  readonly rules: readonly WatcherRule[];
  /** The text that they, or older ones, came in. */
  readonly document: string | undefined;
}

/** Undefined where there are no rules and never was a document. */
export function mergePresRules({ owner, rules, document }: RulesAndDocument, limits: XmlLimits): string | undefined {
  if (document === undefined) return rules.length === 0 ? undefined : formatPresRules(rules);
  const source = parseXmlText(document, limits);
  const read = source.ok ? parsePresRules(source.value.root, owner) : source;
  if (!source.ok || !read.ok) return formatPresRules(rules);
  const wanted = rules.map(orderRule);
  if (JSON.stringify(read.value.map(({ rule }) => rule)) === JSON.stringify(wanted)) return document;
  return rewrite(source.value, read.value, wanted);
}

function rewrite(source: XmlSource, elements: readonly RuleElement[], rules: readonly WatcherRule[]): string {
  const { text, root } = source;
  const whole = spanOf(source, root);
  const written = piecesOf(source, elements);
  const ids = new RuleIds(rules);
  const isClosed = whole.contentStart === whole.end;
  let result = isClosed ? text.slice(0, whole.contentStart - 2) + '>' : text.slice(0, whole.contentStart);
  for (const [index, rule] of rules.entries()) {
    const same = written.get(JSON.stringify(rule))?.shift();
    result += same ?? `\n  ${formatRuleAlone(rule, ids.idOf(rule, index))}`;
  }
  const last = elements.at(-1);
  const tail = last === undefined ? whole.contentStart : spanOf(source, last.element).end;
  return result + (isClosed ? `</${tagName(text, whole)}>${text.slice(whole.end)}` : text.slice(tail));
}

/** Each rule's element, with what stands between it and the one before, by what it says. */
function piecesOf(source: XmlSource, elements: readonly RuleElement[]): Map<string, string[]> {
  const pieces = new Map<string, string[]>();
  let from = spanOf(source, source.root).contentStart;
  for (const { element, rule } of elements) {
    const { end } = spanOf(source, element);
    const key = JSON.stringify(rule);
    pieces.set(key, [...(pieces.get(key) ?? []), source.text.slice(from, end)]);
    from = end;
  }
  return pieces;
}

function tagName(text: string, { start, contentStart }: XmlSpan): string {
  return /^<([^\s/>]+)/.exec(text.slice(start, contentStart))?.[1] ?? '';
}

function spanOf({ spans }: XmlSource, element: XmlSource['root']): XmlSpan {
  const span = spans.get(element);
  if (span === undefined) throw new Error('an element has no place in its text');
  return span;
}
