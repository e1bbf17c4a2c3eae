/** The executable specification keeps its own word. */
import { memoryStores } from '../../src/stores/memory/memory-stores.ts';
import { describeBlobStore } from './blobs.ts';
import { describeMailboxStore, describeOtherStores } from './describe-stores.ts';
import type { Subject } from './subject.ts';

async function openMemory(): Promise<Subject> {
  let stores = memoryStores();
  return {
    get stores() {
      return stores;
    },
    async reopen() {
      await stores.close();
      stores = memoryStores({ from: stores.snapshot() });
    },
    dispose: () => stores.close(),
  };
}

describeMailboxStore('the memory adapter', openMemory);
describeOtherStores('the memory adapter', openMemory);
describeBlobStore('the memory adapter', async () => {
  let stores = memoryStores();
  return {
    blobs: stores.blobs,
    async restarted() {
      stores = memoryStores({ from: stores.crash() });
      return stores.blobs;
    },
    dispose: () => stores.close(),
  };
});
