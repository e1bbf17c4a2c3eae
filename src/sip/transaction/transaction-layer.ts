/**
 * The transaction layer (RFC 3261 17): between a transport that carries messages and a user who answers and asks.
 * Retransmissions of both directions end here.
 */
import type { Clock } from '../../base/time/clock.ts';
import type { Counters } from '../../base/counters.ts';
import type { IdSource } from '../../base/ids.ts';
import type { Timers } from '../../base/time/timers.ts';
import type { MessageTransport } from '../transport/message-transport.ts';
import type { Destination } from '../transport/route-finder.ts';
import type { ClientTransaction, ResponseHandler } from './client-transaction.ts';
import { ClientTransactions } from './client-transactions.ts';
import { defaultTiming } from './machines/transaction-timing.ts';
import type { TransactionTiming } from './machines/transaction-timing.ts';
import type { OutgoingSipRequest } from './outgoing-request.ts';
import { ServerTransactions } from './server-transactions.ts';
import type { ServerTransactionLimits, TransactionUser } from './server-transactions.ts';

export interface TransactionLayerOptions {
  readonly transport: MessageTransport;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly counters: Counters;
  readonly timing?: TransactionTiming;
  readonly limits?: TransactionLimits;
  /** For whoever else rests on a connection, as bindings do. */
  readonly onConnectionClosed?: (connection: number) => void;
}

export interface TransactionLimits extends ServerTransactionLimits {
  /** Requests of ours under way; the newest fails. */
  readonly activeClientsMax: number;
}

export const defaultTransactionLimits: TransactionLimits = {
  activeServersMax: 100_000,
  activeInvitesMax: 20_000,
  activeClientsMax: 100_000,
  // About 1.4 million answers of 190 bytes: 44,000 requests a second over datagrams.
  finishedBytesMax: 268_435_456,
  retryAfterSeconds: 10,
};

export class TransactionLayer {
  readonly #servers: ServerTransactions;
  readonly #clients: ClientTransactions;

  constructor(options: TransactionLayerOptions) {
    const { timing = defaultTiming, limits = defaultTransactionLimits } = options;
    this.#servers = new ServerTransactions({ ...options, timing, limits });
    this.#clients = new ClientTransactions({ ...options, timing, activeClientsMax: limits.activeClientsMax });
    options.transport.use({
      onRequest: (request, flow) => this.#servers.receive(request, flow),
      onResponse: (response) => this.#clients.receive(response),
      onConnectionClosed: (connection) => {
        this.#clients.connectionClosed(connection);
        options.onConnectionClosed?.(connection);
      },
    });
  }

  /** The one user, who gets every new request from now on. */
  use(user: TransactionUser): void {
    this.#servers.use(user);
  }

  /** Sends a request of any method but ACK; the handler is told how it ends, never before this returns. */
  send(request: OutgoingSipRequest, destination: Destination, handler: ResponseHandler): ClientTransaction {
    return this.#clients.send(request, destination, handler);
  }

  /** The ACK to a 2xx, without a transaction: the user sends it again for each further 2xx (RFC 3261 13.2.2.4). */
  sendAck(request: OutgoingSipRequest, destination: Destination): void {
    this.#clients.sendAck(request, destination);
  }
}
