/** The sizes of a run of `restante bench`, and the flags that set them; each with its default and its limits. */
import { Option, type Command } from 'commander';
import { err, ok, type Result } from '../../base/result.ts';
import { countWithin } from '../../config/values.ts';
import type { FlagValues } from '../setting-flags.ts';
import { heldPerUserMin } from './held-messages.ts';
import { widthMax } from './load/load-plan.ts';

export const stageNames = [
  'parse',
  'relay',
  'store',
  'release',
  'login',
  'memory',
  'notify',
  'presence',
  'growth',
  'http',
  'websocket',
  'large',
  'sessions',
  'imps',
] as const;
export type StageName = (typeof stageNames)[number];

export interface BenchSizes {
  /** Requests of each rate. */
  readonly messages: number;
  /** Users that are written to in turn. */
  readonly users: number;
  /** Requests under way at once. */
  readonly width: number;
  /** Users that register where memory is measured. */
  readonly registered: number;
  /** Streams of events that are open at once. */
  readonly streams: number;
  /** WebSockets that are held at once. */
  readonly websockets: number;
  /** IMPS phones that poll every ten seconds. */
  readonly phones: number;
  /** Subscriptions whose memory is measured. */
  readonly subscriptions: number;
  /** Watchers of one presentity. */
  readonly watchers: number;
  /** Megabytes of the large message. */
  readonly large: number;
  /** Conversations at once. */
  readonly sessions: number;
  /** Held messages, one run for each number. */
  readonly held: readonly number[];
  /** No rate is measured for longer. */
  readonly seconds: number;
  readonly stages: readonly StageName[];
  /** A file for the figures as JSON. */
  readonly json?: string;
  /** Where the temporary folder is made; the system's own by default. */
  readonly folder?: string;
  /** Where CPU profiles of the servers are left. */
  readonly profile?: string;
}

export const messagesMax = 5_000_000;
export const usersMax = 100_000;
export const registeredMax = 1_000_000;
/** Below the connections that the server takes. */
export const streamsMax = 9_000;
/** A server takes no more connections from one address; two files each. */
export const websocketsMax = 19_000;
export const phonesMax = 100_000;
export const subscriptionsMax = 900_000;
/** As many as a server lets watch one presentity. */
export const watchersMax = 20_000;
/** What a server may be told to take, with room to spare on a disk. */
export const largeMax = 10_000;
/** Each takes two connections of the server and four file handles of the bench. */
export const sessionsMax = 4_000;
export const heldMax = 1_000_000;
export const secondsMax = 3600;
/** Runs of the growth stage. */
export const heldRunsMax = 8;
const defaults = {
  messages: 15_000,
  users: 1000,
  width: 32,
  registered: 20_000,
  streams: 1000,
  websockets: 2000,
  phones: 1000,
  subscriptions: 10_000,
  watchers: 5000,
  large: 100,
  sessions: 1000,
  seconds: 10,
};
const heldDefaults = [10_000, 100_000];

export function addBenchFlags(command: Command): void {
  command
    .option('--messages <N>', `messages of relay and store, logins and refreshes [${defaults.messages}]`)
    .option('--users <N>', `users that are written to in turn [${defaults.users}]`)
    .option('--width <N>', `requests under way at once [${defaults.width}]`)
    .option('--registered <N>', `users that register where memory is measured [${defaults.registered}]`)
    .option('--streams <N>', `streams of events that are open at once [${defaults.streams}]`)
    .option('--websockets <N>', `WebSockets that are held at once, each with a user [${defaults.websockets}]`)
    .option('--phones <N>', `IMPS phones that poll every 10 s [${defaults.phones}]`)
    .option('--subscriptions <N>', `subscriptions to presence whose memory is measured [${defaults.subscriptions}]`)
    .option('--watchers <N>', `watchers of one person who are told at once [${defaults.watchers}]`)
    .option('--large <N>', `megabytes of a large message [${defaults.large}]`)
    .option('--sessions <N>', `conversations at once [${defaults.sessions}]`)
    .option('--held <N,…>', `held messages, one measurement for each number [${heldDefaults.join(',')}]`)
    .option('--seconds <N>', `no rate is measured for longer [${defaults.seconds}]`)
    .option('--only <STAGE,…>', `only these of ${stageNames.join(', ')}`)
    .option('--json <FILE>', 'write the figures as JSON too')
    .option('--folder <DIR>', 'where the temporary folder is made; a disk, since commits are measured')
    .addOption(new Option('--profile <DIR>', 'leave CPU profiles of the servers there'));
}

/** The error is one line that names the flag. */
export function readBenchSizes(flags: FlagValues): Result<BenchSizes, string> {
  const faults: string[] = [];
  const count = (name: keyof typeof defaults, max: number): number => {
    const read = readCount(flags[name], defaults[name], { min: 1, max });
    if (!read.ok) faults.push(`--${name}: ${String(flags[name])} ${read.error}`);
    return read.ok ? read.value : defaults[name];
  };
  const sizes = {
    messages: count('messages', messagesMax),
    users: count('users', usersMax),
    width: count('width', widthMax),
    registered: count('registered', registeredMax),
    streams: count('streams', streamsMax),
    websockets: count('websockets', websocketsMax),
    phones: count('phones', phonesMax),
    subscriptions: count('subscriptions', subscriptionsMax),
    watchers: count('watchers', watchersMax),
    large: count('large', largeMax),
    sessions: count('sessions', sessionsMax),
    seconds: count('seconds', secondsMax),
  };
  const held = readHeld(flags['held'], sizes.users);
  if (!held.ok) faults.push(`--held: ${held.error}`);
  const stages = readStages(flags['only']);
  if (!stages.ok) faults.push(`--only: ${stages.error}`);
  const [fault] = faults;
  if (fault !== undefined || !held.ok || !stages.ok) return err(fault ?? 'cannot be read');
  return ok({ ...sizes, held: held.value, stages: stages.value, ...readPaths(flags) });
}

function readCount(text: unknown, fallback: number, range: { min: number; max: number }): Result<number, string> {
  return typeof text === 'string' ? countWithin(range)(text.replaceAll('_', '')) : ok(fallback);
}

/** Every user has messages that a change releases. */
function readHeld(text: unknown, users: number): Result<number[], string> {
  const min = users * heldPerUserMin;
  if (typeof text !== 'string') return ok(heldDefaults.map((held) => Math.max(held, min)));
  const parts = text.split(',');
  if (parts.length > heldRunsMax) return err(`has more than ${heldRunsMax} numbers`);
  const held: number[] = [];
  for (const part of parts) {
    const read = countWithin({ min, max: heldMax })(part.trim());
    if (!read.ok) return err(`${part} ${read.error}`);
    held.push(read.value);
  }
  return ok(held);
}

function readStages(text: unknown): Result<readonly StageName[], string> {
  if (typeof text !== 'string') return ok(stageNames);
  const wanted = text.split(',').map((word) => word.trim());
  const wrong = wanted.find((word) => !stageNames.some((name) => name === word));
  if (wrong !== undefined) return err(`"${wrong}" is none of ${stageNames.join(', ')}`);
  return ok(stageNames.filter((name) => wanted.includes(name)));
}

function readPaths(flags: FlagValues): Pick<BenchSizes, 'json' | 'folder' | 'profile'> {
  const paths: { json?: string; folder?: string; profile?: string } = {};
  for (const name of ['json', 'folder', 'profile'] as const) {
    const path = flags[name];
    if (typeof path === 'string' && path !== '') paths[name] = path;
  }
  return paths;
}
