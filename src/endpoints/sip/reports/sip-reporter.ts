/** Reports over SIP: each one is an IMDN in a MESSAGE of its own. */
import { ReportTeller, type ReportTellerPlan } from '../../../delivery/desks/report-teller.ts';
import type { DeliveryReport } from '../../../model/delivery-report.ts';
import type { InstantMessage } from '../../../model/instant-message.ts';
import { parseReference } from './imdn-reference.ts';
import { writeImdn } from './write-imdn.ts';

export function createSipReporter(tools: Omit<ReportTellerPlan, 'channel' | 'write'>): ReportTeller {
  return new ReportTeller({
    ...tools,
    channel: 'sip',
    write([report]) {
      const message = report === undefined ? undefined : messageOf(report);
      return message === undefined ? { count: 1 } : { count: 1, message };
    },
  });
}

/** Undefined for a report that nobody asked for in a form that SIP can tell. */
function messageOf(report: DeliveryReport): InstantMessage | undefined {
  return report.reference === undefined ? undefined : writeImdn(report, parseReference(report.reference));
}
