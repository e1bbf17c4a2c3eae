import { describe, expect, it } from 'vitest';
import { silentLog } from '../base/log.ts';
import { StoreFault } from '../base/store-fault.ts';
import { VirtualTime } from '../base/time/virtual-time.ts';
import type { Address } from '../model/address.ts';
import { BackgroundWriter, backgroundBatchMax } from './background-writer.ts';
import type { PublicationChange, PublicationStore } from './ports.ts';
import { PresentityRecord } from './presentity-record.ts';

function build(): {
  readonly time: VirtualTime;
  readonly writer: BackgroundWriter;
  readonly written: (readonly PublicationChange[])[];
  readonly busy: Set<PresentityRecord>;
  fault: StoreFault | undefined;
} {
  const time = new VirtualTime();
  const written: (readonly PublicationChange[])[] = [];
  const busy = new Set<PresentityRecord>();
  const store: PublicationStore = {
    change: async (changes) => {
      await time.settle();
      if (built.fault !== undefined) throw built.fault;
      written.push(changes);
    },
    refresh: async () => {},
    publications: async () => [],
    knownPresence: async () => [],
  };
  const isBusy = (record: PresentityRecord): boolean => busy.has(record);
  const writer = new BackgroundWriter({ store, clock: time, timers: time, log: silentLog, isBusy });
  const built = { time, writer, written, busy, fault: undefined as StoreFault | undefined };
  return built;
}

const record = (index: number): PresentityRecord => new PresentityRecord(`u${index}@example.com` as Address, index);

describe('BackgroundWriter', () => {
  it('writes in groups, at most so many at once', async () => {
    const { writer, written } = build();
    for (let index = 0; index < backgroundBatchMax + 2; index++) writer.add(record(index));
    await writer.idle();
    expect(written.map((changes) => changes.length)).toEqual([1, backgroundBatchMax, 1]);
  });

  it('writes one row for each tag that ended, and remembers what is saved', async () => {
    const { writer, written } = build();
    const one = record(1);
    writer.add(record(0));
    writer.add(one, 'a');
    writer.add(one, 'b');
    await writer.idle();
    expect(written[1]?.map(({ replaces }) => replaces)).toEqual(['a', 'b']);
    expect(one.savedLastKnown).toBe(one.snapshot.lastKnown);
  });

  it('waits for who is busy', async () => {
    const { writer, written, busy } = build();
    const one = record(1);
    busy.add(one);
    writer.add(one);
    await writer.idle();
    expect(written).toEqual([]);
    busy.clear();
    writer.resume();
    await writer.idle();
    expect(written).toHaveLength(1);
  });

  it('tries again later, without those who are gone', async () => {
    const built = build();
    const { time, writer, written } = built;
    const [stays, goes] = [record(1), record(2)];
    built.fault = new StoreFault('disk full', true);
    writer.add(record(0));
    writer.add(stays, 'a');
    writer.add(goes);
    await writer.idle();
    writer.drop(goes);
    built.fault = undefined;
    await time.advance(4_999);
    expect(written).toEqual([]);
    await time.advance(1);
    await writer.idle();
    expect(written.flat().map(({ presentity }) => presentity)).toEqual(['u1@example.com', 'u0@example.com']);
  });
});
