/**
 * What a condition sees of somebody's presence, and how published values are compared with its words: the relation of
 * `isSameWord` (contract section 3), without making strings, because it runs for every held message at every change.
 */
import { isSameWord } from '../model/presence-state.ts';
import type { AttributeName } from '../model/presence-state.ts';

/** The recipient's presence as the sender of the message may see it; a politely blocked one is shown the fake. */
export interface ConditionView {
  /** Undefined when the attribute is unknown; never an empty list. */
  values(attribute: AttributeName): readonly string[] | undefined;
  mayRead(attribute: AttributeName): boolean;
  /** False from the first login after an absence until a publication or the end of the settling time. */
  readonly isSettled: boolean;
}

/** Whether one of `values` is the word. */
export function hasWord(values: readonly string[] | undefined, word: string): boolean {
  if (values === undefined) return false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value !== undefined && isSame(value, word)) return true;
  }
  return false;
}

/** Order does not count. */
export function haveSameWords(a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (!hasWord(b, a[i] ?? '') || !hasWord(a, b[i] ?? '')) return false;
  }
  return true;
}

/** `online` is derived by the server, so it is never unknown (contract section 3): nobody's client is not reachable. */
export function knownValues(view: ConditionView, attribute: AttributeName): readonly string[] | undefined {
  return view.values(attribute) ?? (attribute === 'online' ? offline : undefined);
}

const offline: readonly string[] = ['false'];

function isSame(a: string, b: string): boolean {
  if (a === b) return true;
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const ours = a.charCodeAt(i);
    const theirs = b.charCodeAt(i);
    // Lower case outside of ASCII may change the length and depends on neighbours; only the model knows it.
    if (ours > asciiMax || theirs > asciiMax) return isSameWord(a, b);
    if (foldAscii(ours) !== foldAscii(theirs)) return false;
  }
  return true;
}

const asciiMax = 0x7f;

/** Lower case, and `-` for `_`. NaN, past the end of the shorter one, equals nothing. */
function foldAscii(code: number): number {
  if (code >= 0x41 && code <= 0x5a) return code + 0x20;
  return code === 0x5f ? 0x2d : code;
}
