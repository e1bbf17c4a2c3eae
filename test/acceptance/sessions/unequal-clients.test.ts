import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NotInSessionError, type SessionAgent } from '../../../src/cli/session-agent/session-agent.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { cpim, octets } from './octets.ts';

const withinMs = 60_000;
let stage: Stage;
let tom: SessionAgent;
const agents: SessionAgent[] = [];

beforeAll(async () => {
  stage = await openStage();
  tom = await stage.agent('tom');
}, startMsMax);

afterAll(() => stage.close(), startMsMax);

afterEach(async () => {
  for (const agent of agents.splice(0)) {
    await agent.phone.unregister();
    await agent.stop();
  }
});

async function agentOf(name: string): Promise<SessionAgent> {
  const agent = await stage.agent(name);
  agents.push(agent);
  return agent;
}

async function statusOf(work: Promise<unknown>): Promise<number> {
  const fault = await work.catch((error: unknown) => error);
  if (fault instanceof NotInSessionError) return fault.answer.status;
  throw new Error(`not refused: ${String(fault)}`);
}

function api(user: string, method: string, path: string): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${user}@localhost:${user}-secret`).toString('base64')}`;
  return fetch(stage.server.http + path, { method, headers: { authorization } });
}

describe('a client that waits to be connected to', () => {
  it(
    'is connected to by the server, which says the first word',
    async () => {
      const mary = await agentOf('mary');
      await mary.register();
      const taken = mary.takeInvite(withinMs, { setup: 'passive' });
      const there = await tom.inviteForTalk('mary@localhost');
      const here = await taken;
      expect(here.msrp.heads[0]).toMatchObject({ method: 'SEND' });
      const sent = there.msrp.send({ contentType: 'text/plain', body: 'hello' });
      expect((await here.msrp.nextMessage(withinMs)).text).toBe('hello');
      expect(await sent.finished).toBe(200);
      await there.dialog.bye();
      await here.dialog.byed;
    },
    startMsMax,
  );
});

describe('a user with several devices', () => {
  it(
    'answers with one of them; the others are told to stop',
    async () => {
      const [one, other] = [await agentOf('mary'), await agentOf('mary')];
      await one.register();
      await other.register();
      const inviting = tom.inviteForTalk('mary@localhost');
      const [atOne, atOther] = [await one.nextInvite(withinMs), await other.nextInvite(withinMs)];
      atOther.ring();
      const here = await one.accept(atOne);
      const there = await inviting;
      expect((await atOther.cancelled).method).toBe('CANCEL');
      const sent = there.msrp.send({ contentType: 'text/plain', body: 'whom do I talk to' });
      expect((await here.msrp.nextMessage(withinMs)).text).toBe('whom do I talk to');
      expect(await sent.finished).toBe(200);
      await there.dialog.bye();
      await here.dialog.byed;
    },
    startMsMax,
  );
});

describe('clients that take other types and sizes', () => {
  it(
    'get the envelope that they want, and nothing that they cannot take',
    async () => {
      const mary = await agentOf('mary');
      await mary.register();
      const taken = mary.takeInvite(withinMs, {
        acceptTypes: 'message/cpim',
        acceptWrappedTypes: 'text/plain',
        maxSize: 5000,
      });
      const there = await tom.inviteForTalk('mary@localhost', { acceptTypes: 'text/plain' });
      const here = await taken;
      expect(there.remote.maxSize).toBeLessThanOrEqual(5000);
      const plain = there.msrp.send({ contentType: 'text/plain', body: 'plain words' });
      const got = await here.msrp.nextMessage(withinMs);
      expect(await plain.finished).toBe(200);
      expect(got.contentType).toMatch(/^message\/cpim/i);
      expect(got.text).toMatch(/\r\n\r\nContent-Type: text\/plain[^\r]*\r\n\r\nplain words$/i);
      const wrapped = here.msrp.send({ contentType: 'message/cpim', body: cpim('mary', 'tom', 'wrapped words') });
      const back = await there.msrp.nextMessage(withinMs);
      expect(await wrapped.finished).toBe(200);
      expect([back.contentType.split(';')[0], back.text]).toEqual(['text/plain', 'wrapped words']);
      expect(await there.msrp.send({ contentType: 'image/png', body: 'x' }).finished).toBe(415);
      expect(await there.msrp.send({ contentType: 'text/plain', body: octets(6000) }).finished).toBe(413);
      here.msrp.send({ contentType: 'message/cpim', body: cpim('peter', 'tom', 'not me') });
      expect((await here.msrp.nextReport(withinMs)).header('Status')).toMatch(/^000 403/);
      expect(there.msrp.messages).toHaveLength(1);
      await there.dialog.bye();
    },
    startMsMax,
  );
});

