/**
 * An INVITE of ours to a contact: where it goes, who it is from, and what it says of the session (RFC 3261 8.1, RFC 3841). The
 * server is a B2BUA: nothing of the sender's own request goes through but what is listed here.
 */
import { type Address, domainOf } from '../../../../model/address.ts';
import { described } from '../../../../sessions/media/described.ts';
import { requestUriOfContact } from '../../../../sip/dialog/request-uri.ts';
import type { ForkBranch } from '../../../../sip/invite/fork/forked-invite.ts';
import { formatAddressValue } from '../../../../sip/message/name-addr.ts';
import type { HeaderRow, SipHeaders } from '../../../../sip/message/sip-headers.ts';
import type { Binding } from '../../../../sip/registrar/ports.ts';
import { principalUriOf } from '../../principal-address.ts';
import { routesOf } from '../../messaging/write-pager-message.ts';
import { destinationOf, leadsToTrusted } from '../../registration/contact-destination.ts';
import { ownFeatures, sessionRows, speaksCpm } from './session-devices.ts';
import type { SessionKind } from './session-kind.ts';

export interface SessionInvitePlan {
  readonly binding: Binding;
  readonly sender: Address;
  readonly senderName?: string | undefined;
  readonly recipient: Address;
  readonly kind: SessionKind;
  /** The description of our leg. */
  readonly offer: Uint8Array;
  readonly rows: readonly HeaderRow[];
  readonly callId?: string;
  readonly localTag?: string;
  isTrusted(address: string): boolean;
}

export function writeSessionInvite(plan: SessionInvitePlan): ForkBranch {
  const { binding, sender, senderName, recipient, kind, offer, rows, callId, localTag } = plan;
  const from = formatAddressValue(principalUriOf(sender), undefined, senderName);
  const isTrusted = leadsToTrusted(binding, (address) => plan.isTrusted(address));
  const routes = routesOf(binding);
  return {
    q: binding.q,
    destination: destinationOf(binding),
    requestUri: binding.isRoute === true ? principalUriOf(recipient) : requestUriOfContact(binding.contactUri),
    from,
    to: formatAddressValue(principalUriOf(recipient)),
    content: described(offer),
    contactParameters: ownFeatures(kind, speaksCpm(binding)),
    rows: [
      ...(routes.length === 0 ? [] : [['Route', routes.join(', ')] as const]),
      ...(isTrusted ? [['P-Asserted-Identity', formatAddressValue(principalUriOf(sender))] as const] : []),
      ...sessionRows(kind, speaksCpm(binding)),
      ...rows,
    ],
    ...(callId === undefined ? {} : { callId: `${callId}@${domainOf(recipient)}` }),
    ...(localTag === undefined ? {} : { localTag }),
  };
}

/** What goes along from one side's INVITE to the other's. */
const passedOn: readonly string[] = [
  'Subject',
  'Priority',
  'Conversation-ID',
  'Contribution-ID',
  'InReplyTo-Contribution-ID',
];

export function rowsPassedOn(headers: SipHeaders, hopsLeft: number): HeaderRow[] {
  const rows: HeaderRow[] = [['Max-Forwards', String(hopsLeft)]];
  for (const name of passedOn) {
    const value = headers.get(name);
    if (value !== undefined) rows.push([name, value]);
  }
  return rows;
}
