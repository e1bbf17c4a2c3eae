/** Messages as clients send them and send them on: their part of contract sections 4 and 5. */
import type { Millis } from '../../../base/time/clock.ts';
import type { Submission } from '../../../delivery/submission.ts';
import { isComposingNotice } from '../../../formats/is-composing.ts';
import type { PrimitiveValue } from '../../../imps/primitives/primitive.ts';
import { makeStatus } from '../../../imps/primitives/results.ts';
import type { Address } from '../../../model/address.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import type { ContactBook } from '../lists/contact-book.ts';
import { ImpsRefusal, orStatus } from '../lists/refusal.ts';
import { contentOf, type GivenContent } from '../words/message-words.ts';
import { answerOf, resultOf, type SentTo } from '../words/send-answers.ts';
import { addressOf, userIdOf } from '../words/user-ids.ts';
import { conditionOf } from '../words/wanted-presence.ts';
import type { Handlers, ServiceAnswer, ServiceRequest } from './service.ts';

/** Of one message, with the members of lists. */
export const recipientsMax = 200;
/** How long a sender waits for a delivery before it hears that the message is kept. */
export const deliveryWaitMs: Millis = 500;

export class SendingMessages {
  readonly #surroundings: ImpsSurroundings;
  readonly #contacts: ContactBook;
  /** The sender's clients, as delivery knows them. */
  readonly #targetsOf: (owner: Address) => readonly string[];

  constructor(surroundings: ImpsSurroundings, contacts: ContactBook, targetsOf: (owner: Address) => readonly string[]) {
    this.#surroundings = surroundings;
    this.#contacts = contacts;
    this.#targetsOf = targetsOf;
  }

  get handlers(): Handlers {
    return {
      'SendMessage-Request': (request) => orStatus(() => this.#send(request)),
      'ForwardMessage-Request': (request) => orStatus(() => this.#forward(request)),
    };
  }

  async #send(request: ServiceRequest<'SendMessage-Request'>): Promise<ServiceAnswer> {
    const { session, value, extension } = request;
    const { owner } = session;
    const { sender, recipient, dateTime, validity } = value.messageInfo;
    const said =
      sender.user === undefined ? undefined : addressOf(sender.user.userId, this.#surroundings.settings.domains);
    if (said !== undefined && (!said.ok || said.value !== owner)) return makeStatus(403, 'The sender is somebody else');
    if (sender.group !== undefined) return makeStatus(405, 'Groups are not offered');
    const userIds = await this.#userIdsOf(owner, recipient);
    const content = contentOf(value);
    if (!content.ok) return makeStatus(402, content.error);
    const condition = conditionOf(extension.deliveryConditions);
    if (!condition.ok) return makeStatus(condition.error.code, condition.error.words);
    const isReported = value.deliveryReport;
    const name = this.#repetitionNameOf(request);
    const sending = { owner, name, content: content.value, condition: condition.value, dateTime, validity, isReported };
    const sent = await this.#sendToAll(userIds, sending);
    const messageId = sent.find((each) => each.messageId !== undefined)?.messageId;
    const result = resultOf(sent);
    return { name: 'SendMessage-Response', value: { result, ...(messageId === undefined ? {} : { messageId }) } };
  }

  async #sendTo(userId: string, sending: Sending): Promise<Sent> {
    const { settings, clock } = this.#surroundings;
    const recipient = addressOf(userId, settings.domains);
    if (!recipient.ok) return { userId, answer: { code: 531, words: 'Unknown user.' } };
    const submission = submissionOf(recipient.value, sending, clock.wall());
    const outcome = await this.#surroundings.submit(submission, this.#targetsOf(sending.owner));
    const answer = answerOf(outcome, settings.offlineAnswer);
    const isTaken = outcome.kind === 'accepted' || outcome.kind === 'delivered';
    return { userId, answer, ...(isTaken ? { messageId: outcome.id } : {}) };
  }

  /** Its sender is told that it was forwarded; whoever gets it next gets it from the one who forwards it. */
  async #forward(request: ServiceRequest<'ForwardMessage-Request'>): Promise<ServiceAnswer> {
    const { session, value } = request;
    const { owner } = session;
    const { delivery } = this.#surroundings;
    const entry = await delivery.inbox.read(owner, value.messageId);
    if (entry === undefined) return makeStatus(426);
    const { large, contentType, contentEncoding, body } = entry.message;
    if (large !== undefined) return makeStatus(402, 'It is too large to be forwarded');
    const userIds = await this.#userIdsOf(owner, value.recipient);
    const content = { contentType, body, ...(contentEncoding === undefined ? {} : { contentEncoding }) };
    const name = this.#repetitionNameOf(request);
    const sent = await this.#sendToAll(userIds, { owner, name, content, condition: undefined, isReported: false });
    if (sent.some(({ messageId }) => messageId !== undefined)) await delivery.inbox.forward(owner, value.messageId);
    return { name: 'Status', value: { result: resultOf(sent) } };
  }

