import { describe, expect, it } from 'vitest';
import { ClosedLoop, giveUpMs, retransmitFirstMs, retransmitMaxMs } from './closed-loop.ts';

function startLoop(total: number, width: number, isRetransmitting = true): { loop: ClosedLoop; said: string[] } {
  const said: string[] = [];
  let left = total;
  const loop = new ClosedLoop({
    width,
    total,
    isRetransmitting,
    start(lane) {
      if (left === 0) return false;
      left -= 1;
      said.push(`send ${lane}`);
      return true;
    },
    resend: (lane) => said.push(`again ${lane}`),
    finished: () => said.push('finished'),
  });
  loop.begin(0);
  return { loop, said };
}

describe('a closed loop', () => {
  it('starts the next request of a lane when the one before is answered', () => {
    const { loop, said } = startLoop(3, 2);
    expect(said).toEqual(['send 0', 'send 1']);
    loop.complete(1, '200', true, 4);
    loop.complete(0, '503', false, 5);
    loop.complete(1, '200', true, 10);
    expect(said).toEqual(['send 0', 'send 1', 'send 1', 'finished']);
    expect(loop).toMatchObject({ started: 3, ok: 2, failed: 1, retransmissions: 0 });
    expect(loop.latencies.quantiles()).toEqual({ p50Ms: 4, p99Ms: 6, maxMs: 6 });
    expect([...loop.outcomes]).toEqual([
      ['200', 2],
      ['503', 1],
    ]);
  });

  it('has nothing to do with an answer to nothing', () => {
    const { loop, said } = startLoop(1, 1);
    loop.complete(0, '200', true, 1);
    loop.complete(0, '200', true, 2);
    expect(loop.ok).toBe(1);
    expect(said.filter((word) => word === 'finished')).toHaveLength(1);
  });

  it('is finished at once without work', () => {
    expect(startLoop(0, 3).said).toEqual(['finished']);
  });

  it('sends again after 500 ms, 1, 2, 4, 4 s and gives up after 20 s', () => {
    const { loop, said } = startLoop(1, 1);
    const times: number[] = [];
    for (let now = 0; now < giveUpMs; now += 100) {
      const before = said.length;
      loop.tick(now);
      if (said.length > before) times.push(now);
    }
    expect(times).toEqual([retransmitFirstMs, 1500, 3500, 7500, 11_500, 15_500, 19_500]);
    expect(times.at(-1)).toBe(15_500 + retransmitMaxMs);
    loop.tick(giveUpMs);
    expect(loop).toMatchObject({ failed: 1, retransmissions: 7 });
    expect([...loop.outcomes]).toEqual([['timeout', 1]]);
    expect(said.at(-1)).toBe('finished');
  });

  it('never sends again on a stream', () => {
    const { loop, said } = startLoop(1, 1, false);
    loop.tick(giveUpMs - 1);
    expect(said).toEqual(['send 0']);
  });

  it('ends what is under way and starts nothing more when its time is over', () => {
    const { loop, said } = startLoop(9, 1);
    loop.stopStarting();
    loop.complete(0, '200', true, 1);
    expect(said).toEqual(['send 0', 'finished']);
  });

  it('does not send again what waits for something else', () => {
    const { loop, said } = startLoop(1, 1);
    loop.stopResending(0);
    loop.tick(giveUpMs - 1);
    expect(said).toEqual(['send 0']);
  });
});
