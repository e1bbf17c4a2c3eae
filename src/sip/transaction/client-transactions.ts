/**
 * All client transactions: gives requests a branch and a way, matches responses (RFC 3261 17.1.3), tells those whose
 * connection breaks. A finished one leaves nothing behind: its strays match nobody and are dropped (RFC 6026 8.9).
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { Counters } from '../../base/counters.ts';
import type { IdSource } from '../../base/ids.ts';
import { SlotMap } from '../../base/collections/slot-map.ts';
import type { Timers } from '../../base/time/timers.ts';
import type { SipResponse } from '../message/sip-message.ts';
import type { MessageTransport, OutgoingRoute } from '../transport/message-transport.ts';
import type { Destination } from '../transport/route-finder.ts';
import { ActiveTransactions } from './active-transactions.ts';
import { ActiveClientTransaction } from './client-transaction.ts';
import type { ClientPlan, ClientTransaction, ClientTransactionKeeper, ResponseHandler } from './client-transaction.ts';
import { inviteClient } from './machines/invite-client.ts';
import { nonInviteClient } from './machines/non-invite-client.ts';
import { planMachine } from './machines/transaction-machine.ts';
import type { TransactionTiming } from './machines/transaction-timing.ts';
import { cancelRequest, formatOutgoing, formatTopVia, insertVia, viaRestBytes } from './outgoing-request.ts';
import type { OutgoingSipRequest } from './outgoing-request.ts';

export interface ClientTransactionsOptions {
  readonly transport: MessageTransport;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly counters: Counters;
  readonly timing: TransactionTiming;
  /** Requests of ours under way; the newest fails. */
  readonly activeClientsMax: number;
}

const branchBits = 80;
const COOKIE = 'z9hG4bK';

export class ClientTransactions implements ClientTransactionKeeper {
  readonly #options: ClientTransactionsOptions;
  readonly #active: ActiveTransactions<ActiveClientTransaction>;
  readonly #byKey = new SlotMap<ActiveClientTransaction>();
  /** The slots of those who rest on a connection. */
  readonly #byConnection = new Map<number, Set<number>>();
  readonly #plans: Readonly<Record<'invite' | 'nonInvite', readonly [datagram: ClientPlan, stream: ClientPlan]>>;
  readonly #strays: { value: number };

  constructor(options: ClientTransactionsOptions) {
    const { timing, counters } = options;
    this.#options = options;
    this.#active = new ActiveTransactions(options.clock, options.timers);
    this.#plans = {
      invite: [planMachine(inviteClient, timing, false), planMachine(inviteClient, timing, true)],
      nonInvite: [planMachine(nonInviteClient, timing, false), planMachine(nonInviteClient, timing, true)],
    };
    this.#strays = counters.counter('sip_responses_stray');
    counters.gauge('sip_client_transactions_active', () => this.#active.size);
  }

  now(): Millis {
    return this.#options.clock.monotonic();
  }

  planFor(method: string, isReliable: boolean): ClientPlan {
    const [datagram, stream] = method === 'INVITE' ? this.#plans.invite : this.#plans.nonInvite;
    return isReliable ? stream : datagram;
  }

  send(request: OutgoingSipRequest, destination: Destination, handler: ResponseHandler): ClientTransaction {
    const branch = this.#newBranch();
    const bytesWithoutVia = formatOutgoing(request);
    const transaction = new ActiveClientTransaction(this, request, branch, { bytesWithoutVia, handler });
    this.#active.add(transaction);
    this.#byKey.set(branch, transaction);
    if (this.#active.size > this.#options.activeClientsMax) {
      this.#options.counters.add('sip_client_transactions_refused');
      transaction.fail();
      return transaction;
    }
    const bytes = bytesWithoutVia.length + viaRestBytes(branch);
    let isLater = false;
    this.#options.transport.findRoute(destination, bytes, (route) => this.#begin(transaction, route, isLater));
    isLater = true;
    return transaction;
  }

  /** An ACK to a 2xx: a request of its own that nobody answers (RFC 3261 13.2.2.4). */
  sendAck(request: OutgoingSipRequest, destination: Destination): void {
    const branch = this.#newBranch();
    const bytes = formatOutgoing(request);
    this.#options.transport.findRoute(destination, bytes.length + viaRestBytes(branch), (route) => {
      route?.send(insertVia(bytes, formatTopVia(route, branch)), () => undefined);
    });
  }

  receive(response: SipResponse): void {
    const { branch } = response.topVia;
    const { cseqMethod } = response;
    const transaction = branch === undefined ? undefined : this.#byKey.get(keyOf(branch, cseqMethod));
    if (transaction === undefined || transaction.request.method !== cseqMethod) this.#strays.value++;
    else transaction.receive(response);
  }

  connectionClosed(connection: number): void {
    for (const slot of this.#byConnection.get(connection) ?? []) this.#active.get(slot)?.fail();
  }

  settle(transaction: ActiveClientTransaction): void {
    if (transaction.slot === -1) return;
    if (!transaction.isOver) {
      this.#active.reschedule(transaction);
      return;
    }
    this.#leaveConnection(transaction);
    this.#byKey.delete(keyOf(transaction.branch, transaction.request.method));
    this.#active.remove(transaction);
  }

  /** On the way of its INVITE and with the same Via (RFC 3261 9.1). */
  sendCancel(invite: ActiveClientTransaction): void {
    const request = cancelRequest(invite.request);
    const { branch, route } = invite;
    const handler: ResponseHandler = { onFinal: () => undefined, onFailure: () => undefined };
    const bytesWithoutVia = formatOutgoing(request);
    const transaction = new ActiveClientTransaction(this, request, branch, { bytesWithoutVia, handler });
    this.#active.add(transaction);
    this.#byKey.set(keyOf(branch, 'CANCEL'), transaction);
    this.#begin(transaction, route, false);
  }

  #begin(transaction: ActiveClientTransaction, route: OutgoingRoute | undefined, isLater: boolean): void {
    if (transaction.slot === -1) return;
    transaction.begin(route, isLater);
    const connection = transaction.route?.connection;
    if (connection === undefined || transaction.isOver) return;
    const others = this.#byConnection.get(connection);
    if (others === undefined) this.#byConnection.set(connection, new Set([transaction.slot]));
    else others.add(transaction.slot);
  }

  #leaveConnection(transaction: ActiveClientTransaction): void {
    const connection = transaction.route?.connection;
    if (connection === undefined) return;
    const others = this.#byConnection.get(connection);
    others?.delete(transaction.slot);
    if (others?.size === 0) this.#byConnection.delete(connection);
  }

  #newBranch(): string {
    return COOKIE + this.#options.ids.randomToken(branchBits);
  }
}

/** A CANCEL has the branch of its INVITE. */
function keyOf(branch: string, method: string): string {
  return method === 'CANCEL' ? `${branch} CANCEL` : branch;
}
