import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findAll, node, numberAt, textAt } from '../../../src/cli/imps-phone/csp-node.ts';
import type { ImpsPhone } from '../../../src/cli/imps-phone/imps-phone.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { codesOf, listedIds, phoneOf, startPhone, withinMs } from './phones.ts';

let stage: Stage;
let tom: ImpsPhone;

beforeAll(async () => {
  stage = await openStage();
}, startMsMax);

beforeEach(async () => {
  tom = await startPhone(stage, 'tom');
});

afterEach(() => tom.logout());

afterAll(() => stage.close(), startMsMax);

const keptAway = [201, ['533', 'wv:mary@localhost']];

describe.each([
  ['1.1', 'xml'],
  ['1.1', 'wbxml'],
  ['1.2', 'wbxml'],
  ['1.3', 'xml'],
  ['1.3', 'wbxml'],
] as const)('a message in %s, %s', (version, syntax) => {
  it('goes to a phone that is there', async () => {
    const mary = await startPhone(stage, 'mary', { version, syntax });
    const sending = tom.send({ to: 'mary@localhost', text: 'hello <mary> & "all" äöü' });
    const came = await mary.next('NewMessage', withinMs);
    expect(textAt(came.primitive, 'ContentData')).toBe('hello <mary> & "all" äöü');
    expect(textAt(came.primitive, 'MessageInfo/Sender/User/UserID')).toBe('wv:tom@localhost');
    expect(textAt(came.primitive, 'MessageInfo/ContentType')).toMatch(/^text\/plain/);
    expect(textAt(came.primitive, 'MessageInfo/DateTime')).toMatch(/^\d{8}T\d{6}Z$/);
    const sent = await sending;
    expect(textAt(came.primitive, 'MessageInfo/MessageID')).toBe(sent.text('MessageID'));
    await mary.logout();
  });

  it('waits for one that is not, and is pushed when it comes', async () => {
    const first = await tom.send({ to: 'mary@localhost', text: 'one' });
    expect(codesOf(first.primitive)).toEqual(keptAway);
    expect(first.details[0]?.[1]).toBe('IM accepted for offline user');
    await tom.send({ to: 'mary@localhost', text: 'two' });
    const mary = await startPhone(stage, 'mary', { version, syntax });
    const came = [await mary.next('NewMessage', withinMs), await mary.next('NewMessage', withinMs)];
    expect(came.map(({ primitive }) => textAt(primitive, 'ContentData'))).toEqual(['one', 'two']);
    expect(listedIds((await mary.list()).primitive)).toEqual([]);
    await mary.logout();
  });

  it('is announced to a phone that wants to fetch, which gets it by its number', async () => {
    await tom.send({ to: 'mary@localhost', text: 'to be fetched' });
    const mary = await startPhone(stage, 'mary', { version, syntax, method: 'N' });
    const told = await mary.next('MessageNotification', withinMs);
    const id = textAt(told.primitive, 'MessageInfo/MessageID');
    expect(findAll(told.primitive, 'ContentData')).toEqual([]);
    const got = await mary.get(id);
    expect([got.name, got.text('ContentData')]).toEqual(['GetMessage-Response', 'to be fetched']);
    expect((await mary.get(id, false)).code).toBe(426);
    expect(mary.asked.filter(({ primitive }) => primitive.name === 'NewMessage')).toEqual([]);
    await mary.logout();
  });

  it('is in the list until it is fetched and acknowledged', async () => {
    await tom.send({ to: 'mary@localhost', text: 'listed' });
    const mary = await startPhone(stage, 'mary', { version, syntax, method: 'N' });
    const [id = ''] = listedIds((await mary.list()).primitive);
    const number = mary.line.nextId();
    const request = node('GetMessage-Request', node('MessageID', id));
    const got = await mary.ask(request, { id: number });
    expect(got.text('ContentData')).toBe('listed');
    expect(listedIds((await mary.list()).primitive)).toEqual([id]);
    const again = await mary.get(id, false);
    expect(again.text('ContentData')).toBe('listed');
    expect((await mary.delivered(id, number)).code).toBe(200);
    expect(listedIds((await mary.list()).primitive)).toEqual([]);
    await mary.logout();
  });
});

