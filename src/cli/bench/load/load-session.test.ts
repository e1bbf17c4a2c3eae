/** The generator against a small server in the same process that takes registrations and passes messages on. */
import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { LoadGenerator } from './load-generator.ts';
import type { LoadPlan, SessionPlan } from './load-plan.ts';
import { LoadSession } from './load-session.ts';
import { formatOkAnswer, headerOf } from './wire/wire-bytes.ts';

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of open.splice(0).toReversed()) await thing.close();
});

interface SmallServer {
  readonly plan: SessionPlan;
  /** Contacts by user. */
  readonly ports: Map<string, number>;
  readonly requests: string[];
  /** What it does with a MESSAGE; passes it on by default. */
  onMessage: (request: Buffer, reply: (answer: Buffer) => void) => void;
  passOn(request: Buffer, branch: string): void;
}

async function startServer(users = 20): Promise<SmallServer> {
  const socket: Socket = createSocket('udp4');
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  open.push({ close: () => new Promise<void>((resolve) => socket.close(() => resolve())) });
  const server: SmallServer = {
    plan: { transport: 'udp', host: '127.0.0.1', port: socket.address().port, domain: 'bench.test', users },
    ports: new Map(),
    requests: [],
    onMessage(request, reply) {
      server.passOn(request, `z9hG4bKserver${server.requests.length}`);
      reply(formatOkAnswer(request));
    },
    passOn(request, branch) {
      const port = server.ports.get(userIn(request)) ?? 0;
      socket.send(request.toString('latin1').replace(/z9hG4bK[^\r]*/, branch), port, '127.0.0.1');
    },
  };
  socket.on('message', (bytes, from) => {
    const reply = (answer: Buffer): void => socket.send(answer, from.port, from.address);
    const method = bytes.toString('latin1').split(' ')[0] ?? '';
    if (method === 'SIP/2.0') return;
    server.requests.push(method);
    if (method === 'MESSAGE') server.onMessage(bytes, reply);
    else {
      server.ports.set(userIn(bytes), Number(/:(\d+)[>;]/.exec(headerOf(bytes, 'contact') ?? '')?.[1]));
      reply(formatOkAnswer(bytes));
    }
  });
  return server;
}

function userIn(request: Buffer): string {
  return /sip:(u\d+)@/.exec(headerOf(request, 'to') ?? '')?.[1] ?? '';
}

async function openSession(server: SmallServer): Promise<LoadSession> {
  const session = await LoadSession.open(server.plan);
  open.push(session);
  return session;
}

const registerAll: LoadPlan = {
  kind: 'register',
  firstUser: 0,
  users: 20,
  total: 20,
  width: 8,
  secondsMax: 60,
  wantedStatus: 200,
};
const sendAll: LoadPlan = { ...registerAll, kind: 'message', total: 100, arrivals: 100 };
const silent = (): void => undefined;

describe('a load session', () => {
  it('registers users and carries messages to them, in order and once', async () => {
    const server = await startServer();
    const session = await openSession(server);
    expect(await session.run(registerAll, silent)).toMatchObject({ started: 20, ok: 20, outcomes: { 200: 20 } });
    expect(server.ports.size).toBe(20);
    const report = await session.run(sendAll, silent);
    expect(report).toMatchObject({ started: 100, ok: 100, failed: 0 });
    expect(report.arrivals).toMatchObject({ count: 100, twice: 0, disordered: 0 });
    expect(report.latency?.p50Ms).toBeGreaterThan(0);
    expect(report.arrivals.latency?.p99Ms).toBeGreaterThan(0);
  });

  it('counts what is refused, and what comes twice', async () => {
    const server = await startServer();
    const session = await openSession(server);
    await session.run(registerAll, silent);
    server.onMessage = (request, reply) => {
      const isRefused = userIn(request) === 'u0000003';
      const answer = formatOkAnswer(request).toString('latin1');
      if (!isRefused) {
        server.passOn(request, `z9hG4bKfirst${server.requests.length}`);
        server.passOn(request, `z9hG4bKsecond${server.requests.length}`);
      }
      reply(Buffer.from(isRefused ? answer.replace('200 OK', '503 No') : answer, 'latin1'));
    };
    const report = await session.run({ ...sendAll, total: 20, arrivals: 19 }, silent);
    expect(report.outcomes).toEqual({ 200: 19, 503: 1 });
    expect(report).toMatchObject({ ok: 19, failed: 1 });
    expect(report.arrivals.count).toBe(19);
    expect(session.callee.twice).toBeGreaterThan(0);
  });

  it('waits for the arrival when a request is done only with it', async () => {
    const server = await startServer();
    const session = await openSession(server);
    await session.run(registerAll, silent);
    const open: string[] = [];
    server.onMessage = (request, reply) => {
      open.push(userIn(request));
      reply(formatOkAnswer(request));
      // The next request would come in between if the answer were enough.
      setTimeout(() => {
        server.passOn(request, `z9hG4bKlate${server.requests.length}`);
        open.push('passed on');
      }, 20);
    };
    const report = await session.run({ ...sendAll, total: 3, width: 1, arrivals: 3, awaitsArrival: true }, silent);
    expect(report.ok).toBe(3);
    expect(open).toEqual(['u0000000', 'passed on', 'u0000001', 'passed on', 'u0000002', 'passed on']);
  });

  it('ends without what never arrives', async () => {
    const server = await startServer();
    const session = await openSession(server);
    await session.run(registerAll, silent);
    server.onMessage = (request, reply) => reply(formatOkAnswer(request));
    const report = await session.run({ ...sendAll, total: 5, arrivals: 5, arriveWithinMs: 1 }, silent);
    expect(report).toMatchObject({ ok: 5, arrivals: { count: 0 } });
  });
});

describe('the handle on the thread', () => {
  it('runs plans there and tells why one cannot be', async () => {
    const server = await startServer();
    const generator = await LoadGenerator.open(server.plan);
    open.push(generator);
    expect(await generator.run(registerAll)).toMatchObject({ ok: 20, failed: 0 });
    expect(generator.share).toBeLessThanOrEqual(1);
    await expect(LoadGenerator.open({ ...server.plan, transport: 'tcp' })).rejects.toThrow('ECONNREFUSED');
  });
});
