/** Plays over real sockets: a server process of its own for each, time is the clock on the wall. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWireSocket, type WireSocket } from '../../src/cli/demo/user-agent/wire-socket.ts';
import { pauseMs } from '../processes/child-program.ts';
import { sourceProgram, startServer } from '../processes/server-process.ts';
import type { HostSetup, TranscriptHost } from './transcript-host.ts';

export async function openSocketHost(setup: HostSetup): Promise<TranscriptHost> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'restante-play-'));
  const flags = ['--trust', '127.0.0.0/8', '--log-level', 'warn', ...setup.flags];
  const server = await startServer({ dataFolder, flags, program: sourceProgram });
  const sockets = new Map<string, WireSocket>();
  const transports = new Map(setup.cast.map(({ name, transport }) => [name, transport]));
  let listener: (actor: string, bytes: Buffer) => void = () => undefined;

  async function connect(actor: string): Promise<void> {
    const heard = { received: (bytes: Buffer) => listener(actor, bytes), closed: () => undefined };
    sockets.set(actor, await openWireSocket(transports.get(actor) ?? 'udp', server.sip, heard));
  }

  for (const { name } of setup.cast) await connect(name);
  return {
    server: server.sip,
    addressOf: (actor) => socketOf(sockets, actor).local(),
    send: (actor, bytes) => socketOf(sockets, actor).send(bytes),
    onReceive(own) {
      listener = own;
    },
    advance: pauseMs,
    restart: () => server.killAndStart(),
    disconnect: (actor) => socketOf(sockets, actor).close(),
    connect,
    async close() {
      for (const socket of sockets.values()) await socket.close();
      await server.stop();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

function socketOf(sockets: ReadonlyMap<string, WireSocket>, actor: string): WireSocket {
  const socket = sockets.get(actor);
  if (!socket) throw new Error(`${actor} is not in the cast`);
  return socket;
}
