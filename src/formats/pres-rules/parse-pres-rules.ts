/**
 * A presence authorisation document as watcher rules, each with the element that it was read from. Refuses what does not
 * fit the schemas of RFC 4745 and RFC 5025, and conditions of OMA that could not be kept to.
 */
import { ok, type Result } from '../../base/result.ts';
import type { Address } from '../../model/address.ts';
import { orderRule, type RuleAction, type WatcherRule } from '../../model/watcher-rule.ts';
import { breach, misfit, type DocumentFault } from '../xcap/document-fault.ts';
import { childElements, textOf, type XmlElement } from '../xml-reader.ts';
import { commonPolicyNamespace, isRuleName, presRulesNamespace } from './names.ts';
import { readConditions } from './read-conditions.ts';
import { ruleTextMax } from './read-identity.ts';
import { readTransformations } from './read-transformations.ts';

export interface RuleElement {
  readonly element: XmlElement;
  readonly rule: WatcherRule;
}

/** `owner` is whose presence it is about. */
export function parsePresRules(root: XmlElement, owner: Address): Result<RuleElement[], DocumentFault> {
  if (root.name !== 'ruleset' || root.namespace !== commonPolicyNamespace) {
    return misfit(`the document is not a ruleset of ${commonPolicyNamespace}`);
  }
  const stray = strayOf(root, []);
  if (stray !== undefined) return misfit(stray);
  const rules: RuleElement[] = [];
  const ids = new Set<string>();
  for (const element of childElements(root)) {
    if (!isPolicy(element, 'rule')) return misfit(`${element.name} is no part of a ruleset`);
    const rule = readRule(element, owner);
    if (!rule.ok) return rule;
    if (ids.has(rule.value.id ?? '')) return misfit(`two rules have the id ${rule.value.id ?? ''}`);
    ids.add(rule.value.id ?? '');
    rules.push({ element, rule: rule.value });
  }
  return ok(rules);
}

function readRule(element: XmlElement, owner: Address): Result<WatcherRule, DocumentFault> {
  const id = element.attributes.get('id') ?? '';
  if (!isRuleName(id)) return misfit('a rule has no id that is a name');
  if (id.length > ruleTextMax) return breach(`an id has more than ${ruleTextMax} characters`);
  const parts = partsOf(element);
  if (!parts.ok) return parts;
  const conditions = readConditions(parts.value.get('conditions'));
  if (!conditions.ok) return conditions;
  const action = readAction(parts.value.get('actions'));
  if (!action.ok) return action;
  const transformations = readTransformations(parts.value.get('transformations'), owner);
  if (!transformations.ok) return transformations;
  return ok(orderRule({ ...conditions.value, ...transformations.value, action: action.value, id }));
}

const partNames = ['conditions', 'actions', 'transformations'];

/** Each at most once, and in this order. */
function partsOf(rule: XmlElement): Result<Map<string, XmlElement>, DocumentFault> {
  const parts = new Map<string, XmlElement>();
  let next = 0;
  const stray = strayOf(rule, ['id']);
  if (stray !== undefined) return misfit(stray);
  for (const child of childElements(rule)) {
    const place = child.namespace === commonPolicyNamespace ? partNames.indexOf(child.name) : -1;
    if (place < next) return misfit(`${child.name} cannot stand here in a rule`);
    const wrong = strayOf(child, []);
    if (wrong !== undefined) return misfit(wrong);
    parts.set(child.name, child);
    next = place + 1;
  }
  return ok(parts);
}

/** From the lowest (RFC 5025 3.2.1). */
const handlings = ['block', 'confirm', 'polite-block', 'allow'] as const;

function readAction(actions: XmlElement | undefined): Result<RuleAction, DocumentFault> {
  let highest = -1;
  for (const child of actions === undefined ? [] : childElements(actions)) {
    if (child.namespace === commonPolicyNamespace) return misfit(`${child.name} is no action`);
    if (child.namespace !== presRulesNamespace || child.name !== 'sub-handling') continue;
    const value = (handlings as readonly string[]).indexOf(textOf(child));
    if (value < 0) return misfit(`"${textOf(child).slice(0, 40)}" is none of ${handlings.join(', ')}`);
    highest = Math.max(highest, value);
  }
  return ok(handlings[highest] ?? 'none');
}

const schemaInstance = '{http://www.w3.org/2001/XMLSchema-instance}';

/** Text between elements, or an attribute that has no place there. */
function strayOf(element: XmlElement, attributes: readonly string[]): string | undefined {
  const text = element.content.find((part) => typeof part === 'string' && part.trim() !== '');
  if (text !== undefined) return `${element.name} holds text`;
  for (const name of element.attributes.keys()) {
    if (!attributes.includes(name) && !name.startsWith(schemaInstance)) return `${element.name} cannot have ${name}`;
  }
  return undefined;
}

function isPolicy(element: XmlElement, name: string): boolean {
  return element.namespace === commonPolicyNamespace && element.name === name;
}
