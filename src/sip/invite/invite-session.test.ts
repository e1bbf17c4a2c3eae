/** What happens within a session, from either side, in virtual time. */
import { describe, expect, it } from 'vitest';
import { streamFlow } from '../transaction/recording-transport.ts';
import { content, InviteRig, textOf } from './invite-rig.ts';
import { glaresMax } from './own-requests.ts';
import type { OfferOutcome, OfferReply } from './session-words.ts';

function say(outcome: OfferOutcome): string {
  if (outcome.kind === 'accepted') return `accepted ${textOf(outcome.content)}`;
  return outcome.kind === 'refused' ? `refused ${outcome.status}` : 'void';
}

/** Lets the test answer an offer of the peer later. */
function answerLater(rig: InviteRig): (reply: OfferReply) => Promise<void> {
  let answer: (reply: OfferReply) => void = () => undefined;
  rig.reply = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  return async (reply) => {
    answer(reply);
    await rig.time.settle();
  };
}

describe('a change that the other side wants', () => {
  it('by re-INVITE is answered, and its 2xx repeated until the ACK', async () => {
    const rig = new InviteRig();
    const session = rig.answered();
    rig.receiveWithin('INVITE', { body: 'offer 2', rows: ['Contact: <sip:tom@192.0.2.8>'].slice(1) });
    expect(rig.lastResponse.status).toBe(200);
    expect(new TextDecoder().decode(rig.lastResponse.body)).toBe('answer to offer 2');
    rig.transport.takeStatuses();
    await rig.time.advance(500);
    expect(rig.transport.takeStatuses()).toEqual([200]);
    rig.receiveWithin('ACK', {});
    await rig.time.advance(5_000);
    expect(rig.transport.takeStatuses()).toEqual([]);
    expect(rig.takeHeard()).toEqual(['offered offer 2', 'acknowledged -']);
    expect(session.state).toBe('confirmed');
  });

  it('without an offer gets ours, and the ACK brings the answer', () => {
    const rig = new InviteRig();
    rig.answered();
    rig.receiveWithin('INVITE', {});
    expect(new TextDecoder().decode(rig.lastResponse.body)).toBe('answer to nothing');
    rig.receiveWithin('INVITE', { body: 'too soon' });
    expect(rig.lastResponse.status, 'our offer is open').toBe(491);
    rig.receiveWithin('UPDATE', { body: 'too soon' });
    expect(rig.lastResponse.status).toBe(491);
    rig.receiveWithin('ACK', { body: 'answer', cseq: 2 });
    expect(rig.takeHeard()).toEqual(['offered -', 'acknowledged answer']);
  });

  it('by UPDATE is answered at once', () => {
    const rig = new InviteRig();
    rig.answered();
    rig.receiveWithin('UPDATE', { body: 'offer 2' });
    expect(Object.fromEntries(rig.lastResponse.headers)).toMatchObject({
      Contact: '<sip:192.0.2.9:5060;transport=udp>',
      'Content-Type': 'application/sdp',
    });
    rig.receiveWithin('UPDATE');
    expect([rig.lastResponse.status, rig.lastResponse.body.length]).toEqual([200, 0]);
    expect(rig.takeHeard()).toEqual(['offered offer 2']);
  });

  it.each(['INVITE', 'UPDATE'])('by %s is refused, and the session goes on', (method) => {
    const rig = new InviteRig();
    const session = rig.answered();
    rig.reply = () => ({ kind: 'refuse', status: 488, options: { warning: 'not this' } });
    rig.receiveWithin(method, { body: 'offer 2' });
    expect(rig.lastResponse.headers.get('Warning')).toBe('399 example.com "not this"');
    expect(rig.lastResponse.status).toBe(488);
    rig.receiveWithin(method, { body: 'offer 3' });
    expect(rig.takeHeard()).toEqual(['offered offer 2', 'offered offer 3']);
    expect(session.state).toBe('confirmed');
  });

  it.each(['INVITE', 'UPDATE'])('by %s that fails here is a 500', (method) => {
    const rig = new InviteRig();
    rig.answered();
    rig.reply = () => {
      throw new Error('a fault of ours');
    };
    rig.receiveWithin(method, { body: 'offer 2' });
    expect(rig.lastResponse.status).toBe(500);
  });

  it('refreshes the target only when it is accepted', () => {
    const rig = new InviteRig();
    const session = rig.answered();
    const moved = (method: string): void => {
      const rows = ['Content-Type: application/sdp', 'Contact: <sip:tom@192.0.2.8>'];
      rig.receive({ method, cseq: 10 + rig.transport.responses.length, toTag: rig.toTag, rows, body: 'offer' });
    };
    rig.reply = () => ({ kind: 'refuse', status: 488 });
    moved('INVITE');
    expect(session.dialog.remoteTarget).toBe('sip:tom@192.0.2.1');
    rig.reply = () => ({ kind: 'accept', content: content('yes') });
    moved('UPDATE');
    expect(session.dialog.remoteTarget).toBe('sip:tom@192.0.2.8');
  });

  it('comes one at a time', async () => {
    const rig = new InviteRig();
    rig.answered();
    const answer = answerLater(rig);
    rig.receiveWithin('INVITE', { body: 'offer 2' });
    rig.receiveWithin('INVITE', { body: 'offer 3' });
    expect(rig.lastResponse.status).toBe(500);
    expect(rig.lastResponse.headers.get('Retry-After')).toBe('5');
    rig.receiveWithin('UPDATE', { body: 'offer 3' });
    expect(rig.lastResponse.status).toBe(500);
    rig.receiveWithin('UPDATE');
    expect(rig.lastResponse.status, 'no offer').toBe(200);
    await answer({ kind: 'accept', content: content('answer 2') });
    expect(new TextDecoder().decode(rig.lastResponse.body)).toBe('answer 2');
    rig.receiveWithin('UPDATE', { body: 'offer 4' });
    rig.receiveWithin('UPDATE');
    expect(rig.lastResponse.status, 'an UPDATE is open').toBe(500);
    await answer({ kind: 'accept' });
    expect(rig.lastResponse.status).toBe(200);
  });

  it('that was cancelled is void', async () => {
    const rig = new InviteRig();
    rig.answered();
    const answer = answerLater(rig);
    rig.receiveWithin('INVITE', { body: 'offer 2', branch: 'z9hG4bKre' });
    rig.receiveWithin('CANCEL', { branch: 'z9hG4bKre', cseq: 2 });
    expect(rig.transport.takeStatuses()).toEqual([200, 487]);
    await answer({ kind: 'accept' });
    expect(rig.transport.takeStatuses()).toEqual([]);
    expect(rig.takeHeard()).toEqual(['offered offer 2', 'offer withdrawn']);
    rig.reply = () => ({ kind: 'accept' });
    rig.receiveWithin('UPDATE', { body: 'offer 3', cseq: 4 });
    expect(rig.lastResponse.status).toBe(200);
  });

  it('that is open when the session ends gets 487', async () => {
    const rig = new InviteRig();
    rig.answered();
    const answer = answerLater(rig);
    rig.receiveWithin('UPDATE', { body: 'offer 2' });
    rig.receiveWithin('BYE');
    expect(rig.transport.takeStatuses()).toEqual([200]);
    await answer({ kind: 'accept' });
    expect(rig.transport.takeStatuses()).toEqual([487]);
    rig.answered({ callId: 'other', fromTag: 'from1' });
    rig.receiveWithin('INVITE', { body: 'offer 2', callId: 'other' });
    rig.receiveWithin('BYE', { callId: 'other' });
    expect(rig.transport.takeStatuses()).toEqual([200, 487]);
  });

  it('shows that the 2xx came, though its ACK was lost', async () => {
    const rig = new InviteRig();
    rig.receiveInvite();
    rig.accept();
    rig.receiveWithin('INVITE', { body: 'offer 2' });
    expect(rig.takeHeard()).toEqual(['acknowledged -', 'offered offer 2']);
    rig.receiveWithin('ACK', {});
    rig.transport.takeStatuses();
    await rig.time.advance(40_000);
    expect(rig.transport.takeStatuses()).toEqual([]);
  });

  it.each([
    ['a broken Contact', { rows: ['Contact: <sip:a@b>'] }, 400],
    ['an encoded offer', { rows: ['Content-Encoding: gzip'], body: 'x' }, 415],
    ['too brief a session', { rows: ['Supported: timer', 'Session-Expires: 60'] }, 422],
  ] as const)('with %s is refused and changes nothing', (_what, words, status) => {
    const rig = new InviteRig();
    rig.answered();
    rig.receiveWithin('UPDATE', words);
    expect(rig.lastResponse.status).toBe(status);
    rig.receiveWithin('INVITE', words);
    expect(rig.lastResponse.status).toBe(status);
    expect(rig.takeHeard()).toEqual([]);
  });

  it.each(['INVITE', 'UPDATE', 'BYE', 'PRACK'])('a %s of the past gets 500', (method) => {
    const rig = new InviteRig();
    rig.answered();
    rig.receiveWithin(method, { cseq: 1 });
    expect(rig.lastResponse.status).toBe(500);
    expect([rig.layer.size, rig.takeHeard()]).toEqual([1, []]);
  });

  it.each(['INVITE', 'UPDATE', 'BYE', 'PRACK'])('a %s for nobody gets 481', (method) => {
    const rig = new InviteRig();
    rig.answered();
    for (const words of [{ toTag: 'x' }, { fromTag: 'x' }, { callId: 'x' }]) {
      rig.receiveWithin(method, words);
      expect(rig.lastResponse.status).toBe(481);
    }
    expect([rig.layer.size, rig.takeHeard()]).toEqual([1, []]);
  });

  it('a listener without a word for it refuses it', () => {
    const rig = new InviteRig();
    rig.receiveInvite();
    rig.invites[0]?.accept(content('answer'), { ended: () => undefined });
    rig.receiveWithin('ACK', { cseq: 1 });
    rig.receiveWithin('INVITE', { body: 'offer 2' });
    expect(rig.lastResponse.status).toBe(488);
  });
});

