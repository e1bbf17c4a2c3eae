/** A command line without a process: what is written is kept as text, what is typed comes from the test. */
import { PassThrough } from 'node:stream';
import type { CliIo, CliRooms, TextInput } from '../src/cli/cli-io.ts';
import { runCli } from '../src/cli/run-cli.ts';
import type { Stores } from '../src/stores/stores.ts';

export interface RecordedIo extends CliIo {
  readonly out: () => string;
  readonly err: () => string;
  readonly keyboard: PassThrough;
  readonly rawModes: readonly boolean[];
  /** What the process ended itself with. */
  readonly ends: readonly number[];
  signal(): void;
}

export interface IoOptions {
  readonly isTerminal?: boolean;
  readonly env?: Record<string, string>;
  /** All of standard input; without it, the keyboard stays open. */
  readonly input?: string;
}

export function recordedIo({ isTerminal = false, env = {}, input }: IoOptions = {}): RecordedIo {
  const written = { out: '', err: '' };
  const keyboard = new PassThrough();
  if (input !== undefined) keyboard.end(input);
  const rawModes: boolean[] = [];
  const ends: number[] = [];
  let onSignal = (): void => {};
  const stdin: TextInput = isTerminal
    ? Object.assign(keyboard, { isTTY: true, setRawMode: (isRaw: boolean) => rawModes.push(isRaw) })
    : keyboard;
  return {
    stdout: { isTerminal, columns: 100, write: (text) => void (written.out += text) },
    stderr: { isTerminal, columns: 100, write: (text) => void (written.err += text) },
    stdin,
    env,
    onEndSignal: (run) => void (onSignal = run),
    endNow: (code) => void ends.push(code),
    out: () => written.out,
    err: () => written.err,
    keyboard,
    rawModes,
    ends,
    signal: () => onSignal(),
  };
}

export interface CommandOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command against stores that stay open for the next one. */
export async function runCommand(
  args: readonly string[],
  stores: Stores,
  options: IoOptions = {},
): Promise<CommandOutcome> {
  const io = recordedIo({ input: '', ...options });
  const rooms: CliRooms = {
    startServer: () => Promise.reject(new Error('no server here')),
    openStores: () => Promise.resolve({ ...stores, close: () => Promise.resolve() }),
  };
  const code = await runCli(args, io, rooms);
  return { code, out: io.out(), err: io.err() };
}
