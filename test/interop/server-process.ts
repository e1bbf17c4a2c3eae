/** The server as its users start it: a process of its own, known by its command line and its ports. */
import { fileURLToPath } from 'node:url';
import type { WireAddress } from '../../src/cli/demo/user-agent/wire-socket.ts';
import { ChildProgram, waitUntil } from './child-program.ts';
import { freePort } from './interop-case.ts';

export interface ServerProcess {
  readonly sip: WireAddress;
  /** `http://127.0.0.1:PORT` */
  readonly http: string;
  lastWords(): string;
  /** SIGTERM, and what comes after it when that is not enough. */
  stop(): Promise<void>;
  /** Ends it without warning and starts it again with the same data and ports. */
  killAndStart(): Promise<void>;
}

export interface ServerSettings {
  readonly dataFolder: string;
  /** They come last and win. */
  readonly flags: readonly string[];
  /** The file that node runs; the built program's launcher when absent. */
  readonly program?: URL;
}

const launcher = new URL('../../bin/restante.js', import.meta.url);
const readyMs = 15_000;

/** Resolves when /readyz answers 200; rejects with what the server printed. */
export async function startServer(settings: ServerSettings): Promise<ServerProcess> {
  const [sipPort, httpPort, msrpPort] = [await freePort(), await freePort(), await freePort()];
  const http = `http://127.0.0.1:${httpPort}`;
  const words = [fileURLToPath(settings.program ?? launcher), 'serve', '--demo', '--data', settings.dataFolder];
  words.push('--sip', `127.0.0.1:${sipPort}`, '--http', `127.0.0.1:${httpPort}`, '--msrp', `127.0.0.1:${msrpPort}`);
  words.push(...settings.flags);
  let child = await startUntilReady(words, http);
  return {
    sip: { host: '127.0.0.1', port: sipPort },
    http,
    lastWords: () => child.output.slice(-3000),
    stop: () => child.stop(),
    async killAndStart() {
      await child.kill();
      child = await startUntilReady(words, http);
    },
  };
}

async function startUntilReady(words: readonly string[], http: string): Promise<ChildProgram> {
  const child = new ChildProgram(process.execPath, words);
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
