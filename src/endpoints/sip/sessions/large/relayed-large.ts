/**
 * The recipient's side of a large message that is streamed through: the contacts that are there are asked, the first that
 * answers takes it, and gets the octets as they come from the sender.
 */
import type { Submission, SubmissionHead } from '../../../../delivery/submission.ts';
import { envelopeHeadMax, isEnvelope } from '../../../../sessions/content/outgoing-form.ts';
import { Player } from '../../../../sessions/large/player.ts';
import { type AcceptedTypes, typesThrough } from '../../../../sessions/media/accepted-types.ts';
import type { RemoteDescription, RemoteMedia } from '../../../../sessions/media/description.ts';
import type { SessionLeg } from '../../../../sessions/media/session-leg.ts';
import type { IncomingMessage } from '../../../../sessions/transfer/incoming-spools.ts';
import type { ForkBranch, ForkedInvite, ForkFailure } from '../../../../sip/invite/fork/forked-invite.ts';
import type { IncomingInvite } from '../../../../sip/invite/incoming-invite.ts';
import type { InviteSession } from '../../../../sip/invite/invite-session.ts';
import type { CallFailure, SessionListener } from '../../../../sip/invite/session-words.ts';
import { formatSipDate } from '../../../../sip/message/grammar/sip-date.ts';
import type { Binding } from '../../../../sip/registrar/ports.ts';
import { hopsMax } from '../../messaging/write-pager-message.ts';
import { styleOf } from '../../registration/delivery-style.ts';
import { refuse, type SipAnswer } from '../../sip-answer.ts';
import { legTowards } from '../leg-towards.ts';
import { heardFrom } from './heard-from.ts';
import { messageIdOf, outcomeOfCall } from './play-large.ts';
import { withContent } from '../words/read-large-message.ts';
import { declaresMsrp, sessionBindings } from '../words/session-devices.ts';
import { rowsPassedOn, writeSessionInvite } from '../words/session-invite.ts';
import { answerMsMax, type SessionRoom } from '../session-room.ts';

export interface RelayPlan {
  readonly invite: IncomingInvite;
  readonly head: SubmissionHead;
  readonly offered: RemoteDescription | undefined;
}

/** `nobody`: for the time being. `refused`: by every client, for good. */
export type Found =
  | { readonly kind: 'answered'; readonly relayed: Relayed }
  | { readonly kind: 'refused'; readonly answer: SipAnswer }
  | { readonly kind: 'nobody' };

export type Passed =
  | { readonly kind: 'delivered'; readonly submission: Submission; readonly isReportedByClient: boolean }
  | { readonly kind: 'refused'; readonly status: number }
  /** To be kept. */
  | { readonly kind: 'not-taken' };

interface Branch {
  readonly binding: Binding;
  readonly leg: SessionLeg;
  readonly player: Player;
  readonly call: ForkBranch;
}

export class RelayedLarge {
  readonly #room: SessionRoom;
  readonly #plan: RelayPlan;
  #fork: ForkedInvite | undefined;

  constructor(room: SessionRoom, plan: RelayPlan) {
    this.#room = room;
    this.#plan = plan;
  }

