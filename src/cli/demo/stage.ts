/**
 * The stage of the demo: a server in a process of its own on free ports of loopback with a data folder of its own, phones
 * and HTTP clients that know nothing of it but its address, and the operator's commands run as an operator runs them.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launcher, ServerProcess, withoutSettings } from '../own-server/server-process.ts';
import { HttpCaller } from './http-caller/http-caller.ts';
import { SipUserAgent } from './user-agent/sip-user-agent.ts';
import { TalkLog } from './user-agent/talk-log.ts';

const domain = 'localhost';
/** A second, as promised, and what a busy machine adds to it. */
const inEffectMs = 2000;

/** A promise that was not kept; the demo goes on with the next act. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

export class Stage {
  readonly #folder: string;
  readonly #phones: SipUserAgent[] = [];
  readonly #callers: HttpCaller[] = [];
  #server: ServerProcess | undefined;
  #closing: Promise<void> | undefined;
  log = new TalkLog();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<Stage> {
    return new Stage(await mkdtemp(join(tmpdir(), 'restante-demo-')));
  }

  /** Where the one before it was. Rejects with what the server printed when it does not get ready. */
  async startServer(): Promise<void> {
    const ports = this.#server?.ports;
    const wish = { dataFolder: this.#folder, domain, flags: ['--demo'] };
    this.#server = await ServerProcess.start(ports === undefined ? wish : { ...wish, ports });
    // The audience may have left before there was anything to stop.
    if (this.isClosed) await this.#server.kill();
    await this.#server.waitUntilReady();
  }

  /** As a power cut does it: no warning, nothing flushed. */
  async killServer(): Promise<void> {
    await this.#server?.kill();
  }

  async phone(name: string, options: { readonly t1Ms?: number; readonly log?: TalkLog } = {}): Promise<SipUserAgent> {
    const server = this.#server;
    if (server === undefined) throw new Error('there is no server yet');
    const phone = await SipUserAgent.start({
      server: { host: server.host, port: server.ports.sip },
      address: `${name}@${domain}`,
      password: `${name}-secret`,
      displayName: name[0]?.toUpperCase() + name.slice(1),
      log: options.log ?? this.log,
      ...(options.t1Ms === undefined ? {} : { t1Ms: options.t1Ms }),
    });
    this.#phones.push(phone);
    return phone;
  }

  /** Somebody with an HTTP client. */
  caller(name: string): HttpCaller {
    const server = this.#server;
    if (server === undefined) throw new Error('there is no server yet');
    const caller = new HttpCaller({
      origin: `http://${server.host}:${server.ports.http}`,
      address: `${name}@${domain}`,
      password: `${name}-secret`,
      log: this.log,
    });
    this.#callers.push(caller);
    return caller;
  }

  /** `restante COMMAND …` beside the running server, which knows of it by then. */
  async operator(...words: string[]): Promise<void> {
    this.log.note('operator', `restante ${words.join(' ')}`);
    const command = spawn(process.execPath, [launcher, ...words, '--data', this.#folder], {
      stdio: 'ignore',
      env: withoutSettings(process.env),
    });
    const code = await new Promise<number | null>((resolve) => command.on('exit', resolve));
    if (code !== 0) throw new BrokenPromise(`restante ${words.join(' ')} ended with ${code}`);
    await pause(inEffectMs);
  }

  /** Switches every client off, as at the end of an act; registrations and publications are taken back first. */
  async clear(): Promise<void> {
    for (const caller of this.#callers.splice(0)) caller.logOut();
    for (const phone of this.#phones.splice(0)) {
      if (phone.entityTag !== undefined) await phone.unpublish().catch(() => undefined);
      await phone.unregister().catch(() => undefined);
      await phone.stop();
    }
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** At any time; whatever is under way fails. */
  close(): Promise<void> {
    this.#closing ??= this.#tidyUp();
    return this.#closing;
  }

  async #tidyUp(): Promise<void> {
    for (const caller of this.#callers.splice(0)) caller.logOut();
    for (const phone of this.#phones.splice(0)) await phone.stop();
    await this.#server?.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
