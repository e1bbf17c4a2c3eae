/** Who may see what of the asker, who asks to, and whom the asker blocks: the same rules and lists as everywhere. */
import { blocksPerOwnerMax } from '../../accounts/block-lists.ts';
import type { Address } from '../../model/address.ts';
import type { WatcherRule } from '../../presence/ports.ts';
import {
  allowAttributes,
  type Attributes,
  decideWatcher,
  disallowAttributes,
  isBlockedByRule,
  usualAttributes,
  type Watcher,
} from '../../presence/rule-edits.ts';
import { shorten } from '../answer-text.ts';
import type { Command, Name } from '../reading/command.ts';
import type { Asking, Lines, Rooms } from './asking.ts';
import { readAddress, readPerson, shortName } from './names.ts';
import { sayRefusal } from './refusal-words.ts';

/** Of the people and attributes in one line. */
const namesMax = 300;

export function rules({ owner }: Asking, { presence, settings }: Rooms): Lines {
  const own = presence.rulesOf(owner).map((rule) => `${sayRule(rule, { owner })}.`);
  const byDefault = settings.visibleByDefault;
  const shown = byDefault.length === 0 ? 'nothing' : sayAttributes(byDefault);
  return [...own, `Without a rule, people of your domain may see ${shown}, and others have to ask.`];
}

function sayRule(rule: WatcherRule, asking: Pick<Asking, 'owner'>): string {
  const people = shorten(sayPeople(rule, asking), namesMax);
  return `${people} ${sayAction(rule)}${sayWhen(rule)}`;
}

function sayAction({ attributes, action }: WatcherRule): string {
  switch (action) {
    case 'allow':
      return `may see ${sayAttributes(attributes)}`;
    case 'none':
      return `may also see ${sayAttributes(attributes)}, where they may see anything`;
    case 'confirm':
      return 'must wait until you confirm';
    case 'block':
      return 'may see nothing';
    default:
      return 'may see nothing, and is shown that you are away';
  }
}

function sayPeople({ watchers, domains = [], except, otherUris = [] }: WatcherRule, asking: Pick<Asking, 'owner'>) {
  const named = (addresses: readonly Address[]): string[] => addresses.map((each) => shortName(each, asking));
  const ofDomain = (domain: string): string => (domain === '*' ? 'everybody' : `everybody of ${domain}`);
  const who = [...(watchers === '*' ? ['everybody'] : named(watchers)), ...otherUris, ...domains.map(ofDomain)];
  const out = [...named(except?.watchers ?? []), ...(except?.domains ?? []).map(ofDomain)];
  return who.join(', ') + (out.length === 0 ? '' : ` but ${out.join(', ')}`);
}

/** A rule that came from another client may hold only now and then, or never. */
function sayWhen({ spheres, validity, unknownConditions }: WatcherRule): string {
  if (unknownConditions !== undefined) return ', on a condition that I do not know: so it never holds';
  const where = spheres === undefined ? '' : `, in the sphere ${spheres.join(' or ')}`;
  const time = (wall: number): string => new Date(wall).toISOString();
  const ranges = (validity ?? []).map(({ from, until }) => `from ${time(from)} until ${time(until)}`);
  return shorten(ranges.length === 0 ? where : `${where}, ${ranges.join(' or ')}`, namesMax);
}

function sayAttributes(attributes: Attributes): string {
  if (attributes === '*') return 'everything';
  return attributes.length === 0 ? 'nothing' : shorten(attributes.join(', '), namesMax);
}

export async function allow(
  { watcher: name, attributes }: Extract<Command, { kind: 'allow' }>,
  asking: Asking,
  rooms: Rooms,
): Promise<Lines> {
  const watcher = await readWatcher(name, asking, rooms);
  if (typeof watcher !== 'string') return watcher.fault;
  const allowed = attributes ?? usualAttributes(rooms.settings.visibleByDefault);
  const changed = await changeRules((before) => allowAttributes(before, watcher, allowed), asking, rooms);
  if ('fault' in changed) return changed.fault;
  const warning = isBlockedByRule(changed.rules, watcher)
    ? ['But a rule says that they may see nothing, and that beats it: "confirm" takes its place.']
    : [];
  return [sayAllowed(watcher, changed.rules, asking), ...warning];
}

export async function disallow(
  { watcher: name, attributes = '*' }: Extract<Command, { kind: 'disallow' }>,
  asking: Asking,
  rooms: Rooms,
): Promise<Lines> {
  const watcher = await readWatcher(name, asking, rooms);
  if (typeof watcher !== 'string') return watcher.fault;
  let refusal: string | undefined;
  const edit = (before: readonly WatcherRule[]): readonly WatcherRule[] => {
    const after = disallowAttributes(before, watcher, attributes);
    refusal = after.ok ? undefined : after.error;
    return after.ok ? after.value : before;
  };
  const changed = await changeRules(edit, asking, rooms);
  if (refusal !== undefined) return [`Nothing is changed: ${refusal}.`];
  return 'fault' in changed ? changed.fault : [sayAllowed(watcher, changed.rules, asking)];
}

