import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { formatReply, type FullReply } from './request-answerer.ts';
import { parseSipText, type SipText } from './sip-text.ts';
import { SipUserAgent, type SipUserAgentOptions } from './sip-user-agent.ts';
import type { WireAddress } from './wire-socket.ts';

const toClose: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of toClose.splice(0)) await one.close();
});

async function phone(options: SipUserAgentOptions): Promise<SipUserAgent> {
  const made = await SipUserAgent.start({ t1Ms: 20, ...options });
  toClose.push({ close: () => made.stop() });
  return made;
}

/** A throw-away peer: answers every request as told, and can send bytes to whoever wrote last. */
class Responder {
  /** Without what was sent again, as it is on a machine that has much to do. */
  readonly seen: SipText[] = [];
  readonly #socket = createSocket('udp4');
  readonly #reply: (request: SipText) => FullReply | undefined;
  #last: WireAddress = { host: '', port: 0 };

  constructor(reply: (request: SipText) => FullReply | undefined) {
    this.#reply = reply;
    toClose.push({ close: () => this.#socket.close() });
  }

  async listen(): Promise<WireAddress> {
    this.#socket.on('message', (bytes, from) => {
      const message = parseSipText(bytes);
      if (!message) return;
      this.#last = { host: from.address, port: from.port };
      if (!this.seen.some((before) => before.bytes.equals(bytes))) this.seen.push(message);
      const reply = message.isRequest ? this.#reply(message) : undefined;
      if (reply) this.say(formatReply(message, reply));
    });
    await new Promise<void>((resolve) => this.#socket.bind(0, '127.0.0.1', () => resolve()));
    return { host: '127.0.0.1', port: this.#socket.address().port };
  }

  say(bytes: Uint8Array | string): void {
    this.#socket.send(bytes, this.#last.port, this.#last.host);
  }
}

function notifyFor(subscribe: SipText, body: string): string {
  return [
    `NOTIFY ${/<([^>]+)>/.exec(subscribe.header('Contact') ?? '')?.[1]} SIP/2.0`,
    'Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKnotify1',
    `From: <sip:tom@localhost>;tag=server1`,
    `To: ${subscribe.header('From')}`,
    `Call-ID: ${subscribe.callId}`,
    'CSeq: 1 NOTIFY',
    'Event: presence',
    'Contact: <sip:presence@127.0.0.1:5999>',
    'Subscription-State: active;expires=60',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

/** RFC 7616 by hand, so that the phone's own arithmetic is not its judge. */
function isDigestRight(request: SipText, header: string, secret: { algorithm: string; password: string }): boolean {
  const value = request.header(header);
  if (value === undefined) return false;
  const field = (name: string): string => new RegExp(`${name}="?([^",]+)`).exec(value)?.[1] ?? '';
  const hash = (text: string): string => createHash(secret.algorithm).update(text).digest('hex');
  const first = hash(`mary:localhost:${secret.password}`);
  const second = hash(`${request.method}:${request.uri}`);
  const middle = `${field('nonce')}:${field('nc')}:${field('cnonce')}:auth`;
  return field(' response') === hash(`${first}:${middle}:${second}`) && field('uri') === request.uri;
}

describe('two phones', () => {
  it('talk to each other', async () => {
    const mary = await phone({ server: { host: '127.0.0.1', port: 9 }, address: 'mary@localhost' });
    const tom = await phone({ server: mary.local, address: 'tom@localhost', displayName: 'Tom' });
    const answer = await tom.sendMessage('mary@localhost', 'hi 🙂', {
      headers: { 'Deliver-When': 'availability is available' },
    });
    const got = await mary.nextMessage(30_000);
    expect(answer.status).toBe(200);
    expect(got).toMatchObject({ from: 'tom@localhost', text: 'hi 🙂', contentType: 'text/plain;charset=UTF-8' });
    expect(got.request.header('deliver-when')).toBe('availability is available');
    expect(got.deferred).toBeUndefined();
  });

  it('answer as told: a status, all of an answer, a function, silence', async () => {
    const mary = await phone({ server: { host: '127.0.0.1', port: 9 }, address: 'mary@localhost' });
    const tom = await phone({ server: mary.local, address: 'tom@localhost' });
    mary.answer('MESSAGE', 486);
    expect((await tom.sendMessage('mary@localhost', '1')).status).toBe(486);
    mary.answer('MESSAGE', { status: 415, headers: { Accept: 'text/plain' }, afterMs: 5 });
    expect((await tom.sendMessage('mary@localhost', '2')).header('Accept')).toBe('text/plain');
    mary.answer('MESSAGE', (request) => (request.text === '3' ? 603 : 200));
    expect((await tom.sendMessage('mary@localhost', '3')).reason).toBe('Decline');
    mary.answer('MESSAGE', 'silence');
    await expect(tom.sendMessage('mary@localhost', '4')).rejects.toThrow('no answer to MESSAGE within 1280 ms');
    expect(mary.messages.map((message) => message.text)).toEqual(['1', '2', '3', '4']);
    expect(tom.log.entries.filter((entry) => entry.isRetransmission).length).toBeGreaterThan(5);
  });

  it('answer a repeated request once more, without reading it twice', async () => {
    const mary = await phone({ server: { host: '127.0.0.1', port: 9 }, address: 'mary@localhost' });
    const tom = await phone({ server: mary.local, address: 'tom@localhost' });
    await tom.sendMessage('mary@localhost', 'once');
    const sent = tom.log.entries.find((entry) => entry.direction === 'sent')?.message;
    await tom.waitFor((message) => message.status === 200, 30_000);
    await tom.sendRaw(sent?.bytes ?? '');
    const again = await tom.waitFor((message) => message.status === 200, 30_000);
    expect(again.toTag).toBe(tom.log.entries[1]?.message?.toTag);
    expect(mary.messages).toHaveLength(1);
  });

  it('end a wait that was in vain with an error', async () => {
    const mary = await phone({ server: { host: '127.0.0.1', port: 9 }, address: 'mary@localhost' });
    await expect(mary.nextMessage(5)).rejects.toThrow('no MESSAGE within 5 ms');
    await expect(mary.waitFor(() => true, 5)).rejects.toThrow('no such message within 5 ms');
  });

  it('switch off in the middle of a request', async () => {
    const mary = await phone({ server: { host: '127.0.0.1', port: 9 }, address: 'mary@localhost' });
    mary.answer('MESSAGE', 'silence');
    const tom = await phone({ server: mary.local, address: 'tom@localhost', t1Ms: 500 });
    const answer = tom.sendMessage('mary@localhost', 'hi');
    await mary.nextMessage(30_000);
    await tom.stop();
    await expect(answer).rejects.toThrow('switched off');
    expect(() => tom.contact).toThrow('switched off');
  });
});

describe('a phone and a server', () => {
  it.each(['md5', 'sha256'])('registers with digest %s and uses the nonce again', async (algorithm) => {
    const challenge = `Digest realm="localhost", nonce="n1", algorithm=${algorithm === 'md5' ? 'MD5' : 'SHA-256'}, qop="auth"`;
    const responder = new Responder((request) =>
      isDigestRight(request, 'Authorization', { algorithm, password: 'mary-secret' })
        ? { status: 200 }
        : {
            status: 401,
            headers: { 'WWW-Authenticate': ['Digest realm="x", nonce="y", algorithm=UNKNOWN', challenge] },
          },
    );
    const server = await responder.listen();
    const mary = await phone({ server, address: 'mary@localhost', password: 'mary-secret' });
    expect((await mary.register({ contactParams: '+restante.delivery="pull"', expires: 60 })).status).toBe(200);
    expect((await mary.unregister()).status).toBe(200);
    expect(responder.seen.map((request) => request.cseq)).toEqual([1, 2, 3]);
    expect(new Set(responder.seen.map((request) => request.callId)).size).toBe(1);
    expect(responder.seen[1]?.header('Contact')).toBe(`<${mary.contact}>;+restante.delivery="pull"`);
    expect(responder.seen.map((request) => request.header('Expires'))).toEqual(['60', '60', '0']);
    expect(responder.seen[2]?.header('Authorization')).toContain('nc=00000002');
  });

  it('gives up on a wrong password after one answer, and takes a new nonce when the old one is stale', async () => {
    let refusals = 0;
    const responder = new Responder((request) => {
      if (isDigestRight(request, 'Proxy-Authorization', { algorithm: 'md5', password: 'right' }) && refusals >= 2) {
        return { status: 200 };
      }
      refusals += 1;
      const stale = refusals === 2 ? ', stale=true' : '';
      const challenge = `Digest realm="localhost", nonce="n${refusals}", qop="auth,auth-int"${stale}`;
      return { status: 407, headers: { 'Proxy-Authenticate': challenge } };
    });
    const server = await responder.listen();
    const mary = await phone({ server, address: 'mary@localhost', password: 'right' });
    expect((await mary.sendMessage('tom@localhost', 'hi')).status).toBe(200);
    const stranger = await phone({ server, address: 'mary@localhost', password: 'wrong' });
    expect((await stranger.sendMessage('tom@localhost', 'hi')).status).toBe(407);
    expect((await stranger.sendMessage('tom@localhost', 'hi', { mayAuthenticate: false })).status).toBe(407);
    expect(responder.seen).toHaveLength(6);
  });

  it('keeps the entity tag of what it published, and starts anew when the server lost it', async () => {
    let tags = 0;
    const responder = new Responder((request) => {
      if (tags === 2 && request.header('SIP-If-Match') !== undefined) return { status: 412 };
      tags += 1;
      return { status: 200, headers: { 'SIP-ETag': `tag${tags}` } };
    });
    const mary = await phone({ server: await responder.listen(), address: 'mary@localhost' });
    await mary.publish({ availability: 'available' });
    expect(mary.entityTag).toBe('tag1');
    await mary.refreshPublication();
    await mary.publish({ mood: 'happy' }, { expires: 30 });
    expect(mary.entityTag).toBe('tag3');
    await mary.unpublish();
    const matches = responder.seen.map((request) => request.header('SIP-If-Match'));
    expect(matches).toEqual([undefined, 'tag1', 'tag2', undefined, 'tag3']);
    expect(responder.seen.map((request) => request.body.length > 0)).toEqual([true, false, true, true, false]);
    expect(mary.entityTag).toBeUndefined();
  });

  it('subscribes, gets NOTIFYs, refreshes and ends inside the dialog', async () => {
    const responder = new Responder(() => ({ status: 200, headers: { Contact: '<sip:presence@127.0.0.1:5999>' } }));
    const mary = await phone({ server: await responder.listen(), address: 'mary@localhost' });
    const watch = await mary.subscribe('presence', { to: 'tom@localhost', accept: 'application/pidf+xml' });
    const opening = responder.seen[0];
    expect(opening?.header('Accept')).toBe('application/pidf+xml');
    if (opening) responder.say(notifyFor(opening, '<presence/>'));
    expect((await watch.nextNotify(30_000)).text).toBe('<presence/>');
    expect(watch.state).toBe('active');
    await watch.unsubscribe();
    const ending = responder.seen.findLast((one) => one.isRequest);
    expect(ending?.uri).toBe('sip:presence@127.0.0.1:5999');
    expect(ending?.toTag).toBeTruthy();
    expect([ending?.callId, ending?.cseq, ending?.header('Expires')]).toEqual([opening?.callId, 2, '0']);
    if (opening) responder.say(notifyFor(opening, '').replace(opening.callId, 'another').replace('notify1', 'notify2'));
    const refusal = await mary.waitFor((message) => message.callId === 'another', 30_000);
    expect(refusal.method).toBe('NOTIFY');
    await expect.poll(() => responder.seen.at(-1)?.status).toBe(481);
  });
});

describe('a phone on TCP', () => {
  it('cuts the stream into messages and opens a lost connection again', async () => {
    let connections = 0;
    const server = createServer((stream) => {
      connections += 1;
      stream.on('error', () => undefined);
      stream.on('data', (chunk) => {
        const request = parseSipText(chunk);
        if (!request) return;
        const answer = formatReply(request, { status: 200, body: 'x'.repeat(50) });
        stream.write(Buffer.concat([Buffer.from('\r\n\r\n'), answer.subarray(0, 60)]));
        setTimeout(() => stream.end(answer.subarray(60)), 5);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    toClose.push({ close: () => server.close() });
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const tom = await phone({ server: { host: '127.0.0.1', port }, address: 'tom@localhost', transport: 'tcp' });
    expect(tom.contact).toBe(`sip:tom@127.0.0.1:${tom.local.port};transport=tcp`);
    expect((await tom.options()).body.length).toBe(50);
    await expect.poll(() => tom.log.entries.at(-1)?.line).toBe('connection closed');
    expect((await tom.options('mary@localhost')).status).toBe(200);
    expect(connections).toBe(2);
  });

  it('says so when nobody listens', async () => {
    const options = { server: { host: '127.0.0.1', port: 1 }, address: 'tom@localhost', transport: 'tcp' } as const;
    await expect(SipUserAgent.start(options)).rejects.toThrow('ECONNREFUSED');
  });
});
