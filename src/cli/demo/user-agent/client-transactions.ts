/** Non-INVITE client transactions (RFC 3261 section 17.1.2): timers E and F, answers matched by branch and method. */
import type { SipText } from './sip-text.ts';

/** Nobody answered within 64*T1. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

export interface ClientTransactionTimes {
  /** RFC 3261 T1 in milliseconds; T2 is eight times, timer F sixty-four times as long. */
  readonly t1Ms: number;
  /** On a stream nothing is retransmitted. */
  readonly isReliable: boolean;
}

export class ClientTransactions {
  readonly #times: ClientTransactionTimes;
  readonly #open = new Map<string, OpenTransaction>();

  constructor(times: ClientTransactionTimes) {
    this.#times = times;
  }

  /** Sends by `transmit`, again as timer E says, and resolves with the final answer or rejects with NoAnswerError. */
  run(branch: string, method: string, transmit: (isRetransmission: boolean) => void): Promise<SipText> {
    return new Promise((resolve, reject) => {
      const key = `${branch} ${method}`;
      const transaction: OpenTransaction = { settle, retransmitMs: this.#times.t1Ms, timers: [] };
      const transactions = this.#open;
      function settle(answer: SipText | Error): void {
        for (const timer of transaction.timers) clearTimeout(timer);
        transactions.delete(key);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      }
      transactions.set(key, transaction);
      transmit(false);
      const timeoutMs = 64 * this.#times.t1Ms;
      transaction.timers[0] = setTimeout(
        () => settle(new NoAnswerError(`no answer to ${method} within ${timeoutMs} ms`)),
        timeoutMs,
      );
      if (!this.#times.isReliable) this.#armRetransmission(transaction, transmit);
    });
  }

  /** False for an answer that belongs to no open transaction. */
  handle(answer: SipText): boolean {
    const transaction = this.#open.get(`${answer.branch} ${answer.method}`);
    if (!transaction) return false;
    // RFC 3261 section 17.1.2.2: after a provisional answer timer E runs at T2.
    if (answer.status < 200) transaction.retransmitMs = 8 * this.#times.t1Ms;
    else transaction.settle(answer);
    return true;
  }

  /** Ends every open transaction with an error. */
  abandon(why: string): void {
    for (const transaction of this.#open.values()) transaction.settle(new NoAnswerError(why));
  }

  #armRetransmission(transaction: OpenTransaction, transmit: (isRetransmission: boolean) => void): void {
    transaction.timers[1] = setTimeout(() => {
      transmit(true);
      transaction.retransmitMs = Math.min(transaction.retransmitMs * 2, 8 * this.#times.t1Ms);
      this.#armRetransmission(transaction, transmit);
    }, transaction.retransmitMs);
  }
}

interface OpenTransaction {
  readonly settle: (answer: SipText | Error) => void;
  readonly timers: NodeJS.Timeout[];
  retransmitMs: number;
}
