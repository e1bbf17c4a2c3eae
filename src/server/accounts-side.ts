/** Who is who on this server: the directory and the blocks, kept true while the command line changes them beside it. */
import { AccessTokens } from '../accounts/access-tokens.ts';
import { AccountDirectory } from '../accounts/account-directory.ts';
import { AdministrationWatch } from '../accounts/administration-watch.ts';
import { BlockLists } from '../accounts/block-lists.ts';
import { GuessLimit } from '../accounts/guess-limit.ts';
import { isPasswordOf } from '../accounts/client-credentials.ts';
import { createAccount } from '../accounts/new-account.ts';
import { assert } from '../base/assert.ts';
import { type Address, parseAddress } from '../model/address.ts';
import type { ServerParts } from './server-parts.ts';

export interface AccountsSide {
  readonly directory: AccountDirectory;
  readonly blocks: BlockLists;
  readonly guesses: GuessLimit;
  readonly tokens: AccessTokens;
}

/** Called when something about an account changed that other rooms must act on. */
export interface AccountsListener {
  accountAdded(address: Address): void;
  accountRemoved(address: Address): Promise<void>;
  /** Whoever signed in with the old one has to sign in again. */
  passwordChanged(address: Address): void;
  visibilityChanged(owner: Address): void;
  rulesChanged(owner: Address): Promise<void>;
}

export function createAccountsSide(parts: ServerParts): AccountsSide {
  const { config, stores, clock, ids, hashes, cachedAccountsMax } = parts;
  const cached = cachedAccountsMax === undefined ? {} : { cachedAccountsMax, cachedUnknownsMax: cachedAccountsMax };
  const directory = new AccountDirectory({ store: stores.accounts, domains: config.domains, ...cached });
  const tokens = new AccessTokens({ store: stores.tokens, clock, ids, hasher: hashes });
  const blocks = new BlockLists(stores.blocks, cachedAccountsMax);
  return { directory, blocks, guesses: new GuessLimit(clock), tokens };
}

export function watchAdministration(
  parts: ServerParts,
  { directory, blocks, guesses, tokens }: AccountsSide,
  listener: AccountsListener,
): AdministrationWatch {
  const { stores, clock, timers, log } = parts;
  return new AdministrationWatch({
    journal: stores.journal,
    caches: [directory, blocks, tokens],
    clock,
    timers,
    log,
    listener: {
      accountAdded: (address) => {
        guesses.forget(address);
        listener.accountAdded(address);
      },
      accountRemoved: (address) => listener.accountRemoved(address),
      passwordChanged: (address) => {
        guesses.forget(address);
        listener.passwordChanged(address);
      },
      blocksChanged: async (owner) => {
        // Who asks for a list that is being read learns of no block, so it is read before anybody is shown anything.
        await blocks.listsOf(owner);
        listener.visibilityChanged(owner);
      },
      rulesChanged: (owner) => listener.rulesChanged(owner),
    },
  });
}

/** The people of the demo; contract section 1, `--demo`. */
const demoNames = ['tom', 'mary', 'john', 'peter'];

/** Who is there for trying things out, with the password of each. */
export function demoAccountsOf({ domains }: ServerParts['config']): { address: Address; password: string }[] {
  const [domain = 'localhost'] = domains;
  return demoNames.map((name) => {
    const address = parseAddress(`${name}@${domain}`);
    assert(address.ok, `a demo account has no address in ${domain}`);
    return { address: address.value, password: `${name}-secret` };
  });
}

/** Those of them that are there and have not been taken by somebody with another password. */
export async function findDemoAccounts({ config, stores, hashes }: ServerParts): Promise<string[]> {
  const found: string[] = [];
  for (const one of demoAccountsOf(config)) {
    const account = await stores.accounts.find(one.address);
    if (isPasswordOf(one, account?.passwords, hashes)) found.push(one.address);
  }
  return found;
}

/** Adds the demo accounts when there is no account yet; answers their addresses, none when nothing was added. */
export async function addDemoAccounts({ config, stores, clock, ids, hashes }: ServerParts): Promise<string[]> {
  if ((await stores.accounts.list(undefined, 1)).length > 0) return [];
  const accounts = demoAccountsOf(config).map((one) => {
    const making = { isOperator: false, id: ids.timeOrderedId(), createdAt: clock.wall() };
    return createAccount({ ...one, ...making }, hashes);
  });
  await stores.accounts.add(accounts);
  return accounts.map(({ address }) => address);
}
