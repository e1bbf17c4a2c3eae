/**
 * One request in the hands of its handler, and the way to answer it: To tag, Server and Warning are written here
 * (RFC 3261 8.2.6, 20.43).
 */
import { buildResponse } from '../message/build-response.ts';
import { formatWarning } from '../message/header-values.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { Flow } from '../registrar/ports.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';

export interface RespondOptions {
  /** Default: the phrase of RFC 3261 21. */
  readonly reason?: string;
  readonly headers?: readonly HeaderRow[];
  readonly body?: Uint8Array;
  /** Of the body. */
  readonly contentType?: string;
  /** Words for a Warning of code 399, or of another code. */
  readonly warning?: string;
  readonly warningCode?: number;
}

/** Who answers: product and version for the Server row, host for the Warning row. */
export interface AnsweringAgent {
  readonly server: string;
  readonly host: string;
}

const MISCELLANEOUS = 399;

export class RequestContext {
  readonly transaction: ServerTransaction;
  readonly #agent: AnsweringAgent;
  readonly #onRefused: (method: string, status: number) => void;

  /** `onRefused` hears of every answer of 400 and above. */
  constructor(
    transaction: ServerTransaction,
    agent: AnsweringAgent,
    onRefused: (method: string, status: number) => void = ignore,
  ) {
    this.transaction = transaction;
    this.#agent = agent;
    this.#onRefused = onRefused;
  }

  get request(): SipRequest {
    return this.transaction.request;
  }

  get flow(): Flow {
    return this.transaction.flow;
  }

  /** Sends a response; asserts what `ServerTransaction.respond` asserts. */
  respond(status: number, options: RespondOptions = NOTHING_MORE): void {
    const { warning, contentType, body = EMPTY } = options;
    if (status >= 400) this.#onRefused(this.request.method, status);
    const headers = options.headers === undefined ? [] : options.headers.slice();
    if (warning !== undefined) {
      const code = options.warningCode ?? MISCELLANEOUS;
      headers.push(['Warning', formatWarning({ code, agent: this.#agent.host, text: warning })]);
    }
    headers.push(['Server', this.#agent.server]);
    if (contentType !== undefined) headers.push(['Content-Type', contentType]);
    const { transaction } = this;
    const more = { reason: options.reason, toTag: transaction.localTag, headers, body };
    transaction.respond(buildResponse(transaction.request, status, more));
  }
}

function ignore(): void {}

const NOTHING_MORE: RespondOptions = {};
const EMPTY = new Uint8Array(0);
