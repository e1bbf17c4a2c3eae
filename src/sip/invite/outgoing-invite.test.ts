import { describe, expect, it } from 'vitest';
import { InviteRig } from './invite-rig.ts';
import { forkedAnswersMax } from './outgoing-invite.ts';

describe('an INVITE of ours', () => {
  it('makes a session with the first 2xx', () => {
    const rig = new InviteRig();
    rig.call();
    const invite = rig.lastOf('INVITE');
    rig.respond(invite, 100);
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
    rig.respond(rig.lastOf('BYE'), 200);
    expect([rig.layer.size, rig.takeHeard()]).toEqual([0, []]);
  });

  it('says who we are, what we can and how long it lasts', () => {
    const rig = new InviteRig();
    rig.call({
      callId: 'call-of-ours',
      localTag: 'tag-of-ours',
      contactParameters: ';+g.oma.sip-im',
      rows: [
        ['Route', '<sip:p1;lr>'],
        ['Route', '<sip:p2;lr>'],
        ['Accept-Contact', '*;+g.oma.sip-im'],
        ['Max-Forwards', '12'],
        ['Supported', 'path'],
      ],
    });
    expect([...rig.lastOf('INVITE').headers].filter(([name]) => name !== 'Via')).toEqual([
      ['From', '<sip:mary@example.com>;tag=tag-of-ours'],
      ['To', '<sip:tom@example.com>'],
      ['Call-ID', 'call-of-ours'],
      ['CSeq', '1 INVITE'],
      ['Contact', '<sip:192.0.2.9:5060;transport=udp>;+g.oma.sip-im'],
      ['Supported', 'timer'],
      ['Session-Expires', '1800'],
      ['Min-SE', '90'],
      ['Route', '<sip:p1;lr>'],
      ['Route', '<sip:p2;lr>'],
      ['Accept-Contact', '*;+g.oma.sip-im'],
      ['Max-Forwards', '12'],
      ['Supported', 'path'],
      ['Allow', 'ACK, BYE, CANCEL, INVITE, PRACK, UPDATE'],
      ['Content-Type', 'application/sdp'],
      ['Content-Length', '13'],
    ]);
  });

  it('acknowledges each repetition of the 2xx, with the same CSeq', () => {
    const rig = new InviteRig();
    rig.call();
    const invite = rig.lastOf('INVITE');
    for (let n = 0; n < 3; n++) rig.respond(invite, 200, { body: 'answer' });
    expect(rig.transport.requests.filter(({ method }) => method === 'ACK').map(({ cseq }) => cseq)).toEqual([1, 1, 1]);
    expect(rig.takeHeard()).toEqual(['answered answer']);
  });

  it('ends what other forks answered, each once', () => {
    const rig = new InviteRig();
    rig.call();
    const invite = rig.lastOf('INVITE');
    rig.respond(invite, 200, { toTag: 'a' });
    rig.transport.takeMethods();
    rig.respond(invite, 200, { toTag: 'b', contact: '<sip:other@192.0.2.3>' });
    expect(rig.transport.requests.map(({ method, requestUri, to }) => [method, requestUri, to.tag])).toEqual([
      ['ACK', 'sip:other@192.0.2.3', 'b'],
      ['BYE', 'sip:other@192.0.2.3', 'b'],
    ]);
    rig.transport.takeMethods();
    rig.respond(invite, 200, { toTag: 'b' });
    expect(rig.transport.takeMethods()).toEqual(['ACK']);
    expect(rig.layer.size).toBe(1);
  });

  it('takes so many forks and no more', () => {
    const rig = new InviteRig();
    rig.call();
    const invite = rig.lastOf('INVITE');
    rig.transport.takeMethods();
    for (let n = 0; n <= forkedAnswersMax; n++) rig.respond(invite, 200, { toTag: `fork${n}` });
    expect(rig.transport.takeMethods().filter((method) => method === 'ACK')).toHaveLength(forkedAnswersMax);
  });

  it('is cancelled once something came', () => {
    const rig = new InviteRig();
    const call = rig.call();
    const invite = rig.lastOf('INVITE');
    call.cancel();
    expect(rig.transport.takeMethods()).toEqual(['INVITE']);
    rig.respond(invite, 100);
    expect(rig.lastOf('CANCEL').topVia.branch).toBe(invite.topVia.branch);
    rig.respond(rig.lastOf('CANCEL'), 200);
    rig.respond(invite, 487);
    expect(rig.takeHeard()).toEqual(['failed 487']);
  });

  it('that is answered in spite of the CANCEL is acknowledged and ended', () => {
    const rig = new InviteRig();
    const call = rig.call();
    const invite = rig.lastOf('INVITE');
    rig.respond(invite, 180);
    call.cancel();
    rig.transport.takeMethods();
    rig.respond(invite, 200, { body: 'too late' });
    expect(rig.transport.takeMethods()).toEqual(['ACK', 'BYE']);
    expect([rig.takeHeard(), rig.layer.size]).toEqual([['progress 180', 'failed: cancelled'], 0]);
  });

  it('that nobody answers fails', async () => {
    const rig = new InviteRig();
    rig.call();
    await rig.time.advance(31_999);
    expect(rig.takeHeard()).toEqual([]);
    await rig.time.advance(1);
    expect(rig.takeHeard()).toEqual(['failed: timeout']);
  });

  it('that rings too long is cancelled', async () => {
    const rig = new InviteRig();
    rig.call();
    const invite = rig.lastOf('INVITE');
    rig.respond(invite, 180);
    await rig.time.advance(180_000);
    rig.respond(rig.lastOf('CANCEL'), 200);
    rig.respond(invite, 487);
    expect(rig.takeHeard()).toEqual(['progress 180', 'failed 487']);
  });

  it('without a way fails', async () => {
    const rig = new InviteRig();
    rig.transport.routes.push('none');
    rig.call();
    await rig.time.settle();
    expect(rig.takeHeard()).toEqual(['failed: transport']);
  });

  it('is not sent when it is not wanted any more', async () => {
    const rig = new InviteRig();
    rig.transport.routes.push('pending');
    rig.call({}, { mayLeave: () => false });
    rig.transport.waiting[0]?.();
    await rig.time.settle();
    expect([rig.takeHeard(), rig.transport.takeMethods()]).toEqual([['failed: cancelled'], []]);
  });

  it.each([302, 401, 488, 503, 603])('that gets %i is over', (status) => {
    const rig = new InviteRig();
    rig.call();
    rig.respond(rig.lastOf('INVITE'), status);
    expect(rig.takeHeard()).toEqual([`failed ${status}`]);
    expect(rig.transport.requests.at(-1)?.method).toBe('ACK');
  });

  it('asks for a longer session where that is wanted', () => {
    const rig = new InviteRig();
    rig.call();
    const first = rig.lastOf('INVITE');
    rig.respond(first, 422, { rows: ['Min-SE: 3600'] });
    const second = rig.lastOf('INVITE');
    expect([second.cseq, second.callId, second.from.tag]).toEqual([2, first.callId, first.from.tag]);
    expect(second.headers.get('Session-Expires')).toBe('3600');
    expect(second.headers.get('Min-SE')).toBe('3600');
    rig.respond(second, 200, { body: 'answer' });
    expect(rig.takeHeard()).toEqual(['answered answer']);
    expect(rig.lastOf('ACK').headers.get('CSeq')).toBe('2 ACK');
  });

  it.each(['Min-SE: 1800', 'Min-SE: 86401', 'Min-SE: x', 'X-Other: 1'])('takes a 422 with %s for a refusal', (row) => {
    const rig = new InviteRig();
    rig.call();
    rig.respond(rig.lastOf('INVITE'), 422, { rows: [row] });
    expect(rig.takeHeard()).toEqual(['failed 422']);
  });

  it('reaches a peer without a usable Contact where it was called', () => {
    const rig = new InviteRig();
    rig.call();
    rig.respond(rig.lastOf('INVITE'), 200, { contact: '*' });
    expect(rig.lastOf('ACK').requestUri).toBe('sip:tom@192.0.2.1');
  });

  it('may be ended by whoever hears that it was answered', () => {
    const rig = new InviteRig();
    rig.call(
      {},
      {
        answered: (session) => {
          session.bye();
          return rig.listener;
        },
      },
    );
    rig.respond(rig.lastOf('INVITE'), 200);
    expect(rig.transport.takeMethods()).toEqual(['INVITE', 'ACK', 'BYE']);
  });
});
