/** A report as the message that tells it: an IMDN in a CPIM envelope, from the recipient to the sender (RFC 5438 7.2.1). */
import { formatCpim, cpimContentType, type NewCpimHeader } from '../../../formats/cpim.ts';
import { imdnNamespace } from '../../../formats/cpim-header.ts';
import { formatImdn, imdnContentType, type ImdnKind } from '../../../formats/imdn.ts';
import { parseAddress } from '../../../model/address.ts';
import type { DeliveryReport } from '../../../model/delivery-report.ts';
import type { InstantMessage } from '../../../model/instant-message.ts';
import { formatMultipart, formatPart } from '../../../formats/multipart.ts';
import type { ImdnReference } from './imdn-reference.ts';

export interface ReferredReport {
  readonly report: DeliveryReport;
  readonly reference: ImdnReference;
}

/** Reports in one message. */
export const aggregatedMax = 16;

/** The report goes from the recipient of the message to its sender. */
export function writeImdn(report: DeliveryReport, reference: ImdnReference): InstantMessage {
  const { to = `sip:${report.recipient}` } = reference;
  const content = { contentType: imdnContentType, body: documentOf({ report, reference }) };
  return envelope({ report, reference }, to, content);
}

/** Of one message to several, by way of a list: it comes from the list, as their original recipient (RFC 5438 8.3). */
export function writeAggregate(reports: readonly [ReferredReport, ...ReferredReport[]]): InstantMessage {
  const [first] = reports;
  const { originalTo, to = `sip:${first.report.recipient}` } = first.reference;
  const list = originalTo === undefined ? undefined : parseAddress(originalTo);
  const headers = [
    { name: 'Content-Type', value: imdnContentType },
    { name: 'Content-Disposition', value: 'notification' },
  ];
  const parts = reports.map((each) => formatPart(headers, documentOf(each)));
  // Documents are made here, and no line of one begins so.
  const boundary = 'imdn';
  const content = { contentType: `multipart/mixed;boundary=${boundary}`, body: formatMultipart(boundary, parts) };
  const message = envelope(first, originalTo ?? to, content);
  return list?.ok === true ? { ...message, sender: list.value } : message;
}

function documentOf({ report, reference }: ReferredReport): Uint8Array {
  const { messageId, dateTime, to = `sip:${report.recipient}`, originalTo, subject } = reference;
  const { kind, status } = dispositionOf(report);
  return formatImdn({
    messageId,
    dateTime,
    recipientUri: to,
    ...(originalTo === undefined ? {} : { originalRecipientUri: originalTo }),
    ...(subject === undefined ? {} : { subject }),
    kind,
    status: reference.status ?? status,
  });
}

interface ReportContent {
  readonly contentType: string;
  readonly body: Uint8Array;
}

function envelope(
  { report, reference }: ReferredReport,
  from: string,
  { contentType, body }: ReportContent,
): InstantMessage {
  const { owner, recipient, at } = report;
  const { from: sender = `sip:${owner}`, route = [] } = reference;
  const headers: NewCpimHeader[] = [
    { name: 'From', value: `<${from}>` },
    { name: 'To', value: `<${sender}>` },
    { name: 'NS', value: `imdn <${imdnNamespace}>` },
    { name: 'DateTime', value: new Date(at).toISOString() },
    { prefix: 'imdn', name: 'Message-ID', value: reportMessageId(report) },
    ...route.map((value) => ({ prefix: 'imdn', name: 'IMDN-Route', value })),
  ];
  const contentHeaders = [
    { name: 'Content-Type', value: contentType },
    { name: 'Content-Disposition', value: 'notification' },
    { name: 'Content-Length', value: String(body.length) },
  ];
  return {
    sender: recipient,
    recipient: owner,
    origin: 'sip',
    sentAt: at - (at % 1000),
    contentType: cpimContentType,
    body: formatCpim(headers, contentHeaders, body),
    reportsWanted: [],
  };
}

/**
 * RFC 5438 11.1.7: stored by this server; delivered and displayed; and of what was not delivered `failed` when its time was
 * over, `forbidden` when its recipient turned it away, `error` when it was refused for good.
 */
function dispositionOf({ kind, state }: DeliveryReport): { readonly kind: ImdnKind; readonly status: string } {
  switch (kind) {
    case 'stored':
      return { kind: 'processing', status: 'stored' };
    case 'delivered':
      return { kind: 'delivery', status: 'delivered' };
    case 'displayed':
      return { kind: 'display', status: 'displayed' };
    default:
      return { kind: 'delivery', status: failures[state] ?? 'error' };
  }
}

const failures: Readonly<Partial<Record<DeliveryReport['state'], string>>> = {
  expired: 'failed',
  rejected: 'forbidden',
};

/** The same on every attempt, so that a client that got it twice can tell; a token (RFC 5438 10). */
function reportMessageId({ number, messageId, kind }: DeliveryReport): string {
  return `${kind}-${number}-${messageId.replaceAll(/[^\w.~+-]/g, '-').slice(0, 64)}`;
}
