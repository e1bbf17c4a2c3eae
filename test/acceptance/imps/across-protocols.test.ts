/** One presence, one mailbox, one set of blocks and rules, whatever the protocol of either side. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SipUserAgent } from '../../../src/cli/demo/user-agent/sip-user-agent.ts';
import { find, node, textAt } from '../../../src/cli/imps-phone/csp-node.ts';
import { type ImpsPhone, valued } from '../../../src/cli/imps-phone/imps-phone.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { callerOf, codesOf, listedIds, putRules, startPhone, withinMs } from './phones.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage(['--visible-by-default', 'online,availability,mood,activity', '--settle', '0']);
}, startMsMax);

afterEach(() => stage.close(), startMsMax);

async function sip(name: string): Promise<SipUserAgent> {
  const phone = await stage.phone(name);
  await phone.register();
  return phone;
}

/** CPIM that asks for IMDNs (RFC 5438). */
function withReports(number: number): string {
  const headers = [
    'From: <sip:tom@localhost>',
    'To: <sip:mary@localhost>',
    'NS: imdn <urn:ietf:params:imdn>',
    `imdn.Message-ID: m${number}`,
    'imdn.Disposition-Notification: positive-delivery, negative-delivery',
  ];
  return [...headers, '', 'Content-type: text/plain; charset=utf-8', '', `number ${number}`].join('\r\n');
}

function contentOf({ primitive }: Awaited<ReturnType<ImpsPhone['next']>>): string {
  return textAt(primitive, 'ContentData');
}

describe('between SIP and IMPS', { timeout: 2 * startMsMax }, () => {
  it('an IMPS phone in a mood ANGRY holds the message of a SIP sender until it is HAPPY', async () => {
    const [tom, mary] = [await sip('tom'), await startPhone(stage, 'mary')];
    await mary.show(valued('StatusMood', 'ANGRY'));
    const held = await tom.sendMessage('sip:mary@localhost', 'are you well again?', {
      headers: { 'Deliver-When': 'mood is not angry' },
    });
    expect(held.status).toBe(202);
    await mary.poll();
    expect(mary.asked).toEqual([]);
    await mary.show(valued('StatusMood', 'HAPPY'));
    expect(contentOf(await mary.next('NewMessage', withinMs))).toBe('are you well again?');
  });

  it('a SIP phone in a meeting holds the message of an IMPS sender until it is over', async () => {
    const [tom, mary] = [await startPhone(stage, 'tom'), await sip('mary')];
    await mary.publish({ activity: 'meeting' });
    for (const conditions of [['availability is available'], [[valued('UserAvailability', 'AVAILABLE')]]]) {
      expect((await tom.send({ to: 'mary@localhost', text: 'call me', conditions })).code).toBe(202);
    }
    await mary.publish({ availability: 'available' });
    expect((await mary.nextMessage(withinMs)).text).toBe('call me');
    expect((await mary.nextMessage(withinMs)).text).toBe('call me');
  });

  it('messages go both ways, at once and later, with their times', async () => {
    const tom = await sip('tom');
    const mary = await startPhone(stage, 'mary');
    const sending = tom.sendMessage('sip:mary@localhost', 'from SIP');
    expect(contentOf(await mary.next('NewMessage', withinMs))).toBe('from SIP');
    expect([200, 202]).toContain((await sending).status);
    expect([200, 202]).toContain((await mary.send({ to: 'tom@localhost', text: 'from IMPS' })).code);
    expect((await tom.nextMessage(withinMs)).text).toBe('from IMPS');
    await tom.unregister();
    expect(codesOf((await mary.send({ to: 'tom@localhost', text: 'later' })).primitive)[0]).toBe(201);
    const again = await sip('tom');
    const late = await again.nextMessage(withinMs);
    expect([late.text, late.request.header('Deferred-Message') === undefined]).toEqual(['later', false]);
  });

  it('each is told of what became of its message in its own words', async () => {
    const [tom, mary] = [await sip('tom'), await startPhone(stage, 'mary', { method: 'N' })];
    for (const number of [1, 2, 3]) {
      const sent = await tom.sendMessage('sip:mary@localhost', withReports(number), { contentType: 'message/cpim' });
      expect(sent.status).toBe(202);
    }
    const [fetched = '', rejected = '', forwarded = ''] = listedIds((await mary.list()).primitive);
    expect((await mary.get(fetched)).text('ContentData')).toBe('number 1');
    expect((await mary.ask(node('RejectMessage-Request', node('MessageID', rejected)))).code).toBe(200);
    const peter = node('Recipient', node('User', node('UserID', 'wv:peter@localhost')));
    expect((await mary.ask(node('ForwardMessage-Request', node('MessageID', forwarded), peter))).code).toBe(201);
    const fates = new Map<string, string>();
    while (fates.size < 3) {
      const { text } = await tom.nextMessage(withinMs);
      fates.set(/<message-id>([^<]*)/.exec(text)?.[1] ?? '', /<status>\s*<([a-z]+)/.exec(text)?.[1] ?? '');
    }
    expect(Object.fromEntries(fates)).toEqual({ m1: 'delivered', m2: 'forbidden', m3: 'delivered' });
    const asked = await mary.send({ to: 'tom@localhost', text: 'tell me', wantsReport: true });
    await tom.nextMessage(withinMs);
    const report = await mary.next('DeliveryReport-Request', withinMs);
    expect(codesOf(report.primitive)).toEqual([200]);
    expect(textAt(report.primitive, 'MessageInfo/MessageID')).toBe(asked.text('MessageID'));
  });

  it('each sees the presence of the other in its own words', async () => {
    const [tom, mary] = [await sip('tom'), await startPhone(stage, 'mary')];
    await tom.publish({ mood: 'in-love', activity: 'meeting' });
    await expect
      .poll(
        () => mary.look('tom@localhost').then((seen) => seen.text('Presence/PresenceSubList/StatusMood/PresenceValue')),
        {
          timeout: withinMs,
        },
      )
      .toBe('IN_LOVE');
    const seen = await mary.look('tom@localhost');
    expect(seen.text('Presence/PresenceSubList/UserAvailability/PresenceValue')).toBe('NOT_AVAILABLE');
    expect(seen.text('Presence/PresenceSubList/OnlineStatus/PresenceValue')).toBe('T');
    await mary.show(valued('StatusMood', 'JEALOUS'), valued('UserAvailability', 'DISCREET'));
    const watching = await tom.subscribe('presence', { to: 'mary@localhost', accept: 'application/pidf+xml' });
    await watching.nextNotify(withinMs, ({ text }) => text.includes('jealous'));
    const other = await callerOf(stage, 'tom').call('GET', '/v1/presence/mary@localhost');
    expect(other.json).toMatchObject({ mood: ['jealous'], availability: 'discreet' });
  });

  it('a grant list of an IMPS phone stops a SIP sender and watcher who are not on it', async () => {
    const [tom, peter, mary] = [await sip('tom'), await sip('peter'), await startPhone(stage, 'mary')];
    const grants = node('GrantList', node('InUse', 'T'), node('AddList', node('UserID', 'wv:tom@localhost')));
    expect((await mary.ask(node('BlockEntity-Request', grants))).code).toBe(200);
    expect((await peter.sendMessage('sip:mary@localhost', 'x')).status).toBe(403);
    expect([200, 202]).toContain((await tom.sendMessage('sip:mary@localhost', 'x')).status);
    expect((await peter.subscribe('presence', { to: 'mary@localhost' })).answer?.status).toBe(403);
  });

  it('a block made by an IMPS phone stops a SIP sender, and one made over HTTP an IMPS sender', async () => {
    const [tom, mary] = [await sip('tom'), await startPhone(stage, 'mary')];
    await mary.block('tom@localhost');
    expect((await tom.sendMessage('sip:mary@localhost', 'x')).status).toBe(403);
    await mary.unblock('tom@localhost');
    await callerOf(stage, 'john').call('PUT', '/v1/blocks/mary@localhost');
    expect((await mary.send({ to: 'john@localhost', text: 'x' })).code).toBe(532);
  });
});

