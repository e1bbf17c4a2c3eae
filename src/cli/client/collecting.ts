/** `inbox`, `get`: what a recipient does. Whatever is printed whole is acknowledged, and so delivered. */
import { complain, type ExitCode } from '../cli-io.ts';
import type { FlagValues } from '../setting-flags.ts';
import type { ApiFault } from './api-client.ts';
import { show, tellFault, type ClientSession } from './client-session.ts';
import { save } from './file-content.ts';
import { followEvents } from './follow-events.ts';
import { formatTable } from './table.ts';

interface InboxItem {
  readonly id: string;
  readonly from: string;
  readonly at: string;
  readonly subject?: string;
  readonly contentType: string;
  readonly size: number;
}

interface InboxMessage extends Omit<InboxItem, 'size'> {
  readonly deferred: boolean;
  readonly text?: string;
  readonly body?: string;
  /** Of one whose content is fetched by itself. */
  readonly size?: number;
}

export async function inbox(flags: FlagValues, session: ClientSession): Promise<ExitCode> {
  if (flags['watch'] === true) return watchInbox(session);
  const query = new URLSearchParams();
  if (typeof flags['from'] === 'string') query.set('from', flags['from']);
  const items: InboxItem[] = [];
  for (;;) {
    const answer = await session.api.call({ method: 'GET', path: `/v1/inbox?${query.toString()}` });
    if (!answer.ok) return tellFault(session, answer.error);
    const page = answer.value as { readonly items: readonly InboxItem[]; readonly next?: string };
    items.push(...page.items);
    if (page.next === undefined) break;
    query.set('after', page.next);
  }
  const rows = items.map(({ id, from, at, size, contentType, subject }) => [
    id,
    from,
    at,
    String(size),
    contentType,
    subject ?? '',
  ]);
  return show(session, { items }, () =>
    formatTable(['ID', 'FROM', 'WRITTEN', 'BYTES', 'TYPE', 'SUBJECT'], rows, session.io),
  );
}

export async function get(id: string, flags: FlagValues, session: ClientSession): Promise<ExitCode> {
  const path = `/v1/inbox/${encodeURIComponent(id)}`;
  const answer = await session.api.call({ method: 'GET', path });
  if (!answer.ok) return tellFault(session, answer.error);
  const message = answer.value as InboxMessage;
  const { output } = flags;
  if (typeof output === 'string') {
    const code = await saveContent(path, output, session);
    if (code !== 0) return code;
    show(session, message, () => `${sayHead(message)}\n${output}\n`);
  } else show(session, message, () => sayMessage(message));
  // What was not printed whole is not delivered.
  if (flags['keep'] === true || (message.size !== undefined && output === undefined)) return 0;
  const fault = await acknowledge(session, id);
  return fault === undefined ? 0 : tellFault(session, fault);
}

async function saveContent(path: string, output: string, session: ClientSession): Promise<ExitCode> {
  const content = await session.api.open({ method: 'GET', path: `${path}/content` }, new AbortController().signal);
  if (!content.ok) return tellFault(session, content.error);
  const fault = await save(content.value, output);
  if (fault === undefined) return 0;
  complain(session.io, fault);
  return 2;
}

/** Prints what comes and acknowledges it, as a client does. */
async function watchInbox(session: ClientSession): Promise<ExitCode> {
  return followEvents(session, async ({ name, data }) => {
    if (name === 'waiting') show(session, data, () => sayNotice(data as InboxMessage));
    if (name !== 'message') return;
    const message = data as InboxMessage;
    show(session, message, () => sayMessage(message));
    if (message.size !== undefined) return;
    const fault = await acknowledge(session, message.id);
    if (fault !== undefined) tellFault(session, fault);
  });
}

async function acknowledge(session: ClientSession, id: string): Promise<ApiFault | undefined> {
  const path = `/v1/inbox/${encodeURIComponent(id)}/delivered`;
  const answer = await session.api.call({ method: 'POST', path });
  return answer.ok ? undefined : answer.error;
}

function sayMessage(message: InboxMessage): string {
  const { id, subject, contentType, text, size } = message;
  const title = subject === undefined ? '' : `${clean(subject)}\n`;
  const type = clean(contentType);
  const instead = size === undefined ? `(${type}; --json has its content)` : `(${type}, ${size} bytes: ${sayHow(id)})`;
  return `${sayHead(message)}\n${title}${text === undefined ? instead : clean(text)}\n`;
}

function sayHead({ from, at, deferred }: InboxMessage): string {
  return `from ${from}, written ${at}${deferred ? ', delivered later' : ''}`;
}

function sayHow(id: string): string {
  return `restante get ${id} --output FILE`;
}

function sayNotice({ id, from, at }: InboxMessage): string {
  return `a message of ${from}, written ${at}, waits: restante get ${id}\n`;
}

/** What others write must not steer a terminal. */
function clean(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '\u{fffd}');
}
