/**
 * What became of messages, told in plain words by the assistant to whoever asked for that (`reports on`): the reports of the
 * channel `words`, as many in one text as fit.
 */
import { assert, unreachable } from '../base/assert.ts';
import type { Millis } from '../base/time/clock.ts';
import type { SentMessages } from '../delivery/desks/sent-messages.ts';
import { ReportTeller, type ReportTellerPlan } from '../delivery/desks/report-teller.ts';
import { type Address, domainOf, parseAddress } from '../model/address.ts';
import type { DeliveryReport } from '../model/delivery-report.ts';
import type { InstantMessage } from '../model/instant-message.ts';
import { sayTime, shortName } from './acts/names.ts';
import { answerBytesMax, bytesOf } from './answer-text.ts';

export interface WordReporterTools extends Omit<ReportTellerPlan, 'channel' | 'write'> {
  readonly sent: SentMessages;
}

export function createWordReporter({ sent, ...tools }: WordReporterTools): ReportTeller {
  return new ReportTeller({
    ...tools,
    channel: 'words',
    async write(reports) {
      const lines: string[] = [];
      let bytes = 0;
      for (const report of reports) {
        const story = await sent.story(report.owner, report.messageId);
        const line = sayReport(report, story?.message.acceptedAt);
        bytes += bytesOf(line) + 1;
        if (bytes > answerBytesMax + 1 && lines.length > 0) break;
        lines.push(line);
      }
      const [first] = reports;
      if (first === undefined) return { count: 1 };
      return { count: lines.length, message: messageOf(first.owner, lines.join('\n'), tools.clock.wall()) };
    },
  });
}

function messageOf(owner: Address, text: string, now: Millis): InstantMessage {
  const sender = parseAddress(`inbox@${domainOf(owner)}`);
  assert(sender.ok, 'a domain that has people has an assistant');
  return {
    sender: sender.value,
    recipient: owner,
    origin: 'sip',
    sentAt: now - (now % 1000),
    contentType: 'text/plain;charset=UTF-8',
    body: new TextEncoder().encode(text),
    autoSubmitted: 'auto-generated',
    reportsWanted: [],
  };
}

export function sayReport({ owner, recipient, kind, state }: DeliveryReport, acceptedAt: Millis | undefined): string {
  const when = acceptedAt === undefined ? '' : ` of ${sayTime(acceptedAt)}`;
  const what = `Your message to ${shortName(recipient, { owner })}${when}`;
  switch (kind) {
    case 'stored':
      return `${what} is stored: ${state === 'held' ? 'its condition is not met yet' : 'it is delivered later'}.`;
    case 'delivered':
      return `${what} was delivered.`;
    case 'displayed':
      return `${what} was displayed.`;
    case 'failed':
      return `${what} ${failureWords.get(state) ?? 'failed'}.`;
    default:
      return unreachable(kind);
  }
}

const failureWords: ReadonlyMap<string, string> = new Map([
  ['expired', 'expired before it could be delivered'],
  ['rejected', 'was rejected by its recipient'],
]);
