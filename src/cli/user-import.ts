/** `restante user import FILE`: many accounts from lines ADDRESS,PASSWORD. A file with a faulty line adds nobody. */
import { readFileSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import { validateNewAccount } from '../accounts/new-account.ts';
import type { Account } from '../accounts/ports.ts';
import { err, ok, type Result } from '../base/result.ts';
import { domainOf, parseAddress } from '../model/address.ts';
import { complain, type CliIo, type ExitCode } from './cli-io.ts';
import { reasonOf } from './setting-flags.ts';
import { makeAccount, remarkOnDomain, type StoreWork } from './user.ts';

/** Accounts that one call of the store adds. */
const batchMax = 1000;
/** Faulty lines that are named; the rest is counted. */
const namedFaultsMax = 10;

/** `-` is standard input. */
export async function importUsers(fileName: string, work: StoreWork): Promise<ExitCode> {
  const { io, config, stores } = work;
  const text = await readText(fileName, io);
  if (!text.ok) {
    complain(io, text.error);
    return 2;
  }
  const { accounts, faults } = parseAccounts(text.value);
  if (faults.length > 0) {
    for (const fault of faults.slice(0, namedFaultsMax)) complain(io, `${fileName}: ${fault}`);
    if (faults.length > namedFaultsMax)
      complain(io, `${fileName}: ${faults.length - namedFaultsMax} more faulty lines`);
    complain(io, 'nobody was added');
    return 1;
  }
  let added = 0;
  for (let at = 0; at < accounts.length; at += batchMax) {
    const outcomes = await stores.accounts.add(accounts.slice(at, at + batchMax));
    added += outcomes.filter((outcome) => outcome === 'added').length;
  }
  const old = accounts.length - added;
  io.stdout.write(`added ${added}${old === 0 ? '' : `, left ${old} as they were because they exist already`}\n`);
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

function parseAccounts(text: string): { accounts: Account[]; faults: string[] } {
  const accounts: Account[] = [];
  const faults: string[] = [];
  for (const [at, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '') continue;
    const account = parseAccount(line);
    if (account.ok) accounts.push(account.value);
    else faults.push(`line ${at + 1}: ${account.error}`);
  }
  return { accounts, faults };
}

/** The password is everything behind the first comma, spaces and further commas too. */
function parseAccount(line: string): Result<Account, string> {
  const comma = line.indexOf(',');
  if (comma < 0) return err('is not ADDRESS,PASSWORD');
  const password = line.slice(comma + 1);
  const address = parseAddress(line.slice(0, comma));
  if (!address.ok) return address;
  const valid = validateNewAccount({ address: address.value, password, isOperator: false }, [domainOf(address.value)]);
  return valid.ok ? ok(makeAccount(valid.value, password)) : valid;
}
