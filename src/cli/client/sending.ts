/** `send`, `outbox`, `recall`: what a sender does. */
import type { Result } from '../../base/result.ts';
import { parseCondition } from '../../conditions/parse-condition.ts';
import { durationWithin } from '../../config/values.ts';
import { pointAtFault } from '../check.ts';
import { complain, type ExitCode } from '../cli-io.ts';
import type { FlagValues } from '../setting-flags.ts';
import type { ApiFault } from './api-client.ts';
import { guessType, sizeOf } from './file-content.ts';
import { show, tellFault, type ClientSession } from './client-session.ts';
import { followEvents } from './follow-events.ts';
import { formatTable } from './table.ts';

export interface SentMessage {
  readonly id: string;
  readonly state: string;
  readonly to: string;
  readonly acceptedAt?: string;
  readonly expiresAt: string;
  readonly deliverWhen?: string;
}

/** Longer is cut by the server, and its answer tells. */
const expiresMsMax = 3650 * 86_400_000;

export async function send(text: string, flags: FlagValues, session: ClientSession): Promise<ExitCode> {
  const { to, when, expires, subject, report, wait, key } = flags as Readonly<Record<string, string | undefined>>;
  const expiresMs = expires === undefined ? undefined : durationWithin({ min: 0, max: expiresMsMax })(expires);
  if (expiresMs?.ok === false) {
    complain(session.io, `--expires: ${expires ?? ''} ${expiresMs.error}`);
    return 2;
  }
  const expiresIn = expiresMs?.ok === true ? expiresMs.value / 1000 : undefined;
  const reports = report?.split(',').map((kind) => kind.trim());
  const terms = { to, deliverWhen: when, expiresIn, subject, reports };
  const headers = {
    ...(wait === undefined ? {} : { prefer: `wait=${wait}` }),
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
  const { file, type } = flags as Readonly<Record<string, string | undefined>>;
  if ((file === undefined) === (text === '')) {
    complain(session.io, 'what is to be sent? a TEXT, or --file PATH');
    return 2;
  }
  const answer =
    file === undefined
      ? await session.api.call({ method: 'POST', path: '/v1/messages', body: { ...terms, text }, headers })
      : await sendFile({ file, type, terms, headers }, session);
  if (answer === undefined) return 2;
  if (!answer.ok) return tellSendFault(session, answer.error, when);
  const sent = answer.value as SentMessage;
  return show(session, sent, () => `${saySent(sent)}\n${sent.id}\n`);
}

interface FileToSend {
  readonly file: string;
  readonly type: string | undefined;
  readonly terms: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Undefined where there is no such file, which is told. */
async function sendFile(
  { file, type = guessType(file), terms, headers }: FileToSend,
  session: ClientSession,
): Promise<Result<unknown, ApiFault> | undefined> {
  const size = await sizeOf(file);
  if (!size.ok) {
    complain(session.io, size.error);
    return undefined;
  }
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(terms)) if (value !== undefined) query.set(name, value.toString());
  const typed = { 'content-type': type, ...headers };
  return session.api.upload(`/v1/messages?${query.toString()}`, { path: file, bytes: size.value, headers: typed });
}

/** A fault in the condition is pointed at, as `check` does. */
function tellSendFault(session: ClientSession, fault: ApiFault, when: string | undefined): ExitCode {
  const problem = fault.problem as { readonly type?: string } | undefined;
  const isCondition = when !== undefined && problem?.type === 'urn:restante:problem:malformed-condition';
  const parsed = isCondition ? parseCondition(when) : undefined;
  if (parsed === undefined || parsed.ok) return tellFault(session, fault);
  pointAtFault(when ?? '', parsed.error, session.io);
  if (session.isJson) session.io.stdout.write(`${JSON.stringify(problem)}\n`);
  return 1;
}

function saySent({ state, to, deliverWhen, expiresAt }: SentMessage): string {
  if (state === 'delivered') return `delivered to ${to}`;
  if (state === 'held') return `held for ${to} until: ${deliverWhen ?? 'its condition holds'} (expires ${expiresAt})`;
  return `waiting until ${to} can be reached (expires ${expiresAt})`;
}

interface SentPage {
  readonly items: readonly SentMessage[];
  readonly next?: string;
}

export async function outbox(flags: FlagValues, session: ClientSession): Promise<ExitCode> {
  const query = new URLSearchParams();
  for (const name of ['state', 'to'] as const) if (typeof flags[name] === 'string') query.set(name, flags[name]);
  const items: SentMessage[] = [];
  for (;;) {
    const answer = await session.api.call({ method: 'GET', path: `/v1/messages?${query.toString()}` });
    if (!answer.ok) return tellFault(session, answer.error);
    const page = answer.value as SentPage;
    items.push(...page.items);
    if (page.next === undefined) break;
    query.set('after', page.next);
  }
  const head = ['ID', 'STATE', 'TO', 'ACCEPTED', 'EXPIRES', 'WHEN'];
  const code = show(session, { items }, () =>
    formatTable(
      head,
      items.map(({ id, state, to, acceptedAt, expiresAt, deliverWhen }) => [
        id,
        state,
        to,
        acceptedAt ?? '',
        expiresAt,
        deliverWhen ?? '',
      ]),
      session.io,
    ),
  );
  if (flags['watch'] !== true) return code;
  return followEvents(session, async ({ name, data }) => {
    if (name !== 'report') return;
    const { id, to, kind, state, at } = data as Readonly<Record<string, string>>;
    const words = kind === state ? state : `${kind} (${state})`;
    show(session, data, () => `${at}  ${id}  ${words}  ${to}\n`);
  });
}

export async function recall(id: string, session: ClientSession): Promise<ExitCode> {
  const answer = await session.api.call({ method: 'DELETE', path: `/v1/messages/${encodeURIComponent(id)}` });
  if (!answer.ok) return tellFault(session, answer.error);
  return show(session, answer.value, () => `recalled ${id}\n`);
}
