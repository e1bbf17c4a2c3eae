/** What the operator types is in effect in a running server within a second, for subscriptions too (contract section 1). */
import { afterEach, expect, it } from 'vitest';
import { readPidf } from '../../src/cli/demo/user-agent/pidf-text.ts';
import type { SipUserAgent } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import type { SipText } from '../../src/cli/demo/user-agent/sip-text.ts';
import { openStage, type Stage, startMsMax } from './stage.ts';

/** A second, and what a busy machine adds to it. */
const effectMsMax = 30_000;
const testMsMax = 120_000;
const mary = 'mary@localhost';

let stage: Stage | undefined;
afterEach(() => stage?.close(), startMsMax);

/** Tom watches mary, who is available and happy; the first NOTIFY has come. */
async function openWatch(blockedAnswer: 'refuse' | 'accept') {
  const opened = await openStage(['--notify-pace', '0', '--blocked-answer', blockedAnswer]);
  stage = opened;
  const tom = await opened.phone('tom');
  const marysPhone = await opened.phone('mary');
  await marysPhone.register();
  await marysPhone.publish({ availability: 'available', mood: 'happy' });
  const watch = await tom.subscribe('presence', { to: mary });
  const next = (): Promise<SipText> => watch.nextNotify(effectMsMax);
  expect(readPidf((await next()).text)).toMatchObject({ availability: 'available', mood: [] });
  return { tom, next, operator: (...words: string[]) => opened.server.command(...words) };
}

async function watchAnew(tom: SipUserAgent): Promise<number | undefined> {
  return (await tom.subscribe('presence', { to: mary })).answer?.status;
}

it('rules and blocks reach a subscription that runs', { timeout: testMsMax }, async () => {
  const { tom, next, operator } = await openWatch('refuse');
  await operator('allow', mary, 'tom@localhost', 'mood');
  expect(readPidf((await next()).text).mood).toEqual(['happy']);
  await operator('disallow', mary, 'tom@localhost', 'mood');
  expect(readPidf((await next()).text).mood).toEqual([]);
  await operator('block', mary, 'tom@localhost');
  const last = await next();
  expect([last.header('Subscription-State'), last.text]).toEqual(['terminated;reason=rejected', '']);
  expect(await watchAnew(tom)).toBe(403);
  const refused = await tom.sendMessage(mary, 'may I?');
  expect([refused.status, refused.header('Warning')]).toEqual([403, '399 localhost "recipient blocked the sender"']);
  await operator('unblock', mary, 'tom@localhost');
  await expect.poll(() => watchAnew(tom), { timeout: effectMsMax }).toBe(200);
});

it('a block that must not show shows somebody offline instead', { timeout: testMsMax }, async () => {
  const { tom, next, operator } = await openWatch('accept');
  await operator('block', mary, 'tom@localhost');
  const fake = await next();
  expect(fake.header('Subscription-State')).toMatch(/^active;/);
  expect(readPidf(fake.text)).toMatchObject({ availability: 'not-available', basic: ['closed'] });
  expect(await watchAnew(tom)).toBe(200);
  expect((await tom.sendMessage(mary, 'may I?')).status).toBe(202);
  await operator('unblock', mary, 'tom@localhost');
  expect(readPidf((await next()).text)).toMatchObject({ availability: 'available', basic: ['open'] });
});

it('a watcher who loses leave is told just that', { timeout: testMsMax }, async () => {
  const opened = await openStage(['--notify-pace', '0', '--trust', '127.0.0.1/32']);
  stage = opened;
  await (await opened.phone('mary')).publish({ availability: 'available' });
  const stranger = await opened.phone('zoe', { address: 'zoe@elsewhere.example' });
  const watch = await stranger.subscribe('presence', { to: mary });
  const nextState = async () => (await watch.nextNotify(effectMsMax)).header('Subscription-State')?.split(';')[0];
  const states = [await nextState()];
  for (const word of ['allow', 'disallow', 'allow']) {
    await opened.server.command(word, mary, 'zoe@elsewhere.example', 'availability');
    states.push(await nextState());
  }
  expect(states).toEqual(['pending', 'active', 'pending', 'active']);
});
