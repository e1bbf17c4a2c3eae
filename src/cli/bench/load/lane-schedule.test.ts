import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LaneSchedule } from './lane-schedule.ts';

/** Every lane in turn until none has anything left; as lines LANE:USER/ROUND. */
function playOut(schedule: LaneSchedule, width: number): string[] {
  const jobs: string[] = [];
  for (;;) {
    const before = jobs.length;
    for (let lane = 0; lane < width; lane += 1) {
      if (schedule.next(lane)) jobs.push(`${lane}:${schedule.users[lane]}/${schedule.rounds[lane]}`);
    }
    if (jobs.length === before) return jobs;
  }
}

describe('a lane schedule', () => {
  it('gives each lane its own users, round after round', () => {
    const schedule = new LaneSchedule({ firstUser: 10, users: 3, total: 6, width: 2 });
    expect(playOut(schedule, 2)).toEqual(['0:10/0', '1:11/0', '0:12/0', '1:11/1', '0:10/1', '0:12/1']);
    expect(schedule.given).toBe(6);
  });

  it('leaves lanes idle when there are fewer users', () => {
    const schedule = new LaneSchedule({ firstUser: 0, users: 1, total: 3, width: 4 });
    expect(playOut(schedule, 4)).toEqual(['0:0/0', '0:0/1', '0:0/2']);
  });

  it('gives every user the rounds of the total, in order, each once', () => {
    const sizes = fc.record({
      users: fc.integer({ min: 1, max: 40 }),
      total: fc.integer({ min: 0, max: 200 }),
      width: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(sizes, ({ users, total, width }) => {
        const rounds = new Map<string, number>();
        for (const job of playOut(new LaneSchedule({ firstUser: 0, users, total, width }), width)) {
          const [, user = '', round = ''] = /^\d+:(\d+)\/(\d+)$/.exec(job) ?? [];
          expect(Number(round)).toBe(rounds.get(user) ?? 0);
          rounds.set(user, Number(round) + 1);
        }
        for (let user = 0; user < users; user += 1) {
          expect(rounds.get(String(user)) ?? 0).toBe(Math.floor((total - user + users - 1) / users));
        }
      }),
    );
  });
});
