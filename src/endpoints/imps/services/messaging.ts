/** Messages as clients send and fetch them: their part of contract sections 4 and 5. */
import type { Millis } from '../../../base/time/clock.ts';
import { inboxPageMax } from '../../../delivery/desks/inbox.ts';
import type { MailboxEntry } from '../../../delivery/ports.ts';
import type { Submission } from '../../../delivery/submission.ts';
import { isComposingNotice } from '../../../formats/is-composing.ts';
import type { Primitive } from '../../../imps/primitives/primitive.ts';
import { makeResult, makeStatus } from '../../../imps/primitives/results.ts';
import type { Address } from '../../../model/address.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import { contentOf, type GivenContent, shownMessage } from '../words/message-words.ts';
import { answerOf, resultOf, type SentTo } from '../words/send-answers.ts';
import { addressOf } from '../words/user-ids.ts';
import { conditionOf } from '../words/wanted-presence.ts';
import type { Handlers, ServiceRequest } from './service.ts';

/** Of one message. */
export const recipientsMax = 50;
/** How long a sender waits for a delivery before it hears that the message is kept. */
export const deliveryWaitMs: Millis = 500;
/** Messages that are turned away at once. */
export const rejectedMax = 100;

export class Messaging {
  readonly #surroundings: ImpsSurroundings;
  readonly #targetsOf: (owner: Address) => readonly string[];

  constructor(surroundings: ImpsSurroundings, targetsOf: (owner: Address) => readonly string[]) {
    this.#surroundings = surroundings;
    this.#targetsOf = targetsOf;
  }

  get handlers(): Handlers {
    return {
      'SendMessage-Request': (request) => this.#send(request),
      'SetDeliveryMethod-Request': (request) => setMethod(request),
      'GetMessageList-Request': (request) => this.#list(request),
      'GetMessage-Request': (request) => this.#get(request),
      MessageDelivered: (request) => this.#delivered(request),
      'RejectMessage-Request': (request) => this.#reject(request),
    };
  }

  async #send({ session, value, extension }: ServiceRequest<'SendMessage-Request'>): Promise<Primitive> {
    const { owner } = session;
    const { domains } = this.#surroundings.settings;
    const { recipient, sender } = value.messageInfo;
    const said = sender.user === undefined ? undefined : addressOf(sender.user.userId, domains);
    if (said !== undefined && (!said.ok || said.value !== owner)) return makeStatus(403, 'The sender is somebody else');
    if (recipient.groups.length > 0 || sender.group !== undefined) return makeStatus(405, 'Groups are not offered');
    if (recipient.contactLists.length > 0) return makeStatus(700);
    const userIds = [...new Set(recipient.users.map(({ userId }) => userId))];
    if (userIds.length > recipientsMax) return makeStatus(402, `There are more than ${recipientsMax} recipients`);
    const content = contentOf(value);
    if (!content.ok) return makeStatus(402, content.error);
    const condition = conditionOf(extension.deliveryConditions);
    if (!condition.ok) return makeStatus(condition.error.code, condition.error.words);
    const { ids } = this.#surroundings;
    // What the reports to the sender speak of, where several messages are one to them.
    const sharedId = userIds.length > 1 ? ids.timeOrderedId() : undefined;
    const sending: Sending = { owner, request: value, content: content.value, condition: condition.value, sharedId };
    const sent = await Promise.all(userIds.map((userId) => this.#sendTo(userId, sending)));
    const messageId = sharedId ?? sent[0]?.messageId;
    const isTaken = messageId !== undefined && sent.some((each) => each.messageId !== undefined);
    const result = resultOf(sent);
    return { name: 'SendMessage-Response', value: { result, ...(isTaken ? { messageId } : {}) } };
  }

  async #sendTo(userId: string, sending: Sending): Promise<SentTo & { readonly messageId?: string }> {
    const { settings, clock } = this.#surroundings;
    const recipient = addressOf(userId, settings.domains);
    if (!recipient.ok) return { userId, answer: { code: 531, words: 'Unknown user.' } };
    const submission = submissionOf(recipient.value, sending, clock.wall());
    const outcome = await this.#surroundings.submit(submission, this.#targetsOf(sending.owner));
    const answer = answerOf(outcome, settings.offlineAnswer);
    const isTaken = outcome.kind === 'accepted' || outcome.kind === 'delivered';
    return { userId, answer, ...(isTaken ? { messageId: outcome.id } : {}) };
  }