async function readWatcher(name: Name, asking: Asking, rooms: Rooms): Promise<Watcher | { fault: Lines }> {
  if (name === '*') return name;
  const person = await readPerson(name, asking, rooms);
  return person.ok ? person.value : { fault: [person.error] };
}

/** What the rules that name this watcher allow. */
function sayAllowed(watcher: Watcher, own: readonly WatcherRule[], asking: Asking): string {
  const isMeant = ({ watchers }: WatcherRule): boolean =>
    watchers === '*' ? watcher === '*' : watcher !== '*' && watchers.includes(watcher);
  const allowed = own.filter((rule) => rule.action === 'allow' && isMeant(rule)).map(({ attributes }) => attributes);
  const who = watcher === '*' ? 'Everybody' : shortName(watcher, asking);
  if (allowed.length === 0) return `No rule lets ${who === 'Everybody' ? 'everybody' : who} see anything any more.`;
  const all = allowed.includes('*') ? '*' : [...new Set(allowed.flat())];
  return `${who} may see: ${sayAttributes(all)}.`;
}

export function requests(asking: Asking, { watchers }: Rooms): Lines {
  const pending = watchers.pendingFor(asking.owner).map((each) => shortName(each, asking));
  if (pending.length === 0) return ['Nobody asks to see you.'];
  return [
    ...pending.map((name) => `${name} asks to see you.`),
    `Say "confirm ${pending[0] ?? ''}" or "deny ${pending[0] ?? ''}".`,
  ];
}

export async function decide(
  { watcher: name, isAllowed }: Extract<Command, { kind: 'decide' }>,
  asking: Asking,
  rooms: Rooms,
): Promise<Lines> {
  const watcher = await readPerson(name, asking, rooms);
  if (!watcher.ok) return [watcher.error];
  const allowed = isAllowed ? usualAttributes(rooms.settings.visibleByDefault) : 'nothing';
  const changed = await changeRules((before) => decideWatcher(before, watcher.value, allowed), asking, rooms);
  const who = shortName(watcher.value, asking);
  const said = allowed === 'nothing' ? `${who} may see nothing of you.` : `${who} may see: ${sayAttributes(allowed)}.`;
  return 'fault' in changed ? changed.fault : [said];
}

type ChangedRules = { readonly rules: readonly WatcherRule[] } | { readonly fault: Lines };

/** The rules as they are after it, or what is wrong. */
async function changeRules(
  edit: (before: readonly WatcherRule[]) => readonly WatcherRule[],
  { owner }: Asking,
  rooms: Rooms,
): Promise<ChangedRules> {
  const { outcome, rules: after } = await rooms.presence.changeRules(owner, edit);
  if (outcome.kind === 'too-many') return { fault: ['Too many rules, or names in them: take some away first.'] };
  if (outcome.kind === 'changed' || outcome.kind === 'unchanged') return { rules: after };
  return { fault: [`Not changed: ${sayRefusal({ reason: 'store-unavailable', retryAfterMs: 1000 })}.`] };
}

export async function block(name: Name, asking: Asking, rooms: Rooms): Promise<Lines> {
  const other = await readPerson(name, asking, rooms);
  if (!other.ok) return [other.error];
  if (other.value === asking.owner || isAssistant(other.value, asking)) return ['You cannot block yourself, or me.'];
  const outcome = await rooms.blocks.add(asking.owner, other.value);
  if (outcome === 'full') return [`You block ${blocksPerOwnerMax} people already: unblock one first.`];
  const who = shortName(other.value, asking);
  return [outcome === 'done' ? `You take nothing from ${who} any more.` : `You blocked ${who} already.`];
}

export async function unblock(name: Name, asking: Asking, rooms: Rooms): Promise<Lines> {
  const other = readAddress(name, asking);
  if (!other.ok) return [other.error];
  const outcome = await rooms.blocks.remove(asking.owner, other.value);
  const who = shortName(other.value, asking);
  const { granted, isGranting } = await rooms.blocks.lists(asking.owner);
  const isKeptOut = isGranting && !granted.has(other.value);
  if (isKeptOut) return [`Only those whom you grant get through, and ${who} is none of them.`];
  return [outcome === 'done' ? `You take messages from ${who} again.` : `You did not block ${who}.`];
}

export async function blocked(asking: Asking, { blocks }: Rooms): Promise<Lines> {
  const { blocked: listed, granted, isBlocking, isGranting } = await blocks.lists(asking.owner);
  const namesOf = (list: ReadonlySet<Address>): Lines => [...list].map((each) => shortName(each, asking));
  const kept = isBlocking && listed.size > 0 ? ['You block:', ...namesOf(listed)] : [];
  const granting = isGranting
    ? [granted.size === 0 ? 'Nobody gets through.' : 'Only these get through:', ...namesOf(granted)]
    : [];
  return kept.length + granting.length === 0 ? ['You block nobody.'] : [...kept, ...granting];
}

function isAssistant(address: Address, { assistant }: Asking): boolean {
  return address === assistant;
}
