/** How a device answers a MESSAGE: well, badly, late, twice or never. One manner lasts until it is changed. */
import { unreachable } from '../../../src/base/assert.ts';
import type { Millis } from '../../../src/base/time/clock.ts';
import type { SeededRandom } from '../seeded-random.ts';

export interface Reply {
  readonly status: number;
  readonly afterMs: Millis;
  readonly retryAfterSeconds?: number;
  /** What it says a moment later, having changed its mind: the first counts. */
  readonly secondStatus?: number;
}

export type Manner =
  | 'good'
  | 'slow'
  | 'late'
  | 'silent'
  | 'busy'
  | 'choosy'
  | 'broken'
  | 'refusing'
  | 'plain'
  | 'fickle';

export const manners: readonly Manner[] = [
  'good', 'slow', 'late', 'silent', 'busy', 'choosy', 'broken', 'refusing', 'plain', 'fickle',
]; // prettier-ignore

/** Undefined: nothing is answered. */
export function drawReply(manner: Manner, contentType: string, random: SeededRandom): Reply | undefined {
  const at = (status: number, afterMs = random.between(0, 20)): Reply => ({ status, afterMs });
  switch (manner) {
    case 'good':
      return at(random.chance(90) ? 200 : 202);
    case 'slow':
      return at(200, random.between(100, 7000));
    case 'late':
      return at(200, random.between(5000, 45_000));
    case 'silent':
      return undefined;
    case 'busy':
      return random.chance(30)
        ? { ...at(random.pick([480, 503])), retryAfterSeconds: 1 + random.below(120) }
        : at(random.pick([480, 486, 408, 503]));
    case 'choosy':
      return random.chance(50) ? at(200) : at(random.pick([486, 482, 487, 502, 504]));
    case 'broken':
      return at(random.pick([500, 488, 413, 500, 502]));
    case 'refusing':
      return random.chance(40) ? at(200) : at(random.pick([603, 404, 406, 501, 403, 401, 302]));
    case 'plain':
      return contentType.startsWith('text/plain') ? at(200) : at(415);
    case 'fickle':
      return drawFickle(random);
    default:
      return unreachable(manner);
  }
}

function drawFickle(random: SeededRandom): Reply | undefined {
  const [status, secondStatus] = random.pick([
    [200, 500],
    [500, 200],
    [486, 200],
    [200, 486],
  ] as const);
  return { status, secondStatus, afterMs: random.between(0, 500) };
}
