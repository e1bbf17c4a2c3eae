/**
 * What an answered request leaves behind while its retransmissions are absorbed (RFC 3261 17.2.2, timer J): the record and
 * its share of the index, in this process and without a socket.
 */
import { buildResponse } from '../../../sip/message/build-response.ts';
import { formatSipResponse } from '../../../sip/message/format-message.ts';
import { parseSipMessage } from '../../../sip/message/parse-message.ts';
import { FinishedTransactions } from '../../../sip/transaction/finished/finished-transactions.ts';
import { HashIndex } from '../../../sip/transaction/finished/hash-index.ts';
import { KeyedHash } from '../../../sip/transaction/finished/keyed-hash.ts';
import { defaultTransactionLimits } from '../../../sip/transaction/transaction-layer.ts';
import type { BenchRow } from '../bench-row.ts';
import { messageText } from '../load/wire/request-texts.ts';
import { RequestTemplate } from '../load/wire/request-template.ts';

/** A little more than fills a table of the index to its limit, where it is largest for each entry. */
const count = 90_000;

export function measureFinished(): BenchRow {
  const template = RequestTemplate.parse(
    messageText({ transport: 'udp', domain: 'bench.test', port: 5062, contactPort: 5064 }),
  );
  const parsed = parseSipMessage(template.copy());
  const index = new HashIndex();
  const finished = new FinishedTransactions(index, defaultTransactionLimits.finishedBytesMax);
  const hash = new KeyedHash(1, 2);
  let lost = 0;
  if (parsed.kind === 'request') {
    const request = parsed.message;
    const headers = [['Server', 'restante/0.1.0'] as const];
    const response = buildResponse(request, 200, { toTag: 'abcdefghijklm', headers });
    const exchange = { request, response, bytes: formatSipResponse(response) };
    for (let number = 0; number < count; number++) {
      const { lo, hi } = hash.begin().addNumber(number).end();
      if (!finished.keep(lo, hi, 32_000, exchange)) lost++;
    }
  }
  const bytesEach = Math.round((finished.usedBytes + index.bytes) / finished.size);
  return {
    stage: 'memory',
    name: 'finished transactions',
    count: finished.size,
    remark: `${bytesEach} bytes each`,
    faults: lost === 0 && finished.size === count ? [] : ['not every answer was kept'],
    details: { bytesEach, recordBytes: finished.usedBytes, indexBytes: index.bytes },
  };
}
