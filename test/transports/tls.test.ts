/** SIP over TLS as phones find it: what is said over it, which certificate it shows, and what keeps a server from starting. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SipUserAgent } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import { certificateFile, certificateText, type OpenServer, openServer } from './open-server.ts';

let server: OpenServer;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  server = await openServer();
}, 90_000);

afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
  await server.close();
});

function portOf(which: 'sips' | 'https' | 'msrps'): number {
  return server.running[which]?.port ?? 0;
}

async function openPhone(name: string): Promise<SipUserAgent> {
  const address = { host: '127.0.0.1', port: portOf('sips'), ca: certificateText('localhost') };
  const account = { address: `${name}@localhost`, password: `${name}-secret` };
  const phone = await SipUserAgent.start({ server: address, ...account, transport: 'tls' });
  cleanups.push(() => phone.stop());
  return phone;
}

describe('a phone over TLS', () => {
  it('registers, and is reached over the connection that it has opened', async () => {
    const [john, mary] = [await openPhone('john'), await openPhone('mary')];
    expect((await mary.sendMessage('john@localhost', 'kept')).status).toBe(202);
    expect((await john.register()).status).toBe(200);
    const kept = await john.nextMessage(30_000);
    expect(kept.text).toBe('kept');
    expect(kept.request.header('Via')).toMatch(new RegExp(`^SIP/2\\.0/TLS 127\\.0\\.0\\.1:${portOf('sips')};`));
    expect((await mary.sendMessage('sips:john@localhost', 'at once')).status).toBe(200);
    expect((await john.nextMessage(30_000)).text).toBe('at once');
  });

  it('is told of subscriptions by a Contact of the same kind, and a sips one for sips', async () => {
    const tom = await openPhone('tom');
    const plain = await tom.subscribe('presence', { to: 'sip:tom@localhost' });
    expect(plain.answer?.header('Contact')).toBe(`<sip:127.0.0.1:${portOf('sips')};transport=tls>`);
    const contact = `<${tom.contact.replace('sip:', 'sips:').replace(';transport=tls', '')}>`;
    const rows = { Event: 'presence', Expires: '600' };
    const mixed = await tom.request('SUBSCRIBE', 'sips:tom@localhost', {
      headers: { ...rows, Contact: `<${tom.contact}>` },
    });
    expect([mixed.status, mixed.header('Warning')]).toEqual([400, expect.stringContaining('sips Contact')]);
    const secure = await tom.request('SUBSCRIBE', 'sips:tom@localhost', { headers: { ...rows, Contact: contact } });
    expect(secure.header('Contact')).toBe(`<sips:127.0.0.1:${portOf('sips')}>`);
  });

  it('may register a sips contact only if everything is sips', async () => {
    const peter = await openPhone('peter');
    const Contact = '<sips:peter@127.0.0.1:6000>';
    expect((await peter.register({ headers: { Contact } })).status).toBe(400);
    const headers = { Contact, Expires: '600' };
    const answer = await peter.request('REGISTER', 'sips:localhost', { to: 'sip:peter@localhost', headers });
    expect(answer.status).toBe(200);
    const tom = await openPhone('tom');
    expect((await tom.sendMessage('peter@localhost', 'safely')).status).toBe(200);
  });
});

describe('HTTPS', () => {
  it('is the same API', async () => {
    const socket = await dial(portOf('https'));
    socket.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    expect(String(bytes)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('a certificate that is replaced', () => {
  it('is shown to whoever connects from then on, and a broken one is not', async () => {
    const before = await serials();
    writeFileSync(join(server.folder, 'cert.pem'), 'broken');
    server.install('renewed');
    await expect.poll(serials, { timeout: 45_000, interval: 200 }).not.toEqual(before);
    const renewed = await serials();
    expect(new Set(renewed).size).toBe(1);
    writeFileSync(join(server.folder, 'key.pem'), 'broken');
    const phone = await openRenewed();
    expect((await phone.options()).status).toBe(200);
  }, 90_000);
});

/** Of what the listeners show. */
async function serials(): Promise<string[]> {
  const found: string[] = [];
  for (const port of [portOf('sips'), portOf('https'), portOf('msrps')]) {
    const socket = await dial(port, false);
    found.push(socket.getPeerCertificate().serialNumber);
    socket.destroy();
  }
  return found;
}

async function openRenewed(): Promise<SipUserAgent> {
  const address = { host: '127.0.0.1', port: portOf('sips'), ca: certificateText('renewed') };
  const phone = await SipUserAgent.start({ server: address, address: 'tom@localhost', transport: 'tls' });
  cleanups.push(() => phone.stop());
  return phone;
}

async function dial(port: number, rejectUnauthorized = true): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ca: certificateText('localhost'), rejectUnauthorized });
  socket.on('error', () => undefined);
  cleanups.push(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

describe('a server that cannot have its certificate', () => {
  const elsewhere = { 'tls-key': certificateFile('elsewhere', 'key') };
  it.each([
    ['no certificate file', { 'tls-cert': '/nowhere/cert.pem' }, '--tls-cert /nowhere/cert.pem: there is no such file'],
    ['no key file', { 'tls-key': '/nowhere/key.pem' }, '--tls-key /nowhere/key.pem: there is no such file'],
    [
      'a key in place of a certificate',
      { 'tls-cert': certificateFile('localhost', 'key') },
      '--tls-cert holds no certificate in PEM',
    ],
    [
      'a certificate in place of a key',
      { 'tls-key': certificateFile('localhost', 'cert') },
      '--tls-key holds no private key in PEM, or one that is encrypted',
    ],
    ['the key of another', elsewhere, '--tls-key is not the key of the first certificate in --tls-cert'],
    ['roots that are none', { 'tls-ca': certificateFile('localhost', 'key') }, 'holds no certificate in PEM'],
  ])('because of %s says so in one line and does not start', async (_what, flags, fault) => {
    await expect(openServer(flags)).rejects.toThrow(fault);
  });

  it.each(['sips', 'https'] as const)('or the port of --%s names it, and leaves nothing open', async (which) => {
    const taken = `127.0.0.1:${portOf(which)}`;
    const word = which === 'sips' ? 'tls' : 'https';
    const fault = `cannot listen on ${word} ${taken}: the address is already in use`;
    await expect(openServer({ [which]: taken })).rejects.toThrow(fault);
  });
});

describe('whoever never finishes a handshake', () => {
  it('is counted among the silent ones of its address, like one that never says a word', async () => {
    const sockets = Array.from({ length: 3 }, () => connectTcp(portOf('sips'), '127.0.0.1'));
    for (const socket of sockets) cleanups.push(() => socket.destroy());
    const openNow = async (): Promise<number> => {
      const page = await (await fetch(`http://127.0.0.1:${server.running.http.port}/metrics`)).text();
      return Number(/^restante_sip_connections_open (\d+)/m.exec(page)?.[1]);
    };
    const before = await openNow();
    await expect.poll(openNow, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
    for (const socket of sockets) socket.destroy();
    await expect.poll(openNow, { timeout: 30_000 }).toBeLessThanOrEqual(before);
  });
});
