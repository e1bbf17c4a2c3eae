/** `restante explain ID`: the story of one message, each step with its time, and what it waits for. Never its content. */
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
  const { sender, recipient, contentType, bytes, condition, attempts, state, expiresAt } = summary;
  const lines = [
    paint(io, io.stdout, 'bold', `${summary.id}  ${state}`),
    `from ${sender} to ${recipient}, ${contentType}, ${bytes} bytes`,
    ...(condition === undefined ? [] : [`condition: ${condition}`]),
    `expires ${formatTime(expiresAt)}, attempts ${attempts}`,
    '',
    ...steps.map(({ at, what }) => `${formatTime(at)}  ${what}`),
  ];
  const reason = sayWaitsFor(summary);
  if (reason !== '') lines.push('', `waits for ${reason}`);
  io.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}
