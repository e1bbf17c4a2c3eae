/** `restante user import FILE`: many accounts from lines ADDRESS,PASSWORD. A file with a faulty line adds nobody. */
import { readFileSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import { validateNewAccount } from '../accounts/new-account.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Address, domainOf, parseAddress } from '../model/address.ts';
import { passwordSeal } from '../stores/files/password-seal.ts';
import { complain, type CliIo, type ExitCode } from './cli-io.ts';
import { reasonOf } from './setting-flags.ts';
import { isAnySealed, makeAccount, refuseSeal, remarkOnDomain, type StoreWork, withDigest } from './user.ts';

/** Accounts that one call of the store adds. */
const batchMax = 1000;
/** Faulty lines that are named; the rest is counted. */
const namedFaultsMax = 10;

export interface UserImport {
  /** `-` is standard input. */
  readonly fileName: string;
  /** All of them may log in by a digest of IMPS. */
  readonly hasImpsDigest: boolean;
}

export async function importUsers({ fileName, hasImpsDigest }: UserImport, work: StoreWork): Promise<ExitCode> {
  const { io, config, stores } = work;
  const text = await readText(fileName, io);
  if (!text.ok) {
    complain(io, text.error);
    return 2;
  }
  const { users, faults } = parseUsers(text.value);
  if (faults.length > 0) {
    for (const fault of faults.slice(0, namedFaultsMax)) complain(io, `${fileName}: ${fault}`);
    if (faults.length > namedFaultsMax)
      complain(io, `${fileName}: ${faults.length - namedFaultsMax} more faulty lines`);
    complain(io, 'nobody was added');
    return 1;
  }
  const sealed = hasImpsDigest ? await sealAll(users, work) : ok([]);
  if (!sealed.ok) return refuseSeal(io, sealed.error);
  const accounts = users.map(({ address, password }, at) =>
    makeAccount(address, password, { isOperator: false, sealedPassword: sealed.value[at] }),
  );
  let added = 0;
  for (let at = 0; at < accounts.length; at += batchMax) {
    const outcomes = await stores.accounts.add(accounts.slice(at, at + batchMax));
    added += outcomes.filter((outcome) => outcome === 'added').length;
  }
  const old = accounts.length - added;
  const digest = hasImpsDigest ? withDigest : '';
  io.stdout.write(
    `added ${added}${digest}${old === 0 ? '' : `, left ${old} as they were because they exist already`}\n`,
  );
  const strangers = new Map(accounts.map(({ address }) => [domainOf(address), address]));
  for (const address of strangers.values()) remarkOnDomain(address, config, io);
  return 0;
}

async function readText(fileName: string, io: CliIo): Promise<Result<string, string>> {
  try {
    return ok(fileName === '-' ? await readAll(io.stdin) : readFileSync(fileName, 'utf8'));
  } catch (fault) {
    return err(`${fileName} cannot be read (${reasonOf(fault)})`);
  }
}

interface ImportedUser {
  readonly address: Address;
  readonly password: string;
}

/** Before anybody is added: with a fault nobody is. */
async function sealAll(
  users: readonly ImportedUser[],
  { stores, config }: StoreWork,
): Promise<Result<string[], string>> {
  const seal = passwordSeal(config.dataFolder);
  const mayMakeKey = !(await isAnySealed(stores));
  const sealed: string[] = [];
  for (const { address, password } of users) {
    const one = await seal.seal(password, address, mayMakeKey);
    if (!one.ok) return one;
    sealed.push(one.value);
  }
  return ok(sealed);
}

function parseUsers(text: string): { users: ImportedUser[]; faults: string[] } {
  const users: ImportedUser[] = [];
  const faults: string[] = [];
  for (const [at, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '') continue;
    const user = parseUser(line);
    if (user.ok) users.push(user.value);
    else faults.push(`line ${at + 1}: ${user.error}`);
  }
  return { users, faults };
}

/** The password is everything behind the first comma, spaces and further commas too. */
function parseUser(line: string): Result<ImportedUser, string> {
  const comma = line.indexOf(',');
  if (comma < 0) return err('is not ADDRESS,PASSWORD');
  const password = line.slice(comma + 1);
  const address = parseAddress(line.slice(0, comma));
  if (!address.ok) return address;
  const valid = validateNewAccount({ address: address.value, password, isOperator: false }, [domainOf(address.value)]);
  return valid.ok ? ok({ address: valid.value, password }) : valid;
}
