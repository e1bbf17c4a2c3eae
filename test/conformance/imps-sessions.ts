/** Sessions of IMPS clients: put, replaced, removed, read back at the start, and gone with the account. */
import { describe, expect, it } from 'vitest';
import type { KeptSession } from '../../src/endpoints/imps/ports.ts';
import type { Address } from '../../src/model/address.ts';
import { account, someone } from './samples.ts';
import { useFreshStores, type OpenSubject } from './subject.ts';

export function describeImpsSessions(open: OpenSubject): void {
  describe('IMPS sessions', () => {
    const use = useFreshStores(open);
    const put = (session: KeptSession) => use.stores.impsSessions.change([{ kind: 'put', session }]);

    async function newOwner(): Promise<Address> {
      const owner = someone('mary');
      await use.stores.accounts.add([account(owner)]);
      return owner;
    }

    it('are kept over a restart, the last of each, in pages by the hash of its id', async () => {
      const owner = await newOwner();
      await put({ idHash: 'c', owner, details: '{"a":1}' });
      await put({ idHash: 'a', owner, details: '{}' });
      await put({ idHash: 'c', owner, details: '{"a":"ä"}' });
      await put({ idHash: 'b', owner, details: '{}' });
      await use.stores.impsSessions.change([{ kind: 'remove', idHash: 'b' }]);
      await use.reopen();
      const { impsSessions } = use.stores;
      expect(await impsSessions.sessions(undefined, 1)).toEqual([{ idHash: 'a', owner, details: '{}' }]);
      expect(await impsSessions.sessions('a', 5)).toEqual([{ idHash: 'c', owner, details: '{"a":"ä"}' }]);
    });

    it('go with their owner’s account, and nobody has one without', async () => {
      const [owner, other] = [await newOwner(), await newOwner()];
      await put({ idHash: 'a', owner, details: '{}' });
      await put({ idHash: 'b', owner: other, details: '{}' });
      await use.stores.accounts.remove(owner);
      await put({ idHash: 'c', owner, details: '{}' });
      expect((await use.stores.impsSessions.sessions(undefined, 5)).map(({ idHash }) => idHash)).toEqual(['b']);
    });
  });
}