describe('lists', () => {
  it('are as long as they are wanted', async () => {
    for (const text of ['one', 'two', 'three']) await tom.send({ to: 'mary@localhost', text });
    const mary = await startPhone(stage, 'mary', { method: 'N' });
    const all = listedIds((await mary.list()).primitive);
    expect(all).toHaveLength(3);
    expect(listedIds((await mary.list({ count: 2 })).primitive)).toEqual(all.slice(0, 2));
    for (const id of all) await mary.get(id);
    await mary.logout();
  });

  it('turn into pushing when the phone says so, and back', async () => {
    await tom.send({ to: 'mary@localhost', text: 'pushed later' });
    const mary = await startPhone(stage, 'mary', { method: 'N' });
    await mary.next('MessageNotification', withinMs);
    const set = await mary.ask(node('SetDeliveryMethod-Request', node('DeliveryMethod', 'P')));
    expect(set.code).toBe(200);
    const came = await mary.next('NewMessage', withinMs);
    expect(textAt(came.primitive, 'ContentData')).toBe('pushed later');
    await mary.ask(node('SetDeliveryMethod-Request', node('DeliveryMethod', 'N')));
    await tom.send({ to: 'mary@localhost', text: 'announced again' });
    const told = await mary.next('MessageNotification', withinMs);
    expect((await mary.get(textAt(told.primitive, 'MessageInfo/MessageID'))).text('ContentData')).toBe(
      'announced again',
    );
    await mary.logout();
  });
});

describe('a message', () => {
  it('that a phone does not acknowledge is offered again, under the same number', async () => {
    const mary = await startPhone(stage, 'mary', { answers: false });
    await tom.send({ to: 'mary@localhost', text: 'again' });
    const first = await mary.next('NewMessage', withinMs);
    await expect.poll(() => mary.poll().then(() => mary.repeated), { timeout: withinMs }).toBeGreaterThan(0);
    await mary.reply(first);
    const { repeated } = mary;
    await mary.poll();
    expect(mary.repeated).toBe(repeated);
    expect(mary.asked).toHaveLength(1);
    await mary.logout();
  });

  it('to several goes to each, and says of each what became of it', async () => {
    const peter = await startPhone(stage, 'peter');
    await tom.ask(node('KeepAlive-Request'));
    const to = ['peter@localhost', 'mary@localhost', 'nobody@localhost', 'else@elsewhere.example'];
    const sending = tom.send({ to, text: 'to all of you' });
    await peter.next('NewMessage', withinMs);
    const [code, ...details] = codesOf((await sending).primitive);
    expect(code).toBe(201);
    expect(details).toEqual(
      expect.arrayContaining([
        ['533', 'wv:mary@localhost'],
        ['531', 'wv:nobody@localhost'],
        ['516', 'wv:else@elsewhere.example'],
      ]),
    );
    const mary = await startPhone(stage, 'mary');
    expect(textAt((await mary.next('NewMessage', withinMs)).primitive, 'ContentData')).toBe('to all of you');
    await mary.logout();
    await peter.logout();
  });

  it('that is sent again in the same transaction is sent once', async () => {
    const mary = await startPhone(stage, 'mary');
    const id = tom.line.nextId();
    const first = await tom.send({ to: 'mary@localhost', text: 'once', id });
    const again = await tom.send({ to: 'mary@localhost', text: 'once', id });
    expect([again.code, again.text('MessageID')]).toEqual([first.code, first.text('MessageID')]);
    await mary.next('NewMessage', withinMs);
    await mary.poll();
    expect(mary.asked).toHaveLength(1);
    await mary.logout();
  });

  it('in BASE64 arrives with the octets that it had', async () => {
    const mary = await startPhone(stage, 'mary');
    const octets = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
    const text = octets.toString('base64');
    const sent = await tom.send({ to: 'mary@localhost', text, encoding: 'BASE64', contentType: 'image/png' });
    expect([200, 201, 202]).toContain(sent.code);
    const { primitive } = await mary.next('NewMessage', withinMs);
    expect(textAt(primitive, 'MessageInfo/ContentEncoding')).toBe('BASE64');
    expect(Buffer.from(textAt(primitive, 'ContentData'), 'base64').equals(octets)).toBe(true);
    await mary.logout();
  });

  it('that is larger than what a phone wants pushed is announced', async () => {
    const mary = phoneOf(stage, 'mary');
    await mary.login();
    await mary.negotiate([node('AcceptedContentLength', 100)]);
    await tom.send({ to: 'mary@localhost', text: 'small' });
    expect(textAt((await mary.next('NewMessage', withinMs)).primitive, 'ContentData')).toBe('small');
    const large = 'x'.repeat(101);
    await tom.send({ to: 'mary@localhost', text: large });
    const told = await mary.next('MessageNotification', withinMs);
    expect(numberAt(told.primitive, 'MessageInfo/ContentSize')).toBe(101);
    expect((await mary.get(textAt(told.primitive, 'MessageInfo/MessageID'))).text('ContentData')).toBe(large);
    await mary.logout();
  });

  it('that is deferred is marked for phones that know extensions, in all three ways of taking it', async () => {
    const marked = node('ExtBlock', node('X-Known', '1'));
    for (const text of ['one', 'two']) await tom.send({ to: 'mary@localhost', text });
    const mary = phoneOf(stage, 'mary');
    await mary.login();
    await mary.ask(node('KeepAlive-Request'), { extension: marked.children });
    await mary.negotiate([], 'N');
    const told = await mary.next('MessageNotification', withinMs);
    expect(told.extension === undefined ? '' : textAt(told.extension, 'DeferredMessage')).toBe('T');
    const got = await mary.get(textAt(told.primitive, 'MessageInfo/MessageID'));
    const { extension } = got.heard;
    expect(extension === undefined ? '' : textAt(extension, 'DeferredMessage')).toBe('T');
    await mary.ask(node('SetDeliveryMethod-Request', node('DeliveryMethod', 'P')));
    const came = await mary.next('NewMessage', withinMs);
    expect(came.extension === undefined ? '' : textAt(came.extension, 'DeferredMessage')).toBe('T');
    await tom.send({ to: 'mary@localhost', text: 'at once' });
    expect((await mary.next('NewMessage', withinMs)).extension).toBeUndefined();
    await mary.logout();
  });
});

