/** Accounts, blocks and the journal of their changes in maps. */
import {
  type AccessToken,
  type Account,
  type AccountStore,
  type AdministrationChange,
  type AdministrationJournal,
  type BlockStore,
  changedListsUse,
  tokensPerAccountMax,
  type TokenStore,
  usualListsUse,
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
    setPasswords: (address, passwords, sealedPassword) =>
      calls.write('accounts.setPasswords', () => {
        const account = state.accounts.get(address);
        if (account === undefined) return false;
        const { sealedPassword: _old, ...kept } = account;
        const sealed = sealedPassword === undefined ? {} : { sealedPassword };
        state.accounts.set(address, { ...kept, passwords, ...sealed });
        removeTokens(state, address);
        journalChange(state, address, 'password');
        return true;
      }),
    setHttpDelivery: (address, httpDelivery) =>
      calls.write('accounts.setHttpDelivery', () => {
        const account = state.accounts.get(address);
        if (account !== undefined) state.accounts.set(address, { ...account, httpDelivery });
        return account !== undefined;
      }),
    setReportsInWords: (address, wantsReportsInWords) =>
      calls.write('accounts.setReportsInWords', () => {
        const account = state.accounts.get(address);
        if (account !== undefined) state.accounts.set(address, { ...account, wantsReportsInWords });
        return account !== undefined;
      }),
  };
}

export function memoryTokens(state: MemoryState, calls: MemoryCalls): TokenStore {
  return {
    find: (hash) => calls.read('tokens.find', () => state.tokens.get(hash)),
    add: (token, now) =>
      calls.write('tokens.add', () => {
        if (!state.accounts.has(token.address)) return false;
        removeTokens(state, token.address, (old) => old.expiresAt <= now);
        const live = [...state.tokens.values()].filter((one) => one.address === token.address);
        if (live.length >= tokensPerAccountMax) return false;
        state.tokens.set(token.hash, token);
        return true;
      }),
    remove: (hash) => calls.write('tokens.remove', () => state.tokens.delete(hash)),
  };
}

function removeTokens(state: MemoryState, address: Address, test: (token: AccessToken) => boolean = () => true): void {
  for (const [hash, token] of state.tokens) if (token.address === address && test(token)) state.tokens.delete(hash);
}

function addAccount(state: MemoryState, account: Account): 'added' | 'exists' {
  if (state.accounts.has(account.address)) return 'exists';
  state.accounts.set(account.address, account);
  journalChange(state, account.address, 'account-added');
  return 'added';
}

function removeAccount(state: MemoryState, address: Address): boolean {
  if (!state.accounts.delete(address)) return false;
  for (const map of [
    state.rules,
    state.documents,
    state.transcripts,
    state.blocks,
    state.listsUse,
    state.publications,
    state.knownPresence,
    state.waitingWatchers,
  ])
    map.delete(address);
  state.bindings.delete(address);
  state.transcriptKeepers.delete(address);
  for (const [id, { owner }] of state.impsSessions) if (owner === address) state.impsSessions.delete(id);
  removeTokens(state, address);
  for (const key of state.reports.keys()) if (key.startsWith(`${address} `)) state.reports.delete(key);
  for (const [owner, rules] of state.rules) {
    const left = rulesWithoutWatcher(rules, address);
    if (left === undefined) continue;
    if (left.length > 0) state.rules.set(owner, left);
    else state.rules.delete(owner);
    journalChange(state, owner, 'rules');
  }
  for (const [owner, use] of state.listsUse) {
    if (!use.granted.includes(address)) continue;
    state.listsUse.set(owner, { ...use, granted: use.granted.filter((each) => each !== address) });
    journalChange(state, owner, 'blocks');
  }
  journalChange(state, address, 'account-removed');
  return true;
}

export function memoryBlocks(state: MemoryState, calls: MemoryCalls): BlockStore {
  return {
    listsOf: (owner) =>
      calls.read('blocks.listsOf', () => ({
        ...(state.listsUse.get(owner) ?? usualListsUse),
        blocked: [...(state.blocks.get(owner) ?? [])].sort(),
      })),
    addBlock: (owner, blocked) =>
      calls.write('blocks.addBlock', () => {
        const blocks = state.blocks.get(owner) ?? new Set<Address>();
        const use = state.listsUse.get(owner);
        if (blocks.has(blocked) && use?.isBlocking !== false) return false;
        state.blocks.set(owner, blocks.add(blocked));
        if (use !== undefined) state.listsUse.set(owner, { ...use, isBlocking: true });
        journalChange(state, owner, 'blocks');
        return true;
      }),
    removeBlock: (owner, blocked) =>
      calls.write('blocks.removeBlock', () => {
        if (state.blocks.get(owner)?.delete(blocked) !== true) return false;
        journalChange(state, owner, 'blocks');
        return true;
      }),
    changeLists: (owner, change) =>
      calls.write('blocks.changeLists', () => {
        const blocks = state.blocks.get(owner) ?? new Set<Address>();
        for (const address of change.blocks.removed) blocks.delete(address);
        for (const address of change.blocks.added) blocks.add(address);
        state.blocks.set(owner, blocks);
        state.listsUse.set(owner, changedListsUse(state.listsUse.get(owner) ?? usualListsUse, change));
        journalChange(state, owner, 'blocks');
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
