/** `restante check CONDITION`: says in words what a condition waits for, or points at the first wrong character. */
import { describeCondition } from '../conditions/describe-condition.ts';
import type { ConditionFault } from '../conditions/condition.ts';
import { parseCondition } from '../conditions/parse-condition.ts';
import { paint, type CliIo, type ExitCode } from './cli-io.ts';

/** At most this much of a long condition is shown on either side of the fault; in characters. */
const shownAroundFault = 60;

export function check(condition: string, io: CliIo): ExitCode {
  const parsed = parseCondition(condition);
  if (parsed.ok) {
    io.stdout.write(`${describeCondition(parsed.value)}\n`);
    return 0;
  }
  pointAtFault(condition, parsed.error, io);
  return 1;
}

export function pointAtFault(condition: string, { position, reason }: ConditionFault, io: CliIo): void {
  io.stderr.write(`${pointAt(condition, position, io)}\n${reason} (character ${position + 1})\n`);
}

function pointAt(text: string, position: number, io: CliIo): string {
  const start = Math.max(0, position - shownAroundFault);
  const shown = text.slice(start, position + shownAroundFault).replaceAll(/\s/g, ' ');
  return `${shown}\n${' '.repeat(position - start)}${paint(io, io.stderr, 'red', '^')}`;
}
