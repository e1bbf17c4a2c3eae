import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotInSessionError, type SessionAgent } from '../../../src/cli/session-agent/session-agent.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { octets } from './octets.ts';

const withinMs = 60_000;
const size = 1_000_001;
let stage: Stage;
let tom: SessionAgent;

beforeAll(async () => {
  stage = await openStage();
  tom = await stage.agent('tom');
}, startMsMax);

afterAll(() => stage.close(), startMsMax);

async function refusalStatus(work: Promise<unknown>): Promise<number> {
  const fault = await work.catch((error: unknown) => error);
  if (fault instanceof NotInSessionError) return fault.answer.status;
  throw new Error(`not refused: ${String(fault)}`);
}

describe('a large message to somebody who is there', () => {
  it(
    'is streamed through: they have its beginning before its end was sent, and report it themselves',
    async () => {
      const mary = await stage.agent('mary');
      await mary.register();
      const taken = mary.takeInvite(withinMs);
      const there = await tom.inviteForLarge('mary@localhost');
      const here = await taken;
      expect(here.invite.request.header('Accept-Contact')).toContain('+g.oma.sip-im.large-message');
      expect(here.invite.request.header('Deferred-Message')).toBeUndefined();
      let came = 0;
      const first = new Promise<void>((resolve) => {
        here.msrp.onOctets = (_message, _at, bytes) => {
          came += bytes.length;
          resolve();
        };
      });
      const body = octets(size);
      const messageId = 'in-two-parts';
      const part = { contentType: 'a/b', body, messageId, chunkBytes: 20_000, successReport: 'yes' } as const;
      await there.msrp.send({ ...part, stopAfter: 400_000 }).finished;
      await first;
      const rest = there.msrp.send({ ...part, from: 400_000 });
      expect(await rest.finished).toBe(200);
      expect((await there.msrp.nextReport(withinMs)).header('Status')).toMatch(/^000 200/);
      expect((await here.msrp.nextMessage(withinMs)).size).toBe(size);
      expect(came).toBe(size);
      await there.dialog.bye();
      await here.dialog.byed;
      expect(await stage.server.command('queue')).not.toContain('tom@localhost');
      await mary.phone.unregister();
    },
    startMsMax,
  );

  it.each([603, 488])(
    'is refused for good by their %i',
    async (status) => {
      const mary = await stage.agent('mary');
      await mary.register();
      const refused = refusalStatus(tom.inviteForLarge('mary@localhost'));
      (await mary.nextInvite(withinMs)).reply(status);
      expect(await refused).toBe(status);
      expect(await stage.server.command('queue')).not.toContain('tom@localhost');
      await mary.phone.unregister();
    },
    startMsMax,
  );

  it.each([480, 486, 'nothing'] as const)(
    'is kept when they answer %s, and comes later',
    async (status) => {
      const john = await stage.agent('john');
      await john.register();
      const inviting = tom.inviteForLarge('john@localhost');
      const invite = await john.nextInvite(withinMs);
      if (status !== 'nothing') invite.reply(status);
      const session = await inviting;
      const sent = session.msrp.send({ contentType: 'a/b', body: octets(5000), successReport: 'yes' });
      expect(await sent.finished).toBe(200);
      await session.msrp.nextReport(withinMs);
      await session.dialog.bye();
      expect(await stage.server.command('queue')).toContain('waiting');
      const taken = john.takeInvite(withinMs);
      await john.register();
      expect((await (await taken).msrp.nextMessage(withinMs)).body.equals(octets(5000))).toBe(true);
      await john.phone.unregister();
      await john.stop();
    },
    2 * startMsMax,
  );

  it(
    'becomes a message that waits when they vanish in the middle',
    async () => {
      const mary = await stage.agent('mary');
      await mary.register();
      const taken = mary.takeInvite(withinMs);
      const there = await tom.inviteForLarge('mary@localhost');
      const here = await taken;
      const vanished = new Promise<void>((resolve) => {
        here.msrp.onOctets = () => {
          here.msrp.connection?.destroy();
          resolve();
        };
      });
      const body = octets(size);
      const sent = there.msrp.send({ contentType: 'a/b', body, successReport: 'yes', chunkBytes: 20_000 });
      await vanished;
      await mary.stop();
      expect(await sent.finished).toBe(200);
      expect((await there.msrp.nextReport(withinMs)).header('Status')).toMatch(/^000 200/);
      await there.dialog.bye();
      const again = await stage.agent('mary');
      const played = again.takeInvite(withinMs);
      await again.register();
      expect((await (await played).msrp.nextMessage(withinMs)).body.equals(body)).toBe(true);
    },
    2 * startMsMax,
  );
});
