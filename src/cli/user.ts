/** `restante user …`: accounts in the store, beside a server that runs or not. */
import { systemHashes } from '../base/system-hash.ts';
import { systemIds } from '../base/system-ids.ts';
import { systemClock } from '../base/time/system-time.ts';
import { createAccount, findPasswordFault, validateNewAccount } from '../accounts/new-account.ts';
import { passwordHashesOf } from '../accounts/password-hashes.ts';
import type { Account } from '../accounts/ports.ts';
import { ok, type Result } from '../base/result.ts';
import { domainOf, parseAddress, type Address } from '../model/address.ts';
import type { Config } from '../config.ts';
import { passwordSeal } from '../stores/files/password-seal.ts';
import type { Stores } from '../stores/stores.ts';
import { complain, remark, type CliIo, type ExitCode } from './cli-io.ts';
import { readPassword } from './read-password.ts';

/** A store that is open and the configuration that named it. */
export interface StoreWork {
  readonly stores: Stores;
  readonly config: Config;
  readonly io: CliIo;
}

export interface NewUser {
  readonly address: string;
  readonly password?: string;
  readonly isOperator: boolean;
  /** May log in by a digest of IMPS, which needs the password itself. */
  readonly hasImpsDigest: boolean;
}

const accountsPageMax = 1000;

export async function addUser(user: NewUser, work: StoreWork): Promise<ExitCode> {
  const { io, config, stores } = work;
  const address = parseAddress(user.address);
  if (!address.ok) return refuse(io, user.address, address.error);
  if ((await stores.accounts.find(address.value)) !== undefined) return reportTaken(io, address.value);
  const password = user.password ?? (await askPassword(address.value, io));
  if (password === undefined) return 2;
  // The domain is the account's own: which ones a server serves is settled where it is started.
  const valid = validateNewAccount({ ...user, password }, [domainOf(address.value)]);
  if (!valid.ok) return refuse(io, user.address, valid.error);
  const sealed = await sealFor(valid.value, password, user, work);
  if (!sealed.ok) return refuseSeal(io, sealed.error);
  const account = makeAccount(valid.value, password, { isOperator: user.isOperator, sealedPassword: sealed.value });
  const [outcome] = await stores.accounts.add([account]);
  if (outcome === 'exists') return reportTaken(io, valid.value);
  const [rights, digest] = [user.isOperator ? ', an operator' : '', user.hasImpsDigest ? withDigest : ''];
  io.stdout.write(`added ${valid.value}${rights}${digest}\n`);
  remarkOnDomain(valid.value, config, io);
  return 0;
}

export async function listUsers(work: StoreWork): Promise<ExitCode> {
  let after: Address | undefined;
  for (;;) {
    const page = await work.stores.accounts.list(after, accountsPageMax);
    for (const { address, isOperator, sealedPassword } of page) {
      const [rights, digest] = [isOperator ? ' operator' : '', sealedPassword === undefined ? '' : ' imps-digest'];
      work.io.stdout.write(`${address}${rights}${digest}\n`);
    }
    after = page.at(-1)?.address;
    if (page.length < accountsPageMax) return 0;
  }
}

export async function removeUser(text: string, { io, stores }: StoreWork): Promise<ExitCode> {
  const address = parseAddress(text);
  if (!address.ok) return refuse(io, text, address.error);
  if (!(await stores.accounts.remove(address.value))) return reportMissing(io, address.value);
  io.stdout.write(`removed ${address.value}; what waits for it fails\n`);
  return 0;
}

export async function changePassword(user: NewUser, work: StoreWork): Promise<ExitCode> {
  const { io, stores } = work;
  const address = parseAddress(user.address);
  if (!address.ok) return refuse(io, user.address, address.error);
  const account = await stores.accounts.find(address.value);
  if (account === undefined) return reportMissing(io, address.value);
  const password = user.password ?? (await askPassword(address.value, io));
  if (password === undefined) return 2;
  const fault = findPasswordFault(password);
  if (fault !== undefined) return refuse(io, 'the password', fault);
  const passwords = passwordHashesOf(password, address.value, systemHashes);
  const sealed = await sealFor(address.value, password, user, work);
  if (!sealed.ok) return refuseSeal(io, sealed.error);
  const isChanged = await stores.accounts.setPasswords(address.value, passwords, sealed.value);
  if (!isChanged) return reportMissing(io, address.value);
  io.stdout.write(`${address.value} has a new password${user.hasImpsDigest ? withDigest : ''}\n`);
  if (account.sealedPassword !== undefined && !user.hasImpsDigest) {
    remark(io, 'IMPS clients log in with the password from now on; --imps-digest keeps their login by digest');
  }
  return 0;
}

export const withDigest = ', and IMPS clients log in by digest';

/** Undefined for those who do not want it. */
async function sealFor(
  address: Address,
  password: string,
  { hasImpsDigest }: NewUser,
  { stores, config }: StoreWork,
): Promise<Result<string | undefined, string>> {
  if (!hasImpsDigest) return ok(undefined);
  // A new key would make all that is sealed under a lost one look wrong, also when the lost one is put back.
  return passwordSeal(config.dataFolder).seal(password, address, !(await isAnySealed(stores)));
}

export async function isAnySealed({ accounts }: Stores): Promise<boolean> {
  let after: Address | undefined;
  for (;;) {
    const page = await accounts.list(after, accountsPageMax);
    if (page.some(({ sealedPassword }) => sealedPassword !== undefined)) return true;
    after = page.at(-1)?.address;
    if (page.length < accountsPageMax) return false;
  }
}

export function refuseSeal(io: CliIo, why: string): ExitCode {
  complain(io, why);
  return 1;
}

export function makeAccount(
  address: Address,
  password: string,
  more: { readonly isOperator: boolean; readonly sealedPassword?: string | undefined } = { isOperator: false },
): Account {
  const id = systemIds.timeOrderedId();
  return createAccount({ address, password, ...more, id, createdAt: systemClock.wall() }, systemHashes);
}

export function reportMissing(io: CliIo, address: Address): ExitCode {
  complain(io, `there is no account ${address}`);
  return 1;
}

function reportTaken(io: CliIo, address: Address): ExitCode {
  complain(io, `${address} exists already; \`restante user password\` gives it another password`);
  return 1;
}

/** Somebody will wonder why the account cannot log in, when the domain is served by no server of this configuration. */
export function remarkOnDomain(address: Address, config: Config, io: CliIo): void {
  const domain = domainOf(address);
  if (config.domains.includes(domain)) return;
  remark(io, `this configuration serves ${config.domains.join(', ')}; a server for it needs --domain ${domain}`);
}

export function refuse(io: CliIo, what: string, why: string): ExitCode {
  complain(io, `${what}: ${why}`);
  return 2;
}

async function askPassword(address: Address, io: CliIo): Promise<string | undefined> {
  const answer = await readPassword(`Password for ${address}`, io);
  if (answer.ok) return answer.value;
  complain(io, answer.error);
  return undefined;
}
