/**
 * What a client fetches by itself: the list of what is ready, or everything of one sender (the override), a message, and that
 * it has it or does not want it; and how it wants what comes. What is fetched and not acknowledged is not delivered.
 */
import { inboxPageMax } from '../../../delivery/desks/inbox.ts';
import type { MailboxEntry } from '../../../delivery/ports.ts';
import type { Primitive } from '../../../imps/primitives/primitive.ts';
import { makeResult, makeStatus } from '../../../imps/primitives/results.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import type { LiveSession, SessionAnswer } from '../session/live-session.ts';
import { mayBeFetched } from '../session/session-target.ts';
import { addressOf } from '../words/user-ids.ts';
import type { Handlers, ServiceAnswer, ServiceRequest } from './service.ts';

/** Messages that are turned away at once. */
export const rejectedMax = 100;

export class Collecting {
  readonly #surroundings: ImpsSurroundings;

  constructor(surroundings: ImpsSurroundings) {
    this.#surroundings = surroundings;
  }

  get handlers(): Handlers {
    return {
      'SetDeliveryMethod-Request': setMethod,
      'GetMessageList-Request': (request) => this.#list(request),
      'GetMessage-Request': (request) => this.#get(request),
      MessageDelivered: (request) => this.#delivered(request),
      'RejectMessage-Request': (request) => this.#reject(request),
    };
  }

  async #list({ session, value, extension }: ServiceRequest<'GetMessageList-Request'>): Promise<ServiceAnswer> {
    if (value.groupId !== undefined) return makeStatus(405, 'Groups are not offered');
    const { delivery, settings } = this.#surroundings;
    const from = extension.retrieveFrom;
    const sender = from === undefined ? undefined : addressOf(from.userId, settings.domains);
    if (sender?.ok === false) return makeStatus(531);
    // What the same client has acknowledged is not in its list.
    await session.settled();
    const limit = Math.min(value.messageCount ?? inboxPageMax, inboxPageMax);
    const look = sender === undefined ? { limit } : { limit, sender: sender.value };
    const { entries } = limit === 0 ? { entries: [] } : await delivery.inbox.look(session.owner, look);
    let messages = entries.map((entry) => session.shown(deferred(entry)).messageInfo);
    let primitive: Primitive = { name: 'GetMessageList-Response', value: { messages } };
    // As many as the client can take, the oldest first: the others follow when these are gone.
    while (messages.length > 1 && !session.fits(primitive)) {
      messages = messages.slice(0, Math.floor((messages.length * 3) / 4));
      primitive = { name: 'GetMessageList-Response', value: { messages } };
    }
    return marked(session, primitive, messages.length > 0);
  }

  async #get({ session, value }: ServiceRequest<'GetMessage-Request'>): Promise<ServiceAnswer> {
    await session.settled();
    const entry = await this.#surroundings.delivery.inbox.read(session.owner, value.messageId);
    if (entry === undefined) return makeStatus(426);
    const whole = wholeFor(session, entry);
    if (whole !== undefined) return marked(session, whole, true);
    const { messageInfo, contentData } = session.shownNotice(deferred(entry));
    return marked(session, { name: 'GetMessage-Response', value: { messageInfo, contentData } }, true);
  }

  /** After a fetch, or for what an earlier run of the server had pushed. */
  async #delivered({ session, value: { messageId } }: ServiceRequest<'MessageDelivered'>): Promise<Primitive> {
    const { owner } = session;
    if (await this.#isOnlyNotice(session, messageId)) return makeStatus(200);
    const outcome = await this.#surroundings.delivery.inbox.take(owner, messageId);
    return makeStatus(outcome.kind === 'done' ? 200 : 426);
  }

  /** The client has what it was told in place of the message, and not the message. */
  async #isOnlyNotice(session: LiveSession, id: string): Promise<boolean> {
    const entry = await this.#surroundings.delivery.inbox.read(session.owner, id);
    return entry !== undefined && wholeFor(session, entry) === undefined;
  }

  async #reject({ session, value }: ServiceRequest<'RejectMessage-Request'>): Promise<Primitive> {
    const messageIds = [...new Set(value.messageIds)];
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
}

/** What is kept was not delivered in its sender's own transaction. */
function deferred({ id, message, acceptedAt, expiresAt }: MailboxEntry) {
  return { id, message, acceptedAt, expiresAt, isDeferred: true };
}

function marked(session: LiveSession, primitive: Primitive, isDeferred: boolean): SessionAnswer {
  const extension = session.mark(isDeferred);
  return extension === undefined ? { primitive } : { primitive, extension };
}

/** Undefined for a message that the client cannot take, and is told of in words. */
function wholeFor(session: LiveSession, entry: MailboxEntry): Primitive | undefined {
  if (entry.message.large !== undefined) return undefined;
  const { messageInfo, contentData, bytes } = session.shown(deferred(entry));
  const primitive: Primitive = { name: 'GetMessage-Response', value: { messageInfo, contentData } };
  return mayBeFetched(bytes, session.terms) && session.fits(primitive) ? primitive : undefined;
}

function setMethod({ session, value }: ServiceRequest<'SetDeliveryMethod-Request'>): Primitive {
  if (value.groupId !== undefined) return makeStatus(405, 'Groups are not offered');
  const { acceptedContentLength: pushBytesMax } = value;
  const before = session.terms.contentLimits;
  const contentLimits = pushBytesMax === undefined ? before : { ...before, pushBytesMax };
  session.agree({ method: value.deliveryMethod, contentLimits });
  return makeStatus(200);
}
