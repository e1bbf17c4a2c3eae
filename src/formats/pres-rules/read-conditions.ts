/** When a rule applies (RFC 4745 7): for whom, in which sphere, at what time. A condition that nobody knows never holds. */
import { ok, type Result } from '../../base/result.ts';
import type { ValidityRange, WatcherRule } from '../../model/watcher-rule.ts';
import { breach, misfit, type DocumentFault } from '../xcap/document-fault.ts';
import { childElements, textOf, type XmlElement } from '../xml-reader.ts';
import { commonPolicyNamespace, omaPolicyNamespace } from './names.ts';
import { isShowable, limitWords, readIdentity, strangeName } from './read-identity.ts';

export type ConditionPart = Pick<
  WatcherRule,
  'watchers' | 'domains' | 'except' | 'otherUris' | 'spheres' | 'validity' | 'unknownConditions'
>;

export function readConditions(conditions: XmlElement | undefined): Result<ConditionPart, DocumentFault> {
  let part: ConditionPart = { watchers: '*' };
  const unknown: string[] = [];
  const seen = new Set<string>();
  for (const child of conditions === undefined ? [] : childElements(conditions)) {
    const { namespace, name } = child;
    if (namespace === omaPolicyNamespace) return breach(`${name} is not supported as a condition`);
    if (namespace !== commonPolicyNamespace) {
      const strange = strangeName(child);
      if (!strange.ok) return strange;
      unknown.push(strange.value);
      continue;
    }
    if (seen.has(name)) return breach(`conditions hold more than one ${name}`);
    seen.add(name);
    const read = readers.get(name);
    if (read === undefined) return misfit(`${name} is no condition`);
    const found = read(child);
    if (!found.ok) return found;
    unknown.push(...(found.value.unknownConditions ?? []));
    part = { ...part, ...found.value };
  }
  return ok({ ...part, unknownConditions: unknown });
}

type ConditionReader = (element: XmlElement) => Result<Partial<ConditionPart>, DocumentFault>;

const readers: ReadonlyMap<string, ConditionReader> = new Map<string, ConditionReader>([
  ['identity', readIdentity],
  ['sphere', readSphere],
  ['validity', readValidity],
]);

function readSphere({ attributes }: XmlElement): Result<Partial<ConditionPart>, DocumentFault> {
  const value = attributes.get('value');
  if (value === undefined) return misfit('sphere has no value');
  // One that names none holds in none.
  const words = value.trim().split(/\s+/);
  return words.every(isShowable) ? ok({ spheres: words }) : breach(`a sphere cannot be kept: ${limitWords}`);
}

function readValidity(validity: XmlElement): Result<Partial<ConditionPart>, DocumentFault> {
  const children = childElements(validity);
  if (children.length === 0) return misfit('validity holds nothing');
  const ranges: ValidityRange[] = [];
  for (let index = 0; index < children.length; index += 2) {
    const [from, until] = [readTime(children[index], 'from'), readTime(children[index + 1], 'until')];
    if (!from.ok) return from;
    if (!until.ok) return until;
    ranges.push({ from: from.value, until: until.value });
  }
  return ok({ validity: ranges });
}

/** xs:dateTime; without a zone it is UTC. */
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

const earliest = Date.parse('0000-01-01T00:00:00Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

function readTime(element: XmlElement | undefined, name: string): Result<number, DocumentFault> {
  if (element?.name !== name || element.namespace !== commonPolicyNamespace) return misfit(`validity lacks ${name}`);
  const text = textOf(element);
  const zone = dateTime.exec(text);
  const time = zone === null ? Number.NaN : Date.parse(zone[1] === undefined ? `${text}Z` : text);
  if (time < earliest || time > latest) return breach('a time is not within the years 0000 to 9999');
  return Number.isNaN(time) ? misfit(`"${text.slice(0, 40)}" is not a date and time`) : ok(time);
}
