/** A server process in a folder of its own, phones of the demo's accounts, and a way to be rid of them all. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SipUserAgent } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import type { RequestOptions } from '../../src/cli/demo/user-agent/requester.ts';
import { TalkLog } from '../../src/cli/demo/user-agent/talk-log.ts';
import { waitUntil } from '../processes/child-program.ts';
import { sourceProgram, startServer, type ServerProcess, type ServerSettings } from '../processes/server-process.ts';

export interface FaultScene {
  readonly dataFolder: string;
  readonly server: ServerProcess;
  phone(name: string, options?: PhoneOptions): Promise<SipUserAgent>;
  close(): Promise<void>;
}

export interface PhoneOptions {
  readonly password?: string;
  /** The same port as before makes it the same phone. */
  readonly localPort?: number;
  /** RFC 3261 T1; short where it is absent, so that a phone notices within seconds that the server is gone. */
  readonly t1Ms?: number;
}

/** How long what must come is waited for: far longer than a busy machine needs, so that it decides nothing. */
export const patienceMs = 60_000;
/** Of one test: several processes start in it, on a machine that has other work too. */
export const sceneMaxMs = 180_000;
const shortT1Ms = 200;

export function openScene(...flags: string[]): Promise<FaultScene> {
  return openSceneOf({ program: sourceProgram }, flags);
}

/** With another program than the server's own, or another environment. */
export async function openSceneOf(
  start: Pick<ServerSettings, 'program' | 'env'>,
  flags: readonly string[],
): Promise<FaultScene> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'restante-fault-'));
  const server = await startServer({ dataFolder, flags: ['--log-level', 'warn', ...flags], ...start });
  const phones: SipUserAgent[] = [];
  return {
    dataFolder,
    server,
    async phone(name, { password = `${name}-secret`, localPort, t1Ms = shortT1Ms } = {}) {
      const phone = await SipUserAgent.start({
        server: server.sip,
        address: `${name}@localhost`,
        password,
        t1Ms,
        log: new TalkLog(undefined, 0),
        ...(localPort === undefined ? {} : { localPort }),
      });
      phones.push(phone);
      return phone;
    },
    async close() {
      for (const phone of phones) await phone.stop();
      await server.stop();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

export interface Volley {
  readonly count: number;
  readonly inFlight: number;
  /** Text of each; the number is put behind it. */
  readonly text: string;
  readonly options?: RequestOptions;
  /** Called with how many were accepted, after each one that was. */
  onAccepted?(count: number): void;
  /** True: no further one is sent. */
  isOver?(): boolean;
}

/** Sends until all are sent or it is over; answers the texts that got a 2xx, and the statuses of all answers. */
export async function fireVolley(
  phone: SipUserAgent,
  to: string,
  volley: Volley,
): Promise<{ readonly accepted: Set<string>; readonly statuses: Map<number, number> }> {
  const accepted = new Set<string>();
  const statuses = new Map<number, number>();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < volley.count && volley.isOver?.() !== true) {
      const text = `${volley.text} ${(next += 1)}`;
      const answer = await phone.sendMessage(to, text, volley.options).catch(() => undefined);
      const status = answer?.status ?? 0;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status < 200 || status > 299) continue;
      accepted.add(text);
      volley.onAccepted?.(accepted.size);
    }
  };
  await Promise.all(Array.from({ length: volley.inFlight }, lane));
  return { accepted, statuses };
}

/** Waits until the phones together have received all; answers what is missing then. */
export async function findMissing(
  accepted: ReadonlySet<string>,
  withinMs: number,
  ...phones: readonly SipUserAgent[]
): Promise<string[]> {
  let missing = [...accepted];
  await waitUntil(() => {
    const arrived = new Set(phones.flatMap(({ messages }) => messages.map(({ text }) => text)));
    missing = missing.filter((text) => !arrived.has(text));
    return missing.length === 0;
  }, withinMs);
  return missing;
}

/** Texts that came under more than one Call-ID: a client that honours ids would show them twice. */
export function findShownTwice(...phones: readonly SipUserAgent[]): string[] {
  const callIds = new Map<string, string>();
  const twice: string[] = [];
  for (const { text, request } of phones.flatMap(({ messages }) => messages)) {
    const known = callIds.get(text) ?? request.callId;
    if (known !== request.callId) twice.push(text);
    callIds.set(text, known);
  }
  return twice;
}
