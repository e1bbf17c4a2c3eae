/** Results as they are answered: a code with its usual words or with better ones, and what it is made of. */
import type { ValueOf } from '../shapes/shape.ts';
import { type StatusCode, statusWords } from '../status-codes.ts';
import type { Primitive } from './primitive.ts';
import type { result } from './shared-shapes.ts';

export type CspResult = ValueOf<typeof result>;

export function makeResult(code: StatusCode, words: string = statusWords[code]): CspResult {
  return { code, description: words, details: [] };
}

export function makeStatus(code: StatusCode, words?: string): Primitive {
  return { name: 'Status', value: { result: makeResult(code, words) } };
}
