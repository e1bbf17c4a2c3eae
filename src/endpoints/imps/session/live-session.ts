/**
 * One session that is open: drives its machine, hands requests to the services, knows what was agreed, and is a client to
 * deliver to.
 */
import type { Millis } from '../../../base/time/clock.ts';
import type { TimerHandle } from '../../../base/time/timers.ts';
import { largeNotice } from '../../../delivery/bodies/large-notice.ts';
import type { AnnouncedMessage } from '../../../delivery/ports.ts';
import { mediaTypeOf } from '../../../formats/content-type.ts';
import { formatCspDocument } from '../../../imps/csp-document.ts';
import type { CspSyntax, CspVersion } from '../../../imps/csp-version.ts';
import {
  formatCspMessage,
  type IncomingTransaction,
  type OutgoingTransaction,
} from '../../../imps/message/csp-message.ts';
import { type Extension, noExtension } from '../../../imps/message/extension.ts';
import type { Primitive } from '../../../imps/primitives/primitive.ts';
import { makeStatus } from '../../../imps/primitives/results.ts';
import { CspSession, envelopeBytes } from '../../../imps/session/csp-session.ts';
import { isAgreed } from '../../../imps/session/negotiation.ts';
import type { RequestOutput, SessionEnd, SessionInput, SessionOutput } from '../../../imps/session/session-events.ts';
import { initialLimits, type SessionLimits } from '../../../imps/session/session-limits.ts';
import type { StatusCode } from '../../../imps/status-codes.ts';
import type { Address } from '../../../model/address.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import { shownMessage, type ShownMessage } from '../words/message-words.ts';
import { type SessionDetails, sessionIdCharacters, type SessionTerms, styleOf } from './session-details.ts';
import {
  type OfferEnd,
  type OfferOptions,
  type OpenOffer,
  SessionTarget,
  type TakingMessages,
  type TargetSession,
} from './session-target.ts';

/** A client connects to be called at once when it is told to. */
const connectingMs = 30_000;
/** In place of an id in what is measured. */
const someSessionId = 'x'.repeat(sessionIdCharacters);

/** What one HTTP response carries. */
export interface SessionResponse {
  readonly transactions: readonly OutgoingTransaction[];
  readonly poll: boolean;
}

export interface SessionAnswer {
  readonly primitive: Primitive;
  readonly extension?: Extension;
}

export interface SessionListener {
  /** Never rejects. */
  serve(session: LiveSession, request: RequestOutput): Promise<SessionAnswer>;
  /** Something waits, and its client does not ask. */
  called(session: LiveSession): void;
  ended(session: LiveSession, why: SessionEnd): void;
}

export class LiveSession implements TargetSession {
  /** The hash of the id that its client knows. */
  readonly id: string;
  readonly owner: Address;
  readonly details: SessionDetails;
  /** Of one run of the server: clients pass over ids of transactions that they have seen before. */
  readonly #run: string;
  readonly #surroundings: ImpsSurroundings;
  readonly #listener: SessionListener;
  readonly #machine: CspSession;
  readonly #exchanges = new Map<number, (response: SessionResponse) => void>();
  readonly #offers = new Map<number, (end: OfferEnd) => void>();
  /** By handle of what is answered: until what that means is written down. */
  readonly #settling = new Map<number, PromiseWithResolvers<void>>();
  #syntax: CspSyntax = 'xml';
  /** Of a message without a transaction, in the form in which that was measured. */
  #emptyBytes = 0;
  #emptyForm = '';
  #lastNumber = 0;
  #timer: TimerHandle | undefined;
  #timerAtMs: Millis = 0;
  #target: SessionTarget | undefined;
  /** Reports that wait for its owner come before messages. */
  #areReportsFirst = true;
  #heardAtMs: Millis = Number.MIN_SAFE_INTEGER;
  /** Before that its client has time to connect. */
  #missedAtMs: Millis;

