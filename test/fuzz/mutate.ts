/** Ways to spoil a seed: flipped bits, cut and repeated pieces, splices of two seeds, bytes that mean something. */
import type { SeededRandom } from '../simulation/seeded-random.ts';

/** Longer inputs are cut; what a reader does with more is for the tests of its limits. Bytes. */
export const inputBytesMax = 20_000;

const meaningful = [
  '\r\n|\r\n\r\n|\0|"|\\|<|>|;|,|:|=|%|%00|[|]|(|)|*|@|/',
  '&amp;|&#0;|]]>|<!DOCTYPE x>|<!--|xmlns=""|Content-Length: 99999999999|l: -1|SIP/2.0',
  '4294967296|-1|0|\u{10ffff}|\ufeff|é| or | not | is |one of (|time within|24:00-00:00',
].flatMap((words) => words.split('|').map((text) => Buffer.from(text)));

export function mutate(random: SeededRandom, seeds: readonly Buffer[]): Buffer {
  let bytes: Buffer = Buffer.from(random.pick(seeds));
  for (let times = 1 + random.below(6); times > 0; times -= 1) bytes = mutateOnce(random, bytes, seeds);
  return bytes.subarray(0, inputBytesMax);
}

function mutateOnce(random: SeededRandom, bytes: Buffer, seeds: readonly Buffer[]): Buffer {
  const at = random.below(bytes.length + 1);
  const length = random.below(Math.min(64, bytes.length - at + 1));
  switch (random.below(7)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
      return flipped;
    }
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), random.pick(meaningful), bytes.subarray(at + length)]);
    case 4: {
      const other = random.pick(seeds);
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random.below(other.length + 1))]);
    }
    case 5:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([random.below(256)]), bytes.subarray(at)]);
    default:
      return bytes.subarray(0, at);
  }
}
