/**
 * One session that is open: drives its machine, hands requests to the services, keeps what was agreed, and is a client to
 * deliver to.
 */
import type { Millis } from '../../../base/time/clock.ts';
import type { TimerHandle } from '../../../base/time/timers.ts';
import type { AnnouncedMessage, DeliveryStyle } from '../../../delivery/ports.ts';
import { formatCspDocument } from '../../../imps/csp-document.ts';
import type { CspSyntax, CspVersion } from '../../../imps/csp-version.ts';
import type { IncomingTransaction, OutgoingTransaction } from '../../../imps/message/csp-message.ts';
import { noExtension } from '../../../imps/message/extension.ts';
import { formatPrimitive, type Primitive, type PrimitiveName } from '../../../imps/primitives/primitive.ts';
import { makeStatus } from '../../../imps/primitives/results.ts';
import { CspSession } from '../../../imps/session/csp-session.ts';
import { isAgreed } from '../../../imps/session/negotiation.ts';
import type { RequestOutput, SessionEnd, SessionInput, SessionOutput } from '../../../imps/session/session-events.ts';
import type { SessionLimits } from '../../../imps/session/session-limits.ts';
import type { StatusCode } from '../../../imps/status-codes.ts';
import type { Address } from '../../../model/address.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import { shownMessage, type ShownMessage } from '../words/message-words.ts';
import {
  type OfferEnd,
  type OfferOptions,
  type OpenOffer,
  SessionTarget,
  type TakingMessages,
  type TargetSession,
} from './session-target.ts';

/** What one HTTP response carries. */
export interface SessionResponse {
  readonly transactions: readonly OutgoingTransaction[];
  readonly poll: boolean;
}

export interface SessionPlan {
  readonly id: string;
  readonly owner: Address;
  /** The same for the same client of the owner. */
  readonly clientKey: string;
  readonly version: CspVersion;
  readonly syntax: CspSyntax;
  readonly keepAliveS: number;
  /** Its client has shown that it knows extensions. */
  readonly knowsExtensions: boolean;
}

export interface SessionListener {
  /** Rejects only as the stores do. */
  serve(session: LiveSession, request: RequestOutput): Promise<Primitive>;
  ended(session: LiveSession, why: SessionEnd): void;
}

/** Of a transaction around its primitive: descriptor, extension, namespace. Bytes. */
const transactionBytes = 400;

export class LiveSession implements TargetSession {
  readonly id: string;
  readonly owner: Address;
  readonly clientKey: string;
  readonly version: CspVersion;
  readonly #syntax: CspSyntax;
  readonly #surroundings: ImpsSurroundings;
  readonly #listener: SessionListener;
  readonly #machine: CspSession;
  readonly #exchanges = new Map<number, (response: SessionResponse) => void>();
  readonly #offers = new Map<number, (end: OfferEnd) => void>();
  #lastNumber = 0;
  #timer: TimerHandle | undefined;
  #target: SessionTarget | undefined;
  #taking: TakingMessages = { pushBytesMax: Number.POSITIVE_INFINITY, contentTypes: [] };
  #agreed: ReadonlySet<string> | undefined;
  #knowsExtensions: boolean;

