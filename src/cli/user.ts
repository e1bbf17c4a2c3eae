/** `restante user …`: accounts in the store, beside a server that runs or not. */
import { systemHashes } from '../base/system-hash.ts';
import { systemIds } from '../base/system-ids.ts';
import { systemClock } from '../base/time/system-time.ts';
import { createAccount, findPasswordFault, validateNewAccount } from '../accounts/new-account.ts';
import { passwordHashesOf } from '../accounts/password-hashes.ts';
import type { Account } from '../accounts/ports.ts';
import { domainOf, parseAddress, type Address } from '../model/address.ts';
import type { Config } from '../config.ts';
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
  const [outcome] = await stores.accounts.add([makeAccount(valid.value, password, user.isOperator)]);
  if (outcome === 'exists') return reportTaken(io, valid.value);
  io.stdout.write(`added ${valid.value}${user.isOperator ? ', an operator' : ''}\n`);
  remarkOnDomain(valid.value, config, io);
  return 0;
}

export async function listUsers(work: StoreWork): Promise<ExitCode> {
  let after: Address | undefined;
  for (;;) {
    const page = await work.stores.accounts.list(after, accountsPageMax);
    for (const account of page) work.io.stdout.write(`${account.address}${account.isOperator ? ' operator' : ''}\n`);
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

export async function changePassword(user: NewUser, { io, stores }: StoreWork): Promise<ExitCode> {
  const address = parseAddress(user.address);
  if (!address.ok) return refuse(io, user.address, address.error);
  if ((await stores.accounts.find(address.value)) === undefined) return reportMissing(io, address.value);
  const password = user.password ?? (await askPassword(address.value, io));
  if (password === undefined) return 2;
  const fault = findPasswordFault(password);
  if (fault !== undefined) return refuse(io, 'the password', fault);
  const passwords = passwordHashesOf(password, address.value, systemHashes);
  if (!(await stores.accounts.setPasswords(address.value, passwords))) return reportMissing(io, address.value);
  io.stdout.write(`${address.value} has a new password\n`);
  return 0;
}

export function makeAccount(address: Address, password: string, isOperator: boolean): Account {
  const id = systemIds.timeOrderedId();
  return createAccount({ address, password, isOperator, id, createdAt: systemClock.wall() }, systemHashes);
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