  /** Resolves within `answerMsMax`, or when the sender does not wait any more. */
  async find(): Promise<Found> {
    const branches = this.#branches();
    if (branches.length === 0) return { kind: 'nobody' };
    const found = await new Promise<Found>((resolve) => {
      this.#plan.invite.onCancelled = () => {
        this.#fork?.cancel();
        resolve({ kind: 'nobody' });
      };
      this.#fork = this.#room.invites.fork(
        { branches: branches.map(({ call }) => call), limitMs: answerMsMax },
        {
          answered: (at, session, response) => this.#answered(branches, at, { session, body: response.body, resolve }),
          failed: (failure) => {
            for (const { leg } of branches) leg.close();
            resolve(whatFailed(branches, failure));
          },
          mayLeave: () => this.#plan.invite.isOpen,
        },
      );
    });
    return found;
  }

  #branches(): Branch[] {
    const { recipient } = this.#plan.head.message;
    const { isStoreOffline } = this.#room;
    return sessionBindings(this.#room.bindingsOf(recipient)).flatMap((binding) => {
      if (styleOf(binding.contactParameters, isStoreOffline) !== 'push') return [];
      const { sender } = this.#plan.head.message;
      const parties = { from: recipient, to: sender };
      const player = new Player({
        ...this.#room,
        hear: (type, body) => heardFrom(this.#room, parties, { type, body }),
      });
      const leg = this.#openLeg(binding, player);
      if (leg === undefined) return [];
      player.use(leg);
      return [{ binding, leg, player, call: this.#callTo(binding, leg) }];
    });
  }

  #openLeg(binding: Binding, player: Player): SessionLeg | undefined {
    const { offered } = this.#plan;
    const types = offered?.media ?? { acceptTypes: ['*'], acceptWrappedTypes: ['*'] };
    return legTowards(this.#room, binding, {
      listener: player.spools,
      sizeMax: this.#room.largeBytesMax,
      direction: 'sendonly',
      ...(offered?.media.file === undefined ? {} : { file: offered.media.file }),
      types: typesThrough(types),
    });
  }

  #callTo(binding: Binding, leg: SessionLeg): ForkBranch {
    const { head, invite } = this.#plan;
    const { sender, senderName, recipient, sentAt, hopsLeft = hopsMax - 1, autoSubmitted } = head.message;
    return writeSessionInvite({
      binding,
      sender,
      senderName,
      recipient,
      kind: head.message.ownSession === 'file' ? 'file-transfer' : 'large-message',
      offer: leg.offer(),
      rows: [
        ...rowsPassedOn(invite.request.headers, hopsLeft),
        ['Date', formatSipDate(sentAt)],
        ...(autoSubmitted === undefined ? [] : [['Auto-Submitted', autoSubmitted] as const]),
      ],
      isTrusted: (address) => this.#room.isTrusted(address),
    });
  }

  #answered(
    branches: readonly Branch[],
    at: number,
    { session, body, resolve }: { session: InviteSession; body: Uint8Array; resolve: (found: Found) => void },
  ): SessionListener {
    const branch = branches[at];
    for (const each of branches) if (each !== branch) each.leg.close();
    const media = branch?.leg.answered(body);
    if (branch === undefined || media === undefined || !media.ok) {
      branch?.leg.close();
      session.bye();
      resolve({ kind: 'nobody' });
      return { ended: () => undefined };
    }
    const { leg, player } = branch;
    resolve({ kind: 'answered', relayed: new Relayed(this.#plan.head, media.value, { session, leg, player }) });
    return { ended: () => player.sessionEnded() };
  }
}

export class Relayed {
  readonly types: AcceptedTypes;
  readonly sizeMax: number | undefined;
  readonly #head: SubmissionHead;
  readonly #side: { readonly session: InviteSession; readonly leg: SessionLeg; readonly player: Player };

  constructor(
    head: SubmissionHead,
    media: RemoteMedia,
    side: { readonly session: InviteSession; readonly leg: SessionLeg; readonly player: Player },
  ) {
    this.types = typesThrough(media);
    this.sizeMax = media.maxSize;
    this.#head = head;
    this.#side = side;
  }

  /** Resolves when it is delivered, or will not be by this session. */
  async pass({ head, spool }: IncomingMessage): Promise<Passed> {
    const { contentType = 'application/octet-stream', headers, byteRange } = head;
    spool.isFollowed = true;
    try {
      const first = isEnvelope({ contentType }) ? await spool.head(envelopeHeadMax) : new Uint8Array(0);
      const read = withContent(this.#head, { contentType, headers }, first);
      if (!read.ok) return { kind: 'refused', status: 403 };
      const { bytes: _bytes, message, ...rest } = read.value;
      const submission: Submission = { ...rest, message: { ...message, body: new Uint8Array(0) } };
      const { player } = this.#side;
      const played = await player.play({
        messageId: messageIdOf(rest.prepared?.id ?? head.messageId ?? ''),
        contentType,
        headers: headers.filter(({ name }) => /^content-/i.test(name)),
        size: spool.size ?? byteRange?.total,
        source: spool,
        words: message,
      });
      switch (played.kind) {
        case 'delivered':
          return {
            kind: 'delivered',
            submission,
            isReportedByClient: player.isAsIs && message.reportReference !== undefined,
          };
        case 'refused':
          return { kind: 'refused', status: played.status };
        case 'unfit':
          return { kind: 'refused', status: 415 };
        default:
          return { kind: 'not-taken' };
      }
    } catch {
      // Its sender gave it up.
      return { kind: 'not-taken' };
    }
  }

  close(): void {
    const { player, session, leg } = this.#side;
    player.stop();
    session.bye();
    leg.close();
  }
}

/** The word of those who declared MSRP counts; somebody who declared nothing may have none (docs/sessions.md). */
function whatFailed(branches: readonly Branch[], { why, failures, best }: ForkFailure): Found {
  if (why !== 'refused') return { kind: 'nobody' };
  const outcomes = failures.map((failure, at) => outcomeOf(failure, branches[at]?.binding));
  const declared = branches.flatMap(({ binding }, at) => (declaresMsrp(binding) ? [outcomes[at]] : []));
  const isOver = best?.kind === 'refused' && best.status >= 600;
  const isFinal = declared.length > 0 && outcomes.every((outcome) => outcome === 'refused' || outcome === 'no-msrp');
  if (best?.kind !== 'refused' || !(isOver || isFinal)) return { kind: 'nobody' };
  return { kind: 'refused', answer: refuse(best.status, 'every client refused it for good') };
}

function outcomeOf(failure: CallFailure | undefined, binding: Binding | undefined): string | undefined {
  return failure === undefined || binding === undefined ? undefined : outcomeOfCall(failure, binding).kind;
}
