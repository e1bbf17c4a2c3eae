/**
 * One short story of everything that a store does, in steps that each ask for one durable thing, and what can be read after
 * each of them. Names and times are fixed, so that it is told alike by every store and in every process.
 */
import { isDeepStrictEqual } from 'node:util';
import { assert } from '../../../src/base/assert.ts';
import type { MailboxEntry, NewMailboxEntry } from '../../../src/delivery/ports.ts';
import type { Stores } from '../../../src/stores/stores.ts';
import {
  account,
  address,
  binding,
  endOf,
  generous,
  heldEntry,
  hour,
  newEntry,
  publication,
  start,
  subscription,
  waitingWatcher,
} from '../samples.ts';

const [tom, mary] = [address('tom@example.com'), address('mary@example.com')];
const between = { sender: tom, recipient: mary };

const about = { id: 'a', owner: mary, other: tom, startedAt: start, endedAt: start, isMissed: false };
const transcript = { ...about, messages: 0, lines: [] };

export interface Step {
  readonly name: string;
  tell(stores: Stores): Promise<unknown>;
}

const waiting = newEntry({ ...between, id: 'waiting', text: 'text of waiting', duplicateKeys: ['w'] });
const held = heldEntry({
  ...between,
  id: 'held',
  text: 'text of held',
  duplicateKeys: ['h'],
  latches: [{ isSet: false }],
});
const failing = newEntry({ ...between, id: 'failing', text: 'text of failing', duplicateKeys: ['f'] });
const recalled = heldEntry({ ...between, id: 'recalled', text: 'text of recalled' });
const entries: readonly NewMailboxEntry[] = [waiting, held, failing, recalled];

function put(entry: NewMailboxEntry): Step {
  return { name: `put ${entry.id}`, tell: ({ mailbox }) => mailbox.put(entry, generous) };
}

function end(entry: NewMailboxEntry, state: Parameters<typeof endOf>[1]): Step {
  return { name: `${entry.id} is ${state}`, tell: ({ mailbox }) => mailbox.end([endOf(entry, state)]) };
}

function update(name: string, entry: NewMailboxEntry, changes: object): Step {
  return { name, tell: ({ mailbox }) => mailbox.update([{ id: entry.id, recipient: mary, ...changes }]) };
}

const rulesOfMary = [{ watchers: [tom], attributes: ['mood'], action: 'allow' }] as const;
const list = { owner: mary, application: 'resource-lists', name: 'index' };
const known = { presentity: mary, version: 7, lastKnown: new Map([['mood', ['happy']]]) };

const { packageName: _, ...renewed } = subscription('s');

export const story: readonly Step[] = [
  { name: 'an account', tell: ({ accounts }) => accounts.add([account(mary, { id: 'mary' })]) },
  put(waiting),
  put(held),
  put(failing),
  { name: 'somebody comes', tell: ({ bindings }) => bindings.change([{ kind: 'put', binding: binding(mary, 'k') }]) },
  {
    name: 'somebody subscribes',
    tell: ({ subscriptions }) => subscriptions.change([{ kind: 'put', subscription: subscription('s') }]),
  },
  {
    name: 'somebody publishes',
    tell: ({ publications }) => publications.change([{ ...known, publication: publication(mary, 'e') }]),
  },
  update('the release', held, { state: 'waiting', latches: [{ isSet: true }], step: { at: start, what: 'holds' } }),
  update('held back', held, { state: 'held', latches: [{ isSet: false }] }),
  update('released again', held, { state: 'waiting', latches: [{ isSet: true, last: ['happy'] }] }),
  update('an attempt', failing, { attempts: 2, retryAt: start + hour / 2, step: { at: start, what: 'attempt 2' } }),
  put(recalled),
  end(waiting, 'delivered'),
  end(held, 'delivered'),
  end(recalled, 'recalled'),
  update('set aside', failing, { isAside: true, messageFailures: 3 }),
  { name: 'refreshed', tell: ({ publications }) => publications.refresh(mary, 'e', 'e2', start + 2 * hour) },
  {
    name: 'rules in a document',
    tell: ({ rules }) => rules.setRules(mary, rulesOfMary, [], { before: undefined, after: '<ruleset/>' }),
  },
  { name: 'somebody keeps transcripts', tell: ({ transcripts }) => transcripts.setKept(mary, true) },
  { name: 'a transcript', tell: ({ transcripts }) => transcripts.add(transcript) },
  { name: 'a list', tell: ({ documents }) => documents.write(list, { before: undefined, after: '<list/>' }) },
  end(failing, 'failed'),
  { name: 'forgotten', tell: ({ mailbox }) => mailbox.sweep(start + hour, start + 2 * hour) },
  {
    name: 'the subscription is renewed',
    tell: ({ subscriptions }) =>
      subscriptions.change([{ kind: 'refresh', progress: { ...renewed, expiresAt: start + 9 * hour } }]),
  },
  {
    name: 'the watcher waits',
    tell: ({ waitingWatchers }) => waitingWatchers.change([{ kind: 'put', waiting: waitingWatcher(mary, tom) }]),
  },
  {
    name: 'the subscription ends',
    tell: ({ subscriptions }) => subscriptions.change([{ kind: 'remove', id: 's' }]),
  },
  {
    name: 'somebody goes',
    tell: ({ bindings }) => bindings.change([{ kind: 'remove', addressOfRecord: mary, key: 'k' }]),
  },
  { name: 'the account goes', tell: ({ accounts }) => accounts.remove(mary) },
];

