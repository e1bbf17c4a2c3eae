/** What a command may touch, handed in: three streams, the environment, signals. And what its exit codes mean. */
import { styleText } from 'node:util';
import type { Readable } from 'node:stream';
import type { Config } from '../config.ts';
import type { Stores } from '../stores/stores.ts';

/** 0: done. 1: it could not be done, or the answer is no. 2: misuse, or nothing could be started. */
export type ExitCode = 0 | 1 | 2;

export interface TextOutput {
  readonly isTerminal: boolean;
  /** In characters; undefined when nobody knows. */
  readonly columns?: number | undefined;
  write(text: string): void;
}

/** A terminal has a raw mode, in which it echoes nothing and gives every key as it is typed. */
export type TextInput = Readable & { readonly isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };

export interface CliIo {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  readonly stdin: TextInput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `run` is called for every SIGTERM and SIGINT from then on, instead of ending the process. */
  onEndSignal(run: () => void): void;
  /** Ends the process without waiting for anything. */
  endNow(code: number): void;
}

export interface RunningServer {
  readonly sip: { readonly host: string; readonly port: number };
  readonly http: { readonly host: string; readonly port: number };
  /** Addresses of the demo accounts that are there with their passwords; none without `--demo`. */
  readonly demo?: readonly string[];
  /** Resolves when it cannot go on, with the reason in one line. */
  readonly lost: Promise<string>;
  stop(): Promise<void>;
}

/** What the commands need of the rest of the house; loaded when it is needed, since `--help` needs none of it. */
export interface CliRooms {
  /** Throws a `StartFault` whose message is one clear line. */
  startServer(config: Config): Promise<RunningServer>;
  /** Throws a `StartFault` or a `StoreFault`; a `StartFault` for a missing folder unless the store may be a new one. */
  openStores(config: Config, mayBeNew: boolean): Promise<Stores>;
}

/** One line about a mistake, on standard error. */
export function complain(io: CliIo, text: string): void {
  io.stderr.write(`${paint(io, io.stderr, 'red', 'restante:')} ${text}\n`);
}

/** One line that is good to know and changes nothing. */
export function remark(io: CliIo, text: string): void {
  io.stderr.write(`${paint(io, io.stderr, 'dim', 'note:')} ${text}\n`);
}

/** Colours are for terminals, and not when NO_COLOR is set (no-color.org). */
export function paint(io: CliIo, output: TextOutput, style: 'red' | 'dim' | 'bold' | 'green', text: string): string {
  return hasColors(io, output) ? styleText(style, text, { validateStream: false }) : text;
}

export function hasColors(io: CliIo, output: TextOutput): boolean {
  return output.isTerminal && (io.env['NO_COLOR'] ?? '') === '' && io.env['TERM'] !== 'dumb';
}
