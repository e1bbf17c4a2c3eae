/**
 * A large message that was kept, brought to one contact: an INVITE with the tags of large messages, the message over MSRP, BYE.
 * Says what the client's answers mean (contract section 4, Outcomes) and decides nothing.
 */
import { StoreFault } from '../../../../base/store-fault.ts';
import type { AttemptOutcome, BlobReader, OpenAttempt, OutgoingMessage } from '../../../../delivery/ports.ts';
import type { LargeBody } from '../../../../model/instant-message.ts';
import { blobSource } from '../../../../sessions/content/blob-source.ts';
import { Player, type PlayedOutcome } from '../../../../sessions/large/player.ts';
import type { SessionLeg } from '../../../../sessions/media/session-leg.ts';
import type { InviteSession } from '../../../../sip/invite/invite-session.ts';
import type { OutgoingInvite } from '../../../../sip/invite/outgoing-invite.ts';
import type { CallFailure, SessionListener } from '../../../../sip/invite/session-words.ts';
import { formatSipDate } from '../../../../sip/message/grammar/sip-date.ts';
import { parseRetryAfter } from '../../../../sip/message/header-values.ts';
import type { HeaderRow } from '../../../../sip/message/sip-headers.ts';
import type { SipResponse } from '../../../../sip/message/sip-message.ts';
import type { Binding } from '../../../../sip/registrar/ports.ts';
import type { TimerHandle } from '../../../../base/time/timers.ts';
import { deviceOf } from '../../messaging/device-memory.ts';
import { outcomeOfFailure, outcomeOfStatus } from '../../messaging/message-outcome.ts';
import { hopsMax } from '../../messaging/write-pager-message.ts';
import { heardFrom } from './heard-from.ts';
import { legTowards } from '../leg-towards.ts';
import type { ResumePlaces } from './resume-places.ts';
import { declaresMsrp, refusesInvite } from '../words/session-devices.ts';
import { fileOf } from '../words/read-large-message.ts';
import { writeSessionInvite } from '../words/session-invite.ts';
import { playAnswerMsMax, type SessionRoom } from '../session-room.ts';

/** `no-msrp`: this client has no sessions of messages, and is to be told otherwise; `pager`: what is small enough, whole. */
export type LargeOutcome = AttemptOutcome | { readonly kind: 'no-msrp'; readonly pager?: OutgoingMessage };

/** What somebody answers who has no MSRP. */
const noMsrpStatuses: ReadonlySet<number> = new Set([405, 415, 488, 501]);

/** Who plays it hears of both. */
export interface LargeListener {
  /** The client has taken the session: what follows goes over a connection of its own. */
  answered(): void;
  ended(outcome: LargeOutcome): void;
}

export class LargePlayer {
  readonly #room: SessionRoom;
  readonly #places: ResumePlaces;

  constructor(room: SessionRoom, places: ResumePlaces) {
    this.#room = room;
    this.#places = places;
  }

  play(binding: Binding, outgoing: OutgoingMessage, listener: LargeListener): OpenAttempt {
    const attempt = new LargeAttempt(this.#room, this.#places, { binding, outgoing, listener });
    attempt.begin();
    return attempt;
  }
}

interface LargeAttemptPlan {
  readonly binding: Binding;
  readonly outgoing: OutgoingMessage;
  readonly listener: LargeListener;
}

class LargeAttempt implements OpenAttempt {
  readonly #room: SessionRoom;
  readonly #places: ResumePlaces;
  readonly #plan: LargeAttemptPlan;
  readonly #player: Player;
  #leg: SessionLeg | undefined;
  #call: OutgoingInvite | undefined;
  #session: InviteSession | undefined;
  #limit: TimerHandle | undefined;
  #isStopped = false;
  #isOver = false;

