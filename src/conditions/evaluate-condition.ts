/**
 * The truth of a condition at one moment, on what one sender may see (contract section 3). While presence is unsettled,
 * three-valued logic keeps anything from resting on an attribute that is not known yet.
 */
import { assert, unreachable } from '../base/assert.ts';
import type { Millis } from '../base/time/clock.ts';
import type { ChangeLatch } from './change-latch.ts';
import type { Condition, ConditionNode, IsTest } from './condition.ts';
import { isWithinWindow } from './time/time-window.ts';
import { type ConditionView, hasWord, knownValues } from './word-match.ts';

/** `latches` are those of this condition, `wallNow` is wall time. Makes no objects. */
export function evaluateCondition(
  condition: Condition,
  view: ConditionView,
  latches: readonly ChangeLatch[],
  wallNow: Millis,
): boolean {
  assert(latches.length === condition.changeTests.length, 'every change test has its latch');
  // Whatever its logic: else `mood is angry or not mood is angry` would tell something to who may not see it.
  for (const attribute of condition.attributes) if (!view.mayRead(attribute)) return false;
  return truthOf(condition.root, view, latches, wallNow) === yes;
}

/** Kleene's values in their order: `and` is the least of its parts, `or` the greatest, `not` the mirror image. */
type Truth = 0 | 1 | 2;
const no: Truth = 0;
const undetermined: Truth = 1;
const yes: Truth = 2;

function truthOf(node: ConditionNode, view: ConditionView, latches: readonly ChangeLatch[], now: Millis): Truth {
  switch (node.kind) {
    case 'or': {
      let greatest: Truth = no;
      for (let i = 0; i < node.parts.length && greatest !== yes; i++) {
        const part = node.parts[i];
        if (part !== undefined) greatest = greaterOf(greatest, truthOf(part, view, latches, now));
      }
      return greatest;
    }
    case 'and': {
      let least: Truth = yes;
      for (let i = 0; i < node.parts.length && least !== no; i++) {
        const part = node.parts[i];
        if (part !== undefined) least = lesserOf(least, truthOf(part, view, latches, now));
      }
      return least;
    }
    case 'not':
      return mirror(truthOf(node.part, view, latches, now));
    case 'is':
      return truthOfIs(node, view);
    case 'known': {
      const values = knownValues(view, node.attribute);
      if (values === undefined && !view.isSettled) return undetermined;
      return toTruth((values !== undefined) !== node.isNegated);
    }
    case 'changes':
      return toTruth(latches[node.index]?.isSet === true);
    case 'time-after':
      return toTruth(now >= node.instant);
    case 'time-before':
      return toTruth(now < node.instant);
    case 'time-within':
      return toTruth(isWithinWindow(node, now));
    default:
      return unreachable(node);
  }
}

function truthOfIs(test: IsTest, view: ConditionView): Truth {
  const values = knownValues(view, test.attribute);
  if (values === undefined && !view.isSettled) return undetermined;
  for (let i = 0; i < test.values.length; i++) {
    const wanted = test.values[i];
    if (wanted !== undefined && hasWord(values, wanted)) return toTruth(!test.isNegated);
  }
  return toTruth(test.isNegated);
}

function toTruth(value: boolean): Truth {
  return value ? yes : no;
}

function greaterOf(a: Truth, b: Truth): Truth {
  return a > b ? a : b;
}

function lesserOf(a: Truth, b: Truth): Truth {
  return a < b ? a : b;
}

function mirror(truth: Truth): Truth {
  if (truth === undetermined) return undetermined;
  return truth === yes ? no : yes;
}
