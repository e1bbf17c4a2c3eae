import { afterEach, describe, expect, it } from 'vitest';
import { NotInSessionError, type SessionAgent } from '../../../src/cli/session-agent/session-agent.ts';
import type { SipText } from '../../../src/cli/demo/user-agent/sip-text.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { cpim, octets } from './octets.ts';

const withinMs = 60_000;
const size = 300_001;
let stage: Stage;

afterEach(async () => {
  await stage.close();
}, startMsMax);

interface SendOptions {
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
  readonly contentType?: string;
}

/** The INVITE's answer, when the message is safe. */
async function sendLarge(tom: SessionAgent, to: string, options: SendOptions = {}): Promise<SipText> {
  const session = await tom.inviteForLarge(to, { headers: options.headers ?? {} });
  const sent = session.msrp.send({
    contentType: options.contentType ?? 'application/octet-stream',
    body: options.body ?? octets(size),
    successReport: 'yes',
  });
  expect(await sent.finished).toBe(200);
  expect((await session.msrp.nextReport(withinMs)).header('Status')).toMatch(/^000 200/);
  expect((await session.dialog.bye()).status).toBe(200);
  if (!session.answer) throw new Error('an inviting side has an answer');
  return session.answer;
}

async function refusalOf(work: Promise<unknown>): Promise<SipText> {
  const fault = await work.catch((error: unknown) => error);
  if (fault instanceof NotInSessionError) return fault.answer;
  throw new Error(`not refused: ${String(fault)}`);
}

