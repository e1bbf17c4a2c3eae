/** An INVITE of somebody in the hands of whoever takes sessions (RFC 3261 13.3.1): it rings, and is accepted or refused once. */
import type { HeaderRow } from '../message/sip-headers.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { Flow } from '../registrar/ports.ts';
import type { RequestContext, RespondOptions } from '../user-agent/request-context.ts';
import type { Interval } from './interval-rows.ts';
import type { InviteAnswer } from './invite-answer.ts';
import type { InviteSession } from './invite-session.ts';
import { contentOf } from './session-content.ts';
import type { CancelCause, SessionContent, SessionListener } from './session-words.ts';
import { successOptions } from './their-changes.ts';

export class IncomingInvite {
  readonly context: RequestContext;
  /** Undefined: the 2xx is to carry our offer, and the ACK brings the answer. */
  readonly offer: SessionContent | undefined;
  /** It was answered here meanwhile, and nothing that its user says counts any more. */
  onCancelled: ((cause: CancelCause) => void) | undefined;
  readonly #session: InviteSession;
  readonly #interval: Interval;
  readonly #onAnswered: () => void;
  readonly #answer: InviteAnswer;

  constructor(context: RequestContext, session: InviteSession, interval: Interval, onAnswered: () => void) {
    this.context = context;
    this.offer = contentOf(context.request);
    this.#session = session;
    this.#interval = interval;
    this.#onAnswered = onAnswered;
    this.#answer = session.beginAnswering(context, (cause) => {
      onAnswered();
      this.onCancelled?.(cause);
    });
  }

  get request(): SipRequest {
    return this.context.request;
  }

  get flow(): Flow {
    return this.context.flow;
  }

  /** Whether it still waits for an answer. */
  get isOpen(): boolean {
    return this.#answer.isOpen;
  }

  /** Adds feature tags to our Contact from now on, as `;+g.oma.sip-im`. */
  addToContact(parameters: string): void {
    this.#session.dialog.contact += parameters;
  }

  /** 101 to 199, repeated each minute; reliably for a client that requires that. Never with an answer in it. */
  ring(status = 180, options: Omit<RespondOptions, 'body' | 'contentType'> = {}): void {
    this.#answer.ring(status, options);
  }

  /** 200 with our answer, or our offer where there was none. Undefined when it is not open any more. */
  accept(
    content: SessionContent | undefined,
    listener: SessionListener,
    rows: readonly HeaderRow[] = [],
  ): InviteSession | undefined {
    if (!this.isOpen) return undefined;
    const session = this.#session;
    session.exchange = this.offer === undefined && content !== undefined ? 'answer-awaited' : 'unacknowledged';
    session.confirm(listener, content, this.#interval);
    this.#onAnswered();
    const reply = content === undefined ? { rows } : { content, rows };
    this.#answer.accept(200, successOptions(session, this.#interval, { kind: 'accept', ...reply }));
    return session;
  }

  /** 300 to 699. Nothing happens when it is not open any more. */
  reject(status: number, options: RespondOptions = {}): void {
    if (!this.isOpen) return;
    this.#answer.refuse(status, options);
    this.#onAnswered();
    this.#session.close();
  }

  /** For its keeper: whoever took it failed. Something else answers it; where it has its 2xx the session ends with BYE. */
  abandon(): void {
    this.#onAnswered();
    if (this.isOpen) this.#session.close();
    else this.#session.stop();
  }
}
