import { afterEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '../simulation/seeded-random.ts';
import { Device, type Move, Sayings, type Words } from './devices.ts';
import { lastTold, mary, textsOf, Town } from './town.ts';

let town: Town;

afterEach(() => town.close());

const burstSize = 1_000;
const deviceCount = 8;

/** What each device is going to do; whether it can (there is something to remove) shows when its turn comes. */
function planMoves(random: SeededRandom): Move[][] {
  const plans: Move[][] = Array.from({ length: deviceCount }, () => []);
  for (let at = 0; at < burstSize; at += 1) {
    const words = { mood: `m${at}` };
    const kinds: Move[] = [
      { kind: 'say', words },
      { kind: 'say', words: { ...words, availability: at % 2 === 0 ? 'available' : 'not-available' } },
      { kind: 'say', words: { activity: `a${at}`, note: `n${at}` } },
      { kind: 'refresh' },
      { kind: 'remove' },
    ];
    plans[at % deviceCount]?.push(random.pick(kinds));
  }
  return plans;
}

/** One after the other, each when the one before it was answered; answers the statuses. */
async function play(device: Device, moves: readonly Move[], sayings: Sayings): Promise<number[]> {
  const statuses: number[] = [];
  for (const move of moves) {
    const isPossible = move.kind === 'say' || sayings.has(device.name);
    const instead: Move = { kind: 'say', words: { note: device.name } };
    statuses.push((await device.move(isPossible ? move : instead)).status);
  }
  return statuses;
}

describe(`${burstSize} PUBLISHes of ${deviceCount} devices for one presentity`, { timeout: 300_000 }, () => {
  it.each([
    ['within 100 ms', 1, 0, '0'],
    ['within 100 ms, watchers told every 5 s', 2, 0, '5'],
    ['with a commit of 3 ms each', 3, 3, '0'],
  ])(
    '%s: the last state is everywhere, every change was seen, each message came once',
    async (_what, seed, commitMs, pace) => {
      town = await Town.open({ 'notify-pace': pace, rate: '100000/1' });
      const sayings = new Sayings();
      const devices = Array.from(
        { length: deviceCount },
        (_, at) => new Device(`device ${at}`, town.phone('mary', `${at}`), sayings),
      );
      const say = (words: Words) =>
        town.during(Promise.all(devices.slice(0, 1).map((one) => one.move({ kind: 'say', words }))));
      const [phone, tom, john] = [town.phone('mary'), town.phone('tom'), town.phone('john')];
      await town.register(phone);
      await say({ mood: 'm', availability: 'available' });
      for (const watcher of [tom, john]) await town.subscribe(watcher);
      const moods = Array.from({ length: burstSize }, (_, at) => `m${at}`);
      const everyFourth = moods.filter((_, at) => at % 4 === 0);
      for (const mood of everyFourth)
        expect(await town.write(tom, `left ${mood}`, `mood changes from ${mood}`)).toBe(202);
      for (const mood of moods.slice(-100)) await town.write(tom, `is ${mood}`, `mood is ${mood}`);
      await town.write(john, 'any', 'mood changes');

      town.http.beforeCall = (name) =>
        commitMs === 0 || !name.startsWith('publications')
          ? undefined
          : new Promise((resolve) => void town.time.at(town.time.monotonic() + commitMs, () => resolve()));
      const began = town.time.monotonic();
      const plans = planMoves(new SeededRandom(seed));
      const statuses = await town.during(
        Promise.all(devices.map((device, at) => play(device, plans[at] ?? [], sayings))),
      );
      expect(statuses.flat()).toEqual(Array.from({ length: burstSize }, () => 200));
      expect(town.time.monotonic() - began).toBeLessThanOrEqual(commitMs === 0 ? 100 : 20 * burstSize);
      await say({ mood: 'last' });
      await town.time.advance(60_000);

      // The last state, and no element of what was removed or replaced.
      const [note, activity] = [sayings.seen('note'), sayings.seen('activity')];
      const expected = {
        online: true,
        availability: 'available',
        mood: ['last'],
        ...(activity === undefined ? {} : { activity: [activity] }),
        ...(note === undefined ? {} : { statusText: note }),
      };
      expect(await town.shown()).toEqual(expected);
      for (const watcher of [tom, john]) {
        const told = { basic: ['open'], availability: 'available', mood: ['last'] };
        const [activities, notes] = [activity, note].map((word) => (word === undefined ? [] : [word]));
        expect(lastTold(watcher)).toEqual({ entity: mary, ...told, activity: activities, notes });
      }
      // Every mood that was left for another one was seen to be left, whatever came right after it.
      const arrived = textsOf(phone);
      const left = everyFourth.filter((mood) => sayings.moods.includes(mood)).map((mood) => `left ${mood}`);
      expect(left.length).toBeGreaterThan(50);
      expect(arrived.filter((text) => text.startsWith('left')).toSorted()).toEqual(left.toSorted());
      expect(arrived.filter((text) => text === 'any')).toHaveLength(1);
      expect(new Set(arrived).size).toBe(arrived.length);

      await town.restart();
      expect(await town.shown()).toEqual(expected);
      await town.time.advance(60_000);
      expect(textsOf(phone)).toEqual(arrived);
    },
  );
});
