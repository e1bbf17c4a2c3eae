/**
 * An INVITE for a conversation: checked as a message would be, then offered to every client of the recipient, the first that
 * answers takes it. Somebody who is away is not disturbed, or has messages left for them.
 */
import type { SubmissionHead, SubmissionRefusal } from '../../../delivery/submission.ts';
import type { Address } from '../../../model/address.ts';
import { Conversation, type Party, type Side } from '../../../sessions/conversation/conversation.ts';
import { type AcceptedTypes, typesThrough } from '../../../sessions/media/accepted-types.ts';
import { described } from '../../../sessions/media/described.ts';
import type { RemoteDescription, RemoteMedia } from '../../../sessions/media/description.ts';
import { SessionLeg } from '../../../sessions/media/session-leg.ts';
import type { IncomingMessage } from '../../../sessions/transfer/incoming-spools.ts';
import type { ForkBranch, ForkFailure } from '../../../sip/invite/fork/forked-invite.ts';
import type { IncomingInvite } from '../../../sip/invite/incoming-invite.ts';
import type { InviteSession } from '../../../sip/invite/invite-session.ts';
import type { SessionListener } from '../../../sip/invite/session-words.ts';
import type { Binding } from '../../../sip/registrar/ports.ts';
import type { Identity } from '../identity.ts';
import { hopsMax } from '../messaging/write-pager-message.ts';
import { answerSubmission } from '../messaging/submission-answer.ts';
import { refuse, type SipAnswer } from '../sip-answer.ts';
import { legPlace, legTowards } from './leg-towards.ts';
import { LeftMessages } from './left-messages.ts';
import { readLargeMessage } from './words/read-large-message.ts';
import { sessionBindings } from './words/session-devices.ts';
import { rowsPassedOn, writeSessionInvite } from './words/session-invite.ts';
import { ringMsMax, type SessionRoom } from './session-room.ts';
import { TranscriptKeeping } from './transcript-keeping.ts';
import { storeMessage } from './large/store-message.ts';

export interface ConversationInvite {
  readonly invite: IncomingInvite;
  readonly identity: Identity;
  readonly recipient: Address;
  readonly offered: RemoteDescription | undefined;
  readonly ended: () => void;
}

/** Whose rules have been asked. */
interface KnownInvite extends ConversationInvite {
  readonly keeping: TranscriptKeeping | undefined;
}

interface Branch {
  readonly binding: Binding;
  readonly leg: SessionLeg;
  readonly call: ForkBranch;
}

/** What can be said where the caller has not said anything yet. */
const usual: AcceptedTypes = { acceptTypes: ['message/cpim', 'text/plain', '*'], acceptWrappedTypes: ['*'] };
/** There is nothing that would be kept: whoever is away is away. */
const onlyOfKeeping: ReadonlySet<SubmissionRefusal['reason']> = new Set([
  'not-stored',
  'offline-space-full',
  'sender-queue-full',
]);

export class ConversationEndpoint {
  readonly #room: SessionRoom;
  readonly #open = new Set<Conversation>();

