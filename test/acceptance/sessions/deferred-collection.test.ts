import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionAgent } from '../../../src/cli/session-agent/session-agent.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { octets } from './octets.ts';

const withinMs = 60_000;
let stage: Stage;
let tom: SessionAgent;
let mary: SessionAgent;

beforeAll(async () => {
  stage = await openStage();
  [tom, mary] = [await stage.agent('tom'), await stage.agent('mary')];
  await mary.register({ contactParams: '+g.oma.sip-im;+restante.delivery="pull"' });
}, startMsMax);

afterAll(() => stage.close(), startMsMax);

async function send(body: Buffer): Promise<void> {
  const session = await tom.inviteForLarge('mary@localhost');
  const sent = session.msrp.send({ contentType: 'a/b', body, successReport: 'yes' });
  expect(await sent.finished).toBe(200);
  await session.msrp.nextReport(withinMs);
  await session.dialog.bye();
}

describe('an INVITE to sip:deferred', () => {
  it(
    'plays all that is ready in one session, each as CPIM, or the ones that it names',
    async () => {
      expect((await tom.phone.sendMessage('mary@localhost', 'a small one')).status).toBe(202);
      await send(octets(100_000));
      await send(octets(5000));
      const items = await inbox();
      expect(items).toHaveLength(3);
      const last = items.find(({ size }) => size === 5000);
      const named = await mary.invite('deferred@localhost', { headers: { 'Deferred-Message': last?.id ?? '' } });
      const one = await named.msrp.nextMessage(withinMs);
      expect(one.contentType).toMatch(/^message\/cpim/i);
      expect(one.text).toMatch(/^From: .*tom@localhost/m);
      expect(one.body.subarray(-5000).equals(octets(5000))).toBe(true);
      await named.dialog.byed;
      const all = await mary.invite('deferred@localhost');
      const [first, second] = [await all.msrp.nextMessage(withinMs), await all.msrp.nextMessage(withinMs)];
      expect(first.text).toContain('a small one');
      expect(second.body.subarray(-100_000).equals(octets(100_000))).toBe(true);
      await all.dialog.byed;
      await expect.poll(inbox, { timeout: withinMs }).toEqual([]);
    },
    startMsMax,
  );
});

async function inbox(): Promise<readonly { readonly id: string; readonly size: number }[]> {
  const authorization = `Basic ${Buffer.from('mary@localhost:mary-secret').toString('base64')}`;
  const answer = await fetch(`${stage.server.http}/v1/inbox`, { headers: { authorization } });
  return ((await answer.json()) as { items: { id: string; size: number }[] }).items;
}
