import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import type { AttemptOutcome, DeliveryTarget, OutgoingMessage } from '../ports.ts';
import { apartMax, Lane, laneBacklogMax, type LaneItem, type LaneOutcome } from './lane.ts';

function rig(window: number) {
  const time = new VirtualTime();
  const open: { id: string; answer: (outcome: AttemptOutcome) => void; goApart: () => void; isStopped: boolean }[] = [];
  const target: DeliveryTarget = {
    id: 'phone',
    device: 'phone',
    priority: 1,
    window,
    style: 'push',
    way: 'desk',
    attempt(message, onOutcome, onApart) {
      const attempt = { id: message.id, answer: onOutcome, goApart: onApart, isStopped: false };
      open.push(attempt);
      return {
        stopSending() {
          attempt.isStopped = true;
        },
      };
    },
  };
  let turns = 0;
  const listener = { laneFreed() {}, laneTurned: () => void (turns += 1) };
  const lane = new Lane(target, listener, { timers: time, clock: time });
  return { time, lane, open, turns: () => turns };
}

function item(id: string, outcomes: string[], mayStart = true): LaneItem {
  return {
    start: () => (mayStart ? ({ id, expiresAt: 7 * 86_400_000 } as OutgoingMessage) : undefined),
    ended: (_lane: Lane, outcome: LaneOutcome) => void outcomes.push(`${id} ${outcome.kind}`),
    left: () => void outcomes.push(`${id} left`),
  };
}

describe('Lane', () => {
  it('keeps as many open as its window and sends the rest in order', () => {
    const { lane, open } = rig(1);
    const outcomes: string[] = [];
    for (const id of ['a', 'b', 'c']) expect(lane.add(item(id, outcomes))).toBe(true);
    expect(open.map(({ id }) => id)).toEqual(['a']);
    open[0]?.answer({ kind: 'delivered' });
    open[1]?.answer({ kind: 'refused', status: 'sip 603' });
    expect(open.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(outcomes).toEqual(['a delivered', 'b refused']);
  });
  it('sends on beside what goes over a connection of its own, one of them and no more', () => {
    const { lane, open } = rig(1);
    const outcomes: string[] = [];
    for (const id of ['large', 'larger', 'a', 'b']) lane.add(item(id, outcomes));
    const sent = (): string[] => open.map(({ id }) => id);
    open[0]?.goApart();
    open[0]?.goApart();
    expect(apartMax).toBe(1);
    expect(sent()).toEqual(['large', 'larger']);
    expect(lane.hasRoom).toBe(false);
    open[1]?.goApart();
    expect(sent()).toEqual(['large', 'larger']);
    open[1]?.answer({ kind: 'delivered' });
    open[2]?.answer({ kind: 'delivered' });
    expect(sent()).toEqual(['large', 'larger', 'a', 'b']);
    open[3]?.answer({ kind: 'delivered' });
    expect(lane.hasRoom).toBe(true);
    open[0]?.answer({ kind: 'delivered' });
    open[0]?.goApart();
    expect(outcomes).toEqual(['larger delivered', 'a delivered', 'b delivered', 'large delivered']);
  });
  it('stops when the client fails, hands its line back, and resumes after 30 s, then 60 s', async () => {
    const { lane, open, time, turns } = rig(1);
    const outcomes: string[] = [];
    lane.add(item('a', outcomes));
    lane.add(item('b', outcomes));
    open[0]?.answer({ kind: 'client-failed', status: 'sip 486' });
    expect(outcomes).toEqual(['a client-failed', 'b turned-away']);
    expect(lane.isUp).toBe(false);
    expect(lane.add(item('c', outcomes))).toBe(false);
    await time.advance(29_999);
    expect(lane.isUp).toBe(false);
    await time.advance(1);
    expect(lane.isUp).toBe(true);
    expect(turns()).toBe(2);
    lane.add(item('d', outcomes));
    open[1]?.answer({ kind: 'client-failed', status: 'sip 408' });
    await time.advance(59_999);
    expect(lane.isUp).toBe(false);
    await time.advance(1);
    expect(lane.isUp).toBe(true);
  });
  it('says of its line whether something before it is open still', () => {
    for (const window of [1, 2]) {
      const { lane, open } = rig(window);
      const outcomes: LaneOutcome[] = [];
      for (const id of ['a', 'b', 'c'])
        lane.add({ ...item(id, []), ended: (_lane, outcome) => outcomes.push(outcome) });
      open[0]?.answer({ kind: 'client-failed', status: 'sip 408' });
      expect(outcomes.at(-1)).toEqual({ kind: 'turned-away', status: 'sip 408', isNext: window === 1 });
    }
  });
  it('lets go of what is open, then of its line, when its client is gone; what was open may still be answered', () => {
    const { lane, open } = rig(1);
    const outcomes: string[] = [];
    for (const id of ['a', 'b']) lane.add(item(id, outcomes));
    lane.close();
    expect(outcomes).toEqual(['a left', 'b turned-away']);
    open[0]?.answer({ kind: 'delivered' });
    expect(outcomes.slice(2)).toEqual(['a delivered']);
  });
  it('waits as long as the client asks, and is up at once when the client is heard of', async () => {
    const { lane, open, time } = rig(1);
    lane.add(item('a', []));
    open[0]?.answer({ kind: 'client-failed', status: 'sip 503', retryAfterMs: 120_000 });
    await time.advance(119_000);
    expect(lane.isUp).toBe(false);
    lane.heard();
    expect(lane.isUp).toBe(true);
  });
  it('is not stopped by a failure of a message', () => {
    const { lane, open } = rig(1);
    const outcomes: string[] = [];
    lane.add(item('a', outcomes));
    lane.add(item('b', outcomes));
    open[0]?.answer({ kind: 'message-failed', status: 'sip 500', mayPoison: true });
    expect(lane.isUp).toBe(true);
    expect(open[1]?.id).toBe('b');
  });
  it('withdraws what may not start any more and goes on', () => {
    const { lane, open } = rig(1);
    const outcomes: string[] = [];
    lane.add(item('a', outcomes, false));
    lane.add(item('b', outcomes));
    expect(outcomes).toEqual(['a withdrawn']);
    expect(open.map(({ id }) => id)).toEqual(['b']);
  });
  it('goes on behind what did not leave since it may not go any more', () => {
    const { lane, open } = rig(1);
    const outcomes: string[] = [];
    for (const id of ['a', 'b']) lane.add(item(id, outcomes));
    open[0]?.answer({ kind: 'withdrawn' });
    expect(outcomes).toEqual(['a withdrawn']);
    expect(lane.isUp).toBe(true);
    expect(open[1]?.id).toBe('b');
    lane.close();
    open[1]?.answer({ kind: 'withdrawn' });
    expect(outcomes.slice(1)).toEqual(['b left', 'b turned-away']);
  });
  it('takes laneBacklogMax in line and turns the next away', () => {
    const { lane } = rig(1);
    for (let n = 0; n <= laneBacklogMax; n += 1) expect(lane.add(item(`m${n}`, []))).toBe(true);
    expect(lane.add(item('one more', []))).toBe(false);
  });
  it('stops the retransmissions of an open attempt and still takes its answer', () => {
    const { lane, open } = rig(1);
    const outcomes: string[] = [];
    const message = item('a', outcomes);
    lane.add(message);
    lane.stopSending(message);
    expect(open[0]?.isStopped).toBe(true);
    open[0]?.answer({ kind: 'delivered' });
    expect(outcomes).toEqual(['a delivered']);
  });
});