  constructor(room: SessionRoom) {
    this.#room = room;
    room.counters.gauge('restante_conversations', () => this.#open.size);
  }

  async take(call: ConversationInvite): Promise<void> {
    const { invite, identity, recipient } = call;
    const read = readLargeMessage(
      { request: invite.request, identity, recipient, media: undefined, kind: 'conversation' },
      this.#room.clock.wall(),
    );
    if (!read.ok) return this.#refuse(call, refuse(read.error.status, read.error.words));
    // The rules are those for a message that would be sent now; how long the INVITE may ring says nothing of messages.
    const { validityMs: _ringing, ...rest } = read.value;
    const head: SubmissionHead = { ...rest, duplicateKeys: [] };
    const preparation = await this.#room.delivery.prepare(head);
    if (preparation.kind === 'refused' && !onlyOfKeeping.has(preparation.refusal.reason)) {
      return this.#refuse(call, answerSubmission(preparation));
    }
    const isHidden = await this.#room.hasBlocked(recipient, identity.principal);
    if (!invite.isOpen) return call.ended();
    const isKept = preparation.kind !== 'refused';
    if (isHidden) return this.#away(call, head, isKept);
    const keeping = await TranscriptKeeping.of(this.#room, identity.principal, recipient);
    if (!invite.isOpen) return call.ended();
    this.#ring({ ...call, keeping }, head, isKept);
  }

  /** The account is gone. */
  endOf(address: Address): void {
    for (const conversation of this.#open) {
      const { caller, callee } = conversation;
      if (caller.party.address === address || callee.party.address === address)
        void conversation.stop('the account is gone');
    }
  }

  /** The server stops: what nobody has acknowledged is kept. */
  async stop(): Promise<void> {
    await Promise.all([...this.#open].map((conversation) => conversation.stop('the server stops')));
  }

  #refuse({ invite, ended }: ConversationInvite, { status, warning, headers }: SipAnswer): void {
    invite.reject(status, warning === undefined ? { headers } : { warning, headers });
    ended();
  }

  #away(call: ConversationInvite, head: SubmissionHead, isKept: boolean, answer = away): void {
    const isLeft = this.#room.conversationOffline === 'leave-message' && isKept;
    if (!isLeft) return this.#refuse(call, answer);
    new LeftMessages(this.#room, head).take(call);
  }

  #ring(call: KnownInvite, head: SubmissionHead, isKept: boolean): void {
    const { invite, recipient } = call;
    const conversation = this.#conversation(call, head);
    const branches = this.#branches(call, conversation);
    if (branches.length === 0) {
      call.keeping?.missed();
      return this.#away(call, head, isKept);
    }
    const fork = this.#room.invites.fork(
      { branches: branches.map((branch) => branch.call), limitMs: ringMsMax },
      {
        progress: (_at, response) => {
          if (response.status > 100) invite.ring(response.status === 183 ? 183 : 180);
        },
        answered: (at, session, response) =>
          this.#answered(call, conversation, { branches, at, session, body: response.body }),
        failed: (failure) => {
          for (const { leg } of branches) leg.close();
          this.#nobody({ call, head, isKept }, failure);
        },
        mayLeave: () => invite.isOpen,
      },
    );
    invite.onCancelled = () => {
      call.keeping?.missed();
      fork.cancel();
      call.ended();
    };
    this.#room.log.debug({ to: recipient, clients: branches.length }, 'a conversation rings');
  }

  #nobody(
    { call, head, isKept }: { call: KnownInvite; head: SubmissionHead; isKept: boolean },
    { why, status, best }: ForkFailure,
  ): void {
    if (!call.invite.isOpen || why === 'cancelled') return call.ended();
    const isForNow = why === 'time-limit' || [408, 480, 486, 487, 500, 503].includes(status);
    if (!isForNow && best !== undefined) {
      return this.#refuse(call, refuse(status, 'every client refused the conversation'));
    }
    call.keeping?.missed();
    this.#away(call, head, isKept, status === 486 ? busy : away);
  }

