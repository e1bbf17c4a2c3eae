/**
 * The stage of the demo: a server in a process of its own on free ports of loopback with a data folder of its own, phones
 * that know nothing of it but its address, and the operator's commands run as an operator runs them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SipUserAgent } from './user-agent/sip-user-agent.ts';
import { TalkLog } from './user-agent/talk-log.ts';

const launcher = fileURLToPath(new URL('../../../bin/restante.js', import.meta.url));
const host = '127.0.0.1';
const readyWithinMs = 15_000;
const lookAgainMs = 25;

/** A promise that was not kept; the demo goes on with the next act. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

export class Stage {
  readonly #folder: string;
  readonly #sipPort: number;
  readonly #httpPort: number;
  readonly #phones: SipUserAgent[] = [];
  #server: ChildProcess | undefined;
  #serverWords = '';
  log = new TalkLog();

  private constructor(folder: string, sipPort: number, httpPort: number) {
    this.#folder = folder;
    this.#sipPort = sipPort;
    this.#httpPort = httpPort;
  }

  /** Rejects with what the server printed when it does not get ready. */
  static async open(): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'restante-demo-'));
    const stage = new Stage(folder, await freePort(), await freePort());
    await stage.startServer();
    return stage;
  }

  async startServer(): Promise<void> {
    const flags = ['--data', this.#folder, '--sip', `${host}:${this.#sipPort}`, '--http', `${host}:${this.#httpPort}`];
    const words = [launcher, 'serve', '--demo', '--log-level', 'warn', ...flags];
    const server = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#server = server;
    server.stdout.on('data', (text: Buffer) => this.#hear(text));
    server.stderr.on('data', (text: Buffer) => this.#hear(text));
    const deadline = performance.now() + readyWithinMs;
    while (!(await this.#isReady())) {
      if (server.exitCode !== null || performance.now() > deadline) {
        throw new Error(`the server does not get ready; it said:\n${this.#serverWords}`);
      }
      await pause(lookAgainMs);
    }
  }

  /** As a power cut does it: no warning, nothing flushed. */
  async killServer(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async phone(name: string, options: { readonly t1Ms?: number; readonly log?: TalkLog } = {}): Promise<SipUserAgent> {
    const phone = await SipUserAgent.start({
      server: { host, port: this.#sipPort },
      address: `${name}@localhost`,
      password: `${name}-secret`,
      displayName: name[0]?.toUpperCase() + name.slice(1),
      log: options.log ?? this.log,
      ...(options.t1Ms === undefined ? {} : { t1Ms: options.t1Ms }),
    });
    this.#phones.push(phone);
    return phone;
  }

  /** `restante COMMAND …` beside the running server, which knows of it within a second. */
  async operator(...words: string[]): Promise<void> {
    this.log.note('operator', `restante ${words.join(' ')}`);
    const command = spawn(process.execPath, [launcher, ...words, '--data', this.#folder], { stdio: 'ignore' });
    const code = await new Promise<number | null>((resolve) => command.on('exit', resolve));
    if (code !== 0) throw new BrokenPromise(`restante ${words.join(' ')} ended with ${code}`);
    await pause(1000);
  }

  /** Switches every phone off, as at the end of an act; registrations and publications are taken back first. */
  async clear(): Promise<void> {
    for (const phone of this.#phones.splice(0)) {
      if (phone.entityTag !== undefined) await phone.unpublish().catch(() => undefined);
      await phone.unregister().catch(() => undefined);
      await phone.stop();
    }
  }

  async close(): Promise<void> {
    for (const phone of this.#phones.splice(0)) await phone.stop();
    await this.#end('SIGTERM');
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.on('exit', resolve));
    server.kill(signal);
    await ended;
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`http://${host}:${this.#httpPort}/readyz`)).status === 200;
    } catch {
      return false;
    }
  }

  #hear(text: Buffer): void {
    this.#serverWords = (this.#serverWords + text.toString()).slice(-4000);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
