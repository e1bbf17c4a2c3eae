/** The load over HTTP against a small server in the same process. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HelloProcess } from '../../hello/hello-process.ts';
import type { HttpPlan } from './http-plan.ts';
import { HttpSession } from './http-session.ts';

const open: { close(): unknown }[] = [];

afterEach(() => {
  for (const thing of open.splice(0).toReversed()) thing.close();
});

type Handle = (request: IncomingMessage, response: ServerResponse, body: string) => void;

async function startServer(handle: Handle): Promise<HttpPlan> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (bytes: Buffer) => (body += bytes.toString()));
    request.on('end', () => handle(request, response, body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  open.push({ close: () => [server.close(), server.closeAllConnections()] });
  const { port } = server.address() as AddressInfo;
  const place = { host: '127.0.0.1', port, domain: 'bench.test', firstUser: 0, secondsMax: 60 };
  return { ...place, kind: 'post', users: 10, total: 30, width: 4, wantedStatus: 202 };
}

function answer(response: ServerResponse, status: number, body = '{}'): void {
  response.writeHead(status, status === 204 ? {} : { 'content-length': body.length }).end(status === 204 ? '' : body);
}

function callerOf({ headers }: IncomingMessage): string {
  return Buffer.from(headers.authorization?.split(' ')[1] ?? '', 'base64').toString();
}

const silent = (): void => undefined;

describe('a load over HTTP', () => {
  it('sends from everybody to everybody, with their passwords, and no two alike', async () => {
    const bodies: string[] = [];
    const callers = new Set<string>();
    const plan = await startServer((request, response, body) => {
      bodies.push(body);
      callers.add(callerOf(request));
      answer(response, 202);
    });
    const report = await new HttpSession().run(plan, silent);
    expect(report).toMatchObject({ started: 30, ok: 30, failed: 0, outcomes: { 202: 30 } });
    expect(report.latency?.p50Ms).toBeGreaterThan(0);
    expect(new Set(bodies).size).toBe(30);
    expect(bodies[0]).toMatch(/^\{"to":"u0000000@bench.test","text":"bench 0000000 0000001 \.+"\}$/);
    expect([...callers]).toContain('u0000009@bench.test:pw0000009');
    expect(callers.size).toBe(10);
  });

  it('counts what is answered otherwise, and connections that end', async () => {
    let count = 0;
    const plan = await startServer((request, response) => {
      count += 1;
      if (count === 7) request.socket.destroy();
      else answer(response, count === 3 ? 429 : 202);
    });
    const report = await new HttpSession().run({ ...plan, total: 7, width: 1 }, silent);
    expect(report.outcomes).toEqual({ 202: 5, 429: 1, closed: 1 });
    expect(report).toMatchObject({ ok: 5, failed: 2 });
  });

  it('acknowledges what comes by a stream, and sees what comes again or too early', async () => {
    const streams = new Map<string, ServerResponse>();
    const told: string[] = [];
    const plan = await startServer((request, response, body) => {
      const url = request.url ?? '';
      const tell = (id: string, round: string): void => {
        const data = JSON.stringify({ id, text: `bench 0000000 ${round} .` });
        streams.get('u0000000@bench.test:pw0000000')?.write(`id: 0-1\nevent: message\ndata: ${data}\n\n`);
      };
      if (url === '/v1/events') {
        streams.set(callerOf(request), response);
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': beat\n\n');
      } else if (url.startsWith('/v1/inbox/')) {
        told.push(url);
        answer(response, 204);
        if (url === '/v1/inbox/m1/delivered') setImmediate(tell, 'm1', '0000001');
      } else {
        tell('m2', '0000002');
        tell('m1', '0000001');
        setTimeout(answer, 100, response, body.includes('u0000000@') ? 200 : 500);
      }
    });
    const session = new HttpSession();
    const report = await session.run(
      { ...plan, kind: 'deliver', users: 1, total: 1, width: 1, wantedStatus: 200 },
      silent,
    );
    expect(report).toMatchObject({ ok: 1, arrivals: { count: 2, disordered: 1 } });
    expect(report.arrivals.twice).toBeGreaterThan(0);
    expect(told.slice(0, 2)).toEqual(['/v1/inbox/m2/delivered', '/v1/inbox/m1/delivered']);
  });

  it('keeps streams open, and tells of one that is refused', async () => {
    let isOpen = 0;
    const plan = await startServer((request, response) => {
      if (callerOf(request).startsWith('u0000003')) return answer(response, 429);
      isOpen += 1;
      response.on('close', () => (isOpen -= 1));
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    });
    const streams = { ...plan, kind: 'stream', total: 10, wantedStatus: 200 } as const;
    expect(await new HttpSession().run(streams, silent)).toMatchObject({ ok: 9, outcomes: { 200: 9, 429: 1 } });
    expect(isOpen).toBe(9);
  });

  it('measures the hello of the framework, which ends when it is told', async () => {
    const plan = await startServer((_request, response) => answer(response, 500));
    const hello = await HelloProcess.start();
    const { host, port } = hello;
    const report = await new HttpSession().run({ ...plan, kind: 'hello', host, port, wantedStatus: 200 }, silent);
    expect(report.ok).toBe(30);
    hello.close();
    await expect
      .poll(() =>
        fetch(`http://${host}:${port}/`).then(
          () => 'answers',
          () => 'gone',
        ),
      )
      .toBe('gone');
  });
});
