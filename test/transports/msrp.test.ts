/** MSRP as its peers find it: over TCP, TLS and WebSockets of a whole server, and what is refused there. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { webSocketChunkBytesMax } from '../../src/server/msrp-side.ts';
import { certificateText, type OpenServer, openServer } from './open-server.ts';
import { opcodes, RawWebSocket } from './raw-web-socket.ts';

let server: OpenServer;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  server = await openServer();
}, 90_000);

afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
  await server.close();
});

/** To a session that there is not. */
function chunk(transport: 'tcp' | 'ws', id = 'abcd1234', body = 'hello'): string {
  const lines = [`MSRP ${id} SEND`, `To-Path: msrp://localhost:2855/nobody;${transport}`];
  lines.push(`From-Path: msrp://x.invalid:9/me;${transport}`, 'Message-ID: 1234', 'Content-Type: text/plain', '', body);
  return `${lines.join('\r\n')}\r\n-------${id}$\r\n`;
}

const answer =
  /^MSRP abcd1234 481 [^\r]+\r\nTo-Path: msrp:\/\/x.invalid:9\/me;(?:tcp|ws)\r\nFrom-Path: .+\r\n-------abcd1234\$\r\n$/;

async function firstWords(socket: Socket): Promise<string> {
  cleanups.push(() => socket.destroy());
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return String(bytes);
}

describe('a server', () => {
  it('answers over TCP', async () => {
    const { address, port } = server.running.msrp;
    const socket = connect(port, address);
    socket.write(chunk('tcp'));
    expect(await firstWords(socket)).toMatch(answer);
  });

  it('answers over TLS', async () => {
    const { port = 0 } = server.running.msrps ?? {};
    const dial = (ca: string) => connectTls({ host: '127.0.0.1', port, ca, servername: 'localhost' });
    const socket = dial(certificateText('localhost'));
    await once(socket, 'secureConnect');
    socket.write(chunk('tcp'));
    expect(await firstWords(socket)).toMatch(answer);
  });

  it('answers over a WebSocket, in text and in binary, one chunk in a message', async () => {
    const socket = openWebSocket();
    expect(await socket.answer).toMatch(/^sec-websocket-protocol: msrp\r?$/im);
    for (const opcode of [opcodes.text, opcodes.binary]) {
      socket.send(opcode, chunk('ws'));
      expect(await nextText(socket)).toMatch(answer);
    }
  });

  it('closes a WebSocket whose message ends within a chunk', async () => {
    const socket = openWebSocket();
    await socket.answer;
    socket.send(opcodes.text, chunk('ws').slice(0, 40));
    expect(await closeCode(socket)).toBe(1001);
  });

  it('takes chunks over a WebSocket up to a limit', async () => {
    const room = webSocketChunkBytesMax - chunk('ws', 'abcd1234', '').length;
    const fitting = openWebSocket();
    await fitting.answer;
    fitting.send(opcodes.text, chunk('ws', 'abcd1234', 'x'.repeat(room)));
    expect(await nextText(fitting)).toMatch(answer);
    const larger = openWebSocket();
    await larger.answer;
    larger.send(opcodes.text, chunk('ws', 'abcd1234', 'x'.repeat(room + 1)));
    expect(await closeCode(larger)).toBe(1009);
  });
});

function openWebSocket(): RawWebSocket {
  const socket = new RawWebSocket(server.running.http.port, {
    path: '/msrp',
    headers: { 'Sec-WebSocket-Protocol': 'msrp' },
  });
  cleanups.push(() => socket.destroy());
  return socket;
}

async function nextText(socket: RawWebSocket): Promise<string> {
  const frame = await socket.next();
  expect(frame?.opcode).toBe(opcodes.text);
  return String(frame?.payload);
}

async function closeCode(socket: RawWebSocket): Promise<number | undefined> {
  const frame = await socket.next();
  return frame?.opcode === opcodes.close ? frame.payload.readUInt16BE(0) : undefined;
}