  constructor(details: SessionDetails, run: string, surroundings: ImpsSurroundings, listener: SessionListener) {
    this.id = details.idHash;
    this.owner = details.owner;
    this.details = details;
    this.#run = run;
    this.#surroundings = surroundings;
    this.#listener = listener;
    const { keepAliveS } = details;
    const sizeOf = (transaction: OutgoingTransaction): number => this.#sizeOf(transaction);
    const isNew = details.terms.method === undefined;
    const facts = { keepAliveS, limits: this.#limits, isNew, sizeOf };
    const now = surroundings.clock.monotonic();
    this.#machine = new CspSession(facts, now);
    this.#missedAtMs = now + connectingMs;
    this.#arm();
  }

  get clientKey(): string {
    return this.details.clientKey;
  }

  get version(): CspVersion {
    return this.details.version;
  }

  get terms(): SessionTerms {
    return this.details.terms;
  }

  get device(): string {
    return this.details.clientKey;
  }

  get targetId(): string {
    return this.details.targetId;
  }

  get isOpen(): boolean {
    return this.#machine.isOpen;
  }

  /** Longest ago where it has not been heard of in this run of the server. */
  get heardAtMs(): Millis {
    return this.#heardAtMs;
  }

  /** By which its client knows a call. */
  get cookie(): string {
    return this.details.cookie;
  }

  /** A poll would be answered with something. */
  get isWaiting(): boolean {
    return this.#machine.isWaiting(this.#surroundings.clock.monotonic());
  }

  /** Ids of targets that an answer to this client goes to; none once it has ended. */
  get targetIds(): readonly string[] {
    return this.#target === undefined ? [] : [this.#target.id];
  }

  get #limits(): SessionLimits {
    return this.details.limits ?? initialLimits;
  }