  async #sendToAll(userIds: readonly string[], sending: Omit<Sending, 'sharedId'>): Promise<readonly Sent[]> {
    // What the reports to the sender speak of, where several messages are one to them; the same for a repetition.
    const sharedId = userIds.length > 1 ? sending.name.slice(0, sharedIdLength) : undefined;
    const sent = await Promise.all(userIds.map((userId) => this.#sendTo(userId, { ...sending, sharedId })));
    return sent.map((each) =>
      each.messageId === undefined ? each : { ...each, messageId: sharedId ?? each.messageId },
    );
  }

  /** Ids of transactions count round within a day, so that one names a message only together with all that was sent. */
  #repetitionNameOf({ session, id, value, extension }: ServiceRequest<SendingName>): string {
    return this.#surroundings.hasher.hash('sha-256', JSON.stringify([session.id, id, value, extension]));
  }

  /** With the members of lists, each once, as they were named first. Throws `ImpsRefusal`. */
  async #userIdsOf(owner: Address, { users, groups, contactLists }: Recipients): Promise<readonly string[]> {
    if (groups.length > 0) throw new ImpsRefusal(405, 'Groups are not offered');
    const { domains } = this.#surroundings.settings;
    const userIds = new Map<string, string>();
    const add = (userId: string, address: string): void => {
      if (!userIds.has(address)) userIds.set(address, userId);
    };
    for (const { userId } of users) {
      const address = addressOf(userId, domains);
      add(userId, address.ok ? address.value : userId);
    }
    for (const text of contactLists) {
      const { contacts } = await this.#contacts.find(owner, text);
      for (const { address } of contacts) add(userIdOf(address), address);
    }
    if (userIds.size > recipientsMax) throw new ImpsRefusal(402, `There are more than ${recipientsMax} recipients`);
    return [...userIds.values()];
  }
}

type Recipients = PrimitiveValue<'ForwardMessage-Request'>['recipient'];
type Sent = SentTo & { readonly messageId?: string };

interface Sending {
  readonly owner: Address;
  /** The same for the same request again. */
  readonly name: string;
  readonly content: GivenContent & { readonly contentEncoding?: string };
  readonly condition: string | undefined;
  readonly dateTime?: Millis | undefined;
  /** Seconds. */
  readonly validity?: number | undefined;
  readonly isReported: boolean;
  readonly sharedId: string | undefined;
}

type SendingName = 'SendMessage-Request' | 'ForwardMessage-Request';

/** Of its hex digits. */
const sharedIdLength = 32;

/** The sender's own date is kept where it can be true. */
const dateToleranceMs: Millis = 24 * 3_600_000;

function submissionOf(recipient: Address, sending: Sending, now: Millis): Submission {
  const { owner, name, content, condition, sharedId, dateTime, validity, isReported } = sending;
  const isTrue = dateTime !== undefined && Math.abs(now - dateTime) <= dateToleranceMs;
  return {
    message: {
      sender: owner,
      recipient,
      origin: 'imps',
      sentAt: isTrue ? dateTime : now - (now % 1000),
      ...content,
      reportsWanted: isReported ? ['delivered', 'failed'] : [],
      ...(sharedId === undefined ? {} : { reportReference: sharedId }),
    },
    ...(condition === undefined ? {} : { condition }),
    ...(validity === undefined ? {} : { validityMs: validity * 1000 }),
    // Until the server stops, its session knows the same request before it comes here.
    duplicateKeys: [`imps ${name}`],
    keepFirst: { waitMs: deliveryWaitMs },
    isTrusted: false,
    isTransient: isComposingNotice(content.contentType, content.body),
  };
}
