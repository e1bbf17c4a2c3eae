/** SIP over WebSockets as clients find it (RFC 6455, RFC 7118): who may open one, and what may be sent in which frames. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket as WsClient } from 'ws';
import { SipUserAgent } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import { framesPerMessageMax } from '../../src/endpoints/http/web-sockets/web-socket-gate.ts';
import { defaultMessageLimits } from '../../src/sip/message/parsing/message-limits.ts';
import { certificateText, type OpenServer, openServer } from './open-server.ts';
import { opcodes, RawWebSocket } from './raw-web-socket.ts';

let server: OpenServer;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  server = await openServer({ cors: 'https://chat.example.com' });
}, 90_000);

afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
  await server.close();
});

function open(request: ConstructorParameters<typeof RawWebSocket>[1] = {}): RawWebSocket {
  const socket = new RawWebSocket(server.running.http.port, request);
  cleanups.push(() => socket.destroy());
  return socket;
}

let count = 0;

/** Each is another request. */
function optionsText(more = ''): string {
  count += 1;
  const via = `Via: SIP/2.0/WS x.invalid;branch=z9hG4bK${count};keep`;
  const lines = ['OPTIONS sip:localhost SIP/2.0', via, 'Max-Forwards: 70'];
  lines.push('From: <sip:tom@localhost>;tag=1', 'To: <sip:localhost>', `Call-ID: o${count}`, 'CSeq: 1 OPTIONS');
  return `${lines.join('\r\n')}\r\n${more}\r\n`;
}

async function openPhone(name: string): Promise<SipUserAgent> {
  const { host, port } = server.running.http;
  const address = `${name}@localhost`;
  const phone = await SipUserAgent.start({
    server: { host, port },
    address,
    password: `${name}-secret`,
    transport: 'ws',
  });
  cleanups.push(() => phone.stop());
  return phone;
}

describe('an upgrade', () => {
  it('needs the subprotocol, and hears it back', async () => {
    expect(await open().answer).toMatch(/^sec-websocket-protocol: sip\r?$/im);
    const several = { 'Sec-WebSocket-Protocol': 'msrp, sip' };
    expect(await open({ headers: several }).answer).toMatch(/^sec-websocket-protocol: sip\r?$/im);
  });

  it.each([
    ['no subprotocol', {}, 400, 'unsupported-subprotocol'],
    ['another one', { 'Sec-WebSocket-Protocol': 'msrp' }, 400, 'unsupported-subprotocol'],
    ['a foreign page', { Origin: 'https://evil.example', 'Sec-WebSocket-Protocol': 'sip' }, 403, 'foreign-origin'],
    ['a page of nowhere', { Origin: 'null', 'Sec-WebSocket-Protocol': 'sip' }, 403, 'foreign-origin'],
  ])('with %s is refused', async (_what, headers, status, name) => {
    const answer = await open({ headers }).answer;
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain(`urn:restante:problem:${name}`);
  });

  it('is for pages of the named origins and of the server itself', async () => {
    const own = `http://127.0.0.1:${server.running.http.port}`;
    for (const Origin of ['https://chat.example.com', own]) {
      const headers = { Origin, 'Sec-WebSocket-Protocol': 'sip' };
      expect(await open({ headers }).answer).toMatch(/^HTTP\/1\.1 101 /);
    }
  });

  it('is not at other paths, and not a page', async () => {
    expect(await open({ path: '/v1/events' }).answer).toMatch(/^HTTP\/1\.1 404 /);
    const page = await fetch(`http://127.0.0.1:${server.running.http.port}/sip`);
    expect([page.status, page.headers.get('upgrade')]).toEqual([426, 'websocket']);
  });

  it('to anything else is not taken, and the request answered', async () => {
    const socket = open({ path: '/healthz', headers: { Upgrade: 'h2c', Connection: 'Upgrade, close' } });
    expect(await socket.answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*alive/);
  });
});

