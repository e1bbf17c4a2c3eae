/** `restante queue`: what is held and waiting, or what ended lately, as a table for an operator. Never any content. */
import type { EntrySummary, MessageState } from '../delivery/mailbox-entry.ts';
import { parseAddress, type Address } from '../model/address.ts';
import { ok, type Result } from '../base/result.ts';
import { remark, paint, type CliIo, type ExitCode } from './cli-io.ts';
import { refuse, type StoreWork } from './user.ts';

export interface QueueRequest {
  readonly to?: string;
  readonly from?: string;
  /** Without it: held and waiting. */
  readonly state?: MessageState;
}

/** Rows of one table; more are counted by nobody, since an operator narrows the question instead. */
export const queueRowsMax = 1000;

export async function queue(request: QueueRequest, work: StoreWork): Promise<ExitCode> {
  const { io, stores } = work;
  const recipient = parseOptional(request.to);
  if (!recipient.ok) return refuse(io, '--to', recipient.error);
  const sender = parseOptional(request.from);
  if (!sender.ok) return refuse(io, '--from', sender.error);
  const narrow = {
    ...(recipient.value === undefined ? {} : { recipient: recipient.value }),
    ...(sender.value === undefined ? {} : { sender: sender.value }),
    limit: queueRowsMax + 1,
  };
  const states: readonly MessageState[] = request.state === undefined ? ['held', 'waiting'] : [request.state];
  const lists = await Promise.all(states.map((state) => stores.mailbox.list({ ...narrow, state })));
  const rows = lists.flat().sort((a, b) => a.sequence - b.sequence);
  writeTable(rows.slice(0, queueRowsMax), io);
  if (rows.length > queueRowsMax)
    remark(io, `only the first ${queueRowsMax} are shown; narrow it with --to, --from or --state`);
  return 0;
}

/** Wall time as RFC 3339 to the second, UTC. */
export function formatTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function writeTable(rows: readonly EntrySummary[], io: CliIo): void {
  if (rows.length === 0) {
    io.stdout.write('nothing\n');
    return;
  }
  const head = ['ID', 'STATE', 'FROM', 'TO', 'ACCEPTED', 'EXPIRES', 'BYTES', 'WAITS FOR'];
  const cells = [head, ...rows.map(cellsOf)];
  const widths = head.map((_title, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  for (const [at, row] of cells.entries()) {
    const line = row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
    io.stdout.write(`${at === 0 ? paint(io, io.stdout, 'bold', line) : line}\n`);
  }
}

function cellsOf(row: EntrySummary): string[] {
  const { id, state, sender, recipient, acceptedAt, expiresAt, bytes } = row;
  return [id, state, sender, recipient, formatTime(acceptedAt), formatTime(expiresAt), String(bytes), sayWaitsFor(row)];
}

/** What keeps a message from being delivered, as far as the store knows. */
export function sayWaitsFor({ state, condition, isAside, retryAt }: EntrySummary): string {
  if (state === 'held') return condition ?? 'its condition';
  if (state !== 'waiting') return '';
  if (isAside) return 'nothing by itself: set aside, it can still be fetched';
  return retryAt === undefined ? 'a reachable client' : `the next attempt at ${formatTime(retryAt)}`;
}

function parseOptional(text: string | undefined): Result<Address | undefined, string> {
  return text === undefined ? ok(undefined) : parseAddress(text);
}
