/** Which kinds of input cost a reader more than twice the work when they are twice as long. */
import type { FuzzTarget } from '../targets.ts';
import { familiesOf } from './families.ts';
import { workOf } from './work-meter.ts';

export const smallBytes = 2000;
/** Of the work for twice the bytes: a walk over all is 2, a walk over all for each of them is 4. */
const growthMax = 2.1;
/** Less is not worth a word: what is done once outweighs what is done for each byte. */
const workMin = 20_000;

export interface GrowthReport {
  readonly families: number;
  readonly tooSteep: readonly string[];
}

/** Looks at every `stride`-th family; the strides of two targets fall on different places. */
export function findSteep(target: FuzzTarget, stride: number): GrowthReport {
  const tooSteep: string[] = [];
  let families = 0;
  let index = 0;
  for (const { name, make } of familiesOf(target)) {
    index += 1;
    if (index % stride !== 0) continue;
    families += 1;
    const growth = growthOf(target.check, make);
    if (growth > growthMax) tooSteep.push(`${target.name}: ${name}: ${growth.toFixed(2)}`);
  }
  return { families, tooSteep };
}

/** 1 where there is too little work to tell. */
export function growthOf(read: (bytes: Buffer) => void, make: (bytes: number) => Buffer): number {
  const [small, large] = [make(smallBytes), make(2 * smallBytes)];
  const less = workOf(() => read(small));
  const more = workOf(() => read(large));
  return more < workMin ? 1 : more / Math.max(1, less);
}
