/**
 * The requests of ours that change or refresh a session (RFC 3261 14.1, RFC 3311 5.1, RFC 4028 7.2): one at a time, again after
 * glare, acknowledged where they are INVITEs. What an offer means is nobody's business here.
 */
import type { Millis } from '../../base/time/clock.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { createDialogRequest } from '../dialog/dialog-request.ts';
import type { DialogRequest } from '../dialog/dialog-request.ts';
import { parseRetryAfter } from '../message/header-values.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import type { SipResponse } from '../message/sip-message.ts';
import type { ClientFailure } from '../transaction/client-transaction.ts';
import type { Destination } from '../transport/route-finder.ts';
import { askForInterval, longerInterval, readAgreedInterval } from './interval-rows.ts';
import { turns } from './machines/exchange.ts';
import type { ExchangeState } from './machines/exchange.ts';
import { sessionExpiresDefault } from './machines/session-timer.ts';
import type { SessionTimer } from './machines/session-timer.ts';
import { contentOf } from './session-content.ts';
import type { InviteSurroundings, OfferOutcome, SessionContent } from './session-words.ts';

/** So often a request that met one of the other side is tried again; then it is refused. */
export const glaresMax = 5;

/** What requests of ours need of their session. */
export interface RequestingSession {
  readonly dialog: Dialog;
  readonly surroundings: InviteSurroundings;
  readonly timer: SessionTimer;
  /** We sent the INVITE that made it. */
  readonly isCaller: boolean;
  /** The other side takes UPDATE, as far as it has said. */
  peerTakesUpdate: boolean;
  exchange: ExchangeState;
  /** What we offered or answered last. */
  localContent: SessionContent | undefined;
  destinationOf(nextHop: string): Destination;
  rescheduled(): void;
  /** The other side is gone. */
  lose(status: number | undefined): void;
}

interface OwnRequest {
  readonly method: 'INVITE' | 'UPDATE';
  readonly content: SessionContent | undefined;
  readonly rows: readonly HeaderRow[];
  readonly isRefresh: boolean;
  readonly onOutcome: (outcome: OfferOutcome) => void;
  /** How often it met a request of the other side. */
  glares: number;
  seconds: number;
}

export class OwnRequests {
  readonly #session: RequestingSession;
  #open: OwnRequest | undefined;
  #wanted: OwnRequest | undefined;
  /** When the one that is wanted may leave, after glare. */
  #wantedAt: Millis = 0;
  #isStopped = false;

  constructor(session: RequestingSession) {
    this.#session = session;
  }

  /** Leaves as soon as it may; one at a time. `onOutcome` is called once, perhaps at once. */
  offer(content: SessionContent, rows: readonly HeaderRow[], onOutcome: (outcome: OfferOutcome) => void): void {
    if (this.#isStopped || this.#wanted !== undefined || this.#open?.isRefresh === false) {
      onOutcome({ kind: 'void' });
      return;
    }
    this.#wanted = { ...this.#newRequest('INVITE', content), rows, isRefresh: false, onOutcome };
    this.#wantedAt = 0;
    this.leaveIfPossible();
  }

  /** It is time to show the other side that the session lives. */
  refresh(now: Millis): void {
    const { peerTakesUpdate, exchange, localContent, timer } = this.#session;
    const method = peerTakesUpdate ? 'UPDATE' : 'INVITE';
    const turn = turns[exchange];
    const mayLeave = method === 'UPDATE' ? turn.mayRefresh : turn.mayOffer;
    if (this.#open !== undefined || this.#wanted !== undefined || !mayLeave) {
      timer.failed(now, laterMs);
      return;
    }
    this.#send({ ...this.#newRequest(method, method === 'UPDATE' ? undefined : localContent), isRefresh: true });
  }

  /** The turn has changed, or time has passed. */
  leaveIfPossible(): void {
    const { exchange, surroundings } = this.#session;
    const wanted = this.#wanted;
    if (wanted === undefined || this.#open !== undefined || !turns[exchange].mayOffer) return;
    if (this.#wantedAt > surroundings.clock.monotonic()) return;
    this.#wanted = undefined;
    this.#send(wanted);
  }

  deadline(): Millis | undefined {
    const canLeave = this.#wanted !== undefined && this.#open === undefined && turns[this.#session.exchange].mayOffer;
    return canLeave ? this.#wantedAt : undefined;
  }

  stop(): void {
    this.#isStopped = true;
    const [open, wanted] = [this.#open, this.#wanted];
    this.#open = undefined;
    this.#wanted = undefined;
    open?.onOutcome({ kind: 'void' });
    wanted?.onOutcome({ kind: 'void' });
  }

  #newRequest(method: OwnRequest['method'], content: SessionContent | undefined): OwnRequest {
    const seconds = this.#session.timer.interval ?? sessionExpiresDefault;
    return { method, content, rows: [], isRefresh: false, onOutcome: ignore, glares: 0, seconds };
  }

  #send(own: OwnRequest): void {
    const { dialog, surroundings, timer } = this.#session;
    const { method, content } = own;
    const request = createDialogRequest(dialog, method, content);
    const { headers } = request;
    headers.add('Allow', surroundings.allow()).add('Supported', 'timer');
    const refresher = timer.interval !== undefined && timer.refresher === 'them' ? 'uas' : 'uac';
    for (const [name, value] of [...askForInterval(own.seconds, refresher), ...own.rows]) headers.add(name, value);
    this.#open = own;
    this.#session.exchange = method === 'INVITE' || content !== undefined ? 'ours' : 'refreshing';
    const { localCSeq: cseq } = dialog.numbers;
    surroundings.transactions.send(request, this.#session.destinationOf(request.nextHop), {
      onFinal: (response) => {
        if (method === 'INVITE' && response.status < 300) this.#acknowledge(cseq);
        this.#answered(own, response);
      },
      onFailure: (reason) => this.#failed(own, reason),
    });
  }