it('a session of ours takes the first request of the other side, whatever its CSeq', () => {
  const rig = new InviteRig();
  const { dialog } = rig.called();
  const words = { callId: dialog.callId, fromTag: 'peer1', toTag: dialog.localTag, rows: ['Contact: <sip:tom@x>'] };
  rig.receive({ method: 'UPDATE', cseq: 0, ...words });
  expect([rig.lastResponse.status, dialog.remoteTarget]).toEqual([200, 'sip:tom@x']);
  rig.receive({ method: 'BYE', cseq: 1, ...words });
  expect(rig.takeHeard()).toEqual(['ended: bye']);
});

describe('a change that we want', () => {
  it('leaves as a re-INVITE, whose 2xx is acknowledged each time', () => {
    const rig = new InviteRig();
    const session = rig.answered();
    const outcomes: string[] = [];
    session.offer(content('offer of ours'), (outcome) => outcomes.push(say(outcome)), [['Subject', 'more']]);
    const invite = rig.lastOf('INVITE');
    expect([invite.headers.get('CSeq'), invite.headers.get('Subject')]).toEqual(['1 INVITE', 'more']);
    expect(invite.headers.get('Session-Expires')).toBe('1800;refresher=uac');
    rig.respond(invite, 200, { body: 'answer', contact: '<sip:tom@192.0.2.44>' });
    rig.respond(invite, 200, { body: 'answer', contact: '<sip:tom@192.0.2.44>' });
    expect(outcomes).toEqual(['accepted answer']);
    const acks = rig.transport.requests.filter(({ method }) => method === 'ACK');
    expect(acks.map(({ requestUri, cseq }) => [requestUri, cseq])).toEqual(
      [
        ['sip:tom@192.0.2.44', 1],
        ['sip:tom@192.0.2.1', 1],
      ].toReversed(),
    );
    expect(session.dialog.remoteTarget).toBe('sip:tom@192.0.2.44');
  });

  it('waits for the ACK of the one before, and for theirs', async () => {
    const rig = new InviteRig();
    rig.receiveInvite();
    const session = rig.accept();
    const outcomes: string[] = [];
    session.offer(content('offer of ours'), (outcome) => outcomes.push(say(outcome)));
    expect(rig.transport.takeMethods()).toEqual([]);
    session.offer(content('one more'), (outcome) => outcomes.push(say(outcome)));
    expect(outcomes, 'one at a time').toEqual(['void']);
    rig.receiveWithin('ACK', { cseq: 1 });
    expect(rig.transport.takeMethods()).toEqual(['INVITE']);
    await rig.time.settle();
  });

  it('meets theirs: they get 491, and so do we, and ours comes again by chance', async () => {
    const rig = new InviteRig();
    const session = rig.answered();
    const outcomes: string[] = [];
    session.offer(content('offer of ours'), (outcome) => outcomes.push(say(outcome)));
    rig.receiveWithin('INVITE', { body: 'offer of theirs' });
    expect(rig.lastResponse.status).toBe(491);
    rig.receiveWithin('UPDATE', { body: 'offer of theirs' });
    expect(rig.lastResponse.status).toBe(491);
    rig.respond(rig.lastOf('INVITE'), 491);
    rig.transport.takeMethods();
    await rig.time.advance(999);
    expect(rig.transport.takeMethods()).toEqual([]);
    await rig.time.advance(1);
    // Who did not make the Call-ID waits 0 to 2 s.
    expect(rig.lastOf('INVITE').headers.get('CSeq')).toBe('2 INVITE');
    rig.respond(rig.lastOf('INVITE'), 200, { body: 'yes' });
    expect(outcomes).toEqual(['accepted yes']);
  });

  it.each([
    [0, 2_100],
    [0.999, 4_000],
  ])('by whoever made the Call-ID waits 2.1 to 4 s (%d)', async (fraction, afterMs) => {
    const rig = new InviteRig();
    const session = rig.called();
    rig.fraction = fraction;
    session.offer(content('x'), () => undefined);
    rig.respond(rig.lastOf('INVITE'), 491);
    rig.transport.takeMethods();
    await rig.time.advance(afterMs - 1);
    expect(rig.transport.takeMethods()).toEqual([]);
    await rig.time.advance(1);
    expect(rig.transport.takeMethods()).toEqual(['INVITE']);
  });

  it('that always meets theirs is refused in the end', async () => {
    const rig = new InviteRig();
    const session = rig.answered();
    const outcomes: string[] = [];
    session.offer(content('x'), (outcome) => outcomes.push(say(outcome)));
    for (let n = 0; n <= glaresMax; n++) {
      rig.respond(rig.lastOf('INVITE'), 491);
      await rig.time.advance(2_000);
    }
    expect(outcomes).toEqual(['refused 491']);
  });

  it.each([488, 500, 503])('that gets %i is refused, and the session goes on', (status) => {
    const rig = new InviteRig();
    const session = rig.answered();
    const outcomes: string[] = [];
    session.offer(content('x'), (outcome) => outcomes.push(say(outcome)));
    rig.respond(rig.lastOf('INVITE'), status);
    expect([outcomes, session.state]).toEqual([[`refused ${status}`], 'confirmed']);
    session.offer(content('y'), () => undefined);
    expect(rig.lastOf('INVITE').headers.get('CSeq')).toBe('2 INVITE');
  });

  it.each([
    [481, ['ended: lost 481'], []],
    [408, ['ended: lost 408'], ['BYE']],
  ] as const)('that gets %i ends the session', (status, heard, methods) => {
    const rig = new InviteRig();
    const session = rig.answered();
    session.offer(content('x'), () => undefined);
    const invite = rig.lastOf('INVITE');
    rig.transport.takeMethods();
    rig.respond(invite, status);
    expect(rig.takeHeard()).toEqual(heard);
    expect(rig.transport.takeMethods()).toEqual(['ACK', ...methods]);
  });

  it('that nobody answers ends the session', async () => {
    const rig = new InviteRig();
    const session = rig.answered();
    const outcomes: string[] = [];
    session.offer(content('x'), (outcome) => outcomes.push(say(outcome)));
    await rig.time.advance(32_000);
    expect(rig.takeHeard()).toEqual(['ended: lost undefined']);
    expect(rig.transport.takeMethods().at(-1)).toBe('BYE');
    expect(outcomes).toEqual(['void']);
  });

  it('without a way is refused', async () => {
    const rig = new InviteRig();
    const session = rig.answered();
    const outcomes: string[] = [];
    rig.transport.routes.push('none');
    session.offer(content('x'), (outcome) => outcomes.push(say(outcome)));
    await rig.time.settle();
    expect([outcomes, session.state]).toEqual([['refused 503'], 'confirmed']);
  });

  it('is void when the session ends', () => {
    const rig = new InviteRig();
    const session = rig.answered();
    const outcomes: string[] = [];
    session.offer(content('x'), (outcome) => outcomes.push(say(outcome)));
    const invite = rig.lastOf('INVITE');
    rig.receiveWithin('BYE');
    expect(outcomes).toEqual(['void']);
    rig.transport.takeMethods();
    rig.respond(invite, 200);
    expect(rig.transport.takeMethods(), 'acknowledged all the same').toEqual(['ACK']);
    session.offer(content('y'), (outcome) => outcomes.push(say(outcome)));
    expect(outcomes).toEqual(['void', 'void']);
  });

  it('asks for a longer session where that is wanted', () => {
    const rig = new InviteRig();
    const session = rig.answered();
    session.offer(content('x'), () => undefined);
    rig.respond(rig.lastOf('INVITE'), 422, { rows: ['Min-SE: 2000'] });
    expect(rig.lastOf('INVITE').headers.get('Session-Expires')).toBe('2000;refresher=uac');
  });
});

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