  constructor(room: SessionRoom, places: ResumePlaces, plan: LargeAttemptPlan) {
    this.#room = room;
    this.#places = places;
    this.#plan = plan;
    const { recipient, sender } = plan.outgoing.message;
    this.#player = new Player({
      ...room,
      hear: (type, body) => heardFrom(room, { from: recipient, to: sender }, { type, body }),
    });
  }

  begin(): void {
    const { binding, outgoing } = this.#plan;
    const leg = refusesInvite(binding) ? undefined : this.#openLeg();
    if (leg === undefined) {
      this.#later({ kind: 'no-msrp' });
      return;
    }
    this.#leg = leg;
    this.#player.use(leg);
    const { message } = outgoing;
    const branch = writeSessionInvite({
      binding,
      sender: message.sender,
      senderName: message.senderName,
      recipient: message.recipient,
      kind: message.ownSession === 'file' ? 'file-transfer' : 'large-message',
      offer: leg.offer(),
      rows: rowsOf(outgoing),
      isTrusted: (address) => this.#room.isTrusted(address),
    });
    this.#call = this.#room.invites.call(branch, {
      answered: (session, response) => this.#answered(session, response),
      failed: (failure) => this.#failed(failure),
      mayLeave: () => !this.#isStopped && outgoing.mayStillGo(),
    });
    const { clock, timers } = this.#room;
    this.#limit = timers.at(clock.monotonic() + playAnswerMsMax, () => this.#call?.cancel());
  }

  stopSending(): void {
    if (this.#isStopped || this.#isOver) return;
    this.#isStopped = true;
    if (this.#session === undefined) this.#call?.cancel();
    else this.#player.stop();
  }

  #openLeg(): SessionLeg | undefined {
    const { binding, outgoing } = this.#plan;
    return legTowards(this.#room, binding, {
      listener: this.#player.spools,
      sizeMax: this.#room.largeBytesMax,
      direction: 'sendonly',
      ...(outgoing.message.ownSession === 'file' ? { file: fileOf(outgoing.message, messageIdOf(outgoing.id)) } : {}),
      types: {
        acceptTypes: ['message/cpim', outgoing.message.contentType.split(';')[0] ?? '*'],
        acceptWrappedTypes: ['*'],
      },
    });
  }

  #answered(session: InviteSession, response: SipResponse): SessionListener {
    this.#limit?.cancel();
    this.#session = session;
    const read = this.#leg?.answered(response.body);
    if (read?.ok === true) {
      this.#plan.listener.answered();
      void this.#play();
    } else this.#over({ kind: 'refused', status: 'sip 488 its answer cannot be taken' });
    return { ended: () => this.#player.sessionEnded() };
  }

  async #play(): Promise<void> {
    const { outgoing, binding } = this.#plan;
    const { message, id } = outgoing;
    const { large } = message;
    if (large === undefined)
      return this.#over({ kind: 'message-failed', status: 'there is no large body', mayPoison: true });
    let reader: BlobReader | undefined;
    try {
      reader = await this.#room.blobs.open(large.blob);
      if (reader === undefined) {
        return this.#over(missing);
      }
      const from = this.#places.placeOf(id, deviceOf(binding), this.#leg?.remote?.fileStart);
      const played = await this.#player.play({
        messageId: messageIdOf(id),
        contentType: message.contentType,
        headers: headersOf(outgoing),
        size: large.bytes,
        ...(from === 0 ? {} : { from }),
        source: blobSource(reader, large.bytes),
        words: message,
      });
      this.#over(this.#outcomeOf(played, large));
    } catch (fault) {
      this.#over({
        kind: 'message-failed',
        status: fault instanceof Error ? fault.message : 'it cannot be read',
        mayPoison: false,
      });
    } finally {
      await reader?.close();
    }
  }

  #outcomeOf(played: PlayedOutcome, large: LargeBody): AttemptOutcome {
    const { id, message } = this.#plan.outgoing;
    const device = deviceOf(this.#plan.binding);
    this.#places.note(id, device, played.kind === 'lost' ? Math.min(played.answeredBytes, large.bytes) : 0);
    switch (played.kind) {
      case 'delivered': {
        const isReportedByClient = this.#player.isAsIs && message.reportReference !== undefined;
        return isReportedByClient ? { kind: 'delivered', isReportedByClient } : { kind: 'delivered' };
      }
      case 'refused':
        return outcomeOfMsrp(played.status);
      case 'unfit':
        return { kind: 'refused', status: 'sip 415 the client takes no messages of this type' };
      case 'lost':
        return { kind: 'client-failed', status: 'msrp 408 the session broke off' };
      case 'failed':
        return { kind: 'message-failed', status: played.why, mayPoison: false };
      default:
        return { kind: 'withdrawn' };
    }
  }

  #failed(failure: CallFailure): void {
    this.#limit?.cancel();
    this.#over(this.#isStopped ? { kind: 'withdrawn' } : outcomeOfCall(failure, this.#plan.binding));
  }

  #later(outcome: LargeOutcome): void {
    const { clock, timers } = this.#room;
    timers.at(clock.monotonic(), () => this.#over(outcome));
  }

  #over(outcome: LargeOutcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#session?.bye();
    this.#leg?.close();
    if (outcome.kind === 'no-msrp') void this.#asPager().then((pager) => this.#plan.listener.ended(pager));
    else this.#plan.listener.ended(outcome);
  }

  /** What is small enough goes whole to a client that has no sessions. */
  async #asPager(): Promise<LargeOutcome> {
    const { outgoing } = this.#plan;
    const { large, ...message } = outgoing.message;
    const { blobs, pagerBytesMax } = this.#room;
    if (large === undefined || large.bytes > pagerBytesMax) return { kind: 'no-msrp' };
    try {
      const reader = await blobs.open(large.blob);
      if (reader === undefined) return missing;
      const body = await reader.read(0, large.bytes);
      await reader.close();
      if (this.#isStopped) return { kind: 'withdrawn' };
      return body.length === large.bytes
        ? { kind: 'no-msrp', pager: { ...outgoing, message: { ...message, body } } }
        : missing;
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      return { kind: 'message-failed', status: fault.message, mayPoison: false };
    }
  }
}

