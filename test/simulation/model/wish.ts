/**
 * Conditions as the people of the world think of them: a tree that is made, put into words for the server, and read
 * naively by contract section 3. The server's parser and evaluator have no part in it.
 */
import { unreachable } from '../../../src/base/assert.ts';

export type Values = readonly string[];

export type Wish =
  | { readonly kind: 'is'; readonly attribute: string; readonly values: Values; readonly isNegated: boolean }
  | { readonly kind: 'known'; readonly attribute: string; readonly isNegated: boolean }
  | ChangeWish
  | { readonly kind: 'after' | 'before'; readonly instant: number }
  | { readonly kind: 'within'; readonly fromMinute: number; readonly toMinute: number }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Wish[] }
  | { readonly kind: 'not'; readonly part: Wish };

export interface ChangeWish {
  readonly kind: 'changes';
  readonly attribute: string;
  readonly from?: string;
  readonly to?: string;
}

/** What one sender may see of one recipient at one moment. */
export interface Sight {
  /** Undefined: unknown. */
  value(attribute: string): Values | undefined;
  readonly isSettled: boolean;
  readonly wall: number;
  /** Whether the change that this test waits for has come and still stands. */
  hasChanged(test: ChangeWish): boolean;
}

/** Names and values are compared without case, and `_` is `-`. */
export function canonical(word: string): string {
  return word.toLowerCase().replaceAll('_', '-');
}

/** `maybe`: it rests on what nobody has published yet. */
export function truthOf(wish: Wish, sight: Sight): 'yes' | 'no' | 'maybe' {
  switch (wish.kind) {
    case 'is': {
      const values = sight.value(wish.attribute);
      if (values === undefined && !sight.isSettled) return 'maybe';
      const isSo = wish.values.some((value) => values?.includes(canonical(value)) === true);
      return isSo === wish.isNegated ? 'no' : 'yes';
    }
    case 'known':
      if (sight.value(wish.attribute) !== undefined) return wish.isNegated ? 'no' : 'yes';
      if (!sight.isSettled) return 'maybe';
      return wish.isNegated ? 'yes' : 'no';
    case 'changes':
      return sight.hasChanged(wish) ? 'yes' : 'no';
    case 'after':
      return sight.wall >= wish.instant ? 'yes' : 'no';
    case 'before':
      return sight.wall < wish.instant ? 'yes' : 'no';
    case 'within':
      return isWithin(wish, sight.wall) ? 'yes' : 'no';
    case 'not': {
      const truth = truthOf(wish.part, sight);
      if (truth === 'maybe') return 'maybe';
      return truth === 'yes' ? 'no' : 'yes';
    }
    case 'and':
    case 'or': {
      const decisive = wish.kind === 'and' ? 'no' : 'yes';
      const truths = wish.parts.map((part) => truthOf(part, sight));
      if (truths.includes(decisive)) return decisive;
      return truths.includes('maybe') ? 'maybe' : decisive === 'no' ? 'yes' : 'no';
    }
    default:
      return unreachable(wish);
  }
}

/** From <= now < to, by the clock of UTC; past midnight where `to` is not later. */
function isWithin({ fromMinute, toMinute }: { fromMinute: number; toMinute: number }, wall: number): boolean {
  const minute = Math.floor(wall / 60_000) % 1440;
  if (fromMinute < toMinute) return minute >= fromMinute && minute < toMinute;
  return minute >= fromMinute || minute < toMinute;
}

export function changeWishesIn(wish: Wish): ChangeWish[] {
  if (wish.kind === 'changes') return [wish];
  return partsOf(wish).flatMap(changeWishesIn);
}

export function attributesIn(wish: Wish): string[] {
  if ('attribute' in wish) return [wish.attribute];
  return partsOf(wish).flatMap(attributesIn);
}

export function hasTimeTest(wish: Wish | undefined): boolean {
  if (wish === undefined) return false;
  const { kind } = wish;
  return kind === 'after' || kind === 'before' || kind === 'within' || partsOf(wish).some(hasTimeTest);
}

function partsOf(wish: Wish): readonly Wish[] {
  if (wish.kind === 'not') return [wish.part];
  return wish.kind === 'and' || wish.kind === 'or' ? wish.parts : [];
}

export function sayWish(wish: Wish): string {
  switch (wish.kind) {
    case 'is':
      if (wish.attribute === 'online' && !wish.isNegated && wish.values[0] === 'true') return 'online';
      return `${wish.attribute} is ${wish.isNegated ? 'not ' : ''}${sayValues(wish.values)}`;
    case 'known':
      return `${wish.attribute} is ${wish.isNegated ? 'not ' : ''}known`;
    case 'changes': {
      const from = wish.from === undefined ? '' : ` from ${wish.from}`;
      return `${wish.attribute} changes${from}${wish.to === undefined ? '' : ` to ${wish.to}`}`;
    }
    case 'after':
    case 'before':
      return `time ${wish.kind} ${new Date(wish.instant).toISOString()}`;
    case 'within':
      return `time within ${sayMinute(wish.fromMinute)}-${sayMinute(wish.toMinute)}`;
    case 'not':
      return `not ${sayPart(wish.part)}`;
    case 'and':
    case 'or':
      return wish.parts.map(sayPart).join(` ${wish.kind} `);
    default:
      return unreachable(wish);
  }
}

function sayPart(wish: Wish): string {
  return wish.kind === 'and' || wish.kind === 'or' ? `(${sayWish(wish)})` : sayWish(wish);
}

function sayValues(values: Values): string {
  return values.length === 1 ? (values[0] ?? '') : `one of (${values.join(', ')})`;
}

function sayMinute(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