  message(
    { version, syntax }: { readonly version: CspVersion; readonly syntax: CspSyntax },
    transactions: readonly IncomingTransaction[],
  ): Promise<SessionResponse> {
    this.details.version = version;
    this.#syntax = syntax;
    this.noteHeard();
    this.#lastNumber += 1;
    const exchange = this.#lastNumber;
    if (this.#target !== undefined) this.#surroundings.delivery.targetHeard(this.owner, this.#target.id);
    return new Promise((resolve) => {
      this.#exchanges.set(exchange, resolve);
      const own = transactions.map((each) => this.#withOwnId(each));
      this.#handle({ kind: 'message', exchange, version, transactions: own });
    });
  }

  offer(primitive: Primitive, { isDeferred = false, replaces, mayGo, onEnd }: OfferOptions = {}): OpenOffer {
    this.#lastNumber += 1;
    const handle = this.#lastNumber;
    const extension = this.mark(isDeferred);
    const offer = {
      handle,
      primitive,
      ...(extension === undefined ? {} : { extension }),
      ...(replaces === undefined ? {} : { replaces }),
      ...(mayGo === undefined ? {} : { mayGo }),
      isSettledLater: onEnd !== undefined,
    };
    const end = new Promise<OfferEnd>((resolve) => {
      this.#offers.set(handle, resolve);
      if (this.isOpen) this.#handle({ kind: 'offer', offer });
      else this.#ended(handle, { kind: 'unanswered', why: 'ended' });
    });
    if (onEnd !== undefined) void end.then(onEnd).then(() => this.#settled(handle));
    return { end, stop: () => this.#handle({ kind: 'withdraw', handle }) };
  }

  /** Resolves when all that its client has answered so far is written down. */
  async settled(): Promise<void> {
    await Promise.all([...this.#settling.values()].map(({ promise }) => promise));
  }

  /** What goes along with a deferred message; nothing for a client that knows no extensions. */
  mark(isDeferred: boolean): Extension | undefined {
    const isMarked = isDeferred && this.terms.knowsExtensions && this.version !== '1.1';
    return isMarked ? { ...noExtension, isDeferred: true } : undefined;
  }

  shown(message: Omit<AnnouncedMessage, 'attemptNumber'>): ShownMessage {
    return shownMessage(message, this.#surroundings.inflate);
  }

  shownNotice(announced: Omit<AnnouncedMessage, 'attemptNumber'>): ShownMessage {
    const mediaType = mediaTypeOf(announced.message.contentType);
    const contentUrl = this.#surroundings.contentUrlOf(announced.id);
    const message = largeNotice(announced.message, { origin: 'imps', mediaType, contentUrl });
    return this.shown({ ...announced, message });
  }

  fits(primitive: Primitive): boolean {
    // With the mark that may go along.
    const extension = this.mark(true);
    const transaction = {
      mode: 'Request',
      id: '',
      primitive,
      ...(extension === undefined ? {} : { extension }),
    } as const;
    return this.#sizeOf(transaction) + envelopeBytes <= this.#limits.parserSize;
  }

  taking(): TakingMessages {
    return this.terms;
  }

  get isKeeping(): boolean {
    return this.#surroundings.settings.isStoreOffline;
  }

  /** Its client is there. */
  noteHeard(): void {
    this.#heardAtMs = this.#surroundings.clock.monotonic();
  }

  /** Whether its client is to be told now that it has no connection to be called by; it is given time to make one. */
  missesConnection(isConnected: boolean): boolean {
    const now = this.#surroundings.clock.monotonic();
    if (this.terms.isCalledByTcp !== true || isConnected || now < this.#missedAtMs) return false;
    this.#missedAtMs = now + connectingMs;
    return true;
  }

  /** Seconds that its client may be silent from now on. */
  keepAlive(keepAliveS: number): void {
    this.details.keepAliveS = keepAliveS;
    this.#handle({ kind: 'keep-alive', keepAliveS });
  }

  agreeLimits(limits: SessionLimits): void {
    this.details.limits = limits;
    this.#handle({ kind: 'limits', limits });
  }

  /** From now on messages come in another way, where that follows. */
  agree(terms: Partial<SessionTerms>): void {
    this.details.terms = { ...this.terms, ...terms };
    if (terms.isCalledByTcp !== undefined) this.#missedAtMs = this.#surroundings.clock.monotonic() + connectingMs;
    this.takeMessages();
  }

  /** Delivery knows of it from now on, or that it takes messages otherwise; the same way, so that nobody is away for a moment. */
  takeMessages(): void {
    const style = this.#areReportsFirst ? 'pull' : styleOf(this.terms, this.isKeeping);
    if (this.#target?.style === style || !this.isOpen) return;
    const target = new SessionTarget(this, style, this.#target);
    if (this.#surroundings.delivery.targetUp(this.owner, target)) this.#target = target;
  }

  /** The reports that waited are offered, and so stand before what comes now. */
  reportsOffered(): void {
    this.#areReportsFirst = false;
    this.takeMessages();
  }

  disconnect(code: StatusCode): void {
    this.#handle({ kind: 'disconnect', code });
  }

  /** The server stops: nothing more is said, and the session goes on in its next run. */
  suspend(): void {
    this.#timer?.cancel();
    for (const respond of this.#exchanges.values()) respond({ transactions: [], poll: false });
    this.#exchanges.clear();
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
        const transactions = output.transactions.map((each) =>
          each.mode === 'Request' ? { ...each, id: this.#run + each.id } : each,
        );
        resolve?.({ transactions, poll: output.poll });
        return;
      }
      case 'request':
        void this.#serve(output);
        return;
      case 'answered':
        if (output.isSettledLater) this.#settling.set(output.handle, Promise.withResolvers());
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
        this.#listener.called(this);
    }
  }

  async #serve(request: RequestOutput): Promise<void> {
    const { name } = request.primitive;
    const { agreed } = this.terms;
    const isOffered = isAgreed(name, agreed === undefined ? undefined : new Set(agreed), this.version);
    const answer = isOffered ? await this.#listener.serve(this, request) : { primitive: makeStatus(506) };
    this.#handle({ kind: 'answer', id: request.id, ...answer });
  }

  #ended(handle: number, end: OfferEnd): void {
    const resolve = this.#offers.get(handle);
    this.#offers.delete(handle);
    resolve?.(end);
  }

  #settled(handle: number): void {
    this.#settling.get(handle)?.resolve();
    this.#settling.delete(handle);
    this.#handle({ kind: 'settled', handle });
  }

  #dropTarget(): void {
    if (this.#target !== undefined) this.#surroundings.delivery.targetDown(this.owner, this.#target.id);
    this.#target = undefined;
  }

  /** Answers to what an earlier run offered keep their ids, which nobody knows here. */
  #withOwnId(transaction: IncomingTransaction): IncomingTransaction {
    const { mode, id } = transaction;
    if (mode !== 'Response' || !id.startsWith(this.#run)) return transaction;
    return { ...transaction, id: id.slice(this.#run.length) };
  }

  #arm(): void {
    const atMs = this.#machine.deadline();
    // A timer that comes too early looks again; so a client that asks often costs none.
    if (atMs !== undefined && this.#timer !== undefined && this.#timerAtMs <= atMs) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (atMs === undefined) return;
    this.#timerAtMs = atMs;
    this.#timer = this.#surroundings.timers.at(atMs, () => {
      this.#timer = undefined;
      this.#handle({ kind: 'tick' });
    });
  }

  /** Bytes as it would leave now, without the message around it. */
  #sizeOf(transaction: OutgoingTransaction): number {
    const form = `${this.#syntax} ${this.version}`;
    if (this.#emptyForm !== form) this.#emptyBytes = this.#bytesOf([]);
    this.#emptyForm = form;
    return this.#bytesOf([{ ...transaction, id: `${this.#run}${transaction.id}` }]) - this.#emptyBytes;
  }

  #bytesOf(transactions: readonly OutgoingTransaction[]): number {
    const { version } = this;
    const message = formatCspMessage({ version, sessionId: someSessionId, transactions });
    return formatCspDocument(message, this.#syntax, version).length;
  }
}
