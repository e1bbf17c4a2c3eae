/** Updates and ends of open entries, and up to which presence version conditions were evaluated. */
import { describe, expect, it } from 'vitest';
import type { EntryUpdate, MailboxEntry, RecipientSummary } from '../../../src/delivery/ports.ts';
import { attemptsPerRun } from '../../../src/delivery/ports.ts';
import type { Address } from '../../../src/model/address.ts';
import { endOf, heldEntry, newEntry, putEntry, someone, start } from '../samples.ts';
import { useSharedStores, type OpenSubject, type StoresInUse } from '../subject.ts';

export function describeMailboxChanges(open: OpenSubject): void {
  describe('update', () => {
    const use = useSharedStores(open);
    whatChanges(use);
    severalChanges(use);
    afterARestart(use);
    whatDoesNot(use);
    amendments(use);
  });
  describe('end', () => {
    ends(useSharedStores(open));
  });
}

type Changes = Omit<EntryUpdate, 'id' | 'recipient'>;

const changes: readonly (readonly [name: string, change: Changes, result: Partial<MailboxEntry>])[] = [
  ['state', { state: 'waiting' }, { state: 'waiting' }],
  ['latches', { latches: [{ isSet: true }] }, { latches: [{ isSet: true }] }],
  ['no latches', { latches: [] }, { latches: [] }],
  ['turnsAt', { turnsAt: start + 7 }, { turnsAt: start + 7 }],
  ['attempts', { attempts: 4 }, { attempts: 4 }],
  ['messageFailures', { messageFailures: 2 }, { messageFailures: 2 }],
  ['retryAt', { retryAt: start + 8 }, { retryAt: start + 8 }],
  ['isAside', { isAside: true }, { isAside: true }],
  [
    'refusedBy',
    { refusedBy: [{ targetId: 'a', status: 'sip 603' }] },
    { refusedBy: [{ targetId: 'a', status: 'sip 603' }] },
  ],
];

function whatChanges(use: StoresInUse): void {
  it.each(changes)('%s alone, and all else stays', async (_name, change, result) => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, heldEntry({ latches: [{ isSet: false }], duplicateKeys: ['k'] }));
    const { recipient } = entry.message;
    expect(await mailbox.update([{ id: entry.id, recipient, ...change }])).toEqual(['held']);
    expect(await mailbox.find(recipient, entry.id)).toEqual({ ...entry, ...result });
  });

  it('all of it at once, and back again', async () => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, heldEntry());
    const { id, message } = entry;
    const { recipient } = message;
    const all: Changes = Object.assign({}, ...changes.map(([, change]) => change));
    await mailbox.update([{ id, recipient, ...all }]);
    const changed = await mailbox.find(recipient, id);
    expect(changed).toEqual({ ...entry, ...all });
    const back: Changes = {
      state: 'held',
      attempts: 0,
      messageFailures: 0,
      isAside: false,
      refusedBy: [],
      latches: [],
    };
    await mailbox.update([{ id, recipient, ...back, turnsAt: undefined, retryAt: undefined }]);
    expect(await mailbox.find(recipient, id)).toStrictEqual({ ...entry, message: changed?.message });
  });
}

function severalChanges(use: StoresInUse): void {
  it('several in one call, each after the one before', async () => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, heldEntry());
    const { id, message } = entry;
    const { recipient } = message;
    const before = await mailbox.update([
      { id, recipient, state: 'waiting', attempts: 1 },
      { id, recipient, attempts: 2 },
      { id, recipient, state: 'held' },
    ]);
    expect(before).toEqual(['held', 'waiting', 'waiting']);
    expect(await mailbox.find(recipient, id)).toEqual({ ...entry, attempts: 2 });
  });

  it('in the order in which the calls were issued, also after a put that was not awaited', async () => {
    const { mailbox } = use.stores;
    const entry = newEntry();
    const { recipient } = entry.message;
    const put = putEntry(mailbox, entry);
    const updates = [1, 2, 3, 4, 5].map((attempts) => mailbox.update([{ id: entry.id, recipient, attempts }]));
    expect(await Promise.all(updates)).toEqual(updates.map(() => ['waiting']));
    await put;
    expect((await mailbox.find(recipient, entry.id))?.attempts).toBe(5);
  });
}

function afterARestart(use: StoresInUse): void {
  it('survives a restart', async () => {
    const entry = await putEntry(use.stores.mailbox, heldEntry());
    const { recipient } = entry.message;
    await use.stores.mailbox.update([{ id: entry.id, recipient, state: 'waiting', retryAt: start + 5, isAside: true }]);
    await use.reopen();
    const found = await use.stores.mailbox.find(recipient, entry.id);
    const attempts = attemptsPerRun;
    expect(found).toEqual({ ...entry, state: 'waiting', retryAt: start + 5, isAside: true, attempts });
  });

  it(`counts ${attemptsPerRun} attempts more for every start since they were written`, async () => {
    const entry = await putEntry(use.stores.mailbox, newEntry());
    const { id, message } = entry;
    const { recipient } = message;
    await use.stores.mailbox.update([{ id, recipient, attempts: 3 }]);
    await use.reopen();
    await use.reopen();
    const attempts = async () => (await use.stores.mailbox.find(recipient, id))?.attempts;
    expect(await attempts()).toBe(3 + 2 * attemptsPerRun);
    await use.stores.mailbox.update([{ id, recipient, retryAt: start }]);
    expect(await attempts()).toBe(3 + 2 * attemptsPerRun);
    await use.stores.mailbox.update([{ id, recipient, attempts: 4 + 2 * attemptsPerRun }]);
    await use.reopen();
    expect(await attempts()).toBe(4 + 3 * attemptsPerRun);
    await use.stores.mailbox.end([endOf(entry)]);
    await use.reopen();
    expect((await use.stores.mailbox.story(id))?.summary.attempts).toBe(4 + 3 * attemptsPerRun);
  });
}

