/** `inbox`, `get`: what a recipient does. Whatever is printed whole is acknowledged, and so delivered. */
import type { ExitCode } from '../cli-io.ts';
import type { FlagValues } from '../setting-flags.ts';
import type { ApiFault } from './api-client.ts';
import { show, tellFault, type ClientSession } from './client-session.ts';
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
  show(session, message, () => sayMessage(message));
  if (flags['keep'] === true) return 0;
  const fault = await acknowledge(session, id);
  return fault === undefined ? 0 : tellFault(session, fault);
}

/** Prints what comes and acknowledges it, as a client does. */
async function watchInbox(session: ClientSession): Promise<ExitCode> {
  return followEvents(session, async ({ name, data }) => {
    if (name === 'waiting') show(session, data, () => sayNotice(data as InboxMessage));
    if (name !== 'message') return;
    const message = data as InboxMessage;
    show(session, message, () => sayMessage(message));
    const fault = await acknowledge(session, message.id);
    if (fault !== undefined) tellFault(session, fault);
  });
}

async function acknowledge(session: ClientSession, id: string): Promise<ApiFault | undefined> {
  const path = `/v1/inbox/${encodeURIComponent(id)}/delivered`;
  const answer = await session.api.call({ method: 'POST', path });
  return answer.ok ? undefined : answer.error;
}

function sayMessage({ from, at, deferred, subject, contentType, text }: InboxMessage): string {
  const head = `from ${from}, written ${at}${deferred ? ', delivered later' : ''}`;
  const title = subject === undefined ? '' : `${clean(subject)}\n`;
  return `${head}\n${title}${text === undefined ? `(${clean(contentType)}; --json has its content)` : clean(text)}\n`;
}

function sayNotice({ id, from, at }: InboxMessage): string {
  return `a message of ${from}, written ${at}, waits: restante get ${id}\n`;
}

/** What others write must not steer a terminal. */
function clean(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '\u{fffd}');
}
