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

describe('an INVITE before its answer', () => {
  it('is refused, and nothing is left of it', () => {
    const rig = new InviteRig();
    rig.receiveInvite();
    rig.invites[0]?.reject(486, { warning: 'somebody else is talking' });
    expect(rig.lastResponse.headers.get('Warning')).toBe('399 example.com "somebody else is talking"');
    rig.invites[0]?.reject(603);
    rig.invites[0]?.ring();
    expect([rig.transport.takeStatuses(), rig.layer.size]).toEqual([[486], 0]);
  });

  it('tells the client each minute that it still rings, and gives up after three', async () => {
    const rig = new InviteRig();
    rig.receiveInvite();
    rig.invites[0]?.ring(183, { reason: 'Asking' });
    await rig.time.advance(120_000);
    expect(rig.transport.takeStatuses()).toEqual([183, 183, 183]);
    await rig.time.advance(60_000);
    expect(rig.transport.takeStatuses()).toEqual([480]);
    expect([rig.takeHeard(), rig.layer.size]).toEqual([['cancelled: unanswered'], 0]);
  });

  it('ends when its Expires is over', async () => {
    const rig = new InviteRig();
    rig.receiveInvite({ rows: ['Expires: 10'] });
    await rig.time.advance(9_999);
    expect(rig.transport.takeStatuses()).toEqual([100]);
    await rig.time.advance(1);
    expect(rig.transport.takeStatuses()).toEqual([487]);
    expect(rig.takeHeard()).toEqual(['cancelled: expired']);
  });

  it.each(['0', 'soon'])('with an Expires of %s waits for its taker', async (expires) => {
    const rig = new InviteRig();
    rig.receiveInvite({ rows: [`Expires: ${expires}`] });
    await rig.time.advance(60_000);
    expect(rig.invites[0]?.isOpen).toBe(true);
  });

  it('is left by a BYE, and refreshed by an UPDATE without an offer', () => {
    const rig = new InviteRig();
    rig.receiveInvite();
    rig.invites[0]?.ring();
    rig.receiveWithin('UPDATE', { body: 'another offer' });
    expect(rig.lastResponse.status).toBe(500);
    expect(rig.lastResponse.headers.get('Retry-After')).toBe('5');
    rig.receiveWithin('UPDATE');
    expect(rig.lastResponse.status).toBe(200);
    rig.receiveWithin('INVITE', { body: 'another offer' });
    expect(rig.lastResponse.status).toBe(500);
    rig.transport.takeStatuses();
    rig.receiveWithin('BYE');
    expect(rig.transport.takeStatuses()).toEqual([200, 487]);
    expect([rig.takeHeard(), rig.layer.size]).toEqual([['cancelled: left'], 0]);
  });

  it('that was answered is not moved by a CANCEL', () => {
    const rig = new InviteRig();
    rig.receiveInvite({ branch: 'z9hG4bKc' });
    rig.accept();
    rig.transport.takeStatuses();
    rig.receive({ method: 'CANCEL', branch: 'z9hG4bKc' });
    expect(rig.transport.takeStatuses()).toEqual([200]);
    expect([rig.takeHeard(), rig.layer.size]).toEqual([[], 1]);
  });

  it('comes again and is one', () => {
    const rig = new InviteRig();
    rig.receiveInvite({ branch: 'z9hG4bKsame' });
    rig.invites[0]?.ring();
    rig.receiveInvite({ branch: 'z9hG4bKsame' });
    expect(rig.transport.takeStatuses()).toEqual([180, 180]);
    expect(rig.invites).toHaveLength(1);
  });

  it.each([
    ['no Contact', { method: 'INVITE' }, 400],
    ['two Contacts', { rows: ['Contact: <sip:tom@192.0.2.2>'] }, 400],
    ['a broken Record-Route', { rows: ['Record-Route: <sip:'] }, 400],
    ['a session that is too brief', { rows: ['Supported: timer', 'Session-Expires: 89'] }, 422],
    ['a broken Session-Expires', { rows: ['Session-Expires: soon'] }, 400],
    ['a refresher that is nobody', { rows: ['Session-Expires: 90;refresher=me'] }, 400],
    ['a broken Min-SE', { rows: ['Min-SE: x'] }, 400],
  ] as const)('with %s is refused', (_what, words, status) => {
    const rig = new InviteRig();
    if ('method' in words) rig.receive({ ...words });
    else rig.receiveInvite(words);
    expect(rig.lastResponse.status).toBe(status);
    expect(rig.lastResponse.headers.get('Min-SE')).toBe(status === 422 ? '90' : undefined);
    expect([rig.invites.length, rig.layer.size]).toEqual([0, 0]);
  });

  it('that was cancelled while its sender was looked up never begins', () => {
    const rig = new InviteRig();
    rig.isLookingUp = true;
    rig.receiveInvite({ branch: 'z9hG4bKc' });
    rig.receive({ method: 'CANCEL', branch: 'z9hG4bKc' });
    expect(rig.transport.takeStatuses()).toEqual([200, 487]);
    for (const context of rig.lookedUp) rig.begin(context);
    expect([rig.invites, rig.layer.size]).toEqual([[], 0]);
  });

  it('whose taker fails leaves nothing', () => {
    const rig = new InviteRig();
    rig.take = () => {
      throw new Error('a fault of ours');
    };
    expect(() => rig.receiveInvite()).toThrow('a fault of ours');
    expect(rig.layer.size).toBe(0);
    const open = [...rig.counters.entries()].find(({ name }) => name === 'sip_invites_open{direction="in"}');
    expect(open?.value).toBe(0);
  });

  it('whose taker fails behind its 2xx is a session that ends', async () => {
    const rig = new InviteRig();
    rig.receiveInvite();
    rig.take = () => {
      rig.accept();
      throw new Error('a fault of ours');
    };
    expect(() => rig.receiveInvite({ callId: 'other', fromTag: 'other' })).toThrow('a fault of ours');
    expect(rig.takeHeard()).toEqual(['ended: stopped']);
    expect(rig.lastOf('BYE').callId).toBe('other');
    await rig.time.advance(40_000);
    expect(rig.layer.size).toBe(1);
  });

  it('gets our feature tags in each Contact', () => {
    const rig = new InviteRig();
    rig.receiveInvite();
    rig.invites[0]?.addToContact(';+g.oma.sip-im');
    rig.invites[0]?.ring();
    const contact = '<sip:192.0.2.9:5060;transport=udp>;+g.oma.sip-im';
    expect(rig.lastResponse.headers.get('Contact')).toBe(contact);
    rig.accept();
    expect(rig.lastResponse.headers.get('Contact')).toBe(contact);
  });

  it('gets its Record-Route back in what makes a dialog', () => {
    const rig = new InviteRig();
    rig.receiveInvite({ rows: ['Record-Route: <sip:p1;lr>', 'Record-Route: <sip:p2;lr>'] });
    rig.invites[0]?.ring();
    expect(rig.lastResponse.headers.getAll('Record-Route')).toEqual(['<sip:p1;lr>', '<sip:p2;lr>']);
    rig.accept();
    expect(rig.lastResponse.headers.getAll('Record-Route')).toEqual(['<sip:p1;lr>', '<sip:p2;lr>']);
  });
});