describe('somebody who is blocked', () => {
  it(
    'is refused a conversation and a large message',
    async () => {
      const mary = await agentOf('mary');
      await mary.register();
      expect((await api('mary', 'PUT', '/v1/blocks/tom@localhost')).status).toBeLessThan(300);
      expect(await statusOf(tom.inviteForTalk('mary@localhost'))).toBe(403);
      expect(await statusOf(tom.inviteForLarge('mary@localhost'))).toBe(403);
      expect((await api('mary', 'DELETE', '/v1/blocks/tom@localhost')).status).toBeLessThan(300);
      expect(await statusOf(tom.inviteForTalk('nobody@localhost'))).toBe(404);
      const headers = { 'Deliver-When': 'online' };
      expect(await statusOf(tom.inviteForTalk('mary@localhost', { headers }))).toBe(400);
    },
    startMsMax,
  );
});

describe('a client that takes its time', () => {
  it(
    'slows down who writes to it, and loses nothing',
    async () => {
      const mary = await agentOf('mary');
      await mary.register();
      const taken = mary.takeInvite(withinMs);
      const there = await tom.inviteForLarge('mary@localhost');
      const here = await taken;
      const body = octets(30_000_000);
      here.msrp.connection?.pause();
      const sent = there.msrp.send({ contentType: 'a/b', body, successReport: 'yes' });
      const early = await Promise.race([sent.written.then(() => 'all'), pause(1500)]);
      expect(early).toBe('paused');
      here.msrp.connection?.resume();
      expect((await here.msrp.nextMessage(withinMs)).body.equals(body)).toBe(true);
      expect(await sent.finished).toBe(200);
      expect((await there.msrp.nextReport(withinMs)).header('Status')).toMatch(/^000 200/);
      await there.dialog.bye();
    },
    2 * startMsMax,
  );
});

async function pause(ms: number): Promise<'paused'> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return 'paused';
}

describe('a transfer that broke', () => {
  it(
    'goes on where it was for a client that says how much it has',
    async () => {
      const peter = await agentOf('peter');
      const session = await tom.inviteForLarge('peter@localhost');
      const body = octets(2_000_000);
      const sent = session.msrp.send({ contentType: 'a/b', body, successReport: 'yes' });
      expect(await sent.finished).toBe(200);
      await session.msrp.nextReport(withinMs);
      await session.dialog.bye();
      const taken = peter.takeInvite(withinMs);
      await peter.register();
      const first = await taken;
      let came = 0;
      const some = new Promise<void>((resolve) => {
        first.msrp.onOctets = (_message, _at, bytes) => {
          came += bytes.length;
          if (came > 300_000) resolve();
        };
      });
      await some;
      first.msrp.connection?.pause();
      const had = came;
      // An end without warning may overtake what was answered; once that was read, it counts.
      await pause(2000);
      first.msrp.connection?.destroy();
      await first.dialog.byed;
      await peter.register();
      const invite = await peter.nextInvite(withinMs);
      let lowest = Infinity;
      const second = await peter.accept(invite, { more: [`file-range:${had + 1}-*`] }, (_message, at) => {
        lowest = Math.min(lowest, at);
      });
      await expect
        .poll(() => second.msrp.heads.some(({ method }) => method === 'SEND'), { timeout: withinMs })
        .toBe(true);
      await second.dialog.byed;
      expect(lowest).toBeGreaterThan(0);
      expect(lowest).toBeLessThanOrEqual(had);
    },
    2 * startMsMax,
  );
});
