/** `restante explain ID`: the story of one message, each step with its time, and what it waits for. Never its content. */
import { describeCondition } from '../conditions/describe-condition.ts';
import { parseCondition } from '../conditions/parse-condition.ts';
import type { EntrySummary } from '../delivery/mailbox-entry.ts';
import { complain, paint, type ExitCode } from './cli-io.ts';
import { formatTime, sayWaitsFor } from './queue.ts';
import type { StoreWork } from './user.ts';

export async function explain(id: string, { io, stores }: StoreWork): Promise<ExitCode> {
  const story = await stores.mailbox.story(id);
  if (story === undefined) {
    complain(io, `there is no message ${id}; what ended is forgotten after --history`);
    return 1;
  }
  const { summary, steps } = story;
  const { sender, recipient, contentType, bytes, state, acceptedAt, expiresAt } = summary;
  const lines = [
    paint(io, io.stdout, 'bold', `${summary.id}  ${state}`),
    `from ${sender} to ${recipient}, ${contentType}, ${bytes} bytes`,
    ...sayCondition(summary),
    `expires ${formatTime(expiresAt)}`,
    '',
    `${formatTime(acceptedAt)}  accepted`,
    ...steps.map(({ at, what }) => `${formatTime(at)}  ${what}`),
  ];
  const reason = sayWaitsFor(summary);
  if (reason !== '') lines.push('', `waits for ${state === 'held' ? 'its condition' : reason}`);
  io.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

/** As its sender wrote it, and in words. */
function sayCondition({ condition }: EntrySummary): string[] {
  if (condition === undefined) return [];
  const parsed = parseCondition(condition);
  return [`condition: ${condition}`, ...(parsed.ok ? [`in words: ${describeCondition(parsed.value)}`] : [])];
}
