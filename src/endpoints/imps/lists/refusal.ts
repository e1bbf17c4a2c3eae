/** Why something is not done, as a status of the CSP; it leaves what does it and becomes the answer. */
import type { Primitive } from '../../../imps/primitives/primitive.ts';
import { makeStatus } from '../../../imps/primitives/results.ts';
import { type StatusCode, statusWords } from '../../../imps/status-codes.ts';

export class ImpsRefusal extends Error {
  readonly code: StatusCode;

  constructor(code: StatusCode, words: string = statusWords[code]) {
    super(words);
    this.code = code;
  }
}

/** A refusal as a Status; whatever else goes wrong stays what it is. */
export async function orStatus<A>(act: () => Promise<A>): Promise<A | Primitive> {
  try {
    return await act();
  } catch (fault) {
    if (fault instanceof ImpsRefusal) return makeStatus(fault.code, fault.message);
    throw fault;
  }
}
