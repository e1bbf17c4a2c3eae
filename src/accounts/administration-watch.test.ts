import { describe, expect, it } from 'vitest';
import { silentLog } from '../base/log.ts';
import { VirtualTime } from '../base/time/virtual-time.ts';
import type { Address } from '../model/address.ts';
import {
  administrationPageMax,
  administrationPollMs,
  administrationQueueMax,
  AdministrationWatch,
} from './administration-watch.ts';
import type { AdministrationChange, AdministrationJournal } from './ports.ts';

const mary = 'mary@example.com' as Address;
const tom = 'tom@example.com' as Address;

class JournalInMemory implements AdministrationJournal {
  readonly changes: AdministrationChange[] = [];
  actedUpTo = 0;
  fault: Error | undefined;
  pages = 0;

  write(address: Address, what: AdministrationChange['what']): void {
    this.changes.push({ number: this.changes.length + 1, address, what });
  }

  async latest(): Promise<number> {
    if (this.fault !== undefined) throw this.fault;
    return this.changes.length;
  }

  async changesAfter(number: number, limit: number): Promise<AdministrationChange[]> {
    this.pages += 1;
    return this.changes.slice(number, number + limit);
  }

  async acted(): Promise<number> {
    return this.actedUpTo;
  }

  async setActed(number: number): Promise<void> {
    this.actedUpTo = number;
  }
}

function createWatch() {
  const time = new VirtualTime();
  const journal = new JournalInMemory();
  const seen: string[] = [];
  const forgotten: Address[] = [];
  /** What the listener does with a change; a test may make it slow or failing. */
  const act = { run: async (): Promise<void> => {} };
  const note = (what: string) => (address: Address) => {
    seen.push(`${what} ${address}`);
    return act.run();
  };
  const watch = new AdministrationWatch({
    journal,
    caches: [{ forget: (address) => forgotten.push(address) }],
    listener: {
      accountAdded: note('added'),
      accountRemoved: note('removed'),
      passwordChanged: note('password'),
      blocksChanged: note('blocks'),
      rulesChanged: note('rules'),
    },
    clock: time,
    timers: time,
    log: silentLog,
  });
  return { time, journal, seen, forgotten, act, watch };
}

describe('AdministrationWatch', () => {
  it('tells every kind of change in order, within one poll, and drops what is cached first', async () => {
    const { time, journal, seen, forgotten, watch } = createWatch();
    await watch.start();
    journal.write(tom, 'account-added');
    journal.write(mary, 'blocks');
    journal.write(mary, 'rules');
    journal.write(tom, 'password');
    journal.write(tom, 'account-removed');
    await time.advance(administrationPollMs - 1);
    expect(seen).toEqual([]);
    await time.advance(1);
    expect(seen).toEqual([`added ${tom}`, `blocks ${mary}`, `rules ${mary}`, `password ${tom}`, `removed ${tom}`]);
    expect(forgotten).toEqual([tom, mary, mary, tom, tom]);
    expect(journal.actedUpTo).toBe(5);
  });

  it('acts at the start on what a former run did not, and on nothing twice', async () => {
    const { time, journal, seen, watch } = createWatch();
    journal.write(tom, 'account-removed');
    journal.write(mary, 'account-removed');
    journal.actedUpTo = 1;
    await watch.start();
    expect(seen).toEqual([`removed ${mary}`]);
    await time.advance(10 * administrationPollMs);
    expect(seen).toHaveLength(1);
    expect(journal.actedUpTo).toBe(2);
  });

  it('goes on reading and dropping caches while the listener is slow', async () => {
    const { time, journal, seen, forgotten, act, watch } = createWatch();
    await watch.start();
    let finish: () => void = () => {};
    act.run = () => new Promise((resolve) => (finish = resolve));
    journal.write(tom, 'account-removed');
    await time.advance(administrationPollMs);
    journal.write(mary, 'password');
    await time.advance(administrationPollMs);
    expect(seen).toEqual([`removed ${tom}`]);
    expect(forgotten).toEqual([tom, mary]);
    act.run = async () => {};
    finish();
    await time.advance(administrationPollMs);
    expect(seen).toEqual([`removed ${tom}`, `password ${mary}`]);
  });

  it('tries a change again that the listener could not act on, before those behind it', async () => {
    const { time, journal, seen, act, watch } = createWatch();
    await watch.start();
    act.run = async () => {
      throw new Error('store is locked');
    };
    journal.write(tom, 'account-removed');
    journal.write(mary, 'rules');
    await time.advance(2 * administrationPollMs);
    expect(seen).toEqual([`removed ${tom}`, `removed ${tom}`]);
    expect(journal.actedUpTo).toBe(0);
    act.run = async () => {};
    await time.advance(administrationPollMs);
    expect(seen.slice(2)).toEqual([`removed ${tom}`, `rules ${mary}`]);
    expect(journal.actedUpTo).toBe(2);
  });

  it('survives a journal that cannot be read for a while', async () => {
    const { time, journal, seen, watch } = createWatch();
    await watch.start();
    journal.fault = new Error('locked');
    journal.write(tom, 'rules');
    await time.advance(3 * administrationPollMs);
    expect(seen).toEqual([]);
    journal.fault = undefined;
    await time.advance(administrationPollMs);
    expect(seen).toEqual([`rules ${tom}`]);
  });

  it('reads no more than it can keep, and the rest later', async () => {
    const { time, journal, seen, act, watch } = createWatch();
    await watch.start();
    let finish: () => void = () => {};
    act.run = () => new Promise((resolve) => (finish = resolve));
    for (let n = 0; n < administrationQueueMax + administrationPageMax; n++) journal.write(tom, 'rules');
    await time.advance(5 * administrationPollMs);
    expect(journal.pages).toBe(administrationQueueMax / administrationPageMax);
    act.run = async () => {};
    finish();
    await time.advance(2 * administrationPollMs);
    expect(seen).toHaveLength(administrationQueueMax + administrationPageMax);
  });

  it('acts within one look on more than it can keep', async () => {
    const { time, journal, seen, watch } = createWatch();
    await watch.start();
    for (let n = 0; n < 5 * administrationQueueMax; n++) journal.write(tom, 'account-added');
    journal.write(mary, 'blocks');
    await time.advance(administrationPollMs);
    expect(seen).toHaveLength(5 * administrationQueueMax + 1);
    expect(seen.at(-1)).toBe(`blocks ${mary}`);
    expect(journal.actedUpTo).toBe(journal.changes.length);
  });

  it('looks no more once it is stopped', async () => {
    const { time, journal, seen, watch } = createWatch();
    await watch.start();
    await watch.stop();
    journal.write(tom, 'rules');
    await time.advance(5 * administrationPollMs);
    expect(seen).toEqual([]);
  });
});
