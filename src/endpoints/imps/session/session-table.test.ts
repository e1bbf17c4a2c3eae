import { expect, it } from 'vitest';
import { silentLog } from '../../../base/log.ts';
import { systemHashes } from '../../../base/system-hash.ts';
import type { Address } from '../../../model/address.ts';
import type { LiveSession } from './live-session.ts';
import { endedMax, SessionTable } from './session-table.ts';

it('why a session ended is remembered of so many, of the oldest not; a logout is no reason', () => {
  const removed: string[] = [];
  const table = new SessionTable({
    store: {
      change: async (changes) => {
        for (const change of changes) if (change.kind === 'remove') removed.push(change.idHash);
      },
      sessions: async () => [],
    },
    hasher: systemHashes,
    log: silentLog,
  });
  const session = (id: string): LiveSession =>
    ({ id: table.hashOf(id), targetId: id, owner: 'mary@localhost' as Address }) as unknown as LiveSession;
  table.ended(session('first'), 'expired');
  for (let count = 1; count < endedMax; count += 1) table.ended(session(`s${count}`), 'disconnected');
  table.ended(session('gone'), 'logout');
  expect([table.codeFor('first'), table.codeFor('s1'), table.codeFor('gone')]).toEqual([600, 601, 604]);
  table.ended(session('last'), 'expired');
  expect([table.codeFor('first'), table.codeFor('s1'), table.codeFor('last')]).toEqual([604, 601, 600]);
  expect(removed).toHaveLength(endedMax + 2);
});
