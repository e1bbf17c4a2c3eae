/**
 * Presence in the words of the HTTP API: one member for each attribute, in camel case (`statusText`), lists where there may
 * be several values. Decides nothing about who may see what.
 */
import type { Address } from '../../model/address.ts';
import { canonicalWord, knownAttributes, type AttributeName, type PresenceState } from '../../model/presence-state.ts';
import type { VisiblePresence } from '../../presence/visible-presence.ts';

/** One value is a text; a second one cannot be. */
const single: ReadonlySet<AttributeName> = new Set([
  'availability',
  'status-text',
  'sphere',
  'user-input',
  'willingness',
]);

export interface ShownPresence {
  address: string;
  visible: string[];
  [attribute: string]: string | string[] | boolean;
}

export function shownPresence(address: Address, visible: VisiblePresence): ShownPresence {
  const members: Record<string, string | string[] | boolean> = {};
  for (const [name, values] of visible.state) members[memberOf(name)] = shownValue(name, values);
  return { address, visible: visibleNames(visible), ...members };
}

/** Of the attributes that have a name of their own, and of those that are there. */
function visibleNames(visible: VisiblePresence): string[] {
  const names = new Set([...knownAttributes, ...visible.state.keys()]);
  return [...names].filter((name) => visible.mayRead(name));
}

/** `statusText` and `status-text` name the same attribute. */
export function attributeOf(member: string): AttributeName {
  return canonicalWord(member.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
}

export function memberOf(attribute: AttributeName): string {
  // x-NAME stays as it is: nobody knows what it is made of.
  if (attribute.startsWith('x-')) return attribute;
  return attribute.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function shownValue(name: AttributeName, values: PresenceState extends ReadonlyMap<string, infer V> ? V : never) {
  if (name === 'online') return values[0] === 'true';
  return single.has(name) ? values.join('\n') : [...values];
}
