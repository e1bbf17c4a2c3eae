/** How sessions end, and how long they last, in virtual time. */
import { describe, expect, it } from 'vitest';
import { streamFlow } from '../transaction/recording-transport.ts';
import { answerLater, InviteRig } from './invite-rig.ts';

describe('the end', () => {
  it('of ours waits for the ACK', () => {
    const rig = new InviteRig();
    rig.receiveInvite();
    const session = rig.accept();
    session.bye([['Reason', 'SIP;cause=200']]);
    expect(rig.transport.takeMethods()).toEqual([]);
    rig.receiveWithin('INVITE', { body: 'offer 2' });
    expect(rig.lastResponse.status).toBe(481);
    rig.receiveWithin('ACK', { cseq: 1 });
    expect(rig.lastOf('BYE').headers.get('Reason')).toBe('SIP;cause=200');
    expect(rig.takeHeard()).toEqual([]);
  });

  it('of ours leaves without the ACK in the end', async () => {
    const rig = new InviteRig();
    rig.receiveInvite();
    rig.accept().bye([['Reason', 'SIP;cause=200']]);
    await rig.time.advance(32_000);
    expect(rig.lastOf('BYE').headers.get('Reason')).toBe('SIP;cause=200');
    expect(rig.takeHeard()).toEqual([]);
  });

  it('of both at once is one', () => {
    const rig = new InviteRig();
    const session = rig.answered();
    session.bye();
    session.bye();
    expect(rig.transport.requests.map(({ method }) => method)).toEqual(['BYE']);
    rig.receiveWithin('BYE');
    expect(rig.lastResponse.status).toBe(200);
    rig.receiveWithin('INVITE', { body: 'offer' });
    expect(rig.lastResponse.status).toBe(481);
    rig.respond(rig.lastOf('BYE'), 481);
    expect([rig.layer.size, rig.takeHeard()]).toEqual([0, []]);
  });

  it('comes to a 2xx whose ACK is missing', async () => {
    const rig = new InviteRig();
    rig.answered();
    rig.receiveWithin('INVITE', { body: 'offer 2' });
    rig.receiveWithin('BYE');
    rig.transport.takeStatuses();
    await rig.time.advance(40_000);
    expect([rig.transport.takeStatuses(), rig.transport.takeMethods()]).toEqual([[], []]);
  });

  it('of the server ends all of them', () => {
    const rig = new InviteRig();
    rig.answered();
    rig.receiveInvite({ callId: 'ringing', fromTag: 'r' });
    rig.layer.stop();
    expect(rig.takeHeard()).toEqual(['ended: stopped', 'cancelled: left']);
    expect(rig.transport.takeMethods()).toEqual(['BYE']);
    expect(rig.lastResponse.status).toBe(487);
  });

  it('of its connection is told, and that of others is not', () => {
    const rig = new InviteRig();
    rig.answered({ via: 'SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKs' }, streamFlow);
    rig.transport.closeConnection(99);
    expect(rig.takeHeard()).toEqual([]);
    // Whoever has come by another connection does not miss the old one.
    const other = { ...streamFlow, connection: 8 };
    rig.receiveWithin('UPDATE', { via: 'SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKu' }, other);
    rig.transport.closeConnection(streamFlow.connection ?? 0);
    expect(rig.takeHeard()).toEqual([]);
    rig.transport.closeConnection(8);
    expect(rig.takeHeard()).toEqual(['connection lost']);
    expect(rig.layer.size).toBe(1);
  });
});