  #branches({ recipient, invite, identity, offered }: ConversationInvite, { callee }: Conversation): Branch[] {
    const { request } = invite;
    const types = offered === undefined ? usual : typesThrough(offered.media);
    return sessionBindings(this.#room.bindingsOf(recipient)).flatMap((binding) => {
      const leg = legTowards(this.#room, binding, {
        listener: callee.spools,
        sizeMax: this.#sizeMax(offered?.media),
        types,
        onReopened: (msrp) => {
          callee.spools.leg = msrp;
        },
      });
      if (leg === undefined) return [];
      const call = writeSessionInvite({
        binding,
        sender: identity.principal,
        senderName: request.from.displayName,
        recipient,
        kind: 'conversation',
        offer: leg.offer(),
        rows: rowsPassedOn(request.headers, Math.max(0, (request.maxForwards ?? hopsMax) - 1)),
        isTrusted: (address) => this.#room.isTrusted(address),
      });
      return [{ binding, leg, call }];
    });
  }

  #sizeMax(other: RemoteMedia | undefined): number {
    const { largeBytesMax } = this.#room;
    return Math.min(largeBytesMax, other?.maxSize ?? largeBytesMax);
  }

  #answered(
    call: KnownInvite,
    conversation: Conversation,
    { branches, at, session, body }: { branches: Branch[]; at: number; session: InviteSession; body: Uint8Array },
  ): SessionListener {
    const { invite, ended } = call;
    const leg = branches[at]?.leg;
    for (const branch of branches) if (branch.leg !== leg) branch.leg.close();
    const media = leg?.answered(body);
    const hung = { ended: () => undefined };
    if (leg === undefined || media === undefined || !media.ok) {
      leg?.close();
      session.bye();
      const words = media?.ok === false ? media.error.words : 'no answer';
      invite.reject(488, { warning: `the answer of the other side cannot be taken: ${words}` });
      ended();
      return hung;
    }
    const { caller, callee } = conversation;
    callee.spools.leg = leg.msrp;
    Object.assign(callee, { leg, session });
    const own = this.#accept(call, caller, conversation.listenTo(caller), media.value);
    if (own === undefined) {
      leg.close();
      session.bye();
      ended();
      return hung;
    }
    this.#open.add(conversation);
    conversation.begin();
    return conversation.listenTo(callee);
  }

  /** 200 to the caller, with what gets through to the callee. */
  #accept(
    { invite, offered }: ConversationInvite,
    caller: Side,
    listener: SessionListener,
    callee: RemoteMedia,
  ): InviteSession | undefined {
    const { legs, ids } = this.#room;
    const leg = SessionLeg.open({
      legs,
      ids,
      ...legPlace(this.#room, invite.flow, offered),
      types: typesThrough(callee),
      sizeMax: this.#sizeMax(callee),
      listener: caller.spools,
      onReopened: (msrp) => {
        caller.spools.leg = msrp;
      },
    });
    if (leg === undefined) {
      invite.reject(503, { warning: 'more sessions than can be held', headers: [['Retry-After', '10']] });
      return undefined;
    }
    caller.spools.leg = leg.msrp;
    caller.leg = leg;
    caller.session = invite.accept(described(offered === undefined ? leg.offer() : leg.answer(offered)), listener);
    if (caller.session === undefined) leg.close();
    return caller.session;
  }

  #conversation({ identity, recipient, invite, ended, keeping }: KnownInvite, head: SubmissionHead): Conversation {
    const { clock, timers, pool } = this.#room;
    const conversation: Conversation = new Conversation({
      clock,
      timers,
      pool,
      caller: { address: identity.principal, name: invite.request.from.displayName },
      callee: { address: recipient },
      keep: (from, to, messages) => this.#keep(head, { from, to, messages }, keeping),
      ...(keeping === undefined ? {} : { passed: (from, message) => keeping.note(from.address, message) }),
      ended: () => {
        keeping?.ended();
        this.#open.delete(conversation);
        ended();
      },
    });
    return conversation;
  }

  /** Each as if it had been sent by itself. */
  async #keep(
    head: SubmissionHead,
    { from, to, messages }: { from: Party; to: Party; messages: readonly IncomingMessage[] },
    keeping: TranscriptKeeping | undefined,
  ): Promise<number> {
    let kept = 0;
    for (const message of messages) {
      await keeping?.note(from.address, message);
      const words = { ...head.message, sender: from.address, recipient: to.address, sentAt: this.#room.clock.wall() };
      const { senderName: _name, ...unnamed } = words;
      const own = from.name === undefined ? unnamed : { ...unnamed, senderName: from.name };
      const outcome = await storeMessage({
        delivery: this.#room.delivery,
        head: { message: own, bytes: undefined, duplicateKeys: [], isTrusted: true, isTransient: false },
        message,
      });
      if (outcome.kind === 'accepted' || outcome.kind === 'delivered') kept += 1;
    }
    return kept;
  }
}

const away = refuse(480, 'the other side is away');
const busy = refuse(486, 'the other side is busy');
