/** The server as its users start it: a process of its own, known by its command line and its ports. */
import { fileURLToPath } from 'node:url';
import type { WireAddress } from '../../src/cli/demo/user-agent/wire-socket.ts';
import { ChildProgram, waitUntil } from './child-program.ts';
import { freePort } from './free-port.ts';

export interface ServerProcess {
  readonly sip: WireAddress;
  /** `http://127.0.0.1:PORT` */
  readonly http: string;
  readonly msrp: WireAddress;
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  /** Of the process that runs now, or ran last: its exit code, null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Of the process that runs now and those before it. */
  lastWords(): string;
  /** SIGTERM, and what comes after it when that is not enough. Answers the exit code, null when a signal ended it. */
  stop(): Promise<number | null>;
  /** Ends it without warning. */
  kill(): Promise<void>;
  /** Starts it again with the same data and ports, after `stop` or `kill`. */
  start(): Promise<void>;
  /** Ends it without warning and starts it again with the same data and ports. */
  killAndStart(): Promise<void>;
  /** `restante WORDS --data …` beside it, as an operator types it; rejects with what it printed when that was refused. */
  command(...words: string[]): Promise<string>;
}

export interface ServerSettings {
  readonly dataFolder: string;
  /** They come last and win. */
  readonly flags: readonly string[];
  /** Where it listens for SIP; 127.0.0.1 when absent. */
  readonly sipHost?: string;
  /** The file that node runs; the built program's launcher when absent. */
  readonly program?: URL;
  readonly env?: Readonly<Record<string, string>>;
  /** How many files it may have open, where that is fewer than the system allows. */
  readonly openFilesMax?: number;
}

const launcher = new URL('../../bin/restante.js', import.meta.url);
/** The program from source, so that what is tested is what is written. */
export const sourceProgram = new URL('../../src/main.ts', import.meta.url);
const readyMs = 150_000;
const lastCharacters = 20_000;

/** Resolves when /readyz answers 200; rejects with what the server printed. */
export async function startServer(settings: ServerSettings): Promise<ServerProcess> {
  const [sipPort, httpPort, msrpPort] = [await freePort(), await freePort(), await freePort()];
  const http = `http://127.0.0.1:${httpPort}`;
  const program = fileURLToPath(settings.program ?? launcher);
  const words = [program, 'serve', '--demo', '--data', settings.dataFolder];
  const sipHost = settings.sipHost ?? '127.0.0.1';
  words.push('--sip', `${sipHost}:${sipPort}`, '--http', `127.0.0.1:${httpPort}`, '--msrp', `127.0.0.1:${msrpPort}`);
  words.push(...settings.flags);
  const launch = (): Promise<ChildProgram> =>
    startUntilReady({ command: commandOf(words, settings.openFilesMax), env: settings.env ?? {} }, http);
  let child = await launch();
  let before = '';
  const start = async (): Promise<void> => {
    before += `${child.output}(started again)\n`;
    child = await launch();
  };
  return {
    sip: { host: sipHost, port: sipPort },
    http,
    msrp: { host: '127.0.0.1', port: msrpPort },
    get pid() {
      return child.pid;
    },
    get ended() {
      return child.ended;
    },
    lastWords: () => (before + child.output).slice(-lastCharacters),
    stop: () => child.stop(),
    kill: () => child.kill(),
    start,
    async killAndStart() {
      await child.kill();
      await start();
    },
    command: (...typed) => runCommand([program, ...typed, '--data', settings.dataFolder]),
  };
}

async function runCommand(words: readonly string[]): Promise<string> {
  const child = new ChildProgram(process.execPath, words);
  const code = await child.ended;
  if (code !== 0) throw new Error(`restante ${words.slice(1).join(' ')} ended with ${code}:\n${child.output}`);
  return child.output;
}

function commandOf(words: readonly string[], openFilesMax: number | undefined): readonly string[] {
  if (openFilesMax === undefined) return [process.execPath, ...words];
  return ['sh', '-c', `ulimit -n ${openFilesMax} && exec "$0" "$@"`, process.execPath, ...words];
}

interface Launch {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

async function startUntilReady({ command, env }: Launch, http: string): Promise<ChildProgram> {
  const [program = '', ...words] = command;
  const child = new ChildProgram(program, words, { env });
  let isReady = false;
  await waitUntil(async () => {
    isReady = await answersReady(http);
    return isReady || child.hasEnded;
  }, readyMs);
  if (isReady) return child;
  await child.stop();
  throw new Error(`the server is not ready; it printed:\n${child.output.slice(-3000)}`);
}

async function answersReady(http: string): Promise<boolean> {
  try {
    return (await fetch(`${http}/readyz`)).status === 200;
  } catch {
    return false;
  }
}
