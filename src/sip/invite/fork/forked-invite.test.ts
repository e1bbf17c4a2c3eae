import { describe, expect, it } from 'vitest';
import type { SipRequest } from '../../message/sip-message.ts';
import { InviteRig } from '../invite-rig.ts';
import type { ForkFailure } from './forked-invite.ts';
import type { ForkedInvite } from './forked-invite.ts';

class ForkRig extends InviteRig {
  readonly failures: ForkFailure[] = [];

  fork(priorities: readonly number[]): ForkedInvite {
    const branches = priorities.map((q, n) => ({ ...this.planOf({ requestUri: `sip:phone${n}@192.0.2.1` }), q }));
    return this.layer.fork(
      { branches, limitMs: 10_000 },
      {
        progress: (branch, { status }) => this.heard.push(`${branch} ${status}`),
        answered: (branch, session) => {
          this.sessions.push(session);
          this.heard.push(`${branch} answered`);
          return this.listener;
        },
        failed: (failure) => {
          this.failures.push(failure);
          this.heard.push(`failed ${failure.why} ${failure.status}`);
        },
      },
    );
  }

  /** The newest request of that method to a phone. */
  to(phone: number, method = 'INVITE'): SipRequest {
    const uri = `sip:phone${phone}@192.0.2.1`;
    const found = this.transport.requests.findLast((each) => each.method === method && each.requestUri === uri);
    if (found === undefined) throw new Error(`no ${method} to ${phone}`);
    return found;
  }
}

describe('a call to several devices', () => {
  it('goes to the first that answers; the others are cancelled', () => {
    const rig = new ForkRig();
    rig.fork([1, 1, 0.5]);
    rig.respond(rig.to(0), 180);
    rig.respond(rig.to(1), 180, { toTag: 'one' });
    rig.respond(rig.to(1), 200, { toTag: 'one' });
    expect(rig.takeHeard()).toEqual(['0 180', '1 180', '1 answered']);
    rig.respond(rig.to(0, 'CANCEL'), 200);
    rig.respond(rig.to(0), 487);
    expect([rig.takeHeard(), rig.layer.size, rig.failures]).toEqual([[], 1, []]);
    expect(() => rig.to(2)).toThrow('no INVITE');
  });

  it('acknowledges and ends what comes too late', () => {
    const rig = new ForkRig();
    rig.fork([1, 1]);
    const [first, second] = [rig.to(0), rig.to(1)];
    rig.respond(first, 180);
    rig.respond(second, 200, { toTag: 'two' });
    rig.transport.takeMethods();
    rig.respond(first, 200, { toTag: 'one' });
    expect(rig.transport.requests.map(({ method, to }) => [method, to.tag])).toEqual([
      ['ACK', 'one'],
      ['BYE', 'one'],
    ]);
    expect([rig.takeHeard(), rig.layer.size]).toEqual([['0 180', '1 answered'], 1]);
  });

  it('goes on to the next when the first have failed, and says what it came to', () => {
    const rig = new ForkRig();
    rig.fork([1, 0.5]);
    rig.respond(rig.to(0), 486);
    rig.respond(rig.to(1), 415);
    expect(rig.takeHeard()).toEqual(['failed refused 415']);
    const [failure] = rig.failures;
    expect(failure?.failures.map((each) => (each?.kind === 'refused' ? each.status : each?.kind))).toEqual([486, 415]);
    expect(failure?.best).toMatchObject({ kind: 'refused', status: 415 });
  });

  it('ends with a 6xx', () => {
    const rig = new ForkRig();
    rig.fork([1, 1, 0.5]);
    rig.respond(rig.to(0), 180);
    rig.respond(rig.to(1), 603);
    expect(rig.takeHeard()).toEqual(['0 180', 'failed refused 603']);
    expect(rig.to(0, 'CANCEL').method).toBe('CANCEL');
    expect(() => rig.to(2)).toThrow('no INVITE');
  });

  it('ends in time, with what is known then; a 2xx behind that is ended', async () => {
    const rig = new ForkRig();
    rig.fork([1, 1]);
    rig.respond(rig.to(0), 180);
    rig.respond(rig.to(1), 480);
    const first = rig.to(0);
    await rig.time.advance(9_999);
    expect(rig.takeHeard()).toEqual(['0 180']);
    await rig.time.advance(1);
    expect(rig.takeHeard()).toEqual(['failed time-limit 480']);
    rig.transport.takeMethods();
    rig.respond(first, 200);
    expect(rig.transport.takeMethods()).toEqual(['ACK', 'BYE']);
    expect([rig.takeHeard(), rig.layer.size]).toEqual([[], 0]);
  });

  it.each([
    ['nobody answered', 408],
    ['all of them were unavailable', 500],
  ])('comes to a status where %s', async (_what, status) => {
    const rig = new ForkRig();
    rig.fork([1]);
    if (status === 500) rig.respond(rig.to(0), 503);
    await rig.time.advance(10_000);
    expect(rig.failures.map((each) => each.status)).toEqual([status]);
  });

  it('ends when its caller wants it no more', () => {
    const rig = new ForkRig();
    const fork = rig.fork([1, 0.5]);
    rig.respond(rig.to(0), 180);
    fork.cancel();
    expect(rig.takeHeard()).toEqual(['0 180', 'failed cancelled 408']);
    rig.respond(rig.to(0), 487);
    expect(rig.takeHeard()).toEqual([]);
    expect(() => rig.to(1)).toThrow('no INVITE');
  });

  it('to nobody fails', () => {
    const rig = new ForkRig();
    rig.fork([]);
    expect(rig.takeHeard()).toEqual(['failed refused 408']);
  });
});