describe('reliable provisional responses', () => {
  const required = { rows: ['Require: 100rel'] };

  function rang(): { rig: InviteRig; rseq: number } {
    const rig = new InviteRig();
    rig.receiveInvite(required);
    rig.invites[0]?.ring();
    const { headers } = rig.lastResponse;
    expect(headers.get('Require')).toBe('100rel');
    return { rig, rseq: Number(headers.get('RSeq')) };
  }

  it('are repeated until the PRACK, and then no more', async () => {
    const { rig, rseq } = rang();
    expect(rseq).toBe(1 + 0x3fff_ffff);
    await rig.time.advance(1_500);
    expect(rig.transport.takeStatuses()).toEqual([180, 180, 180]);
    rig.receiveWithin('PRACK', { rows: [`RAck: ${rseq} 1 INVITE`] });
    expect(rig.transport.takeStatuses()).toEqual([200]);
    await rig.time.advance(20_000);
    expect(rig.transport.takeStatuses()).toEqual([]);
    rig.receiveWithin('PRACK', { rows: [`RAck: ${rseq} 1 INVITE`] });
    expect(rig.transport.takeStatuses(), 'once').toEqual([481]);
  });

  it('go one after the other', () => {
    const { rig, rseq } = rang();
    rig.invites[0]?.ring(182, { reason: 'Queued' });
    rig.invites[0]?.ring(183);
    expect(rig.transport.takeStatuses()).toEqual([180]);
    rig.receiveWithin('PRACK', { rows: [`RAck: ${rseq} 1 INVITE`] });
    expect(rig.lastResponse.status).toBe(200);
    const second = rig.transport.responses.find(({ status }) => status === 183);
    expect(second?.headers.get('RSeq')).toBe(String(rseq + 1));
  });

  it.each([
    ['another RSeq', (rseq: number) => `RAck: ${rseq + 1} 1 INVITE`, 481],
    ['another CSeq', (rseq: number) => `RAck: ${rseq} 2 INVITE`, 481],
    ['another method', (rseq: number) => `RAck: ${rseq} 1 UPDATE`, 481],
    ['no number', () => 'RAck: x 1 INVITE', 400],
    ['too little', (rseq: number) => `RAck: ${rseq} 1`, 400],
    ['a number that is none', () => 'RAck: 4294967296 1 INVITE', 400],
    ['nothing', () => 'X-Other: 1', 400],
  ] as const)('a PRACK with %s is refused', (_what, rowOf, status) => {
    const { rig, rseq } = rang();
    rig.receiveWithin('PRACK', { rows: [rowOf(rseq)] });
    expect(rig.lastResponse.status).toBe(status);
  });

  it('a PRACK with an offer acknowledges and is refused', async () => {
    const { rig, rseq } = rang();
    rig.receiveWithin('PRACK', { rows: [`RAck: ${rseq} 1 INVITE`], body: 'offer' });
    expect(rig.lastResponse.status).toBe(488);
    rig.transport.takeStatuses();
    await rig.time.advance(5_000);
    expect(rig.transport.takeStatuses()).toEqual([]);
  });

  it('that nobody acknowledges end the INVITE', async () => {
    const { rig } = rang();
    await rig.time.advance(32_000);
    expect(rig.transport.takeStatuses().at(-1)).toBe(504);
    expect([rig.takeHeard(), rig.layer.size]).toEqual([['cancelled: unanswered'], 0]);
  });

  it('are not repeated behind the 2xx, and their PRACK is taken all the same', async () => {
    const { rig, rseq } = rang();
    rig.accept();
    rig.transport.takeStatuses();
    await rig.time.advance(5_000);
    expect(rig.transport.takeStatuses()).toEqual([200, 200, 200]);
    rig.receiveWithin('PRACK', { rows: [`RAck: ${rseq} 1 INVITE`] });
    expect(rig.transport.takeStatuses()).toEqual([200]);
  });

  it('without a PRACK are forgotten behind the 2xx', async () => {
    const { rig } = rang();
    await rig.time.advance(10_000);
    rig.accept();
    await rig.time.advance(22_500);
    rig.transport.takeStatuses();
    await rig.time.advance(4_000);
    expect([rig.transport.takeStatuses(), rig.takeHeard()]).toEqual([[200], []]);
  });

  it('are plain ones for a client that only knows them', () => {
    const rig = new InviteRig();
    rig.receiveInvite({ rows: ['Supported: 100rel'] });
    rig.invites[0]?.ring();
    expect(rig.lastResponse.headers.has('RSeq')).toBe(false);
  });
});

