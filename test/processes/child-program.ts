/** A program that runs beside a case: its input, what it has printed so far, and its end by process id. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';

export interface ChildSettings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const outputCharactersMax = 1_000_000;
/** Ending in order takes a busy machine a while, and what is killed meanwhile may leave children behind. */
const stopMs = 20_000;

export class ChildProgram {
  readonly name: string;
  /** Exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';
  #hasEnded = false;

  constructor(command: string, words: readonly string[], settings: ChildSettings = {}) {
    this.name = command.split('/').at(-1) ?? command;
    this.#child = spawn(command, words, {
      stdio: 'pipe',
      ...(settings.cwd === undefined ? {} : { cwd: settings.cwd }),
      env: { ...process.env, ...settings.env },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString('utf8')).slice(-outputCharactersMax);
      });
    }
    this.#child.stdin.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      const end = (code: number | null): void => {
        this.#hasEnded = true;
        resolve(code);
      };
      this.#child.once('error', (error) => {
        this.#output += String(error);
        end(127);
      });
      this.#child.once('close', end);
    });
  }

  /** Everything printed so far, on both outputs. */
  get output(): string {
    return this.#output;
  }

  /** 0 where it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  type(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Resolves when the pattern is in the output; rejects with the output after `withinMs`. */
  async waitForOutput(pattern: RegExp, withinMs: number): Promise<void> {
    await waitUntil(() => pattern.test(this.#output) || this.#hasEnded, withinMs);
    if (pattern.test(this.#output)) return;
    throw new Error(`${this.name} did not print ${String(pattern)}; it printed:\n${this.#output.slice(-3000)}`);
  }

  async kill(): Promise<void> {
    if (this.#hasEnded) return;
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** Answers as `ended` does. */
  async stop(): Promise<number | null> {
    if (this.#hasEnded) return this.ended;
    this.#child.kill('SIGTERM');
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), stopMs);
    const code = await this.ended;
    clearTimeout(killer);
    return code;
  }
}

/** Looks every 20 ms; gives up silently after `withinMs`. */
export async function waitUntil(isSo: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await isSo()) && performance.now() < endMs) await pauseMs(20);
}

export function pauseMs(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
