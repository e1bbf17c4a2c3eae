/** Any history of requests, responses, wishes and time leaves nothing behind, throws nothing, and tells each listener one end. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { content, InviteRig } from './invite-rig.ts';
import type { InviteSession } from './invite-session.ts';
import type { SessionListener } from './session-words.ts';

const requestMethods = ['INVITE', 'UPDATE', 'BYE', 'PRACK', 'ACK', 'CANCEL'] as const;

const step = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('invite' as const), rows: rowsOf(), hasOffer: fc.boolean() }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('request' as const),
      method: fc.constantFrom(...requestMethods),
      of: fc.nat(5),
      cseqStep: fc.integer({ min: -1, max: 2 }),
      hasOffer: fc.boolean(),
      rows: rowsOf(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('call' as const), isCancelled: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('respond' as const),
      to: fc.nat(5),
      status: fc.constantFrom(100, 180, 200, 200, 200, 302, 408, 422, 481, 487, 491, 500, 603),
      toTag: fc.constantFrom('a', 'b'),
      rows: rowsOf(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('ring' as const, 'accept' as const, 'accept' as const, 'reject' as const, 'offer' as const),
      of: fc.nat(5),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bye' as const), of: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 500, 4_000, 32_000, 60_000) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function rowsOf(): fc.Arbitrary<string[]> {
  return fc.subarray(
    ['Supported: timer', 'Session-Expires: 90', 'Require: 100rel', 'Allow: UPDATE', 'RAck: 1 1 INVITE', 'Min-SE: 100'],
    { maxLength: 3 },
  );
}

function pick<T>(from: readonly T[], number: number): T | undefined {
  return from[number % Math.max(1, from.length)];
}

class History {
  readonly rig = new InviteRig();
  readonly ends = new Map<InviteSession, number>();
  readonly #own = new Set<InviteSession>();
  #number = 0;

  constructor() {
    this.rig.fraction = 0;
  }

  run(each: Exclude<Step, { do: 'wait' }>): void {
    const { rig } = this;
    switch (each.do) {
      case 'invite':
        this.#number += 1;
        rig.receiveInvite({
          callId: `call${this.#number}`,
          fromTag: `tag${this.#number}`,
          rows: each.rows,
          branch: `z9hG4bKfirst${this.#number}`,
          body: each.hasOffer ? 'offer' : '',
        });
        return;
      case 'request':
        this.#request(each);
        return;
      case 'call': {
        const call = rig.call({}, { answered: (session) => this.#join(session) });
        if (each.isCancelled) call.cancel();
        return;
      }
      case 'respond': {
        const request = pick(rig.transport.requests.filter(({ method }) => method !== 'ACK').slice(-6), each.to);
        if (request !== undefined) rig.respond(request, each.status, each);
        return;
      }
      default:
        this.#act(each.do, each.of);
    }
  }

  /** A session may be ended by BYE, or tell one end, never both and never twice. */
  countEnds(): number[] {
    return [...this.ends].map(([session, count]) => (this.#own.has(session) ? count : count - 1));
  }

  #request({ method, of, cseqStep, hasOffer, rows }: Step & { do: 'request' }): void {
    const invite = pick(this.rig.invites.slice(-3), of);
    if (invite === undefined) return;
    const { callId, from, cseq, topVia } = invite.request;
    const base = { method, callId, fromTag: from.tag ?? '', body: hasOffer ? 'offer' : '' };
    const more = hasOffer ? ['Content-Type: application/sdp', ...rows] : rows;
    if (method === 'CANCEL') this.rig.receive({ ...base, cseq, branch: topVia.branch ?? '', body: '' });
    else {
      const isAck = method === 'ACK';
      this.#number += isAck ? 0 : 1;
      const number = isAck ? cseq + Math.max(0, cseqStep) * this.#number : this.#number + 1 + cseqStep;
      this.rig.receive({ ...base, cseq: number, toTag: invite.context.transaction.localTag, rows: more });
    }
  }

  #act(what: 'ring' | 'accept' | 'reject' | 'bye' | 'offer', of: number): void {
    const invite = pick(
      this.rig.invites.filter(({ isOpen }) => isOpen),
      of,
    );
    const session = pick([...this.ends.keys()].slice(-3), of);
    if (what === 'ring') invite?.ring();
    if (what === 'reject') invite?.reject(486);
    if (what === 'accept' && invite !== undefined) {
      const listener = this.#listener();
      const begun = invite.accept(content('answer'), listener.listener);
      if (begun !== undefined) listener.of(begun);
    }
    if (what === 'offer') session?.offer(content('offer of ours'), () => undefined);
    if (what === 'bye' && session !== undefined) {
      if (session.state === 'confirmed' && this.ends.get(session) === 0) this.#own.add(session);
      session.bye();
    }
  }

  #join(session: InviteSession): SessionListener {
    const listener = this.#listener();
    listener.of(session);
    return listener.listener;
  }

  #listener(): { listener: SessionListener; of(session: InviteSession): void } {
    let mine: InviteSession | undefined;
    return {
      listener: {
        offered: () => ({ kind: 'accept', content: content('answer') }),
        ended: () => {
          if (mine !== undefined) this.ends.set(mine, (this.ends.get(mine) ?? 0) + 1);
        },
      },
      of: (session) => {
        mine = session;
        this.ends.set(session, 0);
      },
    };
  }
}

describe('any history', () => {
  it('comes to an end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), async (steps) => {
        const history = new History();
        for (const each of steps) {
          if (each.do === 'wait') await history.rig.time.advance(each.ms);
          else history.run(each);
        }
        // Longer than the longest session timer that nobody refreshes.
        await history.rig.time.advance(2 * 86_400_000);
        const gauges = [...history.rig.counters.entries()].filter(({ name }) => /sessions$|invites_open/.test(name));
        expect(gauges.map(({ value }) => value)).toEqual([0, 0, 0]);
        expect(history.rig.layer.size).toBe(0);
        expect(history.countEnds().filter((count) => count !== 0)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
