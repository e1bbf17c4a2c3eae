/** Accounts, blocks and the journal of their changes in maps. */
import type {
  Account,
  AccountStore,
  AdministrationChange,
  AdministrationJournal,
  BlockStore,
} from '../../accounts/ports.ts';
import type { Address } from '../../model/address.ts';
import { rulesWithoutWatcher } from '../removed-watcher.ts';
import { actedChangesMax } from '../store-limits.ts';
import type { MemoryCalls } from './memory-calls.ts';
import { pageOf, type MemoryState } from './memory-state.ts';

export function memoryAccounts(state: MemoryState, calls: MemoryCalls): AccountStore {
  return {
    find: (address) => calls.read('accounts.find', () => state.accounts.get(address)),
    list: (after, limit) =>
      calls.read('accounts.list', () => pageOf(state.accounts, after, limit).map(([, account]) => account)),
    add: (accounts) => calls.write('accounts.add', () => accounts.map((account) => addAccount(state, account))),
    remove: (address) => calls.write('accounts.remove', () => removeAccount(state, address)),
    setPasswords: (address, passwords) =>
      calls.write('accounts.setPasswords', () => {
        const account = state.accounts.get(address);
        if (account === undefined) return false;
        state.accounts.set(address, { ...account, passwords });
        journalChange(state, address, 'password');
        return true;
      }),
  };
}

function addAccount(state: MemoryState, account: Account): 'added' | 'exists' {
  if (state.accounts.has(account.address)) return 'exists';
  state.accounts.set(account.address, account);
  journalChange(state, account.address, 'account-added');
  return 'added';
}

function removeAccount(state: MemoryState, address: Address): boolean {
  if (!state.accounts.delete(address)) return false;
  for (const map of [state.rules, state.blocks, state.publications, state.knownPresence]) map.delete(address);
  state.bindings.delete(address);
  for (const [owner, rules] of state.rules) {
    const left = rulesWithoutWatcher(rules, address);
    if (left === undefined) continue;
    if (left.length > 0) state.rules.set(owner, left);
    else state.rules.delete(owner);
    journalChange(state, owner, 'rules');
  }
  journalChange(state, address, 'account-removed');
  return true;
}

export function memoryBlocks(state: MemoryState, calls: MemoryCalls): BlockStore {
  return {
    blocksOf: (owner) => calls.read('blocks.blocksOf', () => [...(state.blocks.get(owner) ?? [])].sort()),
    addBlock: (owner, blocked) =>
      calls.write('blocks.addBlock', () => {
        const blocks = state.blocks.get(owner) ?? new Set<Address>();
        if (blocks.has(blocked)) return false;
        state.blocks.set(owner, blocks.add(blocked));
        journalChange(state, owner, 'blocks');
        return true;
      }),
    removeBlock: (owner, blocked) =>
      calls.write('blocks.removeBlock', () => {
        if (state.blocks.get(owner)?.delete(blocked) !== true) return false;
        journalChange(state, owner, 'blocks');
        return true;
      }),
  };
}

export function memoryJournal(state: MemoryState, calls: MemoryCalls): AdministrationJournal {
  return {
    latest: () => calls.read('journal.latest', () => state.lastChange),
    changesAfter: (number, limit) =>
      calls.read('journal.changesAfter', () =>
        state.changes.filter((change) => change.number > number).slice(0, limit),
      ),
    acted: () => calls.read('journal.acted', () => state.acted),
    setActed: (number) =>
      calls.write('journal.setActed', () => {
        state.acted = number;
        state.changes = state.changes.filter((change) => change.number > number - actedChangesMax);
      }),
  };
}

/** Part of the change itself: nobody sees the one without the other. */
export function journalChange(state: MemoryState, address: Address, what: AdministrationChange['what']): void {
  state.lastChange += 1;
  state.changes.push({ number: state.lastChange, address, what });
}
