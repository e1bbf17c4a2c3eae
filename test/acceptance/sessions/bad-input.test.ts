import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  NotInSessionError,
  type SessionAgent,
  type StandingSession,
} from '../../../src/cli/session-agent/session-agent.ts';
import { MsrpSession } from '../../../src/cli/session-agent/msrp-session.ts';
import { formatFrame } from '../../../src/cli/session-agent/msrp-text.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { octets } from './octets.ts';

const withinMs = 60_000;
let stage: Stage;
let tom: SessionAgent;

beforeAll(async () => {
  stage = await openStage(['--max-large', '1MiB']);
  tom = await stage.agent('tom');
}, startMsMax);

afterAll(() => stage.close(), startMsMax);

/** A session with the server as its other end, since Mary is away. */
function session(): Promise<StandingSession> {
  return tom.inviteForLarge('mary@localhost');
}

type Chunk = readonly [range: string | undefined, content: string, flag: '$' | '+' | '#'];

async function chunks({ msrp }: StandingSession, id: string, parts: readonly Chunk[]): Promise<number[]> {
  const statuses: number[] = [];
  for (const [range, content, flag] of parts) {
    const rows = [
      ['Message-ID', id],
      ...(range === undefined ? [] : [['Byte-Range', range] as const]),
      ['Success-Report', 'yes'],
      ['Content-Type', 'text/plain'],
    ] as const;
    statuses.push(await msrp.ask('SEND', rows, Buffer.from(content), flag));
  }
  return statuses;
}

async function statusOf(work: Promise<unknown>): Promise<number> {
  const fault = await work.catch((error: unknown) => error);
  if (fault instanceof NotInSessionError) return fault.answer.status;
  throw new Error(`not refused: ${String(fault)}`);
}

/** The ids of what is kept: when each is tried again changes with the time. */
async function kept(): Promise<string[]> {
  const table = await stage.server.command('queue');
  return table.split('\n').map((row) => row.split(' ')[0] ?? '');
}

describe('an offer', () => {
  it.each([
    ['without a path', { hasPath: false }, 400, 488],
    ['of no type that is known', { acceptTypes: '' }, 400, 488],
  ])('%s is refused', async (_what, wishes, one, other) => {
    expect([one, other]).toContain(await statusOf(tom.inviteForLarge('mary@localhost', wishes)));
  });

  it('of audio alone, and of what is no SDP, is refused', async () => {
    const audio = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4 RTP/AVP 0\r\n';
    expect(await statusOf(tom.inviteForLarge('mary@localhost', { body: audio }))).toBe(488);
    expect([400, 488]).toContain(await statusOf(tom.inviteForLarge('mary@localhost', { body: 'm=message' })));
    const other = { body: 'x', contentType: 'text/plain' };
    expect(await statusOf(tom.inviteForLarge('mary@localhost', other))).toBe(415);
  });
});

describe('a message of the wrong shape', () => {
  it('is put together out of chunks that come in any order and over each other', async () => {
    const one = await session();
    const parts: Chunk[] = [
      ['7-9/9', 'ghi', '$'],
      ['1-4/9', 'abcd', '+'],
      ['4-6/9', 'def', '+'],
    ];
    expect(await chunks(one, 'any-order', parts)).toEqual([200, 200, 200]);
    expect((await one.msrp.nextReport(withinMs)).header('Status')).toMatch(/^000 200/);
    await one.dialog.bye();
  });

  it('is never taken for whole with a gap in it', async () => {
    const before = await kept();
    const one = await session();
    const parts: Chunk[] = [
      ['1-3/9', 'abc', '+'],
      ['7-9/9', 'ghi', '$'],
    ];
    await chunks(one, 'with-a-gap', parts);
    await one.dialog.bye();
    expect(one.msrp.heads.filter(({ method }) => method === 'REPORT')).toEqual([]);
    expect(await kept()).toEqual(before);
  });

  it('that grows beyond what may be is stopped with 413, and costs no memory', async () => {
    const one = await session();
    const endless = { size: 1e9, piece: (_at: number, length: number) => octets(length) };
    const sent = one.msrp.send({ contentType: 'a/b', body: endless, total: '*', chunkBytes: 100_000 });
    expect(await sent.finished).toBe(413);
    const told = await session();
    const liar = told.msrp.send({ contentType: 'a/b', body: 'x', total: 2_000_000 });
    expect(await liar.finished).toBe(413);
  });

  it('in one chunk without an end is stopped before it has all come', async () => {
    const one = await session();
    const connection = await one.msrp.bound;
    const head = [
      'MSRP endless1 SEND',
      `To-Path: ${one.msrp.paths.remote}`,
      `From-Path: ${one.msrp.paths.local}`,
      'Message-ID: endless-one',
      'Byte-Range: 1-*/*',
      'Content-Type: a/b',
      '',
      '',
    ];
    await connection.send(Buffer.from(head.join('\r\n')));
    for (let count = 0; count < 40; count += 1) await connection.send(octets(65_536));
    await expect.poll(() => one.msrp.heads.map(({ status }) => status), { timeout: withinMs }).toContain(413);
  });
});

describe('a frame of the wrong shape', () => {
  it('ends its connection and nothing else', async () => {
    const one = await session();
    await one.msrp.raw(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    expect(await one.msrp.ended).toMatch(/closed/);
    const two = await session();
    expect(await two.msrp.sendEmpty()).toBe(200);
    await two.dialog.bye();
  });

  it('with the end-line of another frame is never the end of it', async () => {
    const before = await kept();
    const one = await session();
    const paths = [
      ['To-Path', one.msrp.paths.remote],
      ['From-Path', one.msrp.paths.local],
    ] as const;
    const rows = [...paths, ['Message-ID', 'wrong-end'], ['Byte-Range', '1-5/5'], ['Content-Type', 'a/b']] as const;
    const frame = formatFrame({ transaction: 'right-one', what: 'SEND', headers: rows, content: Buffer.from('hello') });
    const wrong = frame.toString().replace('-------right-one$', '-------wrong-one$');
    await one.msrp.raw(Buffer.from(wrong));
    one.msrp.connection?.destroy();
    await one.dialog.bye();
    expect(await kept()).toEqual(before);
  });

  it('of an unknown method is answered 501, one without Message-ID 400', async () => {
    const one = await session();
    expect(await one.msrp.ask('NICKNAME', [['Use-Nickname', '"x"']])).toBe(501);
    expect(await one.msrp.ask('SEND', [['Content-Type', 'a/b']], Buffer.from('x'))).toBe(400);
    await one.dialog.bye();
  });
});

describe('a session', () => {
  it('that is unknown is answered 481', async () => {
    const one = await session();
    const connection = await tom.connectTo(one.msrp.paths.remote);
    const remote = one.msrp.paths.remote.replace(/\/[^/;]+;/, '/nobodyknowsthissession;');
    const stranger = new MsrpSession({ local: one.msrp.paths.local, remote });
    stranger.attach(connection);
    expect(await stranger.sendEmpty()).toBe(481);
    await one.dialog.bye();
  });

  it('that is bound cannot be had over another connection: 506', async () => {
    const one = await session();
    const hijacker = new MsrpSession(one.msrp.paths);
    hijacker.attach(await tom.connectTo(one.msrp.paths.remote));
    expect(await hijacker.sendEmpty()).toBe(506);
    expect(await one.msrp.sendEmpty()).toBe(200);
    await one.dialog.bye();
  });
});
