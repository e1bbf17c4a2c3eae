/** Lets packets that have come meanwhile go before a long piece of work goes on. */
import type { Clock } from '../../base/time/clock.ts';
import type { Timers } from '../../base/time/timers.ts';

export function nextTurn(timers: Timers, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    timers.at(clock.monotonic(), () => resolve());
  });
}