/** Everything that can be read, in a form that compares; attempts beyond what a start adds by itself. */
export async function readStory(stores: Stores): Promise<unknown> {
  const {
    mailbox,
    accounts,
    journal,
    publications,
    bindings,
    rules,
    documents,
    transcripts,
    subscriptions,
    waitingWatchers,
  } = stores;
  const page = { after: 0, limit: 99 };
  const duplicates = entries.flatMap(({ duplicateKeys }) =>
    duplicateKeys.map((key) => mailbox.findDuplicate(tom, mary, [key])),
  );
  return {
    open: (await mailbox.open(mary, page)).map(plain),
    ready: (await mailbox.ready(mary, { ...page, now: start })).map(({ id }) => id),
    mentioning: (await mailbox.mentioning(mary, ['availability'], page)).map(({ id }) => id),
    due: (await mailbox.due(start + 9 * hour, 99)).map(({ id }) => id),
    recipients: await mailbox.recipients(undefined, 9),
    list: (await mailbox.list({ limit: 99 })).map(({ attempts: _, ...summary }) => summary),
    steps: await Promise.all(entries.map(async ({ id }) => (await mailbox.story(id))?.steps)),
    duplicates: await Promise.all(duplicates),
    accounts: await accounts.list(undefined, 9),
    journal: await journal.changesAfter(0, 9),
    publications: await publications.publications(undefined, 9),
    known: await publications.knownPresence(undefined, 9),
    bindings: await bindings.bindings(undefined, 9),
    rules: await rules.storedRules(mary),
    lists: await documents.read(list),
    transcripts: [await transcripts.isKept(mary), await transcripts.list(mary, { limit: 9 })],
    subscriptions: (await subscriptions.subscriptions(undefined, 9)).map(({ localCSeq: _, ...one }) => one),
    waitingWatchers: await waitingWatchers.waiting(undefined, 9),
  };
}

function plain({ attempts: _, message: { body, ...message }, ...entry }: MailboxEntry): object {
  return { ...entry, ...message, text: new TextDecoder().decode(body) };
}

/** Whether two readings are the same. */
export function isAlike(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(normal(one), normal(other));
}

/** Without keys whose value is undefined, and bytes as they are whatever they are views of. */
function normal(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(normal);
  if (value instanceof Map) return [...value].map(normal);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.map(([key, part]) => [key, normal(part)]));
}

/** Texts of messages that the store has; the others have ended or never were. */
export async function openTexts({ mailbox }: Stores): Promise<string[]> {
  const open = await mailbox.open(mary, { after: 0, limit: 99 });
  return open.map(({ message }) => new TextDecoder().decode(message.body));
}

export const allTexts: readonly string[] = entries.map(({ message }) => new TextDecoder().decode(message.body));

/** Tells it from its beginning, each step when the one before is durable. */
export async function tellStory(
  stores: Stores,
  onDurable: (step: Step, index: number) => void | Promise<void>,
): Promise<void> {
  for (const [index, step] of story.entries()) {
    await step.tell(stores);
    await onDurable(step, index);
  }
  assert((await stores.mailbox.recipients(undefined, 1)).length === 0, 'the story ends with an empty mailbox');
}
