import { describe, expect, it } from 'vitest';
import { InviteRig, content, textOf } from './invite-rig.ts';
import { streamFlow } from '../transaction/recording-transport.ts';

describe('an INVITE that is answered', () => {
  it('rings, is accepted, and repeats its 2xx until the ACK', async () => {
    const rig = new InviteRig();
    rig.receiveInvite();
    const [invite] = rig.invites;
    expect(textOf(invite?.offer)).toBe('offer 1');
    invite?.ring();
    expect(rig.lastResponse.status).toBe(180);
    expect(rig.lastResponse.headers.get('Contact')).toBe('<sip:192.0.2.9:5060;transport=udp>');
    const session = rig.accept();
    const { headers } = rig.lastResponse;
    expect(rig.lastResponse.status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      Contact: '<sip:192.0.2.9:5060;transport=udp>',
      Allow: 'ACK, BYE, CANCEL, INVITE, PRACK, UPDATE',
      Supported: 'timer, 100rel',
      'Content-Type': 'application/sdp',
    });
    rig.transport.responses.length = 0;
    await rig.time.advance(500 + 1_000 + 2_000 + 4_000 + 4_000);
    expect(rig.transport.takeStatuses()).toEqual([200, 200, 200, 200, 200]);
    rig.receiveWithin('ACK', { cseq: 1 });
    await rig.time.advance(10_000);
    expect(rig.transport.takeStatuses()).toEqual([]);
    expect(rig.takeHeard()).toEqual(['acknowledged -']);
    expect(session.state).toBe('confirmed');
  });

  it('repeats the 2xx over streams too', async () => {
    const rig = new InviteRig();
    rig.receiveInvite({ via: 'SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKs' }, streamFlow);
    rig.accept();
    await rig.time.advance(1_500);
    expect(rig.transport.takeStatuses()).toEqual([200, 200, 200]);
  });

  it('ends with BYE after 64*T1 without an ACK', async () => {
    const rig = new InviteRig();
    rig.receiveInvite();
    rig.accept();
    await rig.time.advance(31_999);
    expect(rig.transport.takeMethods()).toEqual([]);
    await rig.time.advance(1);
    expect(rig.takeHeard()).toEqual(['ended: unacknowledged']);
    expect(rig.lastOf('BYE').to.tag).toBe('from1');
    rig.respond(rig.lastOf('BYE'), 200);
    expect(rig.layer.size).toBe(0);
  });

  it('takes a BYE', () => {
    const rig = new InviteRig();
    rig.answered();
    rig.receiveWithin('BYE', { rows: ['Reason: SIP;cause=200'] });
    expect(rig.lastResponse.status).toBe(200);
    expect(rig.takeHeard()).toEqual(['ended: bye SIP;cause=200']);
    expect(rig.layer.size).toBe(0);
    rig.receiveWithin('BYE');
    expect(rig.lastResponse.status).toBe(481);
  });

  it('with our offer in the 2xx gets the answer with the ACK', () => {
    const rig = new InviteRig();
    rig.receiveInvite({ body: '' });
    expect(rig.invites[0]?.offer).toBeUndefined();
    rig.accept('offer of ours');
    rig.receiveWithin('ACK', { cseq: 1, body: 'answer of theirs' });
    expect(rig.takeHeard()).toEqual(['acknowledged answer of theirs']);
  });

  it('is cancelled', () => {
    const rig = new InviteRig();
    rig.receiveInvite({ branch: 'z9hG4bKc' });
    rig.receive({ method: 'CANCEL', branch: 'z9hG4bKc' });
    expect(rig.transport.takeStatuses()).toEqual([200, 487]);
    expect(rig.takeHeard()).toEqual(['cancelled: cancelled']);
    expect(rig.invites[0]?.accept(content('x'), rig.listener)).toBeUndefined();
    expect([rig.transport.takeStatuses(), rig.layer.size]).toEqual([[], 0]);
  });
});

describe('an INVITE of ours', () => {
  it('makes a session with the first 2xx', () => {
    const rig = new InviteRig();
    rig.call();
    const invite = rig.lastOf('INVITE');
    rig.respond(invite, 180);
    rig.respond(invite, 200, { body: 'answer', rows: ['Record-Route: <sip:p2;lr>, <sip:p1;lr>'] });
    expect(rig.takeHeard()).toEqual(['progress 180', 'answered answer']);
    const ack = rig.lastOf('ACK');
    expect(ack.requestUri).toBe('sip:tom@192.0.2.1:5070');
    expect(ack.headers.get('CSeq')).toBe('1 ACK');
    expect(ack.headers.getAll('Route')).toEqual(['<sip:p1;lr>', '<sip:p2;lr>']);
    rig.sessions[0]?.bye([['Reason', 'SIP;cause=200']]);
    expect(rig.lastOf('BYE').headers.get('CSeq')).toBe('2 BYE');
    expect(rig.lastOf('BYE').headers.get('Reason')).toBe('SIP;cause=200');
  });

  it('is cancelled once something came', () => {
    const rig = new InviteRig();
    const call = rig.call();
    call.cancel();
    expect(rig.transport.takeMethods()).toEqual(['INVITE']);
    const again = rig.call();
    const invite = rig.lastOf('INVITE');
    rig.respond(invite, 100);
    again.cancel();
    expect(rig.lastOf('CANCEL').topVia.branch).toBe(invite.topVia.branch);
    rig.respond(invite, 487);
    expect(rig.takeHeard()).toEqual(['failed 487']);
  });
});
