/** TLS on loopback: whom a connection of ours believes, and how long a handshake may take. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { createSecureContext } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { Result } from '../../base/result.ts';
import type { AcceptMsrpStream, MsrpPort, MsrpStream } from './ports.ts';
import { openMsrpTlsSocket } from './tls-socket.ts';

const ports: MsrpPort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

function file(name: string): string {
  return readFileSync(new URL(`../../../test/transports/certificates/${name}.pem`, import.meta.url), 'utf8');
}

const own = { cert: file('localhost.cert'), key: file('localhost.key') };
const deaf = { onBytes: () => undefined, onDrained: () => undefined, onClose: () => undefined };
const echo: AcceptMsrpStream = (stream) => ({ ...deaf, onBytes: (bytes) => stream.write([bytes]) });

async function listen(accept: AcceptMsrpStream, handshakeMsMax = 10_000): Promise<MsrpPort> {
  const contexts = {
    accepting: () => createSecureContext(own),
    opening: () => createSecureContext({ ca: own.cert }),
    verifiesPeers: true,
  };
  const port = await openMsrpTlsSocket('127.0.0.1', 0, { accept, contexts, handshakeMsMax });
  ports.push(port);
  return port;
}

function dial(port: MsrpPort, name: string, onBytes: (bytes: Uint8Array) => void = () => undefined) {
  return new Promise<Result<MsrpStream, string>>((resolve) => {
    port.connect({ ...port.local, name }, 5_000, (opened) => {
      resolve(opened);
      return { ...deaf, onBytes };
    });
  });
}

describe('a TLS stream', () => {
  it.each(['localhost', '127.0.0.1'])('is open where the certificate is for %s, and carries octets', async (name) => {
    const port = await listen(echo);
    let hear: (text: string) => void = () => undefined;
    const heard = new Promise<string>((resolve) => void (hear = resolve));
    const opened = await dial(port, name, (bytes) => hear(new TextDecoder().decode(bytes)));
    expect(opened).toMatchObject({ ok: true, value: { transport: 'tls' } });
    if (opened.ok) opened.value.write([new TextEncoder().encode('hello')]);
    expect(await heard).toBe('hello');
    if (opened.ok) opened.value.abort();
  });

  it('is none where the certificate is for another name', async () => {
    const opened = await dial(await listen(echo), 'elsewhere.example');
    expect(opened).toMatchObject({ ok: false });
    expect(opened.ok ? '' : opened.error).toContain('elsewhere.example');
  });

  it('that never finishes its handshake is counted, and closed in time', async () => {
    let accepted = 0;
    const closed = new Promise<void>((resolve) => {
      void listen(() => {
        accepted += 1;
        return { ...deaf, onClose: resolve };
      }, 50).then((port) => connectTcp(port.local.port, '127.0.0.1').on('error', () => undefined));
    });
    await closed;
    expect(accepted).toBe(1);
  });

  it('whose peer speaks no TLS is closed', async () => {
    let isClosed = false;
    const port = await listen(() => ({ ...deaf, onClose: () => void (isClosed = true) }));
    const socket = connectTcp(port.local.port, '127.0.0.1').on('error', () => undefined);
    socket.write('MSRP abcd SEND\r\n'.repeat(20));
    socket.resume();
    await once(socket, 'close');
    expect(isClosed).toBe(true);
  });
});