  async #list({ session, value, extension }: ServiceRequest<'GetMessageList-Request'>): Promise<Primitive> {
    if (value.groupId !== undefined) return makeStatus(405, 'Groups are not offered');
    const { delivery, settings } = this.#surroundings;
    const from = extension.retrieveFrom;
    const sender = from === undefined ? undefined : addressOf(from.userId, settings.domains);
    if (sender?.ok === false) return makeStatus(531);
    const limit = Math.min(value.messageCount ?? inboxPageMax, inboxPageMax);
    const look = sender === undefined ? { limit } : { limit, sender: sender.value };
    const { entries } = limit === 0 ? { entries: [] } : await delivery.inbox.look(session.owner, look);
    const messages = entries.map((entry) => this.#shown(entry).messageInfo);
    return { name: 'GetMessageList-Response', value: { messages } };
  }

  async #get({ session, value }: ServiceRequest<'GetMessage-Request'>): Promise<Primitive> {
    const entry = await this.#surroundings.delivery.inbox.read(session.owner, value.messageId);
    if (entry === undefined) return makeStatus(426);
    const { messageInfo, contentData } = this.#shown(entry);
    return { name: 'GetMessage-Response', value: { messageInfo, contentData } };
  }

  async #delivered({ session, value }: ServiceRequest<'MessageDelivered'>): Promise<Primitive> {
    const outcome = await this.#surroundings.delivery.inbox.take(session.owner, value.messageId);
    return makeStatus(outcome.kind === 'done' ? 200 : 426);
  }

  async #reject({ session, value }: ServiceRequest<'RejectMessage-Request'>): Promise<Primitive> {
    const { messageIds } = value;
    if (messageIds.length === 0) return makeStatus(402, 'RejectMessage-Request has no MessageID');
    if (messageIds.length > rejectedMax) return makeStatus(402, `There are more than ${rejectedMax} messages`);
    const unknown: string[] = [];
    for (const id of messageIds) {
      const outcome = await this.#surroundings.delivery.inbox.reject(session.owner, id);
      if (outcome.kind !== 'done') unknown.push(id);
    }
    if (unknown.length === 0) return makeStatus(200);
    if (unknown.length === messageIds.length) return makeStatus(426);
    const detail = { code: 426, userIds: [], groupIds: [], screenNames: [], contactLists: [], domains: [] };
    const result = { ...makeResult(201), details: [{ ...detail, messageIds: unknown }] };
    return { name: 'Status', value: { result } };
  }

  #shown({ id, message, acceptedAt, expiresAt }: MailboxEntry) {
    return shownMessage({ id, message, acceptedAt, expiresAt, isDeferred: true }, this.#surroundings.inflate);
  }
}

interface Sending {
  readonly owner: Address;
  readonly request: ServiceRequest<'SendMessage-Request'>['value'];
  readonly content: GivenContent;
  readonly condition: string | undefined;
  readonly sharedId: string | undefined;
}

/** The sender's own date is kept where it can be true. */
const dateToleranceMs: Millis = 24 * 3_600_000;

function submissionOf(recipient: Address, sending: Sending, now: Millis): Submission {
  const { owner, request, content, condition, sharedId } = sending;
  const { dateTime, validity } = request.messageInfo;
  const isTrue = dateTime !== undefined && Math.abs(now - dateTime) <= dateToleranceMs;
  return {
    message: {
      sender: owner,
      recipient,
      origin: 'imps',
      sentAt: isTrue ? dateTime : now - (now % 1000),
      ...content,
      reportsWanted: request.deliveryReport ? ['delivered', 'failed'] : [],
      ...(sharedId === undefined ? {} : { reportReference: sharedId }),
    },
    ...(condition === undefined ? {} : { condition }),
    ...(validity === undefined ? {} : { validityMs: validity * 1000 }),
    // The same request again is known by its transaction, before it comes here.
    duplicateKeys: [],
    keepFirst: { waitMs: deliveryWaitMs },
    isTrusted: false,
    isTransient: isComposingNotice(content.contentType, content.body),
  };
}

function setMethod({ session, value }: ServiceRequest<'SetDeliveryMethod-Request'>): Primitive {
  if (value.groupId !== undefined) return makeStatus(405, 'Groups are not offered');
  const { pushBytesMax, contentTypes } = session.taking();
  const taking = { pushBytesMax: value.acceptedContentLength ?? pushBytesMax, contentTypes };
  session.takeMessages(value.deliveryMethod === 'P' ? 'push' : 'notify', taking);
  return makeStatus(200);
}
