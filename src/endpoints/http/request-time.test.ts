/** Bodies that do not come to their end: JSON has its time, a stream as long as it comes. The looks of the clock are the test's. */
import { connect, type Socket } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { httpRequestMsMax, httpStreamedBytesMin } from './http-limits.ts';
import { limitRequestTime } from './request-time.ts';

let app: FastifyInstance;
let socket: Socket;
let heard = '';
/** The server's side of it, as soon as a head has come. */
let begun: Promise<Socket>;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  app = fastify({ requestTimeout: 0 });
  limitRequestTime(app);
  begun = new Promise((resolve) => {
    app.addHook('onRequest', async ({ raw }) => resolve(raw.socket));
  });
  app.addContentTypeParser('*', (_request, body, done) => done(null, body));
  app.post('/', { config: { takesStream: true } }, async (request) => {
    let bytes = 0;
    for await (const octets of request.body as AsyncIterable<Buffer>) bytes += octets.length;
    return String(bytes);
  });
  app.post('/json', () => 'whole');
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as { port: number };
  heard = '';
  socket = connect(port, '127.0.0.1');
  socket.on('data', (octets) => (heard += octets.toString('latin1')));
  socket.on('error', () => undefined);
});
afterEach(async () => {
  vi.useRealTimers();
  socket.destroy();
  await app.close();
});

function begin(path: string, type: string, length: number): void {
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`);
}

/** Lets what was written come, and then the next look. */
async function look(octets: number): Promise<void> {
  const { bytesRead } = await begun;
  socket.write(Buffer.alloc(octets));
  const side = await begun;
  await vi.waitFor(() => expect(side.bytesRead).toBe(bytesRead + octets), 30_000);
  await vi.advanceTimersByTimeAsync(httpRequestMsMax);
}

async function answered(): Promise<string> {
  await vi.waitFor(() => expect(heard).not.toBe(''), 30_000);
  return heard.slice('HTTP/1.1 '.length, 12);
}

it('JSON that is not whole by then is 408, however it comes', async () => {
  begin('/json', 'application/json; charset=utf-8', 100_000);
  await look(50_000);
  expect(await answered()).toBe('408');
});

it('a stream of which nothing comes is 408', async () => {
  begin('/', 'image/png', 10 * httpStreamedBytesMin);
  await look(1);
  expect(await answered()).toBe('408');
});

it('a stream of which just enough comes is taken whole', async () => {
  begin('/', 'image/png', 3 * httpStreamedBytesMin);
  for (let count = 0; count < 2; count += 1) await look(httpStreamedBytesMin);
  expect(heard).toBe('');
  await look(httpStreamedBytesMin);
  expect(await answered()).toBe('200');
  expect(heard.endsWith(String(3 * httpStreamedBytesMin))).toBe(true);
});

it('a stream of one octet less in a look is 408', async () => {
  begin('/', 'image/png', 10 * httpStreamedBytesMin);
  await look(httpStreamedBytesMin);
  await look(httpStreamedBytesMin - 1);
  expect(await answered()).toBe('408');
});
