/** What the other side wants within a session, in virtual time. */
import { describe, expect, it } from 'vitest';
import { answerLater, content, InviteRig } from './invite-rig.ts';

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
