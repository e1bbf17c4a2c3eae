/**
 * For whom a rule is (RFC 4745 7.1): `one` by one, and everybody of a domain or of all with exceptions. What several `many`
 * say together is written as one list of domains and one of exceptions, with the same meaning.
 */
import { ok, type Result } from '../../base/result.ts';
import { domainOf, parseAddress, type Address } from '../../model/address.ts';
import type { WatcherRule } from '../../model/watcher-rule.ts';
import { breach, misfit, type DocumentFault } from '../xcap/document-fault.ts';
import { childElements, type XmlElement } from '../xml-reader.ts';
import { commonPolicyNamespace, omaPolicyNamespace } from './names.ts';

export type IdentityPart = Pick<WatcherRule, 'watchers' | 'domains' | 'except' | 'otherUris' | 'unknownConditions'>;

/** Characters of one URI, domain or word in a rule. */
export const ruleTextMax = 1_000;

/** `many`s of one rule: what they say together costs their number times that of their exceptions. */
export const crowdsMax = 64;

/** One `many`. */
interface Crowd {
  /** Undefined is every domain. */
  readonly domain: string | undefined;
  readonly exceptWatchers: ReadonlySet<Address>;
  readonly exceptDomains: ReadonlySet<string>;
}

export function readIdentity(identity: XmlElement): Result<IdentityPart, DocumentFault> {
  const children = childElements(identity);
  if (children.length === 0) return misfit('identity holds nothing');
  const watchers: Address[] = [];
  const otherUris: string[] = [];
  const unknown: string[] = [];
  const crowds: Crowd[] = [];
  for (const child of children) {
    const { namespace, name } = child;
    if (namespace === omaPolicyNamespace) return breach(`${name} is not supported as a condition`);
    const strange = childElements(child).find((each) => each.namespace !== commonPolicyNamespace);
    const foreign = namespace === commonPolicyNamespace ? strange : child;
    const strangeWord = foreign === undefined ? ok('') : strangeName(foreign);
    if (!strangeWord.ok) return strangeWord;
    if (namespace !== commonPolicyNamespace) unknown.push(strangeWord.value);
    else if (name === 'one') {
      const uri = readUri(child, 'id');
      if (!uri.ok) return uri;
      const address = parseAddress(uri.value);
      if (strange === undefined && address.ok) watchers.push(address.value);
      else otherUris.push(uri.value);
    } else if (name === 'many') {
      const crowd = readCrowd(child);
      if (!crowd.ok) return crowd;
      if (crowds.length === crowdsMax) return breach(`identity holds more than ${crowdsMax} many`);
      // An extension narrows it in a way that nobody here knows, so it counts for nobody.
      if (strange === undefined) crowds.push(crowd.value);
      else unknown.push(strangeWord.value);
    } else return misfit(`${name} is no part of identity`);
  }
  // Nothing but extensions: the rule never applies, and names nobody.
  if (watchers.length + otherUris.length + crowds.length === 0)
    return ok({ watchers: '*', unknownConditions: unknown });
  return ok({
    ...joinCrowds([...new Set(watchers)], crowds),
    otherUris: [...new Set(otherUris)],
  });
}

function readUri(element: XmlElement, attribute: string): Result<string, DocumentFault> {
  const value = element.attributes.get(attribute)?.replaceAll(/\s+/g, ' ').trim();
  if (value === undefined) return misfit(`${element.name} has no ${attribute}`);
  if (value === '') return misfit(`the ${attribute} of ${element.name} is empty`);
  return isShowable(value) ? ok(value) : breach(`${attribute} cannot be kept: ${limitWords}`);
}

/** What the other form of the rules can show as well. */
export function isShowable(text: string): boolean {
  return text.length <= ruleTextMax && !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text);
}

export const limitWords = `at most ${ruleTextMax} characters, and none that cannot be seen`;

/** The name of something that is not known here, for whoever reads the rules. */
export function strangeName({ namespace, name }: XmlElement): Result<string, DocumentFault> {
  if (namespace === '') return misfit(`${name} has no namespace`);
  const strange = `{${namespace}}${name}`;
  const isKept = isShowable(strange) && !/[{}\s]/.test(namespace);
  return isKept ? ok(strange) : breach(`the namespace of ${name} cannot be kept: ${limitWords}, no braces or blanks`);
}

function readCrowd(many: XmlElement): Result<Crowd, DocumentFault> {
  const domain = many.attributes.has('domain') ? readUri(many, 'domain') : ok(undefined);
  if (!domain.ok) return domain;
  const exceptWatchers = new Set<Address>();
  const exceptDomains = new Set<string>();
  for (const child of childElements(many)) {
    if (child.namespace !== commonPolicyNamespace) continue;
    if (child.name !== 'except') return misfit(`${child.name} is no part of many`);
    for (const attribute of ['id', 'domain'].filter((each) => child.attributes.has(each))) {
      const value = readUri(child, attribute);
      if (!value.ok) return value;
      const address = parseAddress(value.value);
      if (attribute === 'domain') exceptDomains.add(value.value.toLowerCase());
      else if (address.ok) exceptWatchers.add(address.value);
    }
  }
  return ok({ domain: domain.value?.toLowerCase(), exceptWatchers, exceptDomains });
}

function joinCrowds(watchers: readonly Address[], crowds: readonly Crowd[]): IdentityPart {
  if (crowds.length === 0) return { watchers };
  const isForAll = crowds.some(({ domain }) => domain === undefined);
  const domains = isForAll ? ['*'] : [...new Set(crowds.map(({ domain }) => domain ?? '*'))];
  const isInScope = (domain: string): boolean => isForAll || domains.includes(domain);
  const isIn = (domain: string, address?: Address): boolean => crowds.some((crowd) => holds(crowd, domain, address));
  const namedDomains = new Set(crowds.flatMap(({ exceptDomains }) => [...exceptDomains]));
  const namedWatchers = new Set(crowds.flatMap(({ exceptWatchers }) => [...exceptWatchers]));
  const except = {
    watchers: [...namedWatchers].filter((each) => isIn(domainOf(each)) && !isIn(domainOf(each), each)),
    domains: [...namedDomains].filter((each) => isInScope(each) && !isIn(each)),
  };
  const isBare = except.watchers.length + except.domains.length === 0;
  return isForAll && isBare && watchers.length === 0 ? { watchers: '*' } : { watchers, domains, except };
}

/** Without an address: somebody of the domain who is named nowhere. */
function holds({ domain, exceptWatchers, exceptDomains }: Crowd, other: string, address?: Address): boolean {
  if (domain !== undefined && domain !== other) return false;
  return !exceptDomains.has(other) && (address === undefined || !exceptWatchers.has(address));
}