describe('between HTTP and IMPS', { timeout: 2 * startMsMax }, () => {
  it('a message and its report go both ways', async () => {
    const john = callerOf(stage, 'john');
    const mary = await startPhone(stage, 'mary', { method: 'N' });
    const body = { to: 'mary@localhost', text: 'from HTTP', reports: ['delivered'] };
    const sent = await john.call('POST', '/v1/messages', body);
    expect(sent.status).toBe(202);
    const ear = await john.listen();
    const [id = ''] = listedIds((await mary.list()).primitive);
    expect((await mary.get(id)).text('ContentData')).toBe('from HTTP');
    expect((await ear.next('report', withinMs)).data).toMatchObject({ state: 'delivered', to: 'mary@localhost' });
    const sending = mary.send({ to: 'john@localhost', text: 'from IMPS', wantsReport: true });
    const event = await ear.next('message', withinMs);
    expect(event.data).toMatchObject({ from: 'mary@localhost', text: 'from IMPS' });
    await john.call('POST', `/v1/inbox/${(event.data as { readonly id: string }).id}/delivered`);
    await sending;
    const report = await mary.next('DeliveryReport-Request', withinMs);
    expect(codesOf(report.primitive)).toEqual([200]);
    john.logOut();
  });

  it('attribute lists and rules are one', async () => {
    const [mary, john] = [await startPhone(stage, 'mary'), callerOf(stage, 'mary')];
    const shown = mary.line.presenceList(node('StatusText'));
    const made = node(
      'CreateAttributeList-Request',
      shown,
      node('UserID', 'wv:tom@localhost'),
      node('DefaultList', 'F'),
    );
    expect((await mary.ask(made)).code).toBe(200);
    const rules = await john.call('GET', '/v1/rules');
    expect(rules.text).toContain('status-text');
    const rule = { watchers: ['peter@localhost'], attributes: ['status-text'], action: 'allow' };
    expect(await putRules(stage, 'mary', [rule])).toBe(200);
    const listed = await mary.ask(
      node('GetAttributeList-Request', node('DefaultList', 'F'), node('User', node('UserID', 'wv:peter@localhost'))),
    );
    const names = find(listed.primitive, 'Presence/PresenceSubList')?.children.map(({ name }) => name);
    expect(names).toContain('StatusText');
  });

  it('a message that is fetched by one protocol is gone from the other', async () => {
    const mary = await startPhone(stage, 'mary', { method: 'N' });
    const tom = await startPhone(stage, 'tom');
    await tom.send({ to: 'mary@localhost', text: 'only once' });
    const web = callerOf(stage, 'mary');
    const inbox = await web.call('GET', '/v1/inbox');
    const [item] = (inbox.json as { readonly items: readonly { readonly id: string }[] }).items;
    expect(listedIds((await mary.list()).primitive)).toEqual([item?.id]);
    await web.call('POST', `/v1/inbox/${item?.id ?? ''}/delivered`);
    expect(listedIds((await mary.list()).primitive)).toEqual([]);
    expect((await mary.get(item?.id ?? '', false)).code).toBe(426);
  });
});
