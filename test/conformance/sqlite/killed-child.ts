/** A process that works on a folder and is killed: by us after so many of its lines, or by itself at a named point. */
import { spawn } from 'node:child_process';

export interface KilledChild {
  readonly signal: unknown;
  /** Those that it wrote whole. */
  readonly lines: readonly string[];
}

export async function runUntilKilled(
  module: URL,
  words: readonly string[],
  linesMax = Number.POSITIVE_INFINITY,
): Promise<KilledChild> {
  const child = spawn(process.execPath, [module.pathname, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    output += text;
    if (output.split('\n').length > linesMax) child.kill('SIGKILL');
  });
  const signal = await new Promise((resolve) => {
    child.on('close', (_code, killedBy) => resolve(killedBy));
  });
  return { signal, lines: output.split('\n').slice(0, -1) };
}
