/**
 * All server transactions: matches requests to them (RFC 3261 17.2.3 and 9.2), ends retransmissions, and keeps of the
 * answered ones only what `FinishedTransactions` keeps. At its limits new requests get 503 without a transaction.
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { Counters, Durations } from '../../base/counters.ts';
import type { IdSource } from '../../base/ids.ts';
import type { Timers } from '../../base/time/timers.ts';
import { buildResponse } from '../message/build-response.ts';
import { formatSipResponse } from '../message/format-message.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { Flow } from '../registrar/ports.ts';
import type { MessageTransport } from '../transport/message-transport.ts';
import { ActiveTransactions } from './active-transactions.ts';
import { FinishedTransactions } from './finished/finished-transactions.ts';
import { HashIndex } from './finished/hash-index.ts';
import { KeyedHash } from './finished/keyed-hash.ts';
import { inviteServer } from './machines/invite-server.ts';
import { nonInviteServer } from './machines/non-invite-server.ts';
import { planMachine } from './machines/transaction-machine.ts';
import type { TransactionTiming } from './machines/transaction-timing.ts';
import { ActiveServerTransaction } from './server-transaction.ts';
import type { ServerPlan, ServerTransaction, ServerTransactionKeeper, TransactionKey } from './server-transaction.ts';
import { hashTransactionKey, isUniqueBranch } from './transaction-key.ts';

/** Whoever uses the transactions: the core of a user agent. */
export interface TransactionUser {
  onRequest(transaction: ServerTransaction): void;
  /** An ACK for a 2xx: with the INVITE's branch, or with its own (RFC 3261 13.2.2.4, RFC 6026 7.1). */
  onAck?(request: SipRequest, flow: Flow): void;
}

export interface ServerTransactionsOptions {
  readonly transport: MessageTransport;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly counters: Counters;
  readonly timing: TransactionTiming;
  readonly limits: ServerTransactionLimits;
}

export interface ServerTransactionLimits {
  /** Requests that have no answer yet. */
  readonly activeServersMax: number;
  /** INVITEs that have no answer or no ACK yet: anybody can begin many that nobody acknowledges, at 9 KB each. */
  readonly activeInvitesMax: number;
  /** Records of answers. */
  readonly finishedBytesMax: number;
  /** What the Retry-After of the 503 says, in seconds. */
  readonly retryAfterSeconds: number;
}

/** Finished transactions are forgotten together, at most this late. */
const expirySweepMs: Millis = 250;

export class ServerTransactions implements ServerTransactionKeeper {
  readonly transport: MessageTransport;
  readonly ids: IdSource;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #counters: Counters;
  readonly #limits: ServerTransactionLimits;
  readonly #hash: KeyedHash;
  /** Under a key of its own: who sees tags must not learn what falls together in the index. */
  readonly #tags: KeyedHash;
  /** Positive: a record of `#finished`; negative: a slot of `#active`, as -1 - slot. */
  readonly #index = new HashIndex();
  readonly #active: ActiveTransactions<ActiveServerTransaction>;
  readonly #finished: FinishedTransactions;
  readonly #plans: Readonly<Record<'invite' | 'nonInvite', readonly [datagram: ServerPlan, stream: ServerPlan]>>;
  readonly #retransmissions: { value: number };
  readonly #answerTimes: Durations;
  #user: TransactionUser | undefined;
  #invites = 0;
  #isSweeping = false;