  /** RFC 3261 13.2.2.4: again for each retransmission of the 2xx. */
  #acknowledge(cseq: number): void {
    const { dialog, surroundings } = this.#session;
    const ack: DialogRequest = createDialogRequest(dialog, 'ACK', undefined, cseq);
    surroundings.transactions.sendAck(ack, this.#session.destinationOf(ack.nextHop));
  }

  #answered(own: OwnRequest, response: SipResponse): void {
    // The 2xx again, or the session is over.
    if (this.#open !== own) return;
    this.#close();
    const { status } = response;
    if (status < 300) this.#accepted(own, response);
    else if (status === 481 || status === 408) this.#lose(own, status);
    else if (status === 491 && own.glares < glaresMax) this.#tryAgain(own);
    else this.#refused(own, response);
    this.#session.rescheduled();
  }

  #accepted(own: OwnRequest, response: SipResponse): void {
    const { dialog, timer, surroundings } = this.#session;
    // A target that cannot be read leaves the old one.
    dialog.refreshTarget(response);
    const { seconds, refresher } = readAgreedInterval(response, own.seconds);
    timer.agree(seconds, refresher === 'uac' ? 'us' : 'them', surroundings.clock.monotonic());
    if (own.content !== undefined) this.#session.localContent = own.content;
    own.onOutcome({ kind: 'accepted', content: contentOf(response), response });
    this.leaveIfPossible();
  }

  /** RFC 3261 14.1: whoever made the Call-ID waits longer, so that the two do not meet again. */
  #tryAgain(own: OwnRequest): void {
    const { surroundings, isCaller, timer } = this.#session;
    const now = surroundings.clock.monotonic();
    const afterMs = glareMs(surroundings.ids.fraction(), isCaller);
    if (own.isRefresh) {
      timer.failed(now, afterMs);
      return;
    }
    own.glares += 1;
    this.#wanted = own;
    this.#wantedAt = now + afterMs;
  }

  #refused(own: OwnRequest, response: SipResponse): void {
    const longer = response.status === 422 ? longerInterval(response, own.seconds) : undefined;
    if (longer !== undefined) {
      this.#send({ ...own, seconds: longer });
      return;
    }
    if (own.isRefresh) this.#refreshRefused(own, response);
    else own.onOutcome({ kind: 'refused', status: response.status, response });
    this.leaveIfPossible();
  }

  #refreshRefused(own: OwnRequest, { status, headers }: SipResponse): void {
    const { timer, surroundings } = this.#session;
    const now = surroundings.clock.monotonic();
    if (own.method === 'UPDATE' && (status === 405 || status === 501)) {
      this.#session.peerTakesUpdate = false;
      timer.failed(now, 0);
      return;
    }
    const seconds = parseRetryAfter(headers.get('Retry-After') ?? '');
    timer.failed(now, seconds === undefined ? undefined : seconds * 1_000);
  }

  #failed(own: OwnRequest, reason: ClientFailure): void {
    if (this.#open !== own) return;
    this.#close();
    if (reason === 'timeout') this.#lose(own, undefined);
    else if (own.isRefresh) this.#session.timer.failed(this.#session.surroundings.clock.monotonic());
    // RFC 3261 8.1.3.1.
    else own.onOutcome({ kind: 'refused', status: 503, response: undefined });
    this.#session.rescheduled();
  }

  #lose(own: OwnRequest, status: number | undefined): void {
    own.onOutcome({ kind: 'void' });
    this.#session.lose(status);
  }

  #close(): void {
    this.#open = undefined;
    const { exchange } = this.#session;
    // Theirs may have come over a refresh of ours.
    if (exchange === 'ours' || exchange === 'refreshing') this.#session.exchange = 'stable';
  }
}

/** A refresh that cannot leave at once. */
const laterMs: Millis = 1_000;

function glareMs(fraction: number, isCaller: boolean): Millis {
  const tens = isCaller ? 210 + Math.floor(fraction * 191) : Math.floor(fraction * 201);
  return tens * 10;
}

function ignore(): void {}
