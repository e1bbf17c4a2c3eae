/**
 * Buffers that octets only pass through die young, but V8 lets 64 MB of them lie before it looks. Whoever passes many on says
 * so here, and what is dead of them goes after each 8 MB. Knows nothing of what they were.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Octets of dead buffers that may lie about. */
export const deadOctetsMax = 8 * 1024 * 1024;

type Collect = (options: { readonly type: 'minor' }) => void;

let passed = 0;
let collect: Collect | undefined;

/** So many octets were in buffers that nobody needs much longer. */
export function octetsPassed(count: number): void {
  passed += count;
  if (passed < deadOctetsMax) return;
  passed = 0;
  collect ??= findCollector();
  // Only the young: a millisecond, and the buffers are among them.
  collect({ type: 'minor' });
}

/** A context that is made after the flag has it; there is no other way to it without a flag at the start. */
function findCollector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
