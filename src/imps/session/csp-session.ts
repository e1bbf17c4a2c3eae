/**
 * One session as a machine: requests of the client answered once, transactions of the server carried in responses, signs of
 * life, the end. What a primitive does is decided outside; this knows Polling, Logout, and a KeepAlive that changes nothing.
 * Time is monotonic.
 */
import type { Millis } from '../../base/time/clock.ts';
import type { CspVersion } from '../csp-version.ts';
import type { IncomingTransaction, OutgoingTransaction } from '../message/csp-message.ts';
import type { Extension } from '../message/extension.ts';
import type { Primitive } from '../primitives/primitive.ts';
import { makeResult, makeStatus } from '../primitives/results.ts';
import type { StatusCode } from '../status-codes.ts';
import { isPreparing } from './negotiation.ts';
import { IncomingTransactions } from './incoming-transactions.ts';
import { type Offer, OutgoingTransactions } from './outgoing-transactions.ts';
import type {
  AnswerInput,
  DisconnectInput,
  MessageInput,
  RequestOutput,
  SessionEnd,
  SessionInput,
  SessionOutput,
} from './session-events.ts';
import { grantKeepAlive, initialLimits, type SessionLimits } from './session-limits.ts';

/** Responses that are owed at once; one more is answered 503. */
export const exchangesMax = 8;
/** Called again, when a call was not followed. */
export const callAgainMs = 60_000;
/** Of a message around its transactions: session, descriptors, namespaces. Bytes. */
export const envelopeBytes = 300;

export interface SessionFacts {
  readonly keepAliveS: number;
  readonly limits?: SessionLimits;
  /** Its client has said nothing of itself yet. */
  readonly isNew?: boolean;
  /** Bytes of a transaction in the syntax of the session. */
  sizeOf(transaction: OutgoingTransaction): number;
}

interface Exchange {
  readonly version: CspVersion;
  /** Ids of requests that it waits for. */
  readonly owed: Set<string>;
  /** Handles of offers that it answers, and that are not settled yet. */
  readonly unsettled: Set<number>;
  readonly answers: OutgoingTransaction[];
}

interface Packed {
  readonly packed: readonly OutgoingTransaction[];
  readonly dropped: readonly SessionOutput[];
}

const nothingPacked: Packed = { packed: [], dropped: [] };

export class CspSession {
  readonly #incoming = new IncomingTransactions();
  readonly #outgoing = new OutgoingTransactions();
  readonly #exchanges = new Map<number, Exchange>();
  /** Handles of offers that are answered, and not settled yet. */
  readonly #unsettled = new Set<number>();
  readonly #sizeOf: SessionFacts['sizeOf'];
  #limits: SessionLimits;
  #keepAliveS: number;
  #heardAtMs: Millis;
  /** When it was told last that something waits, and has not asked since. */
  #toldAtMs: Millis | undefined;
  #isPreparing: boolean;
  #isOpen = true;
  #isLeaving = false;

