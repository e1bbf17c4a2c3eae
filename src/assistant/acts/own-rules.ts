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

function sayRule({ watchers, attributes, action }: WatcherRule, asking: Pick<Asking, 'owner'>): string {
  const who = watchers === '*' ? 'everybody' : watchers.map((each) => shortName(each, asking)).join(', ');
  const people = shorten(who, namesMax);
  switch (action) {
    case 'allow':
      return `${people} may see ${sayAttributes(attributes)}`;
    case 'confirm':
      return `${people} must wait until you confirm`;
    case 'block':
      return `${people} may see nothing`;
    default:
      return `${people} may see nothing, and is shown that you are away`;
  }
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
  const before = rooms.presence.rulesOf(asking.owner);
  const after = allowAttributes(before, watcher, attributes ?? usualAttributes(rooms.settings.visibleByDefault));
  const blocked = isBlockedByRule(before, watcher);
  const warning = blocked
    ? ['But a rule says that they may see nothing, and that beats it: "confirm" takes its place.']
    : [];
  return (await setRules(after, asking, rooms)) ?? [sayAllowed(watcher, after, asking), ...warning];
}

export async function disallow(
  { watcher: name, attributes = '*' }: Extract<Command, { kind: 'disallow' }>,
  asking: Asking,
  rooms: Rooms,
): Promise<Lines> {
  const watcher = await readWatcher(name, asking, rooms);
  if (typeof watcher !== 'string') return watcher.fault;
  const after = disallowAttributes(rooms.presence.rulesOf(asking.owner), watcher, attributes);
  if (!after.ok) return [`Nothing is changed: ${after.error}.`];
  return (await setRules(after.value, asking, rooms)) ?? [sayAllowed(watcher, after.value, asking)];
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
  const after = decideWatcher(rooms.presence.rulesOf(asking.owner), watcher.value, allowed);
  const who = shortName(watcher.value, asking);
  const said = allowed === 'nothing' ? `${who} may see nothing of you.` : `${who} may see: ${sayAttributes(allowed)}.`;
  return (await setRules(after, asking, rooms)) ?? [said];
}

/** What is wrong, where something is. */
async function setRules(after: readonly WatcherRule[], { owner }: Asking, rooms: Rooms): Promise<Lines | undefined> {
  const outcome = await rooms.presence.setRules(owner, after);
  if (outcome.kind === 'too-many') return ['Too many rules, or names in them: take some away first.'];
  if (outcome.kind !== 'store-unavailable') return undefined;
  return [`Not changed: ${sayRefusal({ reason: 'store-unavailable', retryAfterMs: 1000 })}.`];
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
  return [outcome === 'done' ? `You take messages from ${who} again.` : `You did not block ${who}.`];
}

export async function blocked(asking: Asking, { blocks }: Rooms): Promise<Lines> {
  const list = await blocks.list(asking.owner);
  return list.length === 0 ? ['You block nobody.'] : ['You block:', ...list.map((each) => shortName(each, asking))];
}

function isAssistant(address: Address, { assistant }: Asking): boolean {
  return address === assistant;
}