function whatDoesNot(use: StoresInUse): void {
  it('leaves alone what ended, what never was, and what is of another recipient', async () => {
    const { mailbox } = use.stores;
    const [ended, other] = [await putEntry(mailbox, newEntry()), await putEntry(mailbox, newEntry())];
    await mailbox.end([endOf(ended)]);
    const { recipient } = ended.message;
    const before = await mailbox.update([
      { id: ended.id, recipient, state: 'held' },
      { id: 'no-such-id', recipient, state: 'held' },
      { id: other.id, recipient, state: 'held' },
      { id: other.id, recipient: someone('nobody'), state: 'held' },
    ]);
    expect(before).toEqual([undefined, undefined, undefined, undefined]);
    expect(await mailbox.find(recipient, ended.id)).toBeUndefined();
    expect(await mailbox.find(other.message.recipient, other.id)).toEqual(other);
  });

  it('takes nothing for an answer', async () => {
    expect(await use.stores.mailbox.update([])).toEqual([]);
    expect(await use.stores.mailbox.end([])).toEqual([]);
  });
}

function ends(use: StoresInUse): void {
  it('answers the state that each had, once', async () => {
    const { mailbox } = use.stores;
    const recipient = someone('mary');
    const [a, b] = [
      await putEntry(mailbox, heldEntry({ recipient })),
      await putEntry(mailbox, newEntry({ recipient })),
    ];
    const foreign = endOf({ ...b, message: { ...b.message, recipient: someone('eve') } });
    const unknown = { ...endOf(b), id: 'no-such-id' };
    expect(await mailbox.end([endOf(a), foreign, unknown, endOf(b), endOf(a)])).toEqual([
      'held',
      undefined,
      undefined,
      'waiting',
      undefined,
    ]);
    expect(await mailbox.end([endOf(b, 'expired')])).toEqual([undefined]);
    expect(await mailbox.open(recipient, { after: 0, limit: 9 })).toEqual([]);
  });

  it('lets one of two that come at once win', async () => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, newEntry());
    const answers = await Promise.all([mailbox.end([endOf(entry, 'recalled')]), mailbox.end([endOf(entry)])]);
    expect(answers).toEqual([['waiting'], [undefined]]);
    expect((await mailbox.story(entry.id))?.summary.state).toBe('recalled');
  });

  it('takes the entry out of every list of open ones', async () => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, newEntry({ condition: 'online', attributes: ['online'] }));
    const { recipient } = entry.message;
    await mailbox.end([endOf(entry)]);
    expect(await mailbox.find(recipient, entry.id)).toBeUndefined();
    expect(await mailbox.ready(recipient, { after: 0, limit: 9, now: start })).toEqual([]);
    expect(await mailbox.mentioning(recipient, ['online'], { after: 0, limit: 9 })).toEqual([]);
    expect(await mailbox.mentioning(recipient, 'all', { after: 0, limit: 9 })).toEqual([]);
    const due = await mailbox.due(entry.expiresAt, 10_000);
    expect(due.filter((one) => one.id === entry.id)).toEqual([]);
    expect(await summaryOf(use, recipient)).toBeUndefined();
  });
}

async function summaryOf(use: StoresInUse, recipient: Address): Promise<RecipientSummary | undefined> {
  const all = await use.stores.mailbox.recipients(undefined, 1000);
  return all.find((summary) => summary.recipient === recipient);
}

function amendments(use: StoresInUse): void {
  const found = async (recipient: Address, attribute: string): Promise<string[]> => {
    const page = { after: 0, limit: 10 };
    return (await use.stores.mailbox.mentioning(recipient, [attribute], page)).map(({ id }) => id);
  };
  it('another condition is found by what it mentions, and no more by what the old one did', async () => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, newEntry({ condition: 'mood is sad', attributes: ['mood'], state: 'held' }));
    const { id } = entry;
    const { recipient } = entry.message;
    const condition = 'activity is lunch and online';
    await mailbox.update([{ id, recipient, condition, attributes: ['activity', 'online'] }]);
    expect(await mailbox.find(recipient, id)).toEqual({ ...entry, condition, attributes: ['activity', 'online'] });
    expect(await found(recipient, 'mood')).toEqual([]);
    expect(await found(recipient, 'activity')).toEqual([id]);
    expect(await found(recipient, 'online')).toEqual([id]);
  });
  it('one without a condition is found by nothing, and one that gets a condition is', async () => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, newEntry({ condition: 'online', attributes: ['online'] }));
    const { id } = entry;
    const { recipient } = entry.message;
    await mailbox.update([{ id, recipient, condition: undefined, attributes: [] }]);
    expect((await mailbox.find(recipient, id))?.condition).toBeUndefined();
    expect(await mailbox.mentioning(recipient, 'all', { after: 0, limit: 10 })).toEqual([]);
    await mailbox.update([{ id, recipient, condition: 'mood is sad', attributes: ['mood'], state: 'held' }]);
    expect(await found(recipient, 'mood')).toEqual([id]);
  });
  it('another end is when it falls due', async () => {
    const { mailbox } = use.stores;
    const entry = await putEntry(mailbox, newEntry());
    const { id } = entry;
    const { recipient } = entry.message;
    await mailbox.update([{ id, recipient, expiresAt: start - 1000 }]);
    const due = await mailbox.due(start - 1000, 10);
    expect(due.map((each) => each.id)).toContain(id);
    await mailbox.end([{ id, recipient, state: 'expired', at: start, step: { at: start, what: 'over' } }]);
  });
}
