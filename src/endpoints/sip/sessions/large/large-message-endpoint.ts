/**
 * An INVITE that brings one large message: checked before any media, then taken, and on its way streamed to the recipient who is
 * there, or kept for one who is not. Its sender's success report follows when either is true.
 */
import type { Prepared, SubmissionHead, SubmissionOutcome } from '../../../../delivery/submission.ts';
import type { MessageFile } from '../../../../formats/sdp/message-media.ts';
import type { Address } from '../../../../model/address.ts';
import { Intake } from '../../../../sessions/large/intake.ts';
import { described } from '../../../../sessions/media/described.ts';
import { receives, type RemoteDescription, sends } from '../../../../sessions/media/description.ts';
import { SessionLeg } from '../../../../sessions/media/session-leg.ts';
import type { IncomingMessage } from '../../../../sessions/transfer/incoming-spools.ts';
import type { IncomingInvite } from '../../../../sip/invite/incoming-invite.ts';
import type { HeaderRow } from '../../../../sip/message/sip-headers.ts';
import type { Identity } from '../../identity.ts';
import { answerSubmission, deferredMessage } from '../../messaging/submission-answer.ts';
import { refuse, type SipAnswer } from '../../sip-answer.ts';
import { type LargeMessageRequest, readLargeMessage } from '../words/read-large-message.ts';
import { type Relayed, RelayedLarge } from './relayed-large.ts';
import { legPlace } from '../leg-towards.ts';
import type { SessionKind } from '../words/session-kind.ts';
import type { SessionRoom } from '../session-room.ts';
import { reportStatusOf, type StoreOutcome, storeMessage } from './store-message.ts';

export interface LargeInvite {
  readonly invite: IncomingInvite;
  readonly identity: Identity;
  readonly recipient: Address;
  readonly kind: SessionKind;
  readonly offered: RemoteDescription | undefined;
  /** To be called when the session is over. */
  readonly ended: () => void;
}

/** What the session rests on. */
interface Taking {
  readonly head: SubmissionHead;
  readonly rows: readonly HeaderRow[];
  readonly relayed?: Relayed;
}

const everything = { acceptTypes: ['message/cpim', '*'], acceptWrappedTypes: ['*'] };

export class LargeMessageEndpoint {
  readonly #room: SessionRoom;

  constructor(room: SessionRoom) {
    this.#room = room;
  }

  async take(large: LargeInvite): Promise<void> {
    const { invite, offered, identity, recipient, kind, ended } = large;
    const refusal = refuseDirection(offered);
    const asked: LargeMessageRequest = { request: invite.request, identity, recipient, media: offered?.media, kind };
    const read = readLargeMessage(asked, this.#room.clock.wall());
    if (!read.ok) return this.#refuse(large, refuse(read.error.status, read.error.words));
    if (refusal !== undefined) return this.#refuse(large, refusal);
    const preparation = await this.#room.delivery.prepare(read.value);
    switch (preparation.kind) {
      case 'refused':
        return this.#refuse(large, answerSubmission(preparation));
      case 'repeated':
        return this.#takeAgain(large, read.value, preparation.outcome);
      case 'relay':
        return this.#relay(large, { ...read.value, prepared: preparation.prepared });
      default: {
        const { prepared, state } = preparation;
        const rows = keptRows(prepared, state);
        const session = this.#accept(large, { head: { ...read.value, prepared }, rows });
        return session === undefined ? ended() : this.#keep(session, { ...read.value, prepared });
      }
    }
  }

  #refuse({ invite, ended }: LargeInvite, { status, warning, headers }: SipAnswer): void {
    invite.reject(status, warning === undefined ? { headers } : { warning, headers });
    ended();
  }

