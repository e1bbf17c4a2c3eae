import { describe, expect, it } from 'vitest';
import { heldRunsMax, messagesMax, readBenchSizes, stageNames } from './bench-sizes.ts';

describe('the sizes of a bench', () => {
  it('have defaults for everything', () => {
    expect(readBenchSizes({})).toEqual({
      ok: true,
      value: {
        messages: 15_000,
        users: 1000,
        width: 32,
        registered: 20_000,
        streams: 1000,
        websockets: 2000,
        phones: 1000,
        subscriptions: 10_000,
        watchers: 5000,
        large: 100,
        sessions: 1000,
        seconds: 10,
        held: [10_000, 100_000],
        stages: stageNames,
      },
    });
  });

  it('are read from flags', () => {
    const flags = { messages: '7', held: '3000, 4000', only: 'store,relay', json: 'out.json', folder: '' };
    expect(readBenchSizes(flags)).toMatchObject({
      ok: true,
      value: { messages: 7, held: [3000, 4000], stages: ['relay', 'store'], json: 'out.json' },
    });
  });

  it('give every user three messages by default', () => {
    expect(readBenchSizes({ users: '20000' })).toMatchObject({ value: { held: [60_000, 100_000] } });
  });

  const runs = (count: number): string => Array.from({ length: count }, () => '3000').join(',');
  it.each([
    [{ messages: '0' }, '--messages: 0 is not between 1 and 5000000'],
    [{ messages: String(messagesMax + 1) }, `--messages: ${messagesMax + 1} is not between 1 and 5000000`],
    [{ users: 'many' }, '--users: many is not a whole number'],
    [{ width: '4097' }, '--width: 4097 is not between 1 and 4096'],
    [{ held: '2999' }, '--held: 2999 is not between 3000 and 1000000'],
    [{ held: runs(heldRunsMax + 1) }, `--held: has more than ${heldRunsMax} numbers`],
    [
      { only: 'relay,storm' },
      '--only: "storm" is none of parse, relay, store, release, login, memory, notify, presence, growth, http, websocket, large, sessions, imps',
    ],
    [{ streams: '9001' }, '--streams: 9001 is not between 1 and 9000'],
    [{ phones: '100001' }, '--phones: 100001 is not between 1 and 100000'],
    [{ subscriptions: '900001' }, '--subscriptions: 900001 is not between 1 and 900000'],
    [{ watchers: '20001' }, '--watchers: 20001 is not between 1 and 20000'],
    [{ large: '10001' }, '--large: 10001 is not between 1 and 10000'],
    [{ sessions: '4001' }, '--sessions: 4001 is not between 1 and 4000'],
  ])('refuse %j', (flags, error) => {
    expect(readBenchSizes(flags)).toEqual({ ok: false, error });
  });

  it('are taken at the limit', () => {
    const flags = { messages: String(messagesMax), width: '4096', streams: '9000', held: runs(heldRunsMax) };
    Object.assign(flags, {
      subscriptions: '900000',
      watchers: '20000',
      large: '10000',
      sessions: '4000',
      phones: '100000',
    });
    expect(readBenchSizes(flags).ok).toBe(true);
  });
});
