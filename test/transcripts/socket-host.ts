/** Plays over real sockets: a server process of its own for each, time is the clock on the wall. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openWireSocket, type WireAddress, type WireSocket } from '../../src/cli/demo/user-agent/wire-socket.ts';
import { pauseMs } from '../processes/child-program.ts';
import { freePort } from '../processes/free-port.ts';
import { sourceProgram, startServer } from '../processes/server-process.ts';
import type { HostSetup, TranscriptHost } from './transcript-host.ts';

export async function openSocketHost(setup: HostSetup): Promise<TranscriptHost> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'restante-play-'));
  const isSecure = setup.cast.some(({ transport }) => transport === 'tls');
  const secure = isSecure ? await secureFlags() : { flags: [], address: undefined };
  const flags = ['--trust', '127.0.0.0/8', '--log-level', 'warn', ...secure.flags, ...setup.flags];
  const server = await startServer({ dataFolder, flags, program: sourceProgram });
  const sockets = new Map<string, WireSocket>();
  const transports = new Map(setup.cast.map(({ name, transport }) => [name, transport]));
  let listener: (actor: string, bytes: Buffer) => void = () => undefined;

  async function connect(actor: string): Promise<void> {
    const heard = {
      received: (bytes: Buffer) => listener(actor, bytes),
      closed: () => undefined,
      keptAlive: () => listener(actor, Buffer.from('\r\n')),
    };
    const transport = transports.get(actor) ?? 'udp';
    const http = { host: '127.0.0.1', port: Number(new URL(server.http).port) };
    const address = transport === 'ws' ? http : transport === 'tls' ? secure.address : undefined;
    sockets.set(actor, await openWireSocket(transport, address ?? server.sip, heard));
  }

  for (const { name } of setup.cast) await connect(name);
  return {
    server: server.sip,
    patience: 30,
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

async function secureFlags(): Promise<{ readonly flags: readonly string[]; readonly address: WireAddress }> {
  const port = await freePort();
  const path = (kind: string): string =>
    fileURLToPath(new URL(`../transports/certificates/localhost.${kind}.pem`, import.meta.url));
  const flags = ['--sips', `127.0.0.1:${port}`, '--tls-cert', path('cert'), '--tls-key', path('key')];
  return { flags, address: { host: '127.0.0.1', port, ca: readFileSync(path('cert'), 'utf8') } };
}