describe('frames', () => {
  it('of text and of octets are messages, with a Content-Length or without, whole or in pieces', async () => {
    const socket = open();
    await socket.answer;
    socket.send(opcodes.text, optionsText());
    socket.send(opcodes.binary, optionsText('Content-Length: 0\r\n'));
    const text = optionsText();
    socket.send(opcodes.text, text.slice(0, 50), false);
    socket.send(opcodes.ping, 'are you there');
    socket.send(opcodes.continuation, text.slice(50));
    const got = [await socket.next(), await socket.next(), await socket.next(), await socket.next()];
    const answers = got.filter((frame) => frame?.opcode === opcodes.text).map((frame) => String(frame?.payload));
    expect(answers.map((answer) => answer.split('\r\n')[0])).toEqual(Array(3).fill('SIP/2.0 200 OK'));
    expect(answers[0]).toMatch(/^Via: SIP\/2\.0\/WS x\.invalid;branch=z9hG4bK\d+;keep=120;received=127\.0\.0\.1\r$/m);
    expect(got.find((frame) => frame?.opcode === opcodes.pong)?.payload.toString()).toBe('are you there');
  });

  it.each(['\r\n\r\n', '\r\n'])('of line ends alone are answered with one', async (text) => {
    const socket = open();
    await socket.answer;
    socket.send(opcodes.text, text);
    expect(await socket.next()).toMatchObject({ opcode: opcodes.text, payload: Buffer.from('\r\n') });
  });

  it('go out as octets where they are no UTF-8', async () => {
    const phone = await openPhone('peter');
    await phone.register();
    const tom = await openPhone('tom');
    await tom.sendMessage('peter@localhost', { contentType: 'application/octet-stream', body: 'x' });
    const socket = open();
    await socket.answer;
    socket.send(opcodes.binary, Buffer.concat([Buffer.from(optionsText('Subject: ')), Buffer.from([0xff])]));
    socket.send(opcodes.text, Buffer.from([0xff]));
    const last = await lastFrame(socket);
    expect([last?.opcode, last?.payload.readUInt16BE(0)]).toEqual([opcodes.close, 1007]);
  });

  it('may be as large as the largest message and no larger', async () => {
    const { headerSectionBytesMax, bodyBytesMax } = defaultMessageLimits;
    const messageBytesMax = headerSectionBytesMax + bodyBytesMax;
    const taken = open();
    await taken.answer;
    taken.send(opcodes.text, optionsText().padEnd(messageBytesMax, 'x'));
    expect(String((await taken.next())?.payload)).toMatch(/^SIP\/2\.0 413 /);
    const refused = open();
    await refused.answer;
    refused.send(opcodes.text, 'x'.repeat(messageBytesMax + 1));
    const last = await lastFrame(refused);
    expect([last?.opcode, last?.payload.readUInt16BE(0)]).toEqual([opcodes.close, 1009]);
  });

  it('may be as many for one message as the limit says, and no more', async () => {
    for (const frames of [framesPerMessageMax, framesPerMessageMax + 1]) {
      const text = optionsText(`Subject: ${'x'.repeat(400)}\r\n`);
      const socket = open();
      await socket.answer;
      for (let at = 0; at < frames; at += 1) {
        const isLast = at === frames - 1;
        const piece = isLast ? text.slice(at) : text.slice(at, at + 1);
        socket.send(at === 0 ? opcodes.text : opcodes.continuation, piece, isLast);
      }
      expect((await socket.next())?.opcode).toBe(frames > framesPerMessageMax ? opcodes.close : opcodes.text);
    }
  });

  it('that say goodbye are answered alike', async () => {
    const socket = open();
    await socket.answer;
    socket.send(opcodes.close, Buffer.from([3, 232]));
    expect(await lastFrame(socket)).toMatchObject({ opcode: opcodes.close, payload: Buffer.from([3, 232]) });
  });
});

async function lastFrame(socket: RawWebSocket) {
  let last;
  for (let next = await socket.next(); next !== undefined; next = await socket.next()) last = next;
  return last;
}

describe('a browser', () => {
  it('registers, sends and receives; what waits comes when it registers, and nothing after it is gone', async () => {
    const [john, mary] = [await openPhone('john'), await openPhone('mary')];
    expect((await mary.sendMessage('john@localhost', 'füße')).status).toBe(202);
    expect((await john.register()).status).toBe(200);
    expect((await john.nextMessage(30_000)).text).toBe('füße');
    expect((await mary.sendMessage('john@localhost', 'at once')).status).toBe(200);
    expect((await john.nextMessage(30_000)).request.startLine).toMatch(
      /^MESSAGE sip:john@[\da-f]+\.invalid:5060;transport=ws /,
    );
    await john.stop();
    expect((await mary.sendMessage('john@localhost', 'again')).status).toBe(202);
  }, 90_000);

  it('is told of a subscription where it can answer', async () => {
    const tom = await openPhone('tom');
    const subscription = await tom.subscribe('presence', { to: 'tom@localhost' });
    expect(subscription.answer?.header('Contact')).toBe(`<sip:127.0.0.1:${server.running.http.port};transport=ws>`);
    await tom.waitFor((message) => message.method === 'NOTIFY', 30_000);
  });
});

describe('over TLS', () => {
  it('the same is said, and called WSS', async () => {
    const port = server.running.https?.port ?? 0;
    const socket = new WsClient(`wss://localhost:${port}/sip`, 'sip', { ca: certificateText('localhost') });
    cleanups.push(() => socket.terminate());
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.send(optionsText());
    const answer = await new Promise((resolve) => {
      socket.once('message', (data: Buffer) => resolve(data.toString('utf8')));
    });
    expect(answer).toMatch(/^SIP\/2\.0 200 OK/);
    const page = await fetch(`http://127.0.0.1:${server.running.http.port}/metrics`);
    expect(await page.text()).toMatch(/^restante_websockets_open [1-9]/m);
  });
});
