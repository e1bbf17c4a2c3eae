/** Watcher rules as a presence authorisation document (RFC 4745, RFC 5025), so that reading it again gives the same rules. */
import { domainOf } from '../../model/address.ts';
import type { AttributeName } from '../../model/presence-state.ts';
import type { WatcherRule } from '../../model/watcher-rule.ts';
import { sipUriOf } from '../pidf/format-pidf.ts';
import { restanteNamespace } from '../pidf/names.ts';
import { xmlElement } from '../xml-writer.ts';
import { commonPolicyNamespace, personPermissions, presRulesNamespace, serviceAttributes } from './names.ts';

const declarations = { xmlns: commonPolicyNamespace, 'xmlns:pr': presRulesNamespace };

export function formatPresRules(rules: readonly WatcherRule[]): string {
  const ids = new RuleIds(rules);
  const content = rules.map((rule, index) => `\n  ${formatRule(rule, ids.idOf(rule, index), {})}`).join('');
  const root = xmlElement('ruleset', `${content}\n`, declarations);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

/** As it may stand in any document, whatever that has declared. */
export function formatRuleAlone(rule: WatcherRule, id: string): string {
  return formatRule(rule, id, declarations);
}

/** Names for rules that have none: by their places, and never one that is taken. */
export class RuleIds {
  readonly #taken: Set<string>;

  constructor(rules: readonly WatcherRule[]) {
    this.#taken = new Set(rules.map(({ id }) => id ?? ''));
  }

  idOf({ id }: WatcherRule, index: number): string {
    if (id !== undefined) return id;
    let number = index + 1;
    while (this.#taken.has(`rule-${number}`)) number += 1;
    this.#taken.add(`rule-${number}`);
    return `rule-${number}`;
  }
}

function formatRule(rule: WatcherRule, id: string, more: Readonly<Record<string, string>>): string {
  const actions = rule.action === 'none' ? '' : xmlElement('pr:sub-handling', rule.action);
  const content =
    xmlElement('conditions', formatConditions(rule)) +
    xmlElement('actions', actions) +
    xmlElement('transformations', formatAttributes(rule));
  return xmlElement('rule', content, { ...more, id });
}

function formatConditions(rule: WatcherRule): string {
  const { spheres, validity, unknownConditions = [] } = rule;
  let content = formatIdentity(rule);
  if (spheres !== undefined) content += xmlElement('sphere', '', { value: spheres.join(' ') });
  const ranges = validity?.map(
    ({ from, until }) => xmlElement('from', timeOf(from)) + xmlElement('until', timeOf(until)),
  );
  if (ranges !== undefined) content += xmlElement('validity', ranges.join(''));
  for (const name of unknownConditions) {
    const end = name.lastIndexOf('}');
    content += xmlElement(name.slice(end + 1), '', { xmlns: name.slice(1, end) });
  }
  return content;
}

function formatIdentity({ watchers, domains = [], except = {}, otherUris = [] }: WatcherRule): string {
  let content = watchers === '*' ? xmlElement('many') : '';
  for (const watcher of watchers === '*' ? [] : watchers) content += xmlElement('one', '', { id: sipUriOf(watcher) });
  for (const id of otherUris) content += xmlElement('one', '', { id });
  for (const domain of domains) {
    const isAll = domain === '*';
    const isOut = (other: string): boolean => isAll || other === domain;
    let exceptions = '';
    for (const name of except.domains ?? []) if (isOut(name)) exceptions += xmlElement('except', '', { domain: name });
    for (const name of except.watchers ?? []) {
      if (isOut(domainOf(name))) exceptions += xmlElement('except', '', { id: sipUriOf(name) });
    }
    content += xmlElement('many', exceptions, isAll ? {} : { domain });
  }
  return xmlElement('identity', content);
}

function timeOf(wall: number): string {
  return new Date(wall).toISOString();
}

function formatAttributes({ attributes, userInput }: WatcherRule): string {
  const all = (what: string): string => xmlElement(`pr:provide-${what}`, xmlElement(`pr:all-${what}`));
  if (attributes === '*') {
    return all('services') + all('persons') + all('devices') + xmlElement('pr:provide-all-attributes');
  }
  const left = new Set(attributes);
  let content = '';
  if (serviceAttributes.every((name) => left.has(name))) {
    content += all('services');
    for (const name of serviceAttributes) left.delete(name);
  }
  let ofPerson = '';
  const hasClass = left.has('class') && left.has('client-type');
  for (const [permission, name] of personPermissions) {
    if (left.delete(name)) ofPerson += xmlElement(`pr:${permission}`, 'true');
  }
  if (left.delete('user-input')) ofPerson += xmlElement('pr:provide-user-input', userInput ?? 'full');
  if (ofPerson !== '') content += all('persons');
  if (hasClass) {
    content += all('devices');
    left.delete('client-type');
  }
  return content + ofPerson + [...left].map(formatByName).join('');
}

function formatByName(name: AttributeName): string {
  return xmlElement('pr:provide-unknown-attribute', 'true', { ns: restanteNamespace, name });
}
