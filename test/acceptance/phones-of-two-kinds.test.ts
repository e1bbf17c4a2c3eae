/** A SIP phone and an IMPS phone on one real server: each holds what the other sends by its own presence. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SipUserAgent } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import { CspClient, textOf } from '../imps/csp-client.ts';
import { openStage, type Stage, startMsMax } from './stage.ts';

const testMsMax = 120_000;
const comesMsMax = 60_000;
let stage: Stage;
let tom: SipUserAgent;
let mary: CspClient;

const pause = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 5);
  });

beforeAll(async () => {
  stage = await openStage(['--settle', '0', '--notify-pace', '0', '--visible-by-default', '*']);
  tom = await stage.phone('tom');
  await tom.register();
  const host = { origin: stage.server.http, settle: pause, time: { advance: pause } };
  mary = await new CspClient(host, 'mary').start();
}, startMsMax);

afterAll(() => stage.close(), startMsMax);

const say = (mood: string): string =>
  `<UpdatePresence-Request><PresenceSubList><StatusMood><Qualifier>T</Qualifier><PresenceValue>${mood}</PresenceValue></StatusMood></PresenceSubList></UpdatePresence-Request>`;
const send = (text: string): string =>
  `<SendMessage-Request><DeliveryReport>T</DeliveryReport><MessageInfo><Recipient><User><UserID>wv:tom@localhost</UserID></User></Recipient></MessageInfo><ContentData>${text}</ContentData></SendMessage-Request>`;
const whenAvailable =
  '<ExtBlock><DeliveryCondition><PresenceSubList><UserAvailability><PresenceValue>AVAILABLE</PresenceValue></UserAvailability></PresenceSubList></DeliveryCondition></ExtBlock>';

/** Asks until there is one. */
async function hear(name: string): Promise<string> {
  const end = Date.now() + comesMsMax;
  while (!mary.waiting.some(({ xml }) => xml.startsWith(`<${name}`)) && Date.now() < end) {
    await mary.poll();
    await pause();
  }
  return mary.reply(name);
}

describe('an IMPS phone and a SIP phone', { timeout: testMsMax }, () => {
  it('the mood of the one holds what the other sends, and a change of it lets it go', async () => {
    await mary.request(say('ANGRY'));
    const answer = await tom.sendMessage('mary@localhost', 'sorry', {
      headers: { 'Deliver-When': 'mood is not angry' },
    });
    expect([answer.status, answer.header('Deferred-Message')]).toEqual([202, expect.stringMatching(/state=held/)]);
    expect(await mary.poll()).toEqual([]);
    await mary.request(say('HAPPY'));
    const came = await hear('NewMessage');
    expect([textOf(came, 'ContentData'), textOf(came, 'UserID')]).toEqual(['sorry', 'wv:mary@localhost']);
    expect(came).toContain('<Sender><User><UserID>wv:tom@localhost</UserID></User></Sender>');
    expect(came).not.toMatch(/angry|mood/i);
  });

  it('the availability of the other holds what the one sends, and its sender hears of the delivery', async () => {
    await tom.publish({ activity: 'busy' });
    const sent = await mary.request(send('lunch?'), whenAvailable);
    expect(textOf(sent, 'Code')).toBe('202');
    await tom.publish({ basic: 'open' });
    const came = await tom.nextMessage(comesMsMax);
    expect(came.text).toBe('lunch?');
    const report = await hear('DeliveryReport-Request');
    expect([textOf(report, 'Code'), textOf(report, 'MessageID')]).toEqual(['200', textOf(sent, 'MessageID')]);
  });

  it('several recipients are one message to their sender, whatever protocol each has', async () => {
    const more = '<User><UserID>wv:john@localhost</UserID></User></Recipient>';
    const sent = await mary.request(send('both').replace('</Recipient>', more));
    expect(sent).toMatch(/<Code>201<\/Code>.*<Code>533<\/Code>.*wv:john@localhost/s);
    expect((await tom.nextMessage(comesMsMax)).text).toBe('both');
    const report = await hear('DeliveryReport-Request');
    const told = [textOf(report, 'Code'), textOf(report, 'MessageID'), textOf(report, 'UserID')];
    expect(told).toEqual(['200', textOf(sent, 'MessageID'), 'wv:tom@localhost']);
  });

  it('each sees the other as its own protocol has words for', async () => {
    await tom.publish({ activity: 'busy' });
    const shown = await mary.request(
      '<GetPresence-Request><User><UserID>wv:tom@localhost</UserID></User></GetPresence-Request>',
    );
    expect(shown).toContain('<PresenceValue>NOT_AVAILABLE</PresenceValue>');
    expect(shown).toContain('<OnlineStatus><Qualifier>T</Qualifier><PresenceValue>T</PresenceValue></OnlineStatus>');
    const subscription = await tom.subscribe('presence', { to: 'mary@localhost' });
    const document = await subscription.nextNotify(comesMsMax);
    expect(Buffer.from(document.body).toString()).toMatch(/<[\w:]*happy\b/);
  });
});