  constructor(facts: SessionFacts, now: Millis) {
    this.#sizeOf = (transaction) => facts.sizeOf(transaction);
    this.#limits = facts.limits ?? initialLimits;
    this.#keepAliveS = facts.keepAliveS;
    this.#isPreparing = facts.isNew ?? false;
    this.#heardAtMs = now;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** A poll would be answered with something. */
  isWaiting(now: Millis): boolean {
    return this.#isOpen && (this.#outgoing.dueAt(this.#limits.multiTrans) ?? now + 1) <= now;
  }

  handle(input: SessionInput, now: Millis): SessionOutput[] {
    if (!this.#isOpen) return input.kind === 'message' ? [refuseAll(input, 604)] : [];
    switch (input.kind) {
      case 'message':
        return this.#takeMessage(input, now);
      case 'answer':
        return this.#takeAnswer(input, now);
      case 'offer':
        return this.#takeOffer(input.offer, now);
      case 'disconnect':
        return this.#disconnect(input);
      case 'tick':
        return this.#tick(now);
      case 'withdraw':
        return this.#outgoing.withdraw(input.handle)
          ? [{ kind: 'unanswered', handle: input.handle, why: 'withdrawn' }]
          : [];
      case 'settled':
        this.#unsettled.delete(input.handle);
        for (const { unsettled } of this.#exchanges.values()) unsettled.delete(input.handle);
        return this.#respondWhereDone(now);
      case 'limits':
        this.#limits = input.limits;
        return [];
      case 'keep-alive':
        this.#keepAliveS = input.keepAliveS;
        return [];
      default:
        this.#exchanges.delete(input.exchange);
        return [];
    }
  }

  deadline(): Millis | undefined {
    if (!this.#isOpen) return undefined;
    const times = [this.#expiresAtMs(), this.#outgoing.deadline(), this.#callAtMs()];
    return Math.min(...times.filter((time) => time !== undefined));
  }

  #takeMessage(message: MessageInput, now: Millis): SessionOutput[] {
    const { exchange, version, transactions } = message;
    if (now >= this.#expiresAtMs()) return [refuseAll(message, 600), ...this.#end('expired', 600)];
    this.#heardAtMs = now;
    this.#toldAtMs = undefined;
    this.#isPreparing &&= transactions.every(({ name }) => isPreparing(name));
    if (this.#exchanges.size >= exchangesMax) return [refuseAll(message, 503)];
    const open: Exchange = { version, owed: new Set(), unsettled: new Set(), answers: [] };
    this.#exchanges.set(exchange, open);
    const outputs: SessionOutput[] = [];
    for (const transaction of transactions) {
      const isResponse = transaction.mode === 'Response';
      const out = isResponse ? this.#takeResponse(transaction, open) : this.#takeRequest(transaction, open, now);
      if (out !== undefined) outputs.push(out);
    }
    return [...outputs, ...this.#respondWhereDone(now)];
  }

  #takeResponse(transaction: IncomingTransaction, open: Exchange): SessionOutput | undefined {
    const { id, primitive, extension, hasExtension } = transaction;
    if (!primitive.ok) return undefined;
    const offer = this.#outgoing.answer(id, primitive.value.name);
    if (offer !== undefined) {
      const { handle, isSettledLater, isAgain } = offer;
      if (isSettledLater) this.#unsettled.add(handle);
      if (this.#unsettled.has(handle)) open.unsettled.add(handle);
      if (isAgain) return undefined;
      return { kind: 'answered', handle, primitive: primitive.value, isSettledLater };
    }
    // What was fetched is acknowledged under the id of the client's own GetMessage-Request, and answered with a Status.
    if (primitive.value.name !== 'MessageDelivered' || open.owed.has(id)) return undefined;
    open.owed.add(id);
    return { kind: 'request', id, primitive: primitive.value, extension, hasExtension };
  }

  #takeRequest(transaction: IncomingTransaction, open: Exchange, now: Millis): SessionOutput | undefined {
    const { id, primitive, extension, hasExtension } = transaction;
    if (primitive.ok && primitive.value.name === 'Polling-Request') return undefined;
    const admission = this.#incoming.admit(transaction, now);
    if (admission.kind === 'answered') open.answers.push(admission.answer);
    else if (admission.kind === 'id-in-use') open.answers.push(answerTo(id, makeStatus(420)));
    else if (admission.kind === 'too-many') open.answers.push(answerTo(id, makeStatus(503)));
    else open.owed.add(id);
    if (admission.kind !== 'new') return undefined;
    const own = primitive.ok
      ? this.#answerOwn(primitive.value, open.version)
      : makeStatus(primitive.error.code, primitive.error.words);
    if (own !== undefined) this.#close(answerTo(id, own), now);
    if (own !== undefined || !primitive.ok) return undefined;
    return { kind: 'request', id, primitive: primitive.value, extension, hasExtension } satisfies RequestOutput;
  }

  /** What the session itself is asked; undefined for all else, and for what has to be kept first. */
  #answerOwn(primitive: Primitive, version: CspVersion): Primitive | undefined {
    if (primitive.name === 'Login-Request') return makeStatus(603);
    if (primitive.name === 'KeepAlive-Request') {
      const { timeToLive } = primitive.value;
      const isChanged = timeToLive !== undefined && grantKeepAlive(timeToLive) !== this.#keepAliveS;
      return isChanged ? undefined : keptAlive(this.#keepAliveS);
    }
    if (primitive.name !== 'Logout-Request') return undefined;
    this.#isLeaving = true;
    return version === '1.1' ? { name: 'Disconnect', value: { result: makeResult(200) } } : makeStatus(200);
  }

  #takeAnswer({ id, primitive, extension }: AnswerInput, now: Millis): SessionOutput[] {
    const answer = answerTo(id, primitive, extension);
    const isTooLarge = this.#sizeOf(answer) + envelopeBytes > this.#limits.parserSize;
    this.#close(isTooLarge ? answerTo(id, makeStatus(432)) : answer, now);
    return this.#respondWhereDone(now);
  }

  /** Puts an answer where it is owed. */
  #close(answer: OutgoingTransaction, now: Millis): void {
    this.#incoming.close(answer, this.#sizeOf(answer), now);
    for (const { owed, answers } of this.#exchanges.values()) if (owed.delete(answer.id)) answers.push(answer);
  }

  #respondWhereDone(now: Millis): SessionOutput[] {
    const outputs = this.#dropLate();
    for (const [exchange, { owed, unsettled, answers: all }] of this.#exchanges) {
      if (owed.size > 0 || unsettled.size > 0) continue;
      this.#exchanges.delete(exchange);
      const answers = this.#fitting(all);
      const isAlone = this.#isLeaving || this.#isPreparing;
      const { packed, dropped } = isAlone ? nothingPacked : this.#pack(answers, now);
      const transactions = [...answers, ...packed];
      const poll = !this.#isLeaving && (this.#outgoing.dueAt(this.#limits.multiTrans) ?? now + 1) <= now;
      if (poll) this.#toldAtMs = now;
      outputs.push({ kind: 'respond', exchange, transactions, poll }, ...dropped);
    }
    return this.#isLeaving ? [...outputs, ...this.#end('logout', 604)] : outputs;
  }

  /** What is too large beside the answers before it can be had again by itself. */
  #fitting(answers: readonly OutgoingTransaction[]): readonly OutgoingTransaction[] {
    let bytes = envelopeBytes;
    return answers.map((answer, at) => {
      bytes += this.#sizeOf(answer);
      if (at === 0 || bytes <= this.#limits.parserSize) return answer;
      bytes -= this.#sizeOf(answer);
      return answerTo(answer.id, makeStatus(432));
    });
  }

  /** As many of the server's own as fit beside the answers. What its client cannot take any more, having said otherwise, is given back. */
  #pack(answers: readonly OutgoingTransaction[], now: Millis): Packed {
    const packed: OutgoingTransaction[] = [];
    const dropped: SessionOutput[] = [];
    const { multiTrans, parserSize } = this.#limits;
    let bytes = envelopeBytes;
    for (const answer of answers) bytes += this.#sizeOf(answer);
    for (const transaction of this.#outgoing.next(multiTrans, now)) {
      const size = this.#sizeOf(transaction);
      if (size + envelopeBytes > parserSize) {
        dropped.push({ kind: 'unanswered', handle: this.#outgoing.drop(transaction.id), why: 'too-large' });
        continue;
      }
      bytes += size;
      if (answers.length + packed.length >= multiTrans || bytes > parserSize) break;
      this.#outgoing.noteOffered(transaction.id, now);
      packed.push(transaction);
    }
    return { packed, dropped };
  }

  #takeOffer(offer: Offer, now: Millis): SessionOutput[] {
    const { handle, primitive, extension } = offer;
    const bytes = this.#sizeOf({
      mode: 'Request',
      id: '',
      primitive,
      ...(extension === undefined ? {} : { extension }),
    });
    if (bytes + envelopeBytes > this.#limits.parserSize) return [{ kind: 'unanswered', handle, why: 'too-large' }];
    const { isTaken, replaced } = this.#outgoing.add(offer);
    if (!isTaken) return [{ kind: 'unanswered', handle, why: 'too-many' }];
    const calls = this.#callWhereDue(now);
    return replaced === undefined ? calls : [{ kind: 'unanswered', handle: replaced, why: 'replaced' }, ...calls];
  }

  #tick(now: Millis): SessionOutput[] {
    if (now >= this.#expiresAtMs()) return this.#end('expired', 600);
    const lost = this.#outgoing.giveUp(now);
    const unanswered = lost.map((handle): SessionOutput => ({ kind: 'unanswered', handle, why: 'silence' }));
    return [...unanswered, ...this.#dropLate(), ...this.#callWhereDue(now)];
  }

  #dropLate(): SessionOutput[] {
    return this.#outgoing.dropLate().map((handle) => ({ kind: 'unanswered', handle, why: 'withdrawn' }));
  }

  #callWhereDue(now: Millis): SessionOutput[] {
    if (now < (this.#callAtMs() ?? Number.POSITIVE_INFINITY)) return [];
    this.#toldAtMs = now;
    return [{ kind: 'call' }];
  }

  /** Undefined while it is asking, or nothing waits that it could take. */
  #callAtMs(): Millis | undefined {
    const dueAtMs = this.#outgoing.dueAt(this.#limits.multiTrans);
    if (this.#exchanges.size > 0 || dueAtMs === undefined) return undefined;
    return this.#toldAtMs === undefined ? dueAtMs : Math.max(dueAtMs, this.#toldAtMs + callAgainMs);
  }

  #disconnect({ code, words }: DisconnectInput): SessionOutput[] {
    const farewell: Primitive = { name: 'Disconnect', value: { result: makeResult(code, words) } };
    for (const [exchange, { answers }] of this.#exchanges) {
      answers.push({ mode: 'Request', id: `d${exchange}`, primitive: farewell });
    }
    return this.#end('disconnected', code);
  }

  /** What is still owed is answered with the code; what waits is given back. */
  #end(why: SessionEnd, code: StatusCode): SessionOutput[] {
    this.#isOpen = false;
    const outputs: SessionOutput[] = [];
    for (const [exchange, { owed, answers }] of this.#exchanges) {
      const refused = [...owed].map((id) => answerTo(id, makeStatus(code)));
      outputs.push({ kind: 'respond', exchange, transactions: [...refused, ...answers], poll: false });
    }
    this.#exchanges.clear();
    for (const handle of this.#outgoing.takeAll()) outputs.push({ kind: 'unanswered', handle, why: 'ended' });
    return [...outputs, { kind: 'ended', why }];
  }

  #expiresAtMs(): Millis {
    return this.#heardAtMs + this.#keepAliveS * 1000;
  }
}

export function keptAlive(keepAliveTime: number): Primitive {
  return { name: 'KeepAlive-Response', value: { result: makeResult(200), keepAliveTime } };
}

function answerTo(id: string, primitive: Primitive, extension?: Extension): OutgoingTransaction {
  return { mode: 'Response', id, primitive, ...(extension === undefined ? {} : { extension }) };
}

function refuseAll({ exchange, transactions }: MessageInput, code: StatusCode): SessionOutput {
  const refused = transactions.map(({ id }) => answerTo(id, makeStatus(code)));
  return { kind: 'respond', exchange, transactions: refused, poll: false };
}
