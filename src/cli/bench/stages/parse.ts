/**
 * Parsing, in this process and without a socket: how many MESSAGEs of a relay one CPU second reads, with every check that
 * the server makes (`parseSipMessage` is what it calls). No request of a run is equal to another.
 */
import { formatSipResponse } from '../../../sip/message/format-message.ts';
import { buildResponse } from '../../../sip/message/build-response.ts';
import { parseSipMessage } from '../../../sip/message/parse-message.ts';
import type { BenchRow } from '../bench-row.ts';
import { messageText } from '../load/wire/request-texts.ts';
import { RequestTemplate } from '../load/wire/request-template.ts';
import type { Stage } from './stage.ts';

/** Runs for one request of `--messages`: a request takes microseconds. */
const rounds = 20;
const distinctMax = 2_000;

export const parse: Stage = (site, { messages }) => {
  site.progress.step('parse');
  const requests = makeRequests(Math.min(messages, distinctMax));
  const total = messages * rounds;
  return Promise.resolve([
    rowOf('parse a MESSAGE', requests, total),
    rowOf('parse its 200', requests.map(answerTo), total),
  ]);
};

function makeRequests(count: number): Uint8Array[] {
  const origin = { transport: 'udp', domain: 'bench.test', port: 5062, contactPort: 5064 } as const;
  const template = RequestTemplate.parse(messageText(origin));
  return Array.from({ length: count }, (_, number) => {
    const bytes = template.copy();
    template.writeDecimal(bytes, 'user', number);
    template.writeDecimal(bytes, 'sender', count - number);
    template.writeTransaction(bytes, number, 1);
    return bytes;
  });
}

function answerTo(bytes: Uint8Array): Uint8Array {
  const parsed = parseSipMessage(bytes);
  return parsed.kind === 'request' ? formatSipResponse(buildResponse(parsed.message, 200, { toTag: 'callee' })) : bytes;
}

function rowOf(name: string, all: readonly Uint8Array[], total: number): BenchRow {
  parseAll(all, total / 2);
  const before = process.threadCpuUsage();
  const wrong = parseAll(all, total);
  const { user, system } = process.threadCpuUsage(before);
  const cpuSeconds = (user + system) / 1_000_000;
  return {
    stage: 'parse',
    name,
    count: total,
    ...(cpuSeconds > 0 ? { perSecond: total / cpuSeconds, serverCpuSecondsPer10k: (cpuSeconds / total) * 10_000 } : {}),
    remark: 'for one CPU second',
    faults: wrong === 0 ? [] : [`${wrong} could not be read`],
    details: { cpuSeconds, bytes: all[0]?.length },
  };
}

/** How many could not be read. */
function parseAll(all: readonly Uint8Array[], total: number): number {
  let wrong = 0;
  for (let at = 0; at < total; at++) {
    const bytes = all[at % all.length];
    const kind = bytes === undefined ? undefined : parseSipMessage(bytes).kind;
    if (kind !== 'request' && kind !== 'response') wrong++;
  }
  return wrong;
}
