/**
 * What the kept conditions of one recipient turn on, in two whole numbers: enough to pass over most changes of presence that
 * turn none of them, without a look at a row. May say too much and never says too little. Knows no row.
 */
import { conditionAttributes } from '../conditions/attribute-words.ts';
import type { Condition, ConditionNode, Test } from '../conditions/condition.ts';
import type { PresenceChanged } from '../model/presence-changed.ts';
import { canonicalWord, type AttributeName } from '../model/presence-state.ts';

export interface Mentions {
  /** A bit for each attribute that is named; those that have no bit of their own share the last ones. */
  readonly attributes: number;
  /** A bit for each value that is named, and one where any other value would do as well; values share them. */
  readonly words: number;
}

/** So many fit into a number that is no object. */
const bits = 30;
const allBits = 2 ** bits - 1;

export const noMentions: Mentions = { attributes: 0, words: 0 };
/** Of conditions that nobody has looked at yet. */
export const allMentions: Mentions = { attributes: allBits, words: allBits };

export function bothMentions(one: Mentions, other: Mentions): Mentions {
  return { attributes: one.attributes | other.attributes, words: one.words | other.words };
}

export function mentionsOf(condition: Condition): Mentions {
  let mentions = known.get(condition);
  if (mentions === undefined) {
    mentions = ofNode(condition.root);
    known.set(condition, mentions);
  }
  return mentions;
}

/** A condition is compiled once for many rows. */
const known = new WeakMap<Condition, Mentions>();

/**
 * Whether a condition that rests on what was before may come out differently, or have something else to remember. Between
 * two values that it does not name it cannot, as long as both are known.
 */
export function mayTurn(mentions: Mentions, { changed, before, snapshot }: PresenceChanged): boolean {
  if (changed === 'all') return true;
  for (const name of changed) {
    if ((mentions.attributes & bitOf(name)) === 0) continue;
    const [old, now] = [before?.get(name), snapshot.state.get(name)];
    if (old === undefined || now === undefined || (mentions.words & anyBitOf(name)) !== 0) return true;
    if (namesOneOf(old, name, mentions) || namesOneOf(now, name, mentions)) return true;
  }
  return false;
}

/** What is left of them when all conditions that mention what was asked for were looked at, and mention `found` in all. */
export function afterLook(mentions: Mentions, asked: PresenceChanged['changed'], found: Mentions): Mentions {
  if (asked === 'all') return found;
  // A bit that several attributes share may be another's.
  const own = asked.reduce((sum, name) => (places.has(name) ? sum | bitOf(name) : sum), 0);
  return { ...mentions, attributes: mentions.attributes & ~(own & ~found.attributes) };
}

function namesOneOf(values: readonly string[], name: AttributeName, { words }: Mentions): boolean {
  for (const value of values) if ((words & bitOfWord(name, value)) !== 0) return true;
  return false;
}

function ofNode(node: ConditionNode): Mentions {
  switch (node.kind) {
    case 'or':
    case 'and':
      return node.parts.map(ofNode).reduce(bothMentions, noMentions);
    case 'not':
      return ofNode(node.part);
    default:
      return ofTest(node);
  }
}

function ofTest(test: Test): Mentions {
  switch (test.kind) {
    case 'is':
      return naming(test.attribute, test.values);
    // Whether it is known is asked for every attribute that is named.
    case 'known':
      return naming(test.attribute, []);
    case 'changes': {
      const { attribute, from, to } = test;
      if (from === undefined && to === undefined) return { attributes: bitOf(attribute), words: anyBitOf(attribute) };
      return naming(attribute, [from ?? [], to ?? []].flat());
    }
    default:
      return noMentions;
  }
}

function naming(attribute: AttributeName, values: readonly string[]): Mentions {
  const words = values.reduce((sum, value) => sum | bitOfWord(attribute, value), 0);
  return { attributes: bitOf(attribute), words };
}

const places: ReadonlyMap<AttributeName, number> = new Map(conditionAttributes.map((name, at) => [name, at]));
const sharedBits = bits - places.size;

function bitOf(attribute: AttributeName): number {
  return 1 << (places.get(attribute) ?? places.size + (hashOf(attribute) % sharedBits));
}

function bitOfWord(attribute: AttributeName, value: string): number {
  return 1 << (hashOf(`${attribute} ${canonicalWord(value)}`) % bits);
}

function anyBitOf(attribute: AttributeName): number {
  return 1 << (hashOf(`${attribute} `) % bits);
}

/** FNV-1a. Whoever makes values collide has rows looked at that need not be. */
function hashOf(text: string): number {
  let hash = 2_166_136_261;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619);
  return hash >>> 0;
}
