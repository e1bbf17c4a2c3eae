/** Blocks that have not been read: after a start, when a list was pushed out of the cache, while the store cannot be read. */
import { describe, expect, it } from 'vitest';
import { BlockLists } from '../../../accounts/block-lists.ts';
import { Counters } from '../../../base/counters.ts';
import { silentLog } from '../../../base/log.ts';
import { VirtualTime } from '../../../base/time/virtual-time.ts';
import type { Address } from '../../../model/address.ts';
import { PresenceService } from '../../../presence/presence-service.ts';
import type { SubscriptionView } from '../../../sip/event/event-package.ts';
import { memoryStores } from '../../../stores/memory/memory-stores.ts';
import { PresencePackage } from './presence-package.ts';

const mary = 'mary@example.com' as Address;
const tom = 'tom@example.com' as Address;

/** Mary is online and blocks Tom, and her list of blocks has been read by nobody. */
async function packageWith(blockedAnswer: 'refuse' | 'accept'): Promise<PresencePackage> {
  const stores = memoryStores();
  const passwords = { md5: '', sha256: '' };
  await stores.accounts.add([{ address: mary, id: 'm', isOperator: false, passwords, createdAt: 0 }]);
  await stores.blocks.addBlock(mary, tom);
  const blocks = new BlockLists(stores.blocks);
  const time = new VirtualTime();
  const presence = new PresenceService({
    clock: time,
    timers: time,
    ids: { randomToken: () => 'tag', timeOrderedId: () => 'id', fraction: () => 0.5 },
    publications: stores.publications,
    rules: stores.rules,
    settings: { settleMs: 0, deliverOn: 'register', visibleByDefault: ['online'] },
    log: silentLog,
    counters: new Counters(),
    readDocumentAt: () => undefined,
    ...(blockedAnswer === 'accept'
      ? { blockOf: (owner, watcher) => (blocks.isKnownToBlock(owner, watcher) ? 'polite-block' : undefined) }
      : {}),
  });
  await presence.start();
  presence.reachabilityChanged(mary, true, true);
  const hasBlocked = (owner: Address, watcher: Address) => blocks.hasBlocked(owner, watcher);
  return new PresencePackage({ presence, paceMs: 0, serves: () => true, hasBlocked, blockedAnswer });
}

const view = { resource: mary, subscriber: tom, isPending: false } as unknown as SubscriptionView;

async function textFor(blockedAnswer: 'refuse' | 'accept', subscriber = tom): Promise<string | undefined> {
  const document = await (await packageWith(blockedAnswer)).document({ ...view, subscriber });
  return document === undefined ? undefined : new TextDecoder().decode(document.body);
}

describe('a watcher whose block has not been read yet', () => {
  it('is shown what is not true with --blocked-answer accept', async () => {
    expect(await textFor('accept')).toContain('<basic>closed</basic>');
  });

  it('is shown nothing with refuse', async () => {
    expect(await textFor('refuse')).toBeUndefined();
  });

  it('is another than the owner and those who are not blocked', async () => {
    for (const answer of ['accept', 'refuse'] as const) {
      expect(await textFor(answer, mary)).toContain('<basic>open</basic>');
      expect(await textFor(answer, 'john@example.com' as Address)).toContain('<basic>open</basic>');
    }
  });
});
