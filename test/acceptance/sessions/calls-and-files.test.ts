import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { conversationTag, NotInSessionError, type SessionAgent } from '../../../src/cli/session-agent/session-agent.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { octets } from './octets.ts';

const withinMs = 60_000;
let stage: Stage;
let tom: SessionAgent;
let mary: SessionAgent;

beforeAll(async () => {
  stage = await openStage(['--max-large', '1MiB']);
  tom = await stage.agent('tom');
  mary = await stage.agent('mary');
}, startMsMax);

afterAll(() => stage.close(), startMsMax);

afterEach(() => mary.phone.unregister());

async function queueOfTom(): Promise<string[]> {
  return (await stage.server.command('queue')).split('\n').filter((row) => row.includes('tom@localhost'));
}

describe('a call', () => {
  it('rings reliably, is updated, and ends once', { timeout: startMsMax }, async () => {
    await mary.register();
    const headers = { 'Accept-Contact': conversationTag, Require: '100rel', Supported: '100rel' };
    const { call, msrp, uri } = tom.call('mary@localhost', { headers });
    const invite = await mary.nextInvite(withinMs);
    invite.ring();
    const ringing = await call.nextProvisional(withinMs);
    expect(ringing.header('Require')).toBe('100rel');
    const thread = { ...call.plan.thread, toTag: ringing.toTag ?? '' };
    const target = /<([^>]+)>/.exec(ringing.header('Contact') ?? '')?.[1] ?? '';
    const rack = `${ringing.header('RSeq')} ${ringing.header('CSeq')}`;
    const acknowledged = await tom.phone.request('PRACK', target, { to: uri, thread, headers: { RAck: rack } });
    expect(acknowledged.status).toBe(200);
    const [here, there] = await Promise.all([mary.accept(invite), tom.join(call, msrp, uri)]);
    there.dialog.thread.cseq = thread.cseq;
    expect((await there.dialog.request('UPDATE')).status).toBe(200);
    const sent = there.msrp.send({ contentType: 'text/plain', body: 'hello' });
    expect((await here.msrp.nextMessage(withinMs)).text).toBe('hello');
    expect(await sent.finished).toBe(200);
    expect((await there.dialog.bye()).status).toBe(200);
    expect((await there.dialog.bye()).status).toBe(481);
  });

  it('that is taken back while it rings is over on both sides, of either kind', { timeout: startMsMax }, async () => {
    await mary.register();
    for (const tag of [conversationTag, '*;+g.oma.sip-im.large-message']) {
      const { call } = tom.call('mary@localhost', { headers: { 'Accept-Contact': tag } });
      const invite = await mary.nextInvite(withinMs);
      invite.ring();
      await expect.poll(() => call.provisional.length, { timeout: withinMs }).toBeGreaterThan(0);
      expect((await call.cancel()).status).toBe(200);
      expect((await call.final).status).toBe(487);
      expect((await invite.cancelled).method).toBe('CANCEL');
    }
    expect(await queueOfTom()).toEqual([]);
  });

  it('stands when a new offer is refused', { timeout: startMsMax }, async () => {
    await mary.register();
    const taken = mary.takeInvite(withinMs);
    const there = await tom.inviteForTalk('mary@localhost');
    const here = await taken;
    const audio = 'v=0\r\no=- 1 9 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4 RTP/AVP 0\r\n';
    expect((await there.dialog.reinvite(audio, 'tom-secret')).status).toBe(488);
    const sent = there.msrp.send({ contentType: 'text/plain', body: 'still here' });
    expect((await here.msrp.nextMessage(withinMs)).text).toBe('still here');
    expect(await sent.finished).toBe(200);
    await there.dialog.bye();
  });
});

describe('a file', () => {
  const fileOf = (size: number) => ({
    headers: { 'Accept-Contact': '*' },
    more: [`file-selector:name:"a picture.jpg" type:image/jpeg size:${size}`, 'file-transfer-id:abc123'],
  });

  it('that is too large is refused before any media', async () => {
    const fault = await tom.inviteForLarge('mary@localhost', fileOf(5_000_000)).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(NotInSessionError);
    expect(fault).toMatchObject({ answer: { status: 413 } });
  });

  it('that is kept is a file when it is played', { timeout: startMsMax }, async () => {
    const session = await tom.inviteForLarge('mary@localhost', fileOf(50_000));
    expect(session.remote.more).toContain('file-transfer-id:abc123');
    const sent = session.msrp.send({ contentType: 'image/jpeg', body: octets(50_000), successReport: 'yes' });
    expect(await sent.finished).toBe(200);
    await session.msrp.nextReport(withinMs);
    await session.dialog.bye();
    const taken = mary.takeInvite(withinMs);
    await mary.register();
    const { remote, msrp, dialog } = await taken;
    expect(remote.more?.find((row) => row.startsWith('file-selector:'))).toContain('name:"a picture.jpg"');
    expect((await msrp.nextMessage(withinMs)).body.equals(octets(50_000))).toBe(true);
    await dialog.byed;
  });
});

describe('a contact that is only told', () => {
  it('is told of a large message, and is played it when it asks', { timeout: startMsMax }, async () => {
    await mary.register({ contactParams: '+g.oma.sip-im.large-message;+restante.delivery="notify"' });
    const summary = await mary.phone.subscribe('message-summary', { accept: 'application/simple-message-summary' });
    await summary.nextNotify(withinMs);
    const session = await tom.inviteForLarge('mary@localhost', { headers: { Subject: 'the plan' } });
    const sent = session.msrp.send({ contentType: 'a/b', body: octets(100_000), successReport: 'yes' });
    expect(await sent.finished).toBe(200);
    await session.msrp.nextReport(withinMs);
    await session.dialog.bye();
    await summary.nextNotify(withinMs, (notify) => notify.text.includes('the plan'));
    const taken = mary.takeInvite(withinMs);
    expect((await mary.phone.sendMessage('inbox@localhost', 'get from tom')).status).toBe(200);
    expect((await (await taken).msrp.nextMessage(withinMs)).body.equals(octets(100_000))).toBe(true);
  });
});
