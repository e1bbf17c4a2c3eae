/**
 * The core of a user agent server (RFC 3261 8.2): checks what all requests have in common and hands each to the
 * handler of its method. Nothing that a peer sends and nothing that a handler throws stops it.
 */
import type { Clock } from '../../base/time/clock.ts';
import type { Counters } from '../../base/counters.ts';
import type { IdSource } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { SipUriScheme } from '../message/sip-uri.ts';
import type { Flow } from '../registrar/ports.ts';
import { transactionMs } from '../transaction/machines/transaction-timing.ts';
import type { TransactionTiming } from '../transaction/machines/transaction-timing.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { TransactionUser } from '../transaction/server-transactions.ts';
import { MergedRequests } from './merged-requests.ts';
import { findRefusal } from './request-checks.ts';
import type { RequestRules } from './request-checks.ts';
import { RequestContext } from './request-context.ts';
import type { AnsweringAgent } from './request-context.ts';

/** Answers a request, now or later; what it throws is answered with 500. */
export type RequestHandler = (context: RequestContext) => void | Promise<void>;

export interface MethodOptions {
  /**
   * Whether the same request by another way is the handler's business: it knows a repetition by its content and
   * answers it as the first time, in place of the 482 of RFC 3261 8.2.2.2.
   */
  readonly handlesRepetition?: boolean;
}

export interface ServerCoreOptions {
  readonly agent: AnsweringAgent;
  /** Of the Request-URI; any other gets 416. */
  readonly schemes: readonly SipUriScheme[];
  /** Option tags that a Require may name; any other gets 420. */
  readonly optionTags: readonly string[];
  readonly isOurSentBy: (host: string, port: number | undefined) => boolean;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly log: Log;
  readonly counters: Counters;
  readonly timing: TransactionTiming;
}

interface Method {
  readonly handle: RequestHandler;
  readonly handlesRepetition: boolean;
  readonly received: { value: number };
}

export class ServerCore implements TransactionUser {
  readonly #options: ServerCoreOptions;
  readonly #methods = new Map<string, Method>();
  readonly #merged: MergedRequests;
  readonly #rules: RequestRules;
  readonly #refused: { value: number };
  #onAck: ((request: SipRequest, flow: Flow) => void) | undefined;
  #allow = '';

  constructor(options: ServerCoreOptions) {
    this.#options = options;
    this.#merged = new MergedRequests(options.clock, options.ids, transactionMs(options.timing));
    this.#refused = options.counters.counter('sip_requests_refused{reason="rules"}');
    this.#rules = {
      allow: () => this.#allow,
      isServed: (method) => this.#methods.has(method),
      schemes: new Set(options.schemes),
      optionTags: new Set(options.optionTags.map((tag) => tag.toLowerCase())),
      isOurSentBy: options.isOurSentBy,
      isMerged: (request) => this.#isMerged(request),
    };
  }

  /** The Allow row: every method with a handler, and the two that come with INVITE. */
  get allow(): string {
    return this.#allow;
  }

  /** Serves a method from now on, in place of the handler before. */
  register(method: string, handle: RequestHandler, options: MethodOptions = {}): void {
    const received = this.#options.counters.counter(`sip_requests{method="${method}"}`);
    this.#methods.set(method, { handle, handlesRepetition: options.handlesRepetition ?? false, received });
    const names = [...this.#methods.keys()];
    if (this.#methods.has('INVITE')) names.push('ACK', 'CANCEL');
    this.#allow = names.sort().join(', ');
  }

  /** Who gets the ACKs to 2xx responses. */
  registerAck(onAck: (request: SipRequest, flow: Flow) => void): void {
    this.#onAck = onAck;
  }

  onAck(request: SipRequest, flow: Flow): void {
    try {
      this.#onAck?.(request, flow);
    } catch (fault) {
      this.#logFault('ACK', request, fault);
    }
  }

  onRequest(transaction: ServerTransaction): void {
    // Until a handler knows who asks.
    transaction.isForgotten = true;
    const context = new RequestContext(transaction, this.#options.agent, this.#countRefusal);
    try {
      const running = this.#dispatch(context);
      if (running !== undefined) running.catch((fault: unknown) => this.#fail(context, fault));
    } catch (fault) {
      this.#fail(context, fault);
    }
  }

  /** By method and status; methods that nobody serves are one, so that no peer makes up labels. */
  readonly #countRefusal = (method: string, status: number): void => {
    const known = this.#methods.has(method) ? method : 'other';
    this.#options.counters.add(`sip_refusals{method="${known}",status="${status}"}`);
  };

  #dispatch(context: RequestContext): Promise<void> | undefined {
    const { request } = context;
    const method = this.#methods.get(request.method);
    if (method !== undefined) method.received.value++;
    const refusal = findRefusal(request, this.#rules);
    if (refusal === undefined) return method?.handle(context) ?? undefined;
    this.#refused.value++;
    context.respond(refusal.status, refusal);
    return undefined;
  }

  /** A request within a dialog cannot fork (RFC 3261 8.2.2.2 asks only those without a To tag). */
  #isMerged(request: SipRequest): boolean {
    if (request.to.tag !== undefined || this.#methods.get(request.method)?.handlesRepetition === true) return false;
    return this.#merged.isMerged(request);
  }

  #fail(context: RequestContext, fault: unknown): void {
    const { request } = context;
    this.#logFault(request.method, request, fault);
    try {
      // Discarded where the handler had answered before it failed.
      context.respond(500);
    } catch (second) {
      this.#logFault(request.method, request, second);
    }
  }

  #logFault(method: string, request: SipRequest, fault: unknown): void {
    this.#options.counters.add('sip_handler_faults');
    const text = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    this.#options.log.error({ method, callId: request.callId, fault: text }, 'a request handler failed');
  }
}