describe('session timers', () => {
  it.each([
    ['nothing', [], '1800;refresher=uas', false],
    ['a client that knows timers', ['Supported: timer'], '1800;refresher=uac', true],
    ['an interval', ['Supported: timer', 'Session-Expires: 600'], '600;refresher=uac', true],
    ['us as the refresher', ['k: timer', 'x: 600;refresher=uas'], '600;refresher=uas', false],
    ['a least interval', ['Supported: timer', 'Session-Expires: 600', 'Min-SE: 700'], '700;refresher=uac', true],
    ['an interval of a proxy', ['Session-Expires: 60'], '90;refresher=uas', false],
    ['a very long one', ['Supported: timer', 'Session-Expires: 4294967296'], '86400;refresher=uac', true],
  ] as const)('are agreed on: %s', (_what, rows, agreed, isRequired) => {
    const rig = new InviteRig();
    rig.receiveInvite({ rows });
    rig.accept();
    expect(rig.lastResponse.headers.get('Session-Expires')).toBe(agreed);
    expect(rig.lastResponse.headers.get('Require')).toBe(isRequired ? 'timer' : undefined);
  });

  it('end the session when the other side does not refresh it', async () => {
    const rig = new InviteRig();
    rig.answered({ rows: ['Supported: timer', 'Session-Expires: 90'] });
    await rig.time.advance(59_000);
    rig.receiveWithin('UPDATE', { rows: ['Supported: timer', 'Session-Expires: 90;refresher=uac'] });
    expect(rig.lastResponse.headers.get('Session-Expires')).toBe('90;refresher=uac');
    await rig.time.advance(59_999);
    expect(rig.takeHeard()).toEqual([]);
    await rig.time.advance(1);
    expect(rig.takeHeard()).toEqual(['ended: expired']);
    expect(rig.lastOf('BYE').requestUri).toBe('sip:tom@192.0.2.1');
  });

  it('stay as they are where a request says nothing of them', () => {
    const rig = new InviteRig();
    rig.answered({ rows: ['Supported: timer', 'Session-Expires: 600;refresher=uas'] });
    rig.receiveWithin('UPDATE', { rows: ['Supported: timer'] });
    expect(rig.lastResponse.headers.get('Session-Expires')).toBe('600;refresher=uas');
  });

  it('are refreshed by us with UPDATE, or with a re-INVITE that says the same again', async () => {
    const rig = new InviteRig();
    rig.answered({ rows: ['Allow: INVITE, UPDATE', 'Session-Expires: 90'] });
    await rig.time.advance(45_000);
    const update = rig.lastOf('UPDATE');
    expect([update.headers.get('Session-Expires'), update.body.length]).toEqual(['90;refresher=uac', 0]);
    rig.respond(update, 405);
    await rig.time.settle();
    const invite = rig.lastOf('INVITE');
    expect(new TextDecoder().decode(invite.body)).toBe('answer 1');
    rig.respond(invite, 200, { rows: ['Session-Expires: 200;refresher=uac'], body: 'offer 1' });
    expect(rig.lastOf('ACK').headers.get('CSeq')).toBe('2 ACK');
    rig.transport.takeMethods();
    await rig.time.advance(99_999);
    expect(rig.transport.takeMethods()).toEqual([]);
    await rig.time.advance(1);
    expect(rig.transport.takeMethods()).toEqual(['INVITE']);
    expect(rig.takeHeard(), 'nobody is asked').toEqual([]);
  });

  it('are tried again after a failure that passes, and end the session when none comes through', async () => {
    const rig = new InviteRig();
    rig.called(['Allow: UPDATE', 'Session-Expires: 90;refresher=uac', 'Require: timer']);
    await rig.time.advance(45_000);
    rig.respond(rig.lastOf('UPDATE'), 503, { rows: ['Retry-After: 2'] });
    rig.transport.takeMethods();
    await rig.time.advance(2_000);
    expect(rig.lastOf('UPDATE').headers.get('CSeq')).toBe('3 UPDATE');
    rig.respond(rig.lastOf('UPDATE'), 491);
    rig.transport.takeMethods();
    await rig.time.advance(3_050);
    expect(rig.transport.requests.map(({ method }) => method)).toEqual(['UPDATE']);
    rig.respond(rig.lastOf('UPDATE'), 500);
    await rig.time.advance(60_000);
    expect(rig.takeHeard()).toEqual(['ended: expired']);
  });

  it('are the affair of the other side where its 2xx says so', async () => {
    const rig = new InviteRig();
    rig.called(['Session-Expires: 90;refresher=uas']);
    await rig.time.advance(59_999);
    expect(rig.transport.takeMethods()).toEqual([]);
    await rig.time.advance(1);
    expect(rig.transport.takeMethods()).toEqual(['BYE']);
  });

  it('run with a peer that does not know them', async () => {
    const rig = new InviteRig();
    rig.called();
    await rig.time.advance(900_000);
    const invite = rig.lastOf('INVITE');
    expect(invite.headers.get('Session-Expires')).toBe('1800;refresher=uac');
    rig.respond(invite, 481);
    expect(rig.takeHeard()).toEqual(['ended: lost 481']);
  });

  it('wait while something of either side is open', async () => {
    const rig = new InviteRig();
    rig.answered({ rows: ['Session-Expires: 90'] });
    answerLater(rig);
    await rig.time.advance(44_000);
    rig.receiveWithin('INVITE', { body: 'offer 2' });
    await rig.time.advance(10_000);
    expect(rig.transport.takeMethods()).toEqual([]);
  });
});