  constructor(plan: SessionPlan, surroundings: ImpsSurroundings, listener: SessionListener) {
    this.id = plan.id;
    this.owner = plan.owner;
    this.clientKey = plan.clientKey;
    this.version = plan.version;
    this.#syntax = plan.syntax;
    this.#knowsExtensions = plan.knowsExtensions;
    this.#surroundings = surroundings;
    this.#listener = listener;
    const sizeOf = (transaction: OutgoingTransaction): number => this.#sizeOf(transaction);
    this.#machine = new CspSession({ keepAliveS: plan.keepAliveS, sizeOf }, surroundings.clock.monotonic());
    this.takeMessages('pull', this.#taking);
    this.#arm();
  }

  get device(): string {
    return `${this.owner} ${this.clientKey}`;
  }

  get isOpen(): boolean {
    return this.#machine.isOpen;
  }

  /** As delivery knows it; undefined once it has ended. */
  get targetId(): string | undefined {
    return this.#target?.id;
  }

  get hasChosenStyle(): boolean {
    return this.#target !== undefined && this.#target.style !== 'pull';
  }

  message(version: CspVersion, transactions: readonly IncomingTransaction[]): Promise<SessionResponse> {
    this.#lastNumber += 1;
    const exchange = this.#lastNumber;
    this.#knowsExtensions ||= transactions.some(({ hasExtension }) => hasExtension);
    const target = this.#target;
    if (target !== undefined) this.#surroundings.delivery.targetHeard(this.owner, target.id);
    return new Promise((resolve) => {
      this.#exchanges.set(exchange, resolve);
      this.#handle({ kind: 'message', exchange, version, transactions });
    });
  }

  offer(primitive: Primitive, { isDeferred = false, ...options }: OfferOptions = {}): OpenOffer {
    this.#lastNumber += 1;
    const handle = this.#lastNumber;
    const isMarked = isDeferred && this.#knowsExtensions && this.version !== '1.1';
    const extension = isMarked ? { extension: { ...noExtension, isDeferred: true } } : {};
    const end = new Promise<OfferEnd>((resolve) => {
      this.#offers.set(handle, resolve);
      if (!this.isOpen) this.#ended(handle, { kind: 'unanswered', why: 'ended' });
      else this.#handle({ kind: 'offer', offer: { handle, primitive, ...extension, ...options } });
    });
    return { end, stop: () => this.#handle({ kind: 'withdraw', handle }) };
  }

  shown(message: AnnouncedMessage): ShownMessage {
    return shownMessage(message, this.#surroundings.inflate);
  }

  taking(): TakingMessages {
    return this.#taking;
  }

  agreeServices(agreed: ReadonlySet<string>): void {
    this.#agreed = agreed;
  }

  agreeLimits(limits: SessionLimits): void {
    this.#handle({ kind: 'limits', limits });
  }

  /** From now on messages come in this way. */
  takeMessages(style: DeliveryStyle, taking: TakingMessages): void {
    this.#taking = taking;
    if (this.#target?.style === style || !this.isOpen) return;
    // The same way for delivery, so that nobody is away for a moment.
    const target = new SessionTarget(this, style);
    if (this.#surroundings.delivery.targetUp(this.owner, target)) this.#target = target;
  }

  /** A function that was not agreed is not used towards the client either. */
  uses(name: PrimitiveName): boolean {
    return isAgreed(name, this.#agreed);
  }

  disconnect(code: StatusCode): void {
    this.#handle({ kind: 'disconnect', code });
  }

  #handle(input: SessionInput): void {
    const outputs = this.#machine.handle(input, this.#surroundings.clock.monotonic());
    for (const output of outputs) this.#carryOut(output);
    this.#arm();
  }

  #carryOut(output: SessionOutput): void {
    switch (output.kind) {
      case 'respond': {
        const resolve = this.#exchanges.get(output.exchange);
        this.#exchanges.delete(output.exchange);
        resolve?.({ transactions: output.transactions, poll: output.poll });
        return;
      }
      case 'request':
        void this.#serve(output);
        return;
      case 'answered':
        this.#ended(output.handle, { kind: 'answered', primitive: output.primitive });
        return;
      case 'unanswered':
        this.#ended(output.handle, { kind: 'unanswered', why: output.why });
        return;
      case 'ended':
        this.#dropTarget();
        this.#timer?.cancel();
        this.#listener.ended(this, output.why);
        return;
      default:
      // A client without a channel of its own polls.
    }
  }

  async #serve(request: RequestOutput): Promise<void> {
    const { name } = request.primitive;
    const answer = isAgreed(name, this.#agreed) ? await this.#listener.serve(this, request) : makeStatus(506);
    this.#handle({ kind: 'answer', id: request.id, primitive: answer });
  }

  #ended(handle: number, end: OfferEnd): void {
    const resolve = this.#offers.get(handle);
    this.#offers.delete(handle);
    resolve?.(end);
  }

  #dropTarget(): void {
    if (this.#target !== undefined) this.#surroundings.delivery.targetDown(this.owner, this.#target.id);
    this.#target = undefined;
  }

  #arm(): void {
    const deadline: Millis | undefined = this.#machine.deadline();
    if (deadline === this.#timer?.deadline) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (deadline === undefined) return;
    this.#timer = this.#surroundings.timers.at(deadline, () => {
      this.#timer = undefined;
      this.#handle({ kind: 'tick' });
    });
  }

  #sizeOf({ primitive }: OutgoingTransaction): number {
    const element = formatPrimitive(primitive, this.version);
    return formatCspDocument(element, this.#syntax, this.version).length + transactionBytes;
  }
}
