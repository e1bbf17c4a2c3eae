import { beforeEach, describe, expect, it } from 'vitest';
import { ChunkReader } from '../message/chunk-reader.ts';
import type { MsrpHead, MsrpRequestHead } from '../message/msrp-message.ts';
import { parseMsrpPath } from '../message/msrp-uri.ts';
import type { ChunkToSend, ConnectionOutput } from './connection-words.ts';
import { knownMessagesMax, openTransfersMax } from './incoming-messages.ts';
import { MsrpConnection, unboundMsMax } from './msrp-connection.ts';
import { answerMsMax, openChunksMax } from './open-sends.ts';
import { type MsrpSession, SessionTable, sessionsMax, sessionsPerConnectionMax } from './session-table.ts';

const ours = 'msrp://us.example.com:2855/kjhd37s2s20w2a;tcp';
const theirs = 'msrp://them.example.com:9/jshA7weztas;tcp';

function path(text: string) {
  const parsed = parseMsrpPath(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function sessionAt(text: string, more: Partial<MsrpSession> = {}): MsrpSession {
  const [uri] = path(text);
  if (uri === undefined) throw new Error('no URI');
  return {
    uri,
    remotePath: path(theirs),
    sizeMax: 100,
    transport: 'tcp',
    admit: ({ contentType }) => (contentType === 'text/plain' ? 'take' : 415),
    received: () => 0,
    ...more,
  };
}

let sessions: SessionTable;
let ids = 0;
/** Of messages that were complete. */
const heads: MsrpHead[] = [];

beforeEach(() => {
  heads.length = 0;
  sessions = new SessionTable();
});

class Peer {
  readonly machine: MsrpConnection;
  readonly reader = new ChunkReader();
  readonly bodies: string[] = [];
  now = 0;

  constructor(connection = 1) {
    const isFor = (session: MsrpSession): boolean => session.transport === 'tcp';
    const newTransactionId = (): string => `tid${(ids += 1)}x`;
    this.machine = new MsrpConnection({ connection, sessions, isFor, newTransactionId }, 0);
  }

  say(text: string): ConnectionOutput[] {
    const outputs: ConnectionOutput[] = [];
    for (const event of this.reader.read(new TextEncoder().encode(text))) {
      for (const output of this.machine.handle({ kind: 'read', event }, this.now)) {
        if (output.kind === 'octets') this.bodies.push(new TextDecoder().decode(output.placed.bytes));
        else outputs.push(output);
        if (output.kind === 'complete') heads.push(output.head);
      }
    }
    return outputs;
  }

  tick(now: number): ConnectionOutput[] {
    this.now = now;
    return this.machine.handle({ kind: 'tick' }, now);
  }
}

function send(
  lines: readonly string[] = [],
  options: { to?: string; id?: string; body?: string; flag?: string; method?: string } = {},
): string {
  const { to = ours, id = 'abcd', body = 'hello', flag = '$', method = 'SEND' } = options;
  const head = [`MSRP ${id} ${method}`, `To-Path: ${to}`, `From-Path: ${theirs}`];
  const rest = body === '' ? [] : ['Content-Type: text/plain', '', body];
  return [...head, ...lines, ...rest, `-------${id}${flag}`, ''].join('\r\n');
}

const mid = 'Message-ID: 1234';

/** What was written, read again. */
function written(outputs: readonly ConnectionOutput[]): MsrpHead[] {
  const reader = new ChunkReader();
  return outputs.flatMap((output) =>
    output.kind === 'write'
      ? output.parts
          .flatMap((part) => [...reader.read(part)])
          .flatMap((event) => (event.kind === 'head' ? [event.head] : []))
      : [],
  );
}

const statuses = (outputs: readonly ConnectionOutput[]): number[] =>
  written(outputs).flatMap((head) => (head.kind === 'response' ? [head.status] : []));
const kinds = (outputs: readonly ConnectionOutput[]): string[] => outputs.map(({ kind }) => kind);

describe('a request that comes', () => {
  it('binds its session to the connection and is answered to the hop before, with the message', () => {
    sessions.open(sessionAt(ours));
    const peer = new Peer();
    const outputs = peer.say(send([mid]).replace(theirs, `msrp://relay:1/r;tcp ${theirs}`));
    expect(kinds(outputs)).toEqual(['bound', 'write', 'complete']);
    expect(written(outputs)).toMatchObject([
      {
        kind: 'response',
        status: 200,
        transactionId: 'abcd',
        toPath: [{ host: 'relay' }],
        fromPath: [{ host: 'us.example.com' }],
      },
    ]);
    expect(outputs.at(-1)).toMatchObject({ kind: 'complete', size: 5, head: { messageId: '1234' } });
    expect(peer.bodies).toEqual(['hello']);
  });

  it.each([
    [['Failure-Report: yes'], [200]],
    [['Failure-Report: partial'], []],
    [['Failure-Report: no'], []],
  ])('with %s is answered %j when all is well', (lines, expected) => {
    sessions.open(sessionAt(ours));
    expect(statuses(new Peer().say(send([mid, ...lines])))).toEqual(expected);
  });

  it.each([
    [['Failure-Report: yes'], [481]],
    [['Failure-Report: partial'], [481]],
    [['Failure-Report: no'], []],
  ])('with %s is answered %j when there is no such session', (lines, expected) => {
    expect(statuses(new Peer().say(send([mid, ...lines])))).toEqual(expected);
  });

  it('may not take over the session of another connection', () => {
    sessions.open(sessionAt(ours));
    new Peer(1).say(send([mid]));
    const outputs = new Peer(2).say(send(['Message-ID: 5678']));
    expect(statuses(outputs)).toEqual([506]);
    expect(kinds(outputs)).toEqual(['write']);
    const silent = new Peer(3);
    expect(silent.say(send(['Message-ID: 5678', 'Failure-Report: no']))).toEqual([]);
    expect(silent.bodies).toEqual([]);
    expect(silent.say(send([mid, 'Status: 000 200 OK'], { body: '', method: 'REPORT' }))).toEqual([]);
  });

  it.each([
    ['of another type', 415, send([mid]), { admit: () => 415 }],
    ['where nothing is received', 403, send([mid]), { admit: () => 403 }],
    ['without Message-ID', 400, send(), {}],
    ['of an unknown method', 501, send([mid], { method: 'NICKNAME' }), {}],
    ['of a session that is had over TLS', 481, send([mid]), { transport: 'tls' as const }],
    ['to a relay', 501, send([], { method: 'AUTH', body: '', to: 'msrps://us.example.com:2855;ws' }), {}],
    ['that announces too much', 413, send([mid, 'Byte-Range: 1-*/101']), {}],
    ['that is too much', 413, send([mid], { body: 'x'.repeat(101) }), {}],
    ['with a path of two', 481, send([mid], { to: `${ours} ${ours}` }), {}],
  ])('%s is refused with %i', (_what, status, text, more) => {
    sessions.open(sessionAt(ours, more));
    const outputs = new Peer().say(text);
    expect(statuses(outputs)).toEqual([status]);
    expect(kinds(outputs)).not.toContain('complete');
  });

  it('that grows too large is told at once, and given up', () => {
    sessions.open(sessionAt(ours));
    const peer = new Peer();
    const whole = send([mid], { body: 'x'.repeat(500) });
    const outputs = peer.say(whole.slice(0, 400));
    expect(statuses(outputs)).toEqual([413]);
    expect(kinds(outputs)).toEqual(['bound', 'write', 'abandoned']);
    expect(peer.say(whole.slice(400))).toEqual([]);
  });

  it('that is empty binds a session and is no message', () => {
    sessions.open(sessionAt(ours));
    expect(kinds(new Peer().say(send([mid, 'Byte-Range: 1-0/0'], { body: '' })))).toEqual(['bound', 'write']);
  });

  it('comes together from chunks, and is received once', () => {
    sessions.open(sessionAt(ours));
    const peer = new Peer();
    const first = peer.say(send([mid, 'Byte-Range: 6-*/11'], { body: ' world', id: 'aaaa' }));
    expect(kinds(first)).toEqual(['bound', 'write']);
    const last = peer.say(send([mid, 'Byte-Range: 1-5/11'], { id: 'bbbb', flag: '+' }));
    expect(kinds(last)).toEqual(['write', 'complete']);
    const again = peer.say(send([mid], { id: 'cccc' }));
    expect(kinds(again)).toEqual(['write']);
    expect(statuses(again)).toEqual([200]);
  });

  it('that is given up leaves nothing', () => {
    sessions.open(sessionAt(ours));
    expect(kinds(new Peer().say(send([mid], { flag: '#' })))).toEqual(['bound', 'write', 'abandoned']);
  });

  it('that is a report is handed on and never answered', () => {
    sessions.open(sessionAt(ours));
    const peer = new Peer();
    peer.say(send([mid]));
    const outputs = peer.say(send([mid, 'Byte-Range: 1-5/5', 'Status: 000 200 OK'], { body: '', method: 'REPORT' }));
    expect(outputs).toMatchObject([{ kind: 'reported', head: { status: 200, messageId: '1234' } }]);
    expect(
      new Peer(3).say(send([mid], { body: '', method: 'REPORT', to: 'msrp://us.example.com:2855/no;tcp' })),
    ).toEqual([]);
  });
});

describe('a Message-ID', () => {
  it.each([
    [1, 200],
    [128, 200],
    [129, 400],
  ])('of %i characters is answered %i', (length, status) => {
    sessions.open(sessionAt(ours));
    expect(statuses(new Peer().say(send([`Message-ID: ${'-'.repeat(length)}`])))).toEqual([status]);
  });
});

describe('what is sent', () => {
  const chunk = (session: MsrpSession, reference = 7, more: Partial<ChunkToSend> = {}): ChunkToSend => ({
    session,
    reference,
    messageId: 'mmmm',
    byteRange: { start: 1, end: 2, total: 2 },
    flag: '$',
    contentType: 'text/plain',
    body: new TextEncoder().encode('hi'),
    ...more,
  });

  it('is addressed by the path of the other side, and its answer comes back with its reference', () => {
    const session = sessionAt(ours);
    sessions.open(session);
    const peer = new Peer();
    const outputs = peer.machine.handle({ kind: 'send', chunk: chunk(session) }, 0);
    const [head] = written(outputs);
    expect(head).toMatchObject({ method: 'SEND', toPath: path(theirs), fromPath: path(ours), messageId: 'mmmm' });
    const id = head?.transactionId ?? '';
    const answer = `MSRP ${id} 413 Stop\r\nTo-Path: ${ours}\r\nFrom-Path: ${theirs}\r\n-------${id}$\r\n`;
    expect(peer.say(answer)).toEqual([{ kind: 'answered', reference: 7, status: 413 }]);
    expect(peer.say(answer)).toEqual([]);
  });

  it('has failed when nothing was said for 30 s; not where no answer was asked for', () => {
    const session = sessionAt(ours);
    sessions.open(session);
    const peer = new Peer();
    peer.machine.handle({ kind: 'send', chunk: chunk(session, 1) }, 0);
    peer.machine.handle({ kind: 'send', chunk: chunk(session, 2, { failureReport: 'no' }) }, 0);
    expect(peer.machine.deadline()).toBeUndefined();
    peer.machine.handle({ kind: 'queued', octets: 0 }, 0);
    peer.machine.handle({ kind: 'send', chunk: chunk(session, 3) }, 10);
    peer.machine.handle({ kind: 'queued', octets: 1 }, 10);
    expect(peer.machine.deadline()).toBe(answerMsMax);
    expect(peer.tick(answerMsMax - 1)).toEqual([]);
    expect(peer.tick(answerMsMax)).toEqual([{ kind: 'answered', reference: 1, status: 408 }]);
    expect(kinds(peer.machine.handle({ kind: 'closed' }, answerMsMax))).toEqual(['lost']);
    expect(peer.machine.deadline()).toBeUndefined();
  });

  it('as a report goes the whole way back and waits for nothing', () => {
    const session = sessionAt(ours);
    sessions.open(session);
    const peer = new Peer();
    peer.say(send([mid, 'Success-Report: yes']).replace(theirs, `msrp://relay:1/r;tcp ${theirs}`));
    const [about] = heads.splice(0);
    if (about?.kind !== 'request') throw new Error('nothing came');
    const range = { start: 1, end: 5, total: 5 };
    const reportOn = (more: Partial<MsrpRequestHead>, status: number): MsrpHead[] => {
      const report = { head: { ...about, ...more }, range, status };
      return written(peer.machine.handle({ kind: 'report', session, report }, 0));
    };
    expect(reportOn({}, 200)).toMatchObject([
      { method: 'REPORT', status: 200, toPath: [{ host: 'relay' }, { host: 'them.example.com' }], byteRange: range },
    ]);
    expect(reportOn({}, 413)).toMatchObject([{ method: 'REPORT', status: 413 }]);
    expect(reportOn({ successReport: false }, 200)).toEqual([]);
    expect(reportOn({ failureReport: 'no' }, 413)).toEqual([]);
    expect(peer.machine.deadline()).toBeUndefined();
  });

  it('has room for so many that wait', () => {
    const session = sessionAt(ours);
    sessions.open(session);
    const peer = new Peer();
    for (let reference = 0; reference < openChunksMax; reference += 1) {
      expect(peer.machine.hasRoom).toBe(true);
      peer.machine.handle({ kind: 'send', chunk: chunk(session, reference) }, 0);
    }
    expect(peer.machine.hasRoom).toBe(false);
  });
});

describe('a connection', () => {
  it('that names no session of ours in time is closed, one that does is not', () => {
    sessions.open(sessionAt(ours));
    const [silent, wrong, right] = [new Peer(1), new Peer(2), new Peer(3)];
    wrong.say(send([mid], { to: 'msrp://us.example.com:2855/other;tcp' }));
    right.say(send([mid]));
    expect(silent.tick(unboundMsMax - 1)).toEqual([]);
    for (const peer of [silent, wrong]) expect(kinds(peer.tick(unboundMsMax))).toEqual(['close']);
    expect(right.machine.deadline()).toBeUndefined();
    expect(right.tick(unboundMsMax)).toEqual([]);
  });

  it('that is gone abandons what has begun, and its session is over', () => {
    sessions.open(sessionAt(ours));
    const peer = new Peer(1);
    peer.say(send([mid, 'Byte-Range: 1-*/*'], { flag: '+' }));
    const outputs = peer.machine.handle({ kind: 'closed' }, 0);
    expect(outputs).toMatchObject([{ kind: 'abandoned', messageId: '1234' }, { kind: 'lost' }]);
    expect(statuses(new Peer(2).say(send([mid])))).toEqual([481]);
  });

  it('that breaks the rules is closed, and says no more', () => {
    const peer = new Peer();
    expect(kinds(peer.say('GET / HTTP/1.1\r\n'))).toEqual(['close']);
    expect(peer.tick(unboundMsMax)).toEqual([]);
  });

  it('has limits of messages that have begun and of those it knows', () => {
    sessions.open(sessionAt(ours));
    const peer = new Peer();
    const begin = (number: number, flag = '+'): number[] =>
      statuses(peer.say(send([`Message-ID: m${1000 + number}`], { flag })));
    for (let number = 0; number < openTransfersMax; number += 1) expect(begin(number)).toEqual([200]);
    expect(begin(openTransfersMax)).toEqual([413]);
    for (let number = 0; number < openTransfersMax; number += 1) {
      peer.say(send([`Message-ID: m${1000 + number}`, 'Byte-Range: 6-*/6'], { body: '!' }));
    }
    const whole = (number: number): string[] => kinds(peer.say(send([`Message-ID: m${2000 + number}`])));
    for (let number = 0; number < knownMessagesMax; number += 1) expect(whole(number)).toContain('complete');
    expect(whole(0)).not.toContain('complete');
    expect(whole(knownMessagesMax)).toContain('complete');
    expect(whole(0)).toContain('complete');
  });
});

describe('sessions that share a connection', () => {
  it('have a limit, and each of them is over with it', () => {
    const peer = new Peer();
    const uriOf = (number: number): string => `msrp://us:1/s${number};tcp`;
    for (let number = 0; number <= sessionsPerConnectionMax; number += 1) sessions.open(sessionAt(uriOf(number)));
    const come = (number: number): number[] =>
      statuses(peer.say(send([`Message-ID: m${1000 + number}`], { to: uriOf(number) })));
    for (let number = 0; number < sessionsPerConnectionMax; number += 1) expect(come(number)).toEqual([200]);
    expect(come(sessionsPerConnectionMax)).toEqual([403]);
    expect(peer.machine.handle({ kind: 'closed' }, 0)).toHaveLength(sessionsPerConnectionMax);
    expect(sessions.size).toBe(1);
  });
});

describe('the table of sessions', () => {
  it('has a limit, and an id once', () => {
    const numbered = (number: number): MsrpSession => sessionAt(`msrp://us:1/s${number};tcp`);
    for (let number = 0; number < sessionsMax; number += 1) sessions.open(numbered(number));
    expect(sessions.size).toBe(sessionsMax);
    expect(sessions.open(numbered(sessionsMax))).toBe(false);
    sessions.close(numbered(0));
    expect(sessions.open(numbered(1))).toBe(false);
    expect(sessions.open(numbered(sessionsMax))).toBe(true);
  });
});