describe('a report', () => {
  it('tells that a message was delivered, and when', async () => {
    const sent = await tom.send({ to: 'mary@localhost', text: 'tell me', wantsReport: true });
    const mary = await startPhone(stage, 'mary');
    await mary.next('NewMessage', withinMs);
    const report = await tom.next('DeliveryReport-Request', withinMs);
    expect(codesOf(report.primitive)).toEqual([200]);
    expect(textAt(report.primitive, 'MessageInfo/MessageID')).toBe(sent.text('MessageID'));
    expect(textAt(report.primitive, 'MessageInfo/Recipient/User/UserID')).toBe('wv:mary@localhost');
    expect(textAt(report.primitive, 'DeliveryTime')).toMatch(/^\d{8}T\d{6}Z$/);
    await mary.logout();
  });

  it('tells that a message was turned away (538)', async () => {
    const sent = await tom.send({ to: 'mary@localhost', text: 'go away', wantsReport: true });
    const mary = await startPhone(stage, 'mary', { method: 'N' });
    const told = await mary.next('MessageNotification', withinMs);
    const id = textAt(told.primitive, 'MessageInfo/MessageID');
    expect((await mary.ask(node('RejectMessage-Request', node('MessageID', id)))).code).toBe(200);
    const report = await tom.next('DeliveryReport-Request', withinMs);
    expect([...codesOf(report.primitive), textAt(report.primitive, 'MessageInfo/MessageID')]).toEqual([
      538,
      sent.text('MessageID'),
    ]);
    expect(listedIds((await mary.list()).primitive)).toEqual([]);
    expect((await mary.ask(node('RejectMessage-Request', node('MessageID', 'unknown')))).code).toBe(426);
    await mary.logout();
  });

  it('tells that a message expired (542), which nobody gets any more', async () => {
    await tom.send({ to: 'mary@localhost', text: 'too late', wantsReport: true, validity: 1 });
    expect(codesOf((await tom.next('DeliveryReport-Request', withinMs)).primitive)).toEqual([542]);
    const mary = await startPhone(stage, 'mary', { method: 'N' });
    expect(listedIds((await mary.list()).primitive)).toEqual([]);
    await mary.logout();
  });

  it('waits for a sender who is away, and is not told of what nobody asked for', async () => {
    await tom.send({ to: 'mary@localhost', text: 'unasked' });
    await tom.send({ to: 'mary@localhost', text: 'asked', wantsReport: true });
    await tom.logout();
    const mary = await startPhone(stage, 'mary');
    await mary.next('NewMessage', withinMs);
    await mary.next('NewMessage', withinMs);
    tom = await startPhone(stage, 'tom');
    expect(codesOf((await tom.next('DeliveryReport-Request', withinMs)).primitive)).toEqual([200]);
    await tom.poll();
    expect(tom.asked).toHaveLength(1);
    await mary.logout();
  });
});

describe('forwarding', () => {
  it('gives a waiting message to somebody else and ends it for oneself, or says that it is not offered', async () => {
    await tom.send({ to: 'mary@localhost', text: 'for peter, really' });
    const mary = await startPhone(stage, 'mary', { method: 'N' });
    const told = await mary.next('MessageNotification', withinMs);
    const id = textAt(told.primitive, 'MessageInfo/MessageID');
    const recipient = node('Recipient', node('User', node('UserID', 'wv:peter@localhost')));
    const answer = await mary.ask(node('ForwardMessage-Request', node('MessageID', id), recipient));
    expect([200, 201, 202]).toContain(answer.code);
    const peter = await startPhone(stage, 'peter');
    expect(textAt((await peter.next('NewMessage', withinMs)).primitive, 'ContentData')).toBe('for peter, really');
    expect(listedIds((await mary.list()).primitive)).toEqual([]);
    await peter.logout();
    await mary.logout();
  });
});
