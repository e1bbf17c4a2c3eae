/**
 * Counts the work of a call: each block of code that it ran, by the engine's precise coverage, and each character that a
 * string function went over. The same input gives the same count on every machine. What a regular expression does inside
 * counts as one walk over its text.
 */
import { type Profiler, Session } from 'node:inspector';

const session = new Session();

/** To be called once before `workOf`. */
export function startMeter(): void {
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
}

export function stopMeter(): void {
  session.post('Profiler.stopPreciseCoverage');
  session.disconnect();
}

export function workOf(call: () => void): number {
  takeBlocks();
  characters = 0;
  replaceNatives();
  try {
    call();
  } finally {
    restoreNatives();
  }
  return characters + takeBlocks();
}

/** Since the last time. Answers in the same turn, since the session is of this very thread. */
function takeBlocks(): number {
  let blocks = 0;
  session.post('Profiler.takePreciseCoverage', (fault, { result }: Profiler.TakePreciseCoverageReturnType) => {
    if (fault !== null) throw fault;
    for (const { url, functions } of result) {
      if (!/\/src\/|\/saxes\/|growth\.test/.test(url)) continue;
      for (const { ranges } of functions) for (const { count } of ranges) blocks += count;
    }
  });
  return blocks;
}

let characters = 0;

type Native = (this: string, ...rest: unknown[]) => unknown;
const names = [
  ['indexOf', 'lastIndexOf', 'includes', 'slice', 'split', 'trim', 'trimEnd', 'trimStart', 'replace', 'replaceAll'],
  ['toLowerCase', 'toUpperCase', 'match', 'matchAll', 'search', 'startsWith', 'substring', 'toWellFormed'],
].flat();
const prototype = String.prototype as unknown as Record<string, Native>;
const natives = new Map(names.map((name) => [name, prototype[name]]));

function replaceNatives(): void {
  for (const [name, native] of natives) {
    if (native === undefined) continue;
    prototype[name] = function counted(this: string, ...rest: unknown[]) {
      const answer = native.apply(this, rest);
      characters += costOf(name, this, rest, answer);
      return answer;
    };
  }
}

function restoreNatives(): void {
  for (const [name, native] of natives) if (native !== undefined) prototype[name] = native;
}

/** A search stops where it finds; what makes a text goes over that text. */
function costOf(name: string, text: string, rest: readonly unknown[], answer: unknown): number {
  if (name === 'startsWith') return String(rest[0]).length;
  if (name === 'indexOf') {
    const from = Number(rest[1] ?? 0);
    return Math.max(1, (answer === -1 ? text.length : Number(answer)) - from);
  }
  return typeof answer === 'string' ? Math.max(answer.length, 1) : text.length;
}
