import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Counters } from '../../base/counters.ts';
import { silentLog, type LogFields } from '../../base/log.ts';
import { systemIds } from '../../base/system-ids.ts';
import { createHttpApp, startHttpServer, type HttpServer, type HttpSurroundings } from './http-server.ts';

function surroundings(some: Partial<HttpSurroundings> = {}): HttpSurroundings {
  return {
    counters: new Counters(),
    log: silentLog,
    ids: systemIds,
    version: '1.2.3',
    domains: ['example.com'],
    isReady: () => true,
    ...some,
  };
}

describe('health', () => {
  it('is alive before it is ready, and ready when it says so', async () => {
    let isReady = false;
    const app = await createHttpApp(surroundings({ isReady: () => isReady }));
    expect((await app.inject('/healthz')).statusCode).toBe(200);
    const early = await app.inject('/readyz');
    expect(early.statusCode).toBe(503);
    expect(early.json()).toMatchObject({ type: 'urn:restante:problem:not-ready', status: 503 });
    isReady = true;
    const ready = await app.inject('/readyz');
    expect([ready.statusCode, ready.body, ready.headers['cache-control']]).toEqual([200, 'ready\n', 'no-store']);
  });
});

describe('metrics', () => {
  it('shows the process and the counts of the moment', async () => {
    const counters = new Counters();
    const app = await createHttpApp(surroundings({ counters }));
    counters.add('sip_requests{method="MESSAGE"}', 3);
    counters.gauge('sip_flows', () => 2);
    const page = await app.inject('/metrics');
    expect(page.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(page.body).toContain('process_cpu_seconds_total');
    expect(page.body).toContain(
      '# TYPE restante_sip_requests_total counter\nrestante_sip_requests_total{method="MESSAGE"} 3\n',
    );
    expect(page.body).toContain('# TYPE restante_sip_flows gauge\nrestante_sip_flows 2\n');
  });
});

describe('the front page', () => {
  it('says what this is and lets nothing in', async () => {
    const page = await (await createHttpApp(surroundings({ domains: ['<b>.example'] }))).inject('/');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(/default-src 'none'/);
    expect(page.body).toContain('instant messaging server');
    expect(page.body).toContain('&lt;b&gt;.example');
    expect(page.body).toContain('href="/docs"');
    expect(page.body).toContain('Version 1.2.3');
  });

  it('names ten domains and counts the others', async () => {
    const domains = Array.from({ length: 12 }, (_, at) => `d${at}.example`);
    const { body } = await (await createHttpApp(surroundings({ domains }))).inject('/');
    expect(body).toContain('d9.example</code> and 2 more');
    expect(body).not.toContain('d10.example');
  });
});

describe('what is not there', () => {
  it.each([
    ['GET', '/nothing'],
    ['POST', '/healthz'],
    ['DELETE', '/'],
  ] as const)('%s %s is a problem', async (method, url) => {
    const answer = await (await createHttpApp(surroundings())).inject({ method, url });
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toEqual({
      type: 'urn:restante:problem:not-found',
      title: 'Not found',
      status: 404,
      detail: `there is nothing at ${method} ${url}`,
    });
  });
});

describe('faults', () => {
  it('of the client are named, as problems', async () => {
    const answer = await (
      await createHttpApp(surroundings())
    ).inject({
      method: 'POST',
      url: '/nothing',
      headers: { 'content-type': 'application/json' },
      payload: '{',
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ type: 'urn:restante:problem:malformed-request', status: 400 });
  });

  it('of ours are logged and not shown', async () => {
    const logged: LogFields[] = [];
    const log = { ...silentLog, error: (fields: LogFields) => void logged.push(fields) };
    const isReady = (): boolean => {
      throw new Error('secret');
    };
    const answer = await (await createHttpApp(surroundings({ log, isReady }))).inject('/readyz');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(logged).toMatchObject([{ url: '/readyz', fault: expect.stringContaining('secret') as unknown }]);
  });
});

describe('startHttpServer', () => {
  let server: HttpServer | undefined;

  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  it('takes any free port, answers, and is gone after stop', async () => {
    server = await startHttpServer({ host: '127.0.0.1', port: 0 }, surroundings());
    const url = `http://127.0.0.1:${server.port}/readyz`;
    expect((await fetch(url)).status).toBe(200);
    await server.stop();
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('stops although a request was begun and never ends', async () => {
    server = await startHttpServer({ host: '127.0.0.1', port: 0 }, surroundings());
    const client = connect(server.port, '127.0.0.1');
    client.on('error', () => undefined);
    const begun = 'GET /readyz HTTP/1.1\r\nHost: x\r\n';
    await new Promise<void>((resolve) => {
      client.write(`${begun}\r\n${begun}`);
      client.once('data', () => resolve());
    });
    const isClosed = new Promise<true>((resolve) => {
      client.once('close', () => resolve(true));
    });
    await server.stop();
    expect(await isClosed).toBe(true);
  });

  it('rejects when the port is taken', async () => {
    const squatter = createServer();
    const port = await new Promise<number>((resolve) => {
      squatter.listen(0, '127.0.0.1', () => {
        const address = squatter.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const started = startHttpServer({ host: '127.0.0.1', port }, surroundings());
    await expect(started).rejects.toMatchObject({ code: 'EADDRINUSE' });
    squatter.close();
  });
});
