/** A report as the message that tells it: an IMDN in a CPIM envelope, from the recipient to the sender (RFC 5438 7.2.1). */
import { formatCpim, cpimContentType, type NewCpimHeader } from '../../../formats/cpim.ts';
import { imdnNamespace } from '../../../formats/cpim-header.ts';
import { formatImdn, imdnContentType, type ImdnKind } from '../../../formats/imdn.ts';
import type { DeliveryReport } from '../../../model/delivery-report.ts';
import type { InstantMessage } from '../../../model/instant-message.ts';
import type { ImdnReference } from './imdn-reference.ts';

/** The report goes from the recipient of the message to its sender. */
export function writeImdn(report: DeliveryReport, reference: ImdnReference): InstantMessage {
  const { owner, recipient, at } = report;
  const {
    messageId,
    dateTime,
    to = `sip:${recipient}`,
    from = `sip:${owner}`,
    originalTo,
    subject,
    route = [],
  } = reference;
  const { kind, status } = dispositionOf(report);
  const document = formatImdn({
    messageId,
    dateTime,
    recipientUri: to,
    ...(originalTo === undefined ? {} : { originalRecipientUri: originalTo }),
    ...(subject === undefined ? {} : { subject }),
    kind,
    status: reference.status ?? status,
  });
  const headers: NewCpimHeader[] = [
    { name: 'From', value: `<${to}>` },
    { name: 'To', value: `<${from}>` },
    { name: 'NS', value: `imdn <${imdnNamespace}>` },
    { name: 'DateTime', value: new Date(at).toISOString() },
    { prefix: 'imdn', name: 'Message-ID', value: reportMessageId(report) },
    ...route.map((value) => ({ prefix: 'imdn', name: 'IMDN-Route', value })),
  ];
  const contentHeaders = [
    { name: 'Content-Type', value: imdnContentType },
    { name: 'Content-Disposition', value: 'notification' },
    { name: 'Content-Length', value: String(document.length) },
  ];
  return {
    sender: recipient,
    recipient: owner,
    origin: 'sip',
    sentAt: at - (at % 1000),
    contentType: cpimContentType,
    body: formatCpim(headers, contentHeaders, document),
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
