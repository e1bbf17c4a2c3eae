/**
 * A server of a command's own: `restante serve` in a process of its own on free ports of loopback, with no settings but the
 * ones it is given. It never outlives the process that started it, however that ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { readProcessFigures, type ProcessFigures } from './process-figures.ts';

export interface ServerWish {
  readonly dataFolder: string;
  readonly domain: string;
  /** Flags of `serve` besides addresses, data and domain. */
  readonly flags: readonly string[];
  /** For CPU profiles, one file for each thread. */
  readonly profileFolder?: string;
  /** Those of a server before it; else any that are free. */
  readonly ports?: ServerPorts;
}

export interface ServerPorts {
  readonly sip: number;
  readonly http: number;
  readonly msrp: number;
}

export const launcher = fileURLToPath(new URL('../../../bin/restante.js', import.meta.url));
/** As the launcher starts a server that nobody watches over. */
const youngHeapFlag = '--max-semi-space-size=8';
const host = '127.0.0.1';
const readyWithinMs = 60_000;
const lookAgainMs = 20;
const endWithinMs = 20_000;
const wordsMax = 4000;

export class ServerProcess {
  readonly host = host;
  readonly ports: ServerPorts;
  readonly #child: ChildProcess;
  readonly #words: () => string;
  readonly #startedAt = performance.now();

  private constructor(child: ChildProcess, ports: ServerPorts) {
    this.#child = child;
    this.#words = gatherWords(child);
    this.ports = ports;
  }

  /** It runs from now on, and may be stopped at any time; `waitUntilReady` tells when it can be used. */
  static async start(wish: ServerWish): Promise<ServerProcess> {
    const ports = wish.ports ?? {
      sip: await findFreePort(),
      http: await findFreePort(),
      msrp: await findFreePort(),
    };
    const words = [...nodeFlags(wish), launcher, ...serveWords(wish, ports)];
    // The channel is how the launcher notices that this process is gone, even by kill -9, and ends the server.
    const child = spawn(process.execPath, words, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...withoutSettings(process.env), RESTANTE_GUARD: String(process.pid) },
    });
    return new ServerProcess(child, ports);
  }

  /** Resolves with the time that it took, in milliseconds; rejects with what the server printed when it does not. */
  async waitUntilReady(): Promise<number> {
    while (!(await isReady(this.ports.http))) {
      if (hasEnded(this.#child) || performance.now() - this.#startedAt > readyWithinMs) {
        throw new Error(`the server does not get ready; it said: ${this.#words().trim()}`);
      }
      await pause(lookAgainMs);
    }
    return performance.now() - this.#startedAt;
  }

  async figures(): Promise<ProcessFigures | undefined> {
    return this.#child.pid === undefined ? undefined : readProcessFigures(this.#child.pid);
  }

  /** `work`, or a rejection as soon as the server ends by itself. */
  async during<T>(work: Promise<T>): Promise<T> {
    let fail: (() => void) | undefined;
    const lost = new Promise<never>((_, reject) => {
      fail = () => reject(new Error(`the server ended; it said: ${this.#words().trim()}`));
      this.#child.once('exit', fail);
    });
    try {
      return await Promise.race([work, lost]);
    } finally {
      if (fail !== undefined) this.#child.off('exit', fail);
    }
  }

  /** As an operator ends it; by force when it does not. */
  async stop(): Promise<void> {
    const force = setTimeout(() => this.#child.kill('SIGKILL'), endWithinMs);
    await this.#end('SIGTERM');
    clearTimeout(force);
  }

  /** As a power cut ends it: no warning, nothing flushed. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (hasEnded(this.#child)) return;
    const ended = new Promise<void>((resolve) => {
      this.#child.once('exit', () => resolve());
    });
    this.#child.kill(signal);
    await ended;
  }
}

function nodeFlags({ profileFolder }: ServerWish): string[] {
  return profileFolder === undefined
    ? [youngHeapFlag]
    : [youngHeapFlag, '--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
}

function serveWords({ dataFolder, domain, flags }: ServerWish, { sip, http, msrp }: ServerPorts): string[] {
  const addresses = ['--sip', `${host}:${sip}`, '--http', `${host}:${http}`, '--msrp', `${host}:${msrp}`];
  return ['serve', '--data', dataFolder, ...addresses, '--domain', domain, '--log-level', 'warn', ...flags];
}

/** Settings of the person's own server must not become settings of this one. */
export function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('RESTANTE_')));
}

function gatherWords(child: ChildProcess): () => string {
  let words = '';
  const hear = (text: Buffer): void => {
    words = (words + text.toString()).slice(-wordsMax);
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  child.on('error', (fault) => hear(Buffer.from(fault.message)));
  return () => words;
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function isReady(httpPort: number): Promise<boolean> {
  try {
    return (await fetch(`http://${host}:${httpPort}/readyz`)).status === 200;
  } catch {
    return false;
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