  constructor(options: ServerTransactionsOptions) {
    const { transport, ids, clock, timers, counters, timing, limits } = options;
    this.transport = transport;
    this.ids = ids;
    this.#clock = clock;
    this.#timers = timers;
    this.#counters = counters;
    this.#limits = limits;
    this.#hash = KeyedHash.withRandomKey(ids);
    this.#hash.begin().end();
    this.#tags = new KeyedHash(this.#hash.lo, this.#hash.hi);
    this.#active = new ActiveTransactions(clock, timers);
    this.#finished = new FinishedTransactions(this.#index, limits.finishedBytesMax);
    this.#plans = {
      invite: [planMachine(inviteServer, timing, false), planMachine(inviteServer, timing, true)],
      nonInvite: [planMachine(nonInviteServer, timing, false), planMachine(nonInviteServer, timing, true)],
    };
    this.#retransmissions = counters.counter('sip_request_retransmissions');
    this.#answerTimes = counters.durations('restante_sip_answer_seconds');
    counters.gauge('sip_server_transactions_active', () => this.#active.size);
    counters.gauge('sip_server_transactions_finished', () => this.#finished.size);
    counters.gauge('sip_server_transactions_finished_bytes', () => this.#finished.usedBytes + this.#index.bytes);
  }

  use(user: TransactionUser): void {
    this.#user = user;
  }

  now(): Millis {
    return this.#clock.monotonic();
  }

  receive(request: SipRequest, flow: Flow): void {
    if (request.method === 'ACK') {
      this.#receiveAck(request, flow);
      return;
    }
    hashTransactionKey(this.#hash, request, flow);
    const { lo, hi } = this.#hash;
    const found = this.#index.get(lo, hi);
    if (found === 0) {
      this.#begin(request, flow, lo, hi);
      return;
    }
    this.#retransmissions.value++;
    if (found < 0) this.#active.get(-1 - found)?.retransmitted();
    else this.transport.sendResponse(this.#finished.answer(found, request), request.topVia, flow);
  }

  lastingTag({ lo, hi }: TransactionKey): string {
    const tag = this.#tags.begin().addNumber(lo).addNumber(hi).end();
    return (tag.lo >>> 0).toString(36) + (tag.hi >>> 0).toString(36);
  }

  settle(transaction: ActiveServerTransaction, now: Millis): void {
    if (transaction.slot === -1) return;
    const deadline = transaction.deadline();
    // Timers I and J of a stream are over at once.
    if (deadline !== undefined && deadline <= now && transaction.isAnswered && !transaction.isTerminated) {
      transaction.tick(now);
      return;
    }
    if (transaction.isTerminated || (transaction.isForgotten && transaction.isOnlyRepeating)) {
      this.#index.delete(transaction.lo, transaction.hi);
      this.#active.remove(transaction);
      if (transaction.request.method === 'INVITE') this.#invites--;
    } else if (transaction.isOnlyRepeating && this.#finish(transaction, deadline)) {
      this.#active.remove(transaction);
    } else this.#active.reschedule(transaction);
  }

  passAck(request: SipRequest, flow: Flow): void {
    this.#user?.onAck?.(request, flow);
  }

  count(event: 'unanswered' | 'no-ack' | 'send-failed'): void {
    this.#counters.add(`sip_server_transactions{event="${event}"}`);
  }

  answered(tookMs: Millis): void {
    this.#answerTimes.add(tookMs);
  }

  #begin(request: SipRequest, flow: Flow, lo: number, hi: number): void {
    const isInvite = request.method === 'INVITE';
    if (this.#isFull(isInvite)) {
      this.#refuse(request, flow, { lo, hi });
      return;
    }
    if (isInvite) this.#invites++;
    const [datagram, stream] = isInvite ? this.#plans.invite : this.#plans.nonInvite;
    const plan = flow.transport === 'udp' ? datagram : stream;
    const transaction = new ActiveServerTransaction(this, plan, { request, flow }, { lo, hi });
    this.#active.add(transaction);
    this.#index.set(lo, hi, -1 - transaction.slot);
    if (request.method === 'CANCEL') this.#cancel(transaction);
    else this.#user?.onRequest(transaction);
  }

  #isFull(isInvite: boolean): boolean {
    const { activeServersMax, activeInvitesMax } = this.#limits;
    if (this.#finished.isFull || this.#active.size >= activeServersMax) return true;
    return isInvite && this.#invites >= activeInvitesMax;
  }

  /** Without a transaction; the tag follows from the request, so that a retransmission gets the same (8.2.7). */
  #refuse(request: SipRequest, flow: Flow, key: TransactionKey): void {
    this.#counters.add('sip_requests_refused{reason="overload"}');
    const response = buildResponse(request, 503, {
      toTag: this.lastingTag(key),
      headers: [['Retry-After', String(this.#limits.retryAfterSeconds)]],
    });
    this.transport.sendResponse(formatSipResponse(response), request.topVia, flow);
  }

  #cancel(cancel: ActiveServerTransaction): void {
    const invite = this.#findInvite(cancel.request, cancel.flow);
    const status = invite === undefined ? 481 : 200;
    // RFC 3261 9.2: the same To tag in the answers to both.
    const toTag = invite?.localTag ?? cancel.localTag;
    cancel.respond(buildResponse(cancel.request, status, { toTag }));
    invite?.cancelled();
  }

  #receiveAck(ack: SipRequest, flow: Flow): void {
    const invite = this.#findInvite(ack, flow);
    const isOld = !isUniqueBranch(ack.topVia.branch);
    if (invite === undefined || (isOld && invite.last?.to.tag !== ack.to.tag)) this.passAck(ack, flow);
    else invite.acknowledged(ack, flow);
  }

  #findInvite(request: SipRequest, flow: Flow): ActiveServerTransaction | undefined {
    hashTransactionKey(this.#hash, request, flow, 'INVITE');
    const found = this.#index.get(this.#hash.lo, this.#hash.hi);
    return found < 0 ? this.#active.get(-1 - found) : undefined;
  }

  #finish(transaction: ActiveServerTransaction, deadline: Millis | undefined): boolean {
    const { lo, hi, request, last, lastBytes } = transaction;
    if (deadline === undefined || last === undefined || lastBytes === undefined) return false;
    if (!this.#finished.keep(lo, hi, deadline, { request, response: last, bytes: lastBytes })) return false;
    if (!this.#isSweeping) this.#sweepLater();
    return true;
  }

  #sweepLater(): void {
    const next = this.#finished.nextExpiry();
    this.#isSweeping = next !== undefined;
    if (next !== undefined) this.#timers.at(next + expirySweepMs, (now) => this.#sweep(now));
  }

  #sweep(now: Millis): void {
    this.#finished.expire(now);
    this.#sweepLater();
  }
}
