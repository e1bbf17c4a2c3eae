/**
 * A conversation of two with this server between them: a session and a leg towards each, and a passage in each direction. Ends
 * when one of them does; what nobody had acknowledged by then is handed over to be kept, and the other one is told.
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../base/time/timers.ts';
import type { Address } from '../../model/address.ts';
import type { HeaderRow } from '../../sip/message/sip-headers.ts';
import type { InviteSession } from '../../sip/invite/invite-session.ts';
import type { OfferReply, SessionContent, SessionEnd, SessionListener } from '../../sip/invite/session-words.ts';
import { reoffered, takeLateAnswer } from '../media/later-offers.ts';
import type { SessionLeg } from '../media/session-leg.ts';
import { IncomingSpools, type IncomingMessage } from '../transfer/incoming-spools.ts';
import type { SpoolPool } from '../spool/spool-pool.ts';
import { Passage } from './passage.ts';

/** How long a side whose connection is gone may take to come back by another path. */
export const returnMsMax: Millis = 2_000;
/** How long what is whole may still go to the one side when the other has hung up. */
export const lingerMsMax: Millis = 10_000;
/** How often both connections are used where nobody says anything, so that nothing between forgets them. */
export const keepAliveMs: Millis = 4 * 60_000;
/** A conversation in which nobody has said anything for so long is ended. */
export const quietMsMax: Millis = 2 * 3600_000;

export interface Party {
  readonly address: Address;
  readonly name?: string | undefined;
}

export interface ConversationPlan {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly pool: SpoolPool;
  readonly caller: Party;
  readonly callee: Party;
  /** What was not acknowledged: of whom, for whom, in the order in which it came. Answers how many are kept. */
  keep(from: Party, to: Party, messages: readonly IncomingMessage[]): Promise<number>;
  /** Somebody has it; the message is needed until that resolves. */
  passed?(from: Party, message: IncomingMessage): void | Promise<void>;
  /** It is over. */
  ended(): void;
}

export interface Side {
  readonly party: Party;
  /** What comes from this side. */
  readonly spools: IncomingSpools;
  readonly passage: Passage;
  leg: SessionLeg | undefined;
  session: InviteSession | undefined;
  returning: TimerHandle | undefined;
}

export class Conversation {
  readonly caller: Side;
  readonly callee: Side;
  readonly #plan: ConversationPlan;
  #quiet: TimerHandle | undefined;
  #heardAt: Millis;
  #ending: Promise<void> | undefined;

  constructor(plan: ConversationPlan) {
    this.#plan = plan;
    this.#heardAt = plan.clock.monotonic();
    this.caller = this.#side(plan.caller, () => this.callee);
    this.callee = this.#side(plan.callee, () => this.caller);
  }

  /** The other side of both answers is there. */
  begin(): void {
    this.#watchQuiet();
  }

  /** What `InviteSession` tells of one side. */
  listenTo(side: Side): SessionListener {
    return {
      acknowledged: (answer) => {
        if (!takeLateAnswer(side.leg, answer)) void this.#end(side, 'gone', [], 'its answer cannot be taken');
        else this.#other(side).passage.resume();
      },
      offered: (offer) => this.#offered(side, offer),
      ended: (end) => void this.#end(side, end.kind === 'bye' ? 'left' : 'gone', reasonsOf(end)),
    };
  }

  /** Ends it from here, as when an account goes. Resolves when it is over. */
  stop(words: string): Promise<void> {
    return this.#end(undefined, 'gone', [], words);
  }

