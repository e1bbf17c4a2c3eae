import { describe, expect, it, vi } from 'vitest';
import { recordedIo, type RecordedIo } from '../../test/recorded-io.ts';
import type { Config } from '../config.ts';
import type { CliRooms, RunningServer } from './cli-io.ts';
import { runCli } from './run-cli.ts';
import { sameWishMs } from './serve.ts';

class StartFault extends Error {
  override readonly name = 'StartFault';
}

interface FakeHouse extends CliRooms {
  readonly configs: Config[];
  readonly stops: () => number;
  /** Lets a stop that was begun come to its end. */
  drain(): void;
}

function fakeHouse(start: () => Promise<void> = () => Promise.resolve(), demo: readonly string[] = []): FakeHouse {
  const configs: Config[] = [];
  let stops = 0;
  let drain = (): void => {};
  const drained = new Promise<void>((resolve) => {
    drain = resolve;
  });
  const server: RunningServer = {
    sip: { host: '::1', port: 5070 },
    http: { host: '127.0.0.1', port: 8090 },
    demo,
    lost: new Promise(() => {}),
    stop: () => {
      stops += 1;
      return drained;
    },
  };
  return {
    configs,
    stops: () => stops,
    drain: () => drain(),
    startServer: async (config) => {
      configs.push(config);
      await start();
      return server;
    },
    openStores: () => Promise.reject(new Error('no stores here')),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function serving(house: FakeHouse, io: RecordedIo, ...flags: string[]): Promise<{ ended: Promise<number> }> {
  const ended = runCli(['serve', ...flags], io, house);
  await turn();
  return { ended };
}

describe('serve', () => {
  it('starts with the flags, runs until a signal, drains, and ends with 0', async () => {
    const [house, io] = [fakeHouse(), recordedIo({ env: { RESTANTE_SETTLE: '1' } })];
    const { ended } = await serving(house, io, '--domain', 'a.example', '--domain', 'b.example', '--demo');
    expect(house.configs).toMatchObject([{ domains: ['a.example', 'b.example'], isDemo: true, settleMs: 1000 }]);
    expect(house.stops()).toBe(0);
    io.signal();
    await turn();
    expect(house.stops()).toBe(1);
    house.drain();
    expect(await ended).toBe(0);
    expect([io.out(), io.err()]).toEqual(['', '']);
  });

  it('says on a terminal where it listens', async () => {
    const [house, io] = [fakeHouse(), recordedIo({ isTerminal: true, env: { NO_COLOR: '1' } })];
    const { ended } = await serving(house, io);
    expect(io.err()).toBe('restante is ready: SIP at [::1]:5070, page at http://127.0.0.1:8090/; Ctrl-C ends it\n');
    io.signal();
    house.drain();
    await ended;
  });

  it('names the demo accounts, for whoever opens the page', async () => {
    const [house, io] = [
      fakeHouse(undefined, ['tom@a.example']),
      recordedIo({ isTerminal: true, env: { NO_COLOR: '1' } }),
    ];
    const { ended } = await serving(house, io);
    expect(io.err()).toMatch(
      /\ndemo accounts, which the page offers: tom@a\.example; the password of each is NAME-secret\n$/,
    );
    io.signal();
    house.drain();
    await ended;
  });

  it('says in one line why it cannot start', async () => {
    const house = fakeHouse(() => Promise.reject(new StartFault('--sip: port 5060 is taken')));
    const io = recordedIo();
    expect(await runCli(['serve'], io, house)).toBe(2);
    expect(io.err()).toBe('restante: --sip: port 5060 is taken\n');
  });

  it('lets our own faults crash', async () => {
    const house = fakeHouse(() => Promise.reject(new TypeError('x is undefined')));
    await expect(runCli(['serve'], recordedIo(), house)).rejects.toThrow('x is undefined');
  });

  it('remembers a signal that came during the start', async () => {
    let goOn = (): void => {};
    const house = fakeHouse(() => new Promise((resolve) => (goOn = resolve)));
    const io = recordedIo();
    const { ended } = await serving(house, io);
    io.signal();
    goOn();
    house.drain();
    expect(await ended).toBe(0);
    expect(house.stops()).toBe(1);
  });

  it('takes signals that come together for one, and a later one for impatience', async () => {
    const now = vi.spyOn(performance, 'now');
    const [house, io] = [fakeHouse(), recordedIo()];
    const { ended } = await serving(house, io);
    now.mockReturnValue(1000);
    io.signal();
    now.mockReturnValue(1000 + sameWishMs);
    io.signal();
    expect(io.ends).toEqual([]);
    now.mockReturnValue(1001 + sameWishMs);
    io.signal();
    expect(io.ends).toEqual([1]);
    now.mockRestore();
    house.drain();
    await ended;
  });
});
