/** Ids of the server as a seed gives them: as long as the real ones, and in the order of their making. */
import type { IdSource } from '../../../src/base/ids.ts';
import type { Clock } from '../../../src/base/time/clock.ts';
import type { SeededRandom } from '../seeded-random.ts';

const letters = 'abcdefghijklmnopqrstuvwxyz234567';
const bitsPerLetter = 5;

export function seededIds(random: SeededRandom, clock: Clock): IdSource {
  return {
    randomToken(bits) {
      let token = '';
      for (let have = 0; have < bits; have += bitsPerLetter) token += letters[random.below(32)];
      return token;
    },
    timeOrderedId() {
      const time = clock.wall().toString(16).padStart(12, '0');
      const [a, b, c, d] = [hex(random, 3), hex(random, 3), hex(random, 6), hex(random, 6)];
      return `${time.slice(0, 8)}-${time.slice(8)}-7${a}-8${b}-${c}${d}`;
    },
    fraction: () => random.fraction(),
  };
}

function hex(random: SeededRandom, digits: number): string {
  return random
    .below(16 ** digits)
    .toString(16)
    .padStart(digits, '0');
}