describe('a large message to somebody who is away', () => {
  it(
    'is taken by the server, outlives kill -9, and is played to them as it came',
    async () => {
      stage = await openStage();
      const tom = await stage.agent('tom');
      await sendLarge(tom, 'mary@localhost', { headers: { Subject: 'the plan' } });
      await stage.server.killAndStart();
      const mary = await stage.agent('mary');
      const taken = mary.takeInvite(withinMs);
      await mary.register();
      const { invite, msrp, remote, dialog } = await taken;
      expect(invite.request.header('Accept-Contact')).toContain('+g.oma.sip-im.large-message');
      expect(invite.request.header('Deferred-Message')).toMatch(/;accepted=/);
      expect(invite.request.from).toBe('tom@localhost');
      expect(remote.direction).toBe('sendonly');
      const got = await msrp.nextMessage(withinMs);
      expect(got.body.equals(octets(size))).toBe(true);
      expect(got.contentType).toBe('application/octet-stream');
      await dialog.byed;
      await expect.poll(queue, { timeout: withinMs }).toBe('');
    },
    2 * startMsMax,
  );

  it(
    'may begin without an offer: the server makes it, and the ACK answers',
    async () => {
      stage = await openStage();
      const tom = await stage.agent('tom');
      const session = await tom.inviteForLarge('mary@localhost', { body: '' });
      expect(session.remote.setup).toBe('actpass');
      const sent = session.msrp.send({ contentType: 'a/b', body: octets(5000), successReport: 'yes' });
      expect(await sent.finished).toBe(200);
      expect((await session.msrp.nextReport(withinMs)).header('Status')).toMatch(/^000 200/);
      expect(await queue()).toContain('waiting');
    },
    startMsMax,
  );

  it(
    'is not kept where nothing is kept: 603 before any media',
    async () => {
      stage = await openStage(['--store-offline', 'off']);
      const tom = await stage.agent('tom');
      const refusal = await refusalOf(tom.inviteForLarge('mary@localhost'));
      expect(refusal.status).toBe(603);
    },
    startMsMax,
  );

  it(
    'waits for its condition, which nobody else sees',
    async () => {
      stage = await openStage();
      const when = 'availability is available';
      const [tom, mary] = [await stage.agent('tom'), await stage.agent('mary')];
      await mary.register();
      await mary.phone.publish({ availability: 'not-available' });
      await sendLarge(tom, 'mary@localhost', { headers: { 'Deliver-When': when } });
      expect(await queue()).toMatch(/held/);
      expect(mary.invites).toEqual([]);
      const taken = mary.takeInvite(withinMs);
      await mary.phone.publish({ availability: 'available' });
      const { invite, msrp } = await taken;
      expect((await msrp.nextMessage(withinMs)).body.equals(octets(size))).toBe(true);
      expect(invite.request.bytes.toString()).not.toMatch(/deliver-when|availability/i);
    },
    startMsMax,
  );

  it(
    'is refused with a condition that cannot be read, and when it is too large',
    async () => {
      stage = await openStage(['--max-large', '100KiB']);
      const tom = await stage.agent('tom');
      const headers = { 'Deliver-When': 'availability are available' };
      expect((await refusalOf(tom.inviteForLarge('mary@localhost', { headers }))).status).toBe(400);
      expect((await refusalOf(tom.inviteForLarge('nobody@localhost'))).status).toBe(404);
      const session = await tom.inviteForLarge('mary@localhost');
      expect(session.remote.maxSize).toBe(100 * 1024);
      const sent = session.msrp.send({
        contentType: 'a/b',
        body: octets(size),
        chunkBytes: 20_000,
        total: '*',
        window: 1,
      });
      expect(await sent.finished).toBe(413);
      expect(await queue()).toBe('');
    },
    startMsMax,
  );

  it(
    'tells its sender who asked by IMDN that it is stored',
    async () => {
      stage = await openStage();
      const tom = await stage.agent('tom');
      await tom.register();
      const more = [
        'imdn.Message-ID: 34jk324j34jk324j',
        'imdn.Disposition-Notification: processing, positive-delivery',
      ];
      const body = cpim('tom', 'mary', 'x'.repeat(2000), more);
      await sendLarge(tom, 'mary@localhost', { contentType: 'message/cpim', body });
      const notice = await tom.phone.nextMessage(withinMs);
      expect(notice.text).toContain('<stored/>');
      expect(notice.text).toContain('34jk324j34jk324j');
      const mary = await stage.agent('mary');
      const taken = mary.takeInvite(withinMs);
      await mary.register();
      expect((await (await taken).msrp.nextMessage(withinMs)).text).toBe(body);
    },
    startMsMax,
  );

  it(
    'is told to a client without MSRP, who fetches it over HTTP, in parts if they like',
    async () => {
      stage = await openStage();
      const tom = await stage.agent('tom');
      await sendLarge(tom, 'mary@localhost', { headers: { Subject: 'holiday pictures' } });
      const mary = await stage.phone('mary');
      await mary.register();
      const notice = await mary.nextMessage(withinMs);
      expect(notice.text).toContain('tom@localhost');
      expect(notice.text).toMatch(/\/v1\/inbox\//);
      const items = await inbox('mary');
      expect(items).toMatchObject([{ from: 'tom@localhost', size }]);
      const path = `/v1/inbox/${items[0]?.id}`;
      const whole = await call('mary', path, { accept: '*/*' });
      expect(whole.status).toBe(200);
      const part = await call('mary', `${path}/content`, { range: 'bytes=100-199' });
      expect(part.status).toBe(206);
      expect(Buffer.from(await part.arrayBuffer()).equals(octets(size).subarray(100, 200))).toBe(true);
    },
    startMsMax,
  );
});

describe('what was not sent whole', () => {
  it(
    'is never delivered: the connection broke, the sender gave it up, or said BYE',
    async () => {
      stage = await openStage();
      const tom = await stage.agent('tom');
      const body = octets(size);
      const broken = await tom.inviteForLarge('mary@localhost');
      await broken.msrp.send({ contentType: 'a/b', body, chunkBytes: 10_000, stopAfter: 200_000 }).written;
      broken.msrp.connection?.destroy();
      const ended = await tom.inviteForLarge('mary@localhost');
      await ended.msrp.send({ contentType: 'a/b', body, chunkBytes: 10_000, stopAfter: 200_000 }).finished;
      await ended.dialog.bye();
      const givenUp = await tom.inviteForLarge('mary@localhost');
      const sent = givenUp.msrp.send({
        contentType: 'a/b',
        body,
        chunkBytes: 10_000,
        stopAfter: 200_000,
        lastFlag: '#',
      });
      expect(await sent.finished).toBe(200);
      await givenUp.dialog.bye();
      expect(await queue()).toBe('');
    },
    startMsMax,
  );
});

async function queue(): Promise<string> {
  const text = await stage.server.command('queue');
  return text.split('\n').slice(1).join('\n').trim();
}

function call(user: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${user}@localhost:${user}-secret`).toString('base64')}`;
  return fetch(stage.server.http + path, { headers: { authorization, ...headers } });
}

async function inbox(user: string): Promise<readonly { readonly id: string; readonly size: number }[]> {
  const list = (await (await call(user, '/v1/inbox')).json()) as { items: { id: string; size: number }[] };
  return list.items;
}
