/** One server for the tests of a file, with its data in a folder of its own, and phones that are switched off with it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SipUserAgent, type SipUserAgentOptions } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import { SessionAgent, type SessionAgentOptions } from '../../src/cli/session-agent/session-agent.ts';
import { type ServerProcess, type ServerSettings, sourceProgram, startServer } from '../processes/server-process.ts';

/** A server and its phones take no longer to start, also on a machine that has much to do. */
export const startMsMax = 180_000;

export interface Stage {
  readonly server: ServerProcess;
  readonly dataFolder: string;
  /** A phone of a demo account; its password is NAME-secret. */
  phone(name: string, options?: Partial<SipUserAgentOptions>): Promise<SipUserAgent>;
  /** Such a phone with MSRP. */
  agent(name: string, options?: Partial<SessionAgentOptions>): Promise<SessionAgent>;
  close(): Promise<void>;
}

/** `limits`: what the system allows the server. */
export async function openStage(
  flags: readonly string[] = [],
  limits: Pick<ServerSettings, 'openFilesMax'> = {},
): Promise<Stage> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'restante-acceptance-'));
  const settings = { dataFolder, flags: ['--log-level', 'warn', ...flags], program: sourceProgram };
  const server = await startServer({ ...settings, ...limits });
  const phones: { stop(): Promise<void> }[] = [];
  return {
    server,
    dataFolder,
    async phone(name, options = {}) {
      const account = { address: `${name}@localhost`, password: `${name}-secret` };
      const phone = await SipUserAgent.start({ server: server.sip, ...account, ...options });
      phones.push(phone);
      return phone;
    },
    async agent(name, options = {}) {
      const account = { address: `${name}@localhost`, password: `${name}-secret` };
      const webSocket = { host: '127.0.0.1', port: Number(new URL(server.http).port) };
      const agent = await SessionAgent.start({ server: server.sip, webSocket, ...account, ...options });
      phones.push(agent);
      return agent;
    },
    async close() {
      for (const phone of phones) await phone.stop();
      await server.stop();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}