  #side(party: Party, other: () => Side): Side {
    const { clock, pool } = this.#plan;
    const legOf = (side: Side): SessionLeg => {
      if (side.leg === undefined) throw new Error('a leg that is not there yet');
      return side.leg;
    };
    const passage = new Passage({
      clock,
      parties: {
        sender: party.address,
        recipient: party === this.#plan.caller ? this.#plan.callee.address : this.#plan.caller.address,
        ...(party.name === undefined ? {} : { senderName: party.name }),
      },
      from: () => legOf(side),
      to: () => legOf(other()),
      hold: (isHeld) => spools.hold(isHeld),
      passed: (message) => {
        this.#heardAt = clock.monotonic();
        return this.#plan.passed?.(side.party, message);
      },
      ended: () => this.#legEnded(side),
      silent: () => this.#legEnded(other()),
    });
    const spools = new IncomingSpools(pool, passage);
    const side: Side = { party, spools, passage, leg: undefined, session: undefined, returning: undefined };
    return side;
  }

  #offered(side: Side, offer: SessionContent | undefined): OfferReply {
    const before = side.leg?.msrp;
    const reply = reoffered(side.leg, offer);
    if (side.leg !== undefined && side.leg.msrp !== before) this.#returned(side, side.leg);
    else this.#other(side).passage.resume();
    return reply;
  }

  /** By another path: what was under way over the old one goes over the new one. */
  #returned(side: Side, leg: SessionLeg): void {
    side.returning?.cancel();
    side.returning = undefined;
    side.spools.giveUp('its sender has moved');
    side.spools.leg = leg.msrp;
    this.#other(side).passage.resent();
  }

  #legEnded(side: Side): void {
    if (this.#ending !== undefined || side.returning !== undefined) return;
    const { timers, clock } = this.#plan;
    side.returning = timers.at(clock.monotonic() + returnMsMax, () => void this.#end(side, 'gone', []));
  }

  #other(side: Side): Side {
    return side === this.caller ? this.callee : this.caller;
  }

  #end(
    ...how: [by: Side | undefined, how: 'left' | 'gone', reasons: readonly string[], words?: string]
  ): Promise<void> {
    this.#ending ??= this.#endOnce(...how);
    return this.#ending;
  }

  async #endOnce(by: Side | undefined, how: 'left' | 'gone', reasons: readonly string[], words = ''): Promise<void> {
    this.#quiet?.cancel();
    this.caller.returning?.cancel();
    this.callee.returning?.cancel();
    const other = by === undefined ? undefined : this.#other(by);
    by?.spools.giveUp('its sender has gone');
    // What came whole from the one that left still goes to the one that is there.
    if (by !== undefined && other?.session?.state === 'confirmed') await this.#linger(by.passage);
    const kept = await this.#keepBoth();
    const text = wordsOf(words === '' ? endWords[how] : words, kept);
    const rows = reasonRows(reasons, how, text);
    for (const side of [this.caller, this.callee]) {
      side.session?.bye(rows);
      side.leg?.close();
    }
    this.#plan.ended();
  }

  async #linger(passage: Passage): Promise<void> {
    const { timers, clock } = this.#plan;
    await new Promise<void>((resolve) => {
      const timer = timers.at(clock.monotonic() + lingerMsMax, () => resolve());
      void passage.drained().then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  async #keepBoth(): Promise<number> {
    let kept = 0;
    for (const side of [this.caller, this.callee]) {
      const messages = side.passage.close();
      if (messages.length === 0) continue;
      kept += await this.#plan.keep(side.party, this.#other(side).party, messages);
    }
    return kept;
  }

  #watchQuiet(): void {
    const { timers, clock } = this.#plan;
    this.#quiet = timers.at(clock.monotonic() + keepAliveMs, (now) => {
      const quietMs = now - this.#heardAt;
      if (quietMs >= quietMsMax) {
        void this.#end(undefined, 'gone', [], 'nothing was said for a long time');
        return;
      }
      for (const { leg } of [this.caller, this.callee]) if (quietMs >= keepAliveMs) leg?.msrp.keepAlive();
      this.#watchQuiet();
    });
  }
}

function reasonsOf(end: SessionEnd): readonly string[] {
  return end.kind === 'bye' ? end.reasons : [];
}

const endWords = { left: 'the other side has hung up', gone: 'the other side is gone' } as const;

function wordsOf(what: string, kept: number): string {
  if (kept === 0) return what;
  return `${what}; ${kept} ${kept === 1 ? 'message is' : 'messages are'} kept for later delivery`;
}

/** RFC 3326: as the one who left said it, else in our words. */
function reasonRows(reasons: readonly string[], how: 'left' | 'gone', text: string): HeaderRow[] {
  if (reasons.length > 0 && how === 'left') return reasons.map((value): HeaderRow => ['Reason', value]);
  if (how === 'left' && !text.includes('kept')) return [];
  return [['Reason', `SIP;cause=${how === 'left' ? 200 : 480};text="${text}"`]];
}