describe('limits', () => {
  const limits = { sessionsMax: 3, openInvitesMax: 2, openCallsMax: 1, retryAfterSeconds: 7 };

  it('takes as many open INVITEs as it may, and one more when one is answered', () => {
    const rig = new InviteRig(limits);
    for (const callId of ['a', 'b', 'c']) rig.receiveInvite({ callId, fromTag: callId });
    expect(rig.lastResponse.status).toBe(503);
    expect(rig.lastResponse.headers.get('Retry-After')).toBe('7');
    expect(rig.invites).toHaveLength(2);
    rig.accept();
    rig.receiveInvite({ callId: 'd', fromTag: 'd' });
    expect(rig.invites).toHaveLength(3);
  });

  it('holds as many sessions as it may', () => {
    const rig = new InviteRig(limits);
    for (const callId of ['a', 'b', 'c', 'd']) {
      rig.receiveInvite({ callId, fromTag: callId });
      if (callId !== 'd') rig.accept();
    }
    expect(rig.lastResponse.status).toBe(503);
    expect(rig.layer.size).toBe(3);
    rig.sessions[0]?.bye();
    rig.receive({ method: 'BYE', callId: 'a', fromTag: 'a', toTag: rig.sessions[0]?.dialog.localTag ?? '', cseq: 9 });
    rig.receive({ method: 'BYE', callId: 'b', fromTag: 'b', toTag: rig.sessions[1]?.dialog.localTag ?? '', cseq: 9 });
    expect(rig.layer.size).toBe(1);
    rig.receiveInvite({ callId: 'e', fromTag: 'e' });
    expect(rig.invites).toHaveLength(4);
  });

  it('has as many INVITEs of its own open as it may', async () => {
    const rig = new InviteRig(limits);
    rig.call();
    rig.call();
    expect(rig.heard, 'never from within').toEqual([]);
    await rig.time.settle();
    expect(rig.takeHeard()).toEqual(['failed: limit']);
    rig.respond(rig.lastOf('INVITE'), 486);
    rig.call();
    await rig.time.settle();
    expect(rig.takeHeard()).toEqual(['failed 486']);
  });
});
