/**
 * The tree of a delivery condition (contract section 3) and the limits of its text. Knows nothing of how it is written
 * or when it holds.
 */
import type { Millis } from '../base/time/clock.ts';
import type { AttributeName } from '../model/presence-state.ts';

/** UTF-16 code units of the whole text, white space included. */
export const conditionCharactersMax = 1024;
export const conditionTestsMax = 32;
/** Parentheses and `not`s around one test, counted together. */
export const conditionDepthMax = 8;

/** A condition that was read once and is evaluated many times. */
export interface Condition {
  /** The printed form; the text as it came where the printed form would be longer than a condition may be. */
  readonly text: string;
  readonly root: ConditionNode;
  /** Every attribute that is mentioned, `online` too, each once, canonical, in order of appearance. */
  readonly attributes: readonly AttributeName[];
  readonly hasTimeTest: boolean;
  readonly timeTests: readonly TimeTest[];
  /** In order of appearance; latch number i belongs to test number i. */
  readonly changeTests: readonly ChangeTest[];
}

export interface ConditionFault {
  /** Offset of the first wrong character, in UTF-16 code units from 0; the length of the text where it ends too early. */
  readonly position: number;
  /** Plain words: what is wrong and what was expected. */
  readonly reason: string;
}

export type ConditionNode = OrNode | AndNode | NotNode | Test;

export type Test = IsTest | KnownTest | ChangeTest | TimeTest;

export type TimeTest = InstantTest | WindowTest;

/** At least two parts, none of them an `or`. */
export interface OrNode {
  readonly kind: 'or';
  readonly parts: readonly ConditionNode[];
}

/** At least two parts, none of them an `and`. */
export interface AndNode {
  readonly kind: 'and';
  readonly parts: readonly ConditionNode[];
}

export interface NotNode {
  readonly kind: 'not';
  readonly part: ConditionNode;
}

/** `is V`, `is one of (V, W)`, and `online` alone, which is `online is true`. */
export interface IsTest {
  readonly kind: 'is';
  readonly attribute: AttributeName;
  /** At least one. */
  readonly values: readonly string[];
  readonly isNegated: boolean;
}

export interface KnownTest {
  readonly kind: 'known';
  readonly attribute: AttributeName;
  readonly isNegated: boolean;
}

export interface ChangeTest {
  readonly kind: 'changes';
  readonly attribute: AttributeName;
  readonly from?: string;
  readonly to?: string;
  /** Its place among the change tests of the condition. */
  readonly index: number;
}

export interface InstantTest {
  readonly kind: 'time-after' | 'time-before';
  readonly instant: Millis;
}

/** By the clock of `zone`: from <= now < to, minutes after midnight; `to` at or before `from` is on the next day. */
export interface WindowTest {
  readonly kind: 'time-within';
  readonly fromMinute: number;
  readonly toMinute: number;
  /** Bit 0 is Monday, bit 6 Sunday: the days on which the window opens. */
  readonly days: number;
  readonly zone: string;
}

export const everyDay = 0b1111111;

export const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
