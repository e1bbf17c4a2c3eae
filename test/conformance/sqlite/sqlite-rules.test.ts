/** Chance writes rules and documents into both adapters, with restarts between, and both answer and hold the same. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { WatcherRule } from '../../../src/presence/ports.ts';
import { memoryStores } from '../../../src/stores/memory/memory-stores.ts';
import type { Stores } from '../../../src/stores/stores.ts';
import { account, address } from '../samples.ts';
import { openSqliteSubject } from './sqlite-subject.ts';

const owners = ['mary@example.com', 'tom@example.com'].map(address);
const texts = fc.constantFrom(undefined, '<a/>', '<b/>');
const owner = fc.constantFrom(...owners);
const place = fc.record({
  owner,
  application: fc.constantFrom('resource-lists', 'pres-rules'),
  name: fc.constantFrom('index', 'other'),
});
const change = fc.record({ before: texts, after: texts });
const rules = fc.array(
  fc.record({
    watchers: fc.constantFrom<WatcherRule['watchers'][]>('*', owners),
    attributes: fc.constant(['mood']),
    action: fc.constantFrom<WatcherRule['action'][]>('allow', 'none', 'block'),
  }),
  { maxLength: 2 },
);

type Step = (stores: Stores) => Promise<unknown>;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ place, change }).map((each) => (stores: Stores) => stores.documents.write(each.place, each.change)),
  fc
    .record({
      owner,
      rules,
      before: fc.option(rules, { nil: undefined }),
      document: fc.option(change, { nil: undefined }),
    })
    .map((each) => (stores: Stores) => stores.rules.setRules(each.owner, each.rules, each.before, each.document)),
  owner.map((each) => (stores: Stores) => stores.accounts.remove(each)),
  owner.map((each) => (stores: Stores) => stores.accounts.add([account(each)])),
);

async function readAll({ rules: store, documents, journal }: Stores): Promise<unknown> {
  const places = owners.flatMap((each) =>
    ['resource-lists', 'pres-rules'].flatMap((application) =>
      ['index', 'other'].map((name) => ({ owner: each, application, name })),
    ),
  );
  return {
    stored: await Promise.all(owners.map((each) => store.storedRules(each))),
    all: await store.allRules(undefined, 9),
    documents: await Promise.all(places.map((each) => documents.read(each))),
    journal: await journal.changesAfter(0, 999),
  };
}

it('rules and documents in SQLite cannot be told from the specification', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 40 }), async (steps) => {
      const subject = await openSqliteSubject();
      const memory = memoryStores();
      try {
        for (const each of steps) expect(await each(subject.stores)).toEqual(await each(memory));
        await subject.reopen();
        expect(await readAll(subject.stores)).toEqual(await readAll(memory));
      } finally {
        await subject.dispose();
      }
    }),
    { numRuns: 4 },
  );
});
