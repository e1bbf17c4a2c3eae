/** What a case is, what it is given, and the phone of the person on its other side. */
import { SipUserAgent } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import { SessionAgent, type SessionAgentOptions } from '../../src/cli/session-agent/session-agent.ts';
import type { TalkLog } from '../../src/cli/demo/user-agent/talk-log.ts';
import type { WireAddress } from '../../src/cli/demo/user-agent/wire-socket.ts';
import type { ChildProgram, ChildSettings } from '../processes/child-program.ts';
import type { Tool } from './tools.ts';

/** How long a case waits for what must come: far longer than a busy machine needs, so that it decides nothing. */
export const patienceMs = 60_000;

export interface InteropWorld {
  /** Empty, removed afterwards. */
  readonly folder: string;
  readonly server: WireAddress;
  /** Where it speaks TLS, in a case that asks for it, and the file with the certificate that it shows. */
  readonly sips?: WireAddress & { readonly caFile: string };
  /** `http://127.0.0.1:PORT` */
  readonly http: string;
  readonly msrp: WireAddress;
  /** What every phone sent and received; printed when the case fails. */
  readonly talk: TalkLog;
  freePort(): Promise<number>;
  /** Ends it without warning and starts it again with the same data and ports. */
  restartServer(): Promise<void>;
  /** Ends it without warning; it stays away until it is started again. */
  killServer(): Promise<void>;
  /** With the same data and ports. */
  startServer(): Promise<void>;
  /** `restante WORDS` beside it, as an operator types it. */
  command(...words: string[]): Promise<string>;
  /** Runs at the end of the case, whatever happened; the latest first. */
  closeLater(close: () => unknown): void;
  /** A program beside the case, which ends with it; what it printed is printed when the case fails. */
  start(command: string, words: readonly string[], settings?: ChildSettings): ChildProgram;
  /** Printed when the case fails. */
  showIfFailed(what: string, text: () => string): void;
}

export interface InteropCase {
  readonly name: string;
  readonly tool: Tool;
  /** What else it needs. */
  readonly moreTools?: readonly Tool[];
  readonly serverFlags?: readonly string[];
  /** Where the server listens for SIP, when that is not where the phones are. */
  readonly serverHost?: string;
  /** The server speaks TLS too. */
  readonly isSecure?: true;
  /** Rejects with what went wrong. */
  play(world: InteropWorld): Promise<void>;
}

/** Passwords are those of `--demo`. */
export function passwordOf(user: string): string {
  return `${user}-secret`;
}

export async function startPhone(world: InteropWorld, user: string): Promise<SipUserAgent> {
  const phone = await SipUserAgent.start({
    server: world.server,
    address: `${user}@localhost`,
    password: passwordOf(user),
    log: world.talk,
  });
  world.closeLater(() => phone.stop());
  return phone;
}

/** Such a phone with MSRP. */
export async function startAgent(
  world: InteropWorld,
  user: string,
  options: Partial<SessionAgentOptions> = {},
): Promise<SessionAgent> {
  const account = { address: `${user}@localhost`, password: passwordOf(user) };
  const agent = await SessionAgent.start({ server: world.server, log: world.talk, ...account, ...options });
  world.closeLater(() => agent.stop());
  return agent;
}

/** What the API answers somebody. */
export async function fetchAs(world: InteropWorld, user: string, path: string): Promise<string> {
  const credentials = Buffer.from(`${user}@localhost:${passwordOf(user)}`).toString('base64');
  const answer = await fetch(`${world.http}${path}`, { headers: { authorization: `Basic ${credentials}` } });
  return answer.text();
}

export function expectThat(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(otherwise);
}

export function expectSame(what: string, actual: unknown, expected: unknown): void {
  expectThat(actual === expected, `${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}