const missing: AttemptOutcome = { kind: 'message-failed', status: 'its body is missing', mayPoison: true };

/** 603 and 488 are final (docs/sessions.md); a contact that declared nothing may have no MSRP at all. */
export function outcomeOfCall(failure: CallFailure, binding: Binding): LargeOutcome {
  switch (failure.kind) {
    case 'refused': {
      const { status, response } = failure;
      if (noMsrpStatuses.has(status) && !declaresMsrp(binding)) return { kind: 'no-msrp' };
      if (status === 488) return { kind: 'refused', status: `sip ${status} ${response.reason}` };
      const retryAfter = response.headers.get('Retry-After');
      const seconds = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter);
      return outcomeOfStatus(status, response.reason, seconds === undefined ? undefined : seconds * 1000);
    }
    case 'cancelled':
      return outcomeOfFailure('timeout');
    case 'limit':
      return { kind: 'message-failed', status: 'more sessions than can be held', mayPoison: false };
    default:
      return outcomeOfFailure(failure.kind);
  }
}

function outcomeOfMsrp(status: number): AttemptOutcome {
  const words = `msrp ${status}`;
  // The session is not what it was; another one may be.
  if (status === 481 || status === 506 || status >= 500) return { kind: 'client-failed', status: words };
  return { kind: 'refused', status: words };
}

function rowsOf({ id, message, acceptedAt, isDeferred }: OutgoingMessage): HeaderRow[] {
  const rows: HeaderRow[] = [
    ['Max-Forwards', String(message.hopsLeft ?? (message.origin === 'sip' ? hopsMax - 1 : hopsMax))],
    ['Date', formatSipDate(message.sentAt)],
  ];
  if (isDeferred) rows.push(['Deferred-Message', `${id};accepted=${new Date(acceptedAt).toISOString()}`]);
  if (message.subject !== undefined) rows.push(['Subject', message.subject]);
  if (message.priority !== undefined) rows.push(['Priority', message.priority]);
  if (message.autoSubmitted !== undefined) rows.push(['Auto-Submitted', message.autoSubmitted]);
  return rows;
}

function headersOf({ message }: OutgoingMessage): { name: string; value: string }[] {
  const { contentDisposition, contentEncoding, contentLanguage } = message;
  const headers: { name: string; value: string }[] = [];
  if (contentDisposition !== undefined) headers.push({ name: 'Content-Disposition', value: contentDisposition });
  if (contentEncoding !== undefined) headers.push({ name: 'Content-Encoding', value: contentEncoding });
  if (contentLanguage !== undefined) headers.push({ name: 'Content-Language', value: contentLanguage });
  return headers;
}

/** The same for the same message, whoever gets it and however often (RFC 4975 9: at most 32 characters). */
export function messageIdOf(id: string): string {
  return id.replaceAll('-', '').slice(0, 32);
}
