/** TLS on loopback: whom a connection of ours believes, how long a handshake may take, and what a refused one costs. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { connect, createSecureContext } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { Result } from '../result.ts';
import type { AcceptStreamSocket, StreamSocketPort } from './stream-port-socket.ts';
import type { StreamSocket } from './stream-socket.ts';
import { openTlsSocket, type TlsPortPlan } from './tls-socket.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function file(name: string): string {
  return readFileSync(new URL(`../../../test/transports/certificates/${name}.pem`, import.meta.url), 'utf8');
}

const own = { cert: file('localhost.cert'), key: file('localhost.key') };
const echo: AcceptStreamSocket = (connection) => ({
  onBytes: (bytes) => connection.write(bytes),
  onClose: () => undefined,
});

async function listen(accept: AcceptStreamSocket, more: Partial<TlsPortPlan> = {}): Promise<StreamSocketPort<'tls'>> {
  const contexts = {
    accepting: () => createSecureContext(own),
    opening: () => createSecureContext({ ca: own.cert }),
    verifiesPeers: true,
  };
  const port = await openTlsSocket('127.0.0.1', 0, { accept, contexts, ...more });
  cleanups.push(() => port.close());
  return port;
}

function dial(
  from: StreamSocketPort<'tls'>,
  to: Pick<StreamSocketPort<'tls'>, 'local'>,
  name?: string,
): Promise<Result<StreamSocket, string>> {
  const peer = { ...to.local, ...(name === undefined ? {} : { name }) };
  return new Promise((resolve) => {
    from.connect(peer, 5000, (opened) => {
      resolve(opened);
      return { onBytes: () => undefined, onClose: () => undefined };
    });
  });
}

describe('a connection of ours', () => {
  it.each(['localhost', undefined])('is open when the certificate is for %s', async (name) => {
    const port = await listen(echo);
    const opened = await dial(port, port, name);
    expect(opened).toMatchObject({ ok: true, value: { transport: 'tls' } });
  });

  it('is none when the certificate is for another name', async () => {
    const port = await listen(echo);
    expect(await dial(port, port, 'elsewhere.example')).toMatchObject({
      ok: false,
      error: expect.stringContaining('elsewhere.example') as string,
    });
  });

  it('is none when nobody whom we believe has signed, unless that is switched off', async () => {
    const opening = (): ReturnType<typeof createSecureContext> => createSecureContext();
    const accepting = (): ReturnType<typeof createSecureContext> => createSecureContext(own);
    const strict = await listen(echo, { contexts: { accepting, opening, verifiesPeers: true } });
    expect(await dial(strict, strict, 'localhost')).toMatchObject({ ok: false });
    const lenient = await listen(echo, { contexts: { accepting, opening, verifiesPeers: false } });
    expect(await dial(lenient, lenient, 'elsewhere.example')).toMatchObject({ ok: true });
  });

  it('is none where no TLS is spoken', async () => {
    const port = await listen(echo, { handshakeMsMax: 60_000 });
    const { createServer } = await import('node:net');
    const plain = createServer((socket) => socket.end('hello\r\n')).listen(0, '127.0.0.1');
    cleanups.push(() => plain.close());
    await once(plain, 'listening');
    const address = plain.address();
    const to = {
      local: { address: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 },
    };
    expect(await dial(port, to, 'localhost')).toMatchObject({ ok: false });
  });
});

describe('a connection of a peer', () => {
  it('is shown before its handshake, and carries octets after it', async () => {
    const accepted: StreamSocket[] = [];
    const port = await listen((connection) => {
      accepted.push(connection);
      return echo(connection);
    });
    const raw = connectTcp(port.local.port, '127.0.0.1');
    cleanups.push(() => raw.destroy());
    await expect.poll(() => accepted.length).toBe(1);
    expect(accepted[0]).toMatchObject({ transport: 'tls', remote: { address: '127.0.0.1', port: raw.localPort } });
    const socket = connect({ socket: raw, ca: own.cert, servername: 'localhost' });
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
  });

  it('ends when its handshake takes too long, and whoever has it is told', async () => {
    let ended = 0;
    const accept: AcceptStreamSocket = () => ({ onBytes: () => undefined, onClose: () => (ended += 1) });
    const port = await listen(accept, { handshakeMsMax: 20 });
    const raw = connectTcp(port.local.port, '127.0.0.1');
    await once(raw, 'close');
    await expect.poll(() => ended).toBe(1);
  });

  it('outlives the time for a handshake that it has finished', async () => {
    const port = await listen(echo, { handshakeMsMax: 300 });
    const socket = connect({ port: port.local.port, host: '127.0.0.1', ca: own.cert });
    cleanups.push(() => socket.destroy());
    await once(socket, 'secureConnect');
    await new Promise((resolve) => setTimeout(resolve, 400));
    socket.write('still here');
    expect(String((await once(socket, 'data'))[0])).toBe('still here');
  });

  it('is refused without a handshake', async () => {
    const port = await listen(() => undefined);
    const socket = connect({ port: port.local.port, host: '127.0.0.1', ca: own.cert });
    const [fault] = (await once(socket, 'error')) as [Error];
    expect(fault.message).toMatch(/ECONNRESET|disconnected before secure/);
  });

  it('that speaks no TLS ends', async () => {
    const port = await listen(echo);
    const raw = connectTcp(port.local.port, '127.0.0.1');
    raw.on('error', () => undefined);
    raw.write('OPTIONS sip:x SIP/2.0\r\n\r\n');
    await once(raw, 'close');
    expect(raw.destroyed).toBe(true);
  });
});