  /** It is known: it is taken once more and forgotten, and answered as the first time. */
  #takeAgain(large: LargeInvite, head: SubmissionHead, outcome: SubmissionOutcome): void {
    if (outcome.kind === 'refused') return this.#refuse(large, answerSubmission(outcome));
    const intake = this.#accept(large, {
      head,
      rows: outcome.kind === 'accepted' ? [['Deferred-Message', deferredMessage(outcome)]] : [],
    });
    if (intake === undefined) return large.ended();
    void intake.wholeMessage.then(async (isWhole) => {
      (await intake.begunMessage)?.spool.release();
      if (isWhole) intake.finish(200);
    });
  }

  /** The recipient is there: their clients are asked first. */
  async #relay(large: LargeInvite, head: SubmissionHead): Promise<void> {
    const { invite, ended } = large;
    const relayed = new RelayedLarge(this.#room, { invite, head, offered: large.offered });
    const found = await relayed.find();
    if (!invite.isOpen) {
      if (found.kind === 'answered') found.relayed.close();
      return ended();
    }
    if (found.kind === 'refused') return this.#refuse(large, found.answer);
    if (found.kind === 'answered') {
      const intake = this.#accept(large, { head, rows: [], relayed: found.relayed });
      if (intake !== undefined) return this.#passOn(intake, head, found.relayed);
      found.relayed.close();
      return ended();
    }
    await this.#keepInstead(large, head);
  }

  /** Nobody answered: whether it may be kept is asked before any media. */
  async #keepInstead(large: LargeInvite, head: SubmissionHead): Promise<void> {
    const { prepared } = head;
    const { isStoreOffline, delivery } = this.#room;
    if (!isStoreOffline || head.validityMs === 0 || prepared === undefined) {
      return this.#refuse(large, refuse(603, 'not stored'));
    }
    const again = await delivery.prepare({ ...head, keepFirst: { waitMs: 0 } });
    if (again.kind === 'refused') return this.#refuse(large, answerSubmission(again));
    const intake = this.#accept(large, { head, rows: keptRows(prepared, 'waiting') });
    if (intake === undefined) large.ended();
    else void this.#keep(intake, head);
  }

  /** Undefined where there is no room, which was answered, or nobody waits for an answer any more. */
  #accept({ invite, offered, ended }: LargeInvite, { rows, relayed }: Taking): Intake | undefined {
    const { legs, ids, largeBytesMax, pool, clock, timers } = this.#room;
    const intake = new Intake({ pool, clock, timers, ended });
    const leg = SessionLeg.open({
      legs,
      ids,
      ...legPlace(this.#room, invite.flow, offered),
      types: relayed?.types ?? everything,
      sizeMax: Math.min(largeBytesMax, relayed?.sizeMax ?? largeBytesMax),
      ...(offered === undefined ? { direction: 'recvonly' as const } : {}),
      ...(offered?.media.file === undefined ? {} : { file: answeredFile(offered.media.file) }),
      listener: intake.spools,
      onReopened: (msrp) => {
        intake.spools.leg = msrp;
      },
    });
    if (leg === undefined) {
      invite.reject(503, { warning: 'more sessions than can be held', headers: [['Retry-After', '10']] });
      return undefined;
    }
    intake.use(leg);
    const description = offered === undefined ? leg.offer() : leg.answer(offered);
    const session = invite.accept(described(description), intake.sessionListener, rows);
    if (session === undefined) {
      leg.close();
      return undefined;
    }
    intake.begin(session);
    return intake;
  }

  async #keep(intake: Intake, head: SubmissionHead): Promise<void> {
    const message = await intake.begunMessage;
    if (message === undefined) return;
    await this.#keepWhole(intake, head, message);
  }

  async #keepWhole(intake: Intake, head: SubmissionHead, message: IncomingMessage): Promise<void> {
    if (!(await intake.wholeMessage)) return;
    const outcome = await storeMessage({ delivery: this.#room.delivery, head, message });
    intake.finish(reportStatusOf(outcome), reasonRows(outcome));
  }

  /** While it comes it goes on; what the recipient does not take in the end is kept, without its sender noticing. */
  async #passOn(intake: Intake, head: SubmissionHead, relayed: Relayed): Promise<void> {
    const message = await intake.begunMessage;
    if (message === undefined) return relayed.close();
    const passing = relayed.pass(message);
    void intake.wholeMessage.then((isWhole) => {
      if (!isWhole) relayed.close();
    });
    const passed = await passing;
    relayed.close();
    message.spool.unfollow();
    switch (passed.kind) {
      case 'delivered':
        if (!(await intake.wholeMessage)) return;
        this.#room.delivery.relayed({ ...passed.submission }, passed.isReportedByClient);
        message.spool.release();
        return intake.finish(200);
      case 'refused':
        message.spool.release();
        return intake.finish(passed.status);
      default:
        if (this.#room.isStoreOffline && head.validityMs !== 0) return this.#keepWhole(intake, head, message);
        message.spool.release();
        return intake.finish(408);
    }
  }
}

function keptRows({ id, acceptedAt, expiresAt }: Prepared, state: 'held' | 'waiting'): HeaderRow[] {
  return [['Deferred-Message', deferredMessage({ id, state, acceptedAt, expiresAt })]];
}

/** RFC 5547 8.3.1: what it is for is the offerer's word alone. */
function answeredFile({ disposition: _disposition, ...file }: MessageFile): MessageFile {
  return file;
}

/** Whoever brings a message must be able to send it. */
function refuseDirection(offered: RemoteDescription | undefined): SipAnswer | undefined {
  if (offered === undefined || sends(offered.media)) return undefined;
  const words = receives(offered.media) ? 'a large message is sent by whoever offers it' : 'the medium is inactive';
  return refuse(488, words);
}

function reasonRows(outcome: StoreOutcome): HeaderRow[] {
  if (outcome.kind === 'unreadable') return [reason(outcome.fault.status, outcome.fault.words)];
  if (outcome.kind !== 'refused') return [];
  const { status, warning = '' } = answerSubmission(outcome);
  return [reason(status, warning)];
}

function reason(status: number, words: string): HeaderRow {
  return ['Reason', `SIP;cause=${status};text="${words.replaceAll('"', "'")}"`];
}
