/** Draws the conditions that people of the world set. */
import type { SeededRandom } from '../seeded-random.ts';
import type { Wish } from './wish.ts';

const minuteMs = 60_000;

export function drawWish(random: SeededRandom, wall: number, depth = 2): Wish {
  if (depth > 0 && random.chance(30)) {
    const part = (): Wish => drawWish(random, wall, depth - 1);
    return random.weighted<() => Wish>([
      [3, () => ({ kind: 'and', parts: [part(), part()] })],
      [3, () => ({ kind: 'or', parts: [part(), part()] })],
      [1, () => ({ kind: 'not', part: part() })],
    ])();
  }
  return random.weighted<() => Wish>([
    [6, () => is('availability', 'available')],
    [2, () => ({ ...is('availability', 'NOT_AVAILABLE'), isNegated: true })],
    [1, () => is('availability', 'discreet')],
    [3, () => is('online', 'true')],
    [1, () => is('online', 'false')],
    [3, () => ({ ...is('mood', 'angry'), isNegated: true })],
    [2, () => is('mood', random.pick(['happy', 'sad']))],
    [1, () => is('mood', 'Happy', 'in_love')],
    [1, () => ({ kind: 'known', attribute: 'mood', isNegated: random.chance(50) })],
    [2, () => ({ ...is('activity', 'meeting', 'on-the-phone'), isNegated: true })],
    [4, () => drawChange(random)],
    [3, () => drawTime(random, wall)],
  ])();
}

function is(attribute: string, ...values: string[]): Extract<Wish, { kind: 'is' }> {
  return { kind: 'is', attribute, values, isNegated: false };
}

function drawChange(random: SeededRandom): Wish {
  const kind = 'changes' as const;
  return random.pick<Wish>([
    { kind, attribute: 'mood', from: 'angry' },
    { kind, attribute: 'mood', from: 'angry' },
    { kind, attribute: 'mood' },
    { kind, attribute: 'mood', to: 'happy' },
    { kind, attribute: 'mood', from: 'sad', to: 'happy' },
    { kind, attribute: 'availability', to: 'available' },
    { kind, attribute: 'availability', from: 'not-available' },
    { kind, attribute: 'activity', from: 'meeting' },
  ]);
}

function drawTime(random: SeededRandom, wall: number): Wish {
  const soon = Math.floor(wall + random.between(-2, 8) * minuteMs);
  if (random.chance(60)) return { kind: random.pick(['after', 'before'] as const), instant: soon };
  const fromMinute = Math.floor(soon / minuteMs) % 1440;
  return { kind: 'within', fromMinute, toMinute: (fromMinute + 1 + random.below(10)) % 1440 };
}
