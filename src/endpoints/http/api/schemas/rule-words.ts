/** Watcher rules in the words of the HTTP API, and back: what was read is what was shown, for every rule that there can be. */
import type { z } from 'zod';
import { attributeFault } from '../../../../conditions/attribute-words.ts';
import { isRuleName } from '../../../../formats/pres-rules/pres-rules.ts';
import type { Address } from '../../../../model/address.ts';
import { canonicalWord } from '../../../../model/presence-state.ts';
import { orderRule, type WatcherRule } from '../../../../model/watcher-rule.ts';
import type { Attributes } from '../../../../presence/rule-edits.ts';
import { readAddress, timeOf } from '../read-words.ts';
import { malformed } from '../refusals.ts';
import type { watcherRules } from './people.ts';

export type ShownRule = z.output<typeof watcherRules>[number];

/** Throws the 400 that says which rule is wrong in what. */
export function readRules(rules: readonly ShownRule[]): WatcherRule[] {
  const ids = new Set<string>();
  return rules.map((rule, index) => {
    const { id } = rule;
    if (id !== undefined && ids.has(id)) throw fault(`rule ${index + 1}`, `there is another rule with the id ${id}`);
    if (id !== undefined) ids.add(id);
    return readRule(rule, `rule ${index + 1}`);
  });
}

function readRule(rule: ShownRule, where: string): WatcherRule {
  const { watchers, attributes = [], action, id, validity, unknownConditions, userInput } = rule;
  if (id !== undefined && !isRuleName(id)) throw fault(where, `id: "${id}" is not a name of XML`);
  const strange = unknownConditions?.find((name) => !isElementName.test(name));
  if (strange !== undefined) throw fault(where, `unknownConditions: "${strange}" is not {namespace}name`);
  checkScope(rule, where);
  return orderRule({
    watchers: watchers === '*' ? watchers : readAddresses(watchers, `${where}, watchers`),
    attributes: readAttributes(attributes, `${where}, attributes`),
    action,
    ...(id === undefined ? {} : { id }),
    ...readScope(rule, where),
    ...(validity === undefined ? {} : { validity: validity.map((range) => readRange(range, where)) }),
    ...(unknownConditions === undefined ? {} : { unknownConditions }),
    ...(userInput === undefined ? {} : { userInput }),
  });
}

export function shownRule(rule: WatcherRule): ShownRule {
  const { watchers, attributes, action, domains, except, otherUris, spheres, validity, unknownConditions } = rule;
  const hasAttributes = action === 'allow' || action === 'none' || attributes.length > 0;
  return {
    watchers: watchers === '*' ? watchers : [...watchers],
    ...(hasAttributes ? { attributes: attributes === '*' ? attributes : [...attributes] } : {}),
    action,
    ...(rule.id === undefined ? {} : { id: rule.id }),
    ...(domains === undefined ? {} : { domains: [...domains] }),
    ...(except === undefined ? {} : { except: shownExceptions(except) }),
    ...(otherUris === undefined ? {} : { otherUris: [...otherUris] }),
    ...(spheres === undefined ? {} : { spheres: [...spheres] }),
    ...(validity === undefined
      ? {}
      : { validity: validity.map(({ from, until }) => ({ from: timeOf(from), until: timeOf(until) })) }),
    ...(unknownConditions === undefined ? {} : { unknownConditions: [...unknownConditions] }),
    ...(rule.userInput === undefined ? {} : { userInput: rule.userInput }),
  };
}

function shownExceptions({ watchers, domains }: NonNullable<WatcherRule['except']>) {
  return {
    ...(watchers === undefined ? {} : { watchers: [...watchers] }),
    ...(domains === undefined ? {} : { domains: [...domains] }),
  };
}

/** Everybody is everybody, and a rule is for somebody. */
function checkScope({ watchers, domains, except, otherUris }: ShownRule, where: string): void {
  const isMore = domains !== undefined || except !== undefined || otherUris !== undefined;
  if (watchers === '*' && isMore) throw fault(where, 'watchers "*" stands alone; take domains ["*"] for exceptions');
  if (except !== undefined && domains === undefined) throw fault(where, 'except takes somebody out of domains');
  if (watchers.length === 0 && domains === undefined && otherUris === undefined) {
    throw fault(where, 'watchers: names nobody');
  }
}

function readScope({ domains, except, otherUris, spheres }: ShownRule, where: string): Partial<WatcherRule> {
  const inLower = (names: readonly string[] = []): string[] => [...new Set(names.map((name) => name.toLowerCase()))];
  const watchers = readAddresses(except?.watchers ?? [], `${where}, except`);
  return {
    domains: domains?.includes('*') === true ? ['*'] : inLower(domains),
    except: { watchers, domains: inLower(except?.domains) },
    otherUris: otherUris ?? [],
    spheres: spheres ?? [],
  };
}

function readAddresses(texts: readonly string[], where: string): Address[] {
  return texts.map((text) => readAddress(text, where));
}

export function readAttributes(attributes: Attributes, where: string): Attributes {
  if (attributes === '*') return attributes;
  for (const name of attributes) {
    const wrong = attributeFault(canonicalWord(name));
    if (wrong !== undefined) throw malformed('malformed-request', `${where}: ${wrong}`);
  }
  return attributes.map(canonicalWord);
}

function readRange({ from, until }: { readonly from: string; readonly until: string }, where: string) {
  const [begins, ends] = [Date.parse(from), Date.parse(until)];
  if (Number.isNaN(begins) || Number.isNaN(ends)) throw fault(where, 'validity: not a time of RFC 3339');
  return { from: begins, until: ends };
}

function fault(where: string, words: string): Error {
  return malformed('malformed-request', `${where}, ${words}`);
}

/** A namespace that can be declared, and a name without prefix. */
const isElementName = /^\{[^{}\s]+\}[\p{L}_][\p{L}\p{N}._-]*$/u;
