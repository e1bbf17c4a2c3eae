/** Assertions are for our own faults: they crash, because going on with a broken invariant could lose a message. */
export class AssertionFault extends Error {
  override readonly name = 'AssertionFault';
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFault(message);
}

/** For the default of an exhaustive switch: the type checker proves that it is never reached. */
export function unreachable(value: never): never {
  throw new AssertionFault(`unreachable: ${String(value)}`);
}
