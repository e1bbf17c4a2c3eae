/**
 * Who a person is towards which server: `--as` or RESTANTE_ADDRESS, `--server` or RESTANTE_SERVER, and a password from
 * RESTANTE_PASSWORD, a prompt, or standard input. A password is never a flag, so that no shell remembers it.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { parseAddress } from '../../model/address.ts';
import { complain, type CliIo, type ExitCode } from '../cli-io.ts';
import { readKnownPassword } from '../read-password.ts';
import type { FlagValues } from '../setting-flags.ts';
import { ApiClient, type ApiFault } from './api-client.ts';

export const serverDefault = 'http://127.0.0.1:8080';

export interface ClientSession {
  readonly api: ApiClient;
  readonly address: string;
  readonly io: CliIo;
  /** What the server says is written as it came, for a program. */
  readonly isJson: boolean;
}

/** A mistake is told and answered with undefined; its exit code is 2. */
export async function openSession(flags: FlagValues, io: CliIo): Promise<ClientSession | undefined> {
  const server = readServer(textOf(flags['server']) ?? io.env['RESTANTE_SERVER'] ?? serverDefault);
  if (!server.ok) return tell(io, `--server: ${server.error}`);
  const named = textOf(flags['as']) ?? server.value.user ?? io.env['RESTANTE_ADDRESS'];
  if (named === undefined || named === '')
    return tell(io, 'who are you? --as ADDRESS, or the variable RESTANTE_ADDRESS');
  const address = parseAddress(named);
  if (!address.ok) return tell(io, `${named}: ${address.error}`);
  const password = await passwordOf(address.value, io);
  if (!password.ok) return tell(io, password.error);
  const api = new ApiClient(server.value.url, address.value, password.value);
  return { api, address: address.value, io, isJson: flags['json'] === true };
}

/** Writes JSON where it is asked for, else what `say` makes of it. */
export function show(session: ClientSession, answer: unknown, say: () => string): ExitCode {
  session.io.stdout.write(session.isJson ? `${JSON.stringify(answer)}\n` : say());
  return 0;
}

/** The server said no, or nobody answered: one line, and JSON on standard output where that is asked for. */
export function tellFault({ io, isJson }: ClientSession, fault: ApiFault): ExitCode {
  complain(io, fault.words);
  if (isJson && fault.problem !== undefined) io.stdout.write(`${JSON.stringify(fault.problem)}\n`);
  return fault.kind === 'refused' ? 1 : 2;
}

function tell(io: CliIo, words: string): undefined {
  complain(io, words);
  return undefined;
}

function textOf(flag: unknown): string | undefined {
  return typeof flag === 'string' ? flag : undefined;
}

function readServer(text: string): Result<{ readonly url: URL; readonly user: string | undefined }, string> {
  const withScheme = /^https?:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(withScheme)) return err(`${text} is not the URL of a server, such as ${serverDefault}`);
  const url = new URL(withScheme);
  const user = url.username === '' ? undefined : decodeURIComponent(url.username);
  if (url.password !== '') return err('a password does not belong into a URL; use RESTANTE_PASSWORD or the prompt');
  url.username = '';
  return ok({ url, user });
}

async function passwordOf(address: string, io: CliIo): Promise<Result<string, string>> {
  const { RESTANTE_PASSWORD: given } = io.env;
  if (given !== undefined && given !== '') return ok(given);
  return readKnownPassword(`Password of ${address}`, io);
}
