/** When a condition with `time` has to be looked at again although nobody's presence changed (contract section 3). */
import { unreachable } from '../base/assert.ts';
import type { Millis } from '../base/time/clock.ts';
import type { Condition, TimeTest } from './condition.ts';
import { nextWindowTurn } from './time/time-window.ts';

/**
 * The first instant after `wallNow` at which a time test in the condition changes its truth, whether or not the truth of
 * the whole follows; undefined when none ever will. Wall time; it depends on nothing but the condition and the zone data.
 */
export function nextTurn(condition: Condition, wallNow: Millis): Millis | undefined {
  let earliest: Millis | undefined;
  for (const test of condition.timeTests) {
    const turn = turnOf(test, wallNow);
    if (turn !== undefined && (earliest === undefined || turn < earliest)) earliest = turn;
  }
  return earliest;
}

function turnOf(test: TimeTest, now: Millis): Millis | undefined {
  switch (test.kind) {
    case 'time-after':
    case 'time-before':
      return test.instant > now ? test.instant : undefined;
    case 'time-within':
      return nextWindowTurn(test, now);
    default:
      return unreachable(test);
  }
}
