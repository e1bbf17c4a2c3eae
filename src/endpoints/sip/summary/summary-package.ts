/**
 * The event package `message-summary` (RFC 3842): what is ready for its owner, and for nobody else. Every NOTIFY lists the
 * newest ones, the first too (a stated deviation, contract section 6). What is held is never part of it, nor of a count.
 */
import type { Inbox } from '../../../delivery/desks/inbox.ts';
import type { MailboxEntry } from '../../../delivery/ports.ts';
import {
  formatMessageSummary,
  messageSummaryContentType,
  type SummarizedMessage,
} from '../../../formats/message-summary.ts';
import type { Address } from '../../../model/address.ts';
import type {
  Authorisation,
  EventPackage,
  NotifyDocument,
  SubscriptionView,
} from '../../../sip/event/event-package.ts';
import { formatSipDate } from '../../../sip/message/grammar/sip-date.ts';
import { formatAddressValue } from '../../../sip/message/name-addr.ts';
import { principalUriOf } from '../principal-address.ts';

export const summaryPackageName = 'message-summary';
/** Messages that one NOTIFY lists. */
export const listedMax = 20;
/** Characters that are shown of a subject and of a sender's name; the message itself has all of it. */
export const subjectShownMax = 120;
export const nameShownMax = 60;

/** Seconds (RFC 3842 3.4; contract section 6). */
const expiresDefault = 3600;
const expiresMin = 60;
const expiresMax = 86_400;

export interface SummaryPackagePlan {
  readonly inbox: Pick<Inbox, 'summary'>;
  readonly paceMs: number;
  /** Whether there is such a principal. */
  readonly serves: (address: Address) => boolean | Promise<boolean>;
}

export class SummaryPackage implements EventPackage {
  readonly name = summaryPackageName;
  readonly expiresDefault = expiresDefault;
  readonly expiresMin = expiresMin;
  readonly expiresMax = expiresMax;
  readonly paceMs: number;
  readonly contentTypes = [messageSummaryContentType];
  readonly #plan: SummaryPackagePlan;

  constructor(plan: SummaryPackagePlan) {
    this.#plan = plan;
    this.paceMs = plan.paceMs;
  }

  authorise(subscriber: string, resource: string): Authorisation | Promise<Authorisation> {
    // Nobody else learns whether there is such a mailbox.
    if (subscriber !== resource) return 'rejected';
    const isServed = this.#plan.serves(resource as Address);
    return typeof isServed === 'boolean' ? standingOf(isServed) : isServed.then(standingOf);
  }

  /** Everything counts as new: what was got is not in the mailbox any more, so nothing in it is old. */
  async document({ resource, bodyBytesMax }: SubscriptionView): Promise<NotifyDocument> {
    const owner = resource as Address;
    const { total, newest } = await this.#plan.inbox.summary(owner, listedMax);
    const summary = {
      account: principalUriOf(owner),
      newMessages: total,
      oldMessages: 0,
      messages: newest.map(summarized),
    };
    return { contentType: messageSummaryContentType, body: formatMessageSummary(summary, bodyBytesMax()) };
  }
}

function standingOf(isServed: boolean): Authorisation {
  return isServed ? 'active' : 'no-such-resource';
}

function summarized({ id, message }: MailboxEntry): SummarizedMessage {
  const { sender, senderName, sentAt, subject } = message;
  return {
    messageId: id,
    from: formatAddressValue(principalUriOf(sender), undefined, senderName?.slice(0, nameShownMax)),
    date: formatSipDate(sentAt),
    ...(subject === undefined ? {} : { subject: subject.slice(0, subjectShownMax) }),
  };
}
