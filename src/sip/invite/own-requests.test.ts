/** What we want within a session, in virtual time. */
import { describe, expect, it } from 'vitest';
import { content, InviteRig, textOf } from './invite-rig.ts';
import { glaresMax } from './own-requests.ts';
import type { OfferOutcome } from './session-words.ts';

function say(outcome: OfferOutcome): string {
  if (outcome.kind === 'accepted') return `accepted ${textOf(outcome.content)}`;
  return outcome.kind === 'refused' ? `refused ${outcome.status}` : 'void';
}

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
