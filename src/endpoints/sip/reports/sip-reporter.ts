/** Reports over SIP: each is an IMDN in a MESSAGE of its own, but those on the copies of one list, which go together. */
import { ReportTeller, type ReportTellerPlan, type WrittenReports } from '../../../delivery/desks/report-teller.ts';
import type { DeliveryReport } from '../../../model/delivery-report.ts';
import { type ImdnReference, parseReference } from './imdn-reference.ts';
import { aggregatedMax, type ReferredReport, writeAggregate, writeImdn } from './write-imdn.ts';

export function createSipReporter(tools: Omit<ReportTellerPlan, 'channel' | 'write'>): ReportTeller {
  return new ReportTeller({ ...tools, channel: 'sip', write: writeNext });
}

/** Those on the copies of one list that stand one behind the other go in one (RFC 5438 8.3). */
export function writeNext(reports: readonly DeliveryReport[]): WrittenReports {
  const [first] = reports;
  // Nobody asked for it in a form that SIP can tell.
  if (first?.reference === undefined) return { count: 1 };
  const reference = parseReference(first.reference);
  const together: [ReferredReport, ...ReferredReport[]] = [{ report: first, reference }];
  for (const report of reports.slice(1, aggregatedMax)) {
    const next = report.reference === undefined ? undefined : parseReference(report.reference);
    if (next === undefined || !isOfOneList(reference, next)) break;
    together.push({ report, reference: next });
  }
  const message = together.length === 1 ? writeImdn(first, reference) : writeAggregate(together);
  return { count: together.length, message };
}

function isOfOneList({ messageId, from, originalTo }: ImdnReference, next: ImdnReference): boolean {
  const isOfList = originalTo !== undefined && originalTo === next.originalTo;
  return isOfList && messageId === next.messageId && from === next.from;
}
