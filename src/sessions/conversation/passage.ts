/**
 * One direction of a conversation: what one side sends goes on to the other as it comes, in order, in a form that the other
 * takes, and what the other says of it goes back. What nobody has acknowledged is at hand until somebody does.
 */
import type { Clock } from '../../base/time/clock.ts';
import { cpimFrom, parseCpim } from '../../formats/cpim.ts';
import type { OutgoingOutcome } from '../../msrp/leg/leg-words.ts';
import type { MsrpRequestHead } from '../../msrp/message/msrp-message.ts';
import { parseAddress } from '../../model/address.ts';
import {
  envelopeHeadMax,
  type EnvelopeWords,
  formOf,
  isEnvelope,
  type OutgoingForm,
} from '../content/outgoing-form.ts';
import { viewed, viewedSize } from '../content/octet-views.ts';
import type { SessionLeg } from '../media/session-leg.ts';
import { isSessionGone } from '../transfer/sending.ts';
import type { IncomingListener, IncomingMessage } from '../transfer/incoming-spools.ts';

/** Messages of one direction that nobody has acknowledged; the sender waits with one more. */
export const unacknowledgedMax = 64;

export interface PassagePlan {
  readonly clock: Clock;
  /** Of whom, and for whom. */
  readonly parties: Pick<EnvelopeWords, 'sender' | 'recipient' | 'senderName'>;
  /** The side that it comes from. */
  from(): SessionLeg;
  /** The side that it goes to. */
  to(): SessionLeg;
  /** Nothing more may come until further notice. */
  hold(isHeld: boolean): void;
  /** The other side has it. The message is needed until that resolves. */
  passed?(message: IncomingMessage): void | Promise<void>;
  /** The connection of the side that it comes from is gone. */
  ended: IncomingListener['ended'];
  /** The side that it goes to says nothing. */
  silent(): void;
}

interface Passing {
  readonly message: IncomingMessage;
  form: OutgoingForm | undefined;
  isWhole: boolean;
  isLeaving: boolean;
}

export class Passage implements IncomingListener {
  readonly #plan: PassagePlan;
  readonly #open: Passing[] = [];
  #whenSettled: (() => void) | undefined;
  #isOver = false;

  constructor(plan: PassagePlan) {
    this.#plan = plan;
  }

  admit(head: MsrpRequestHead): 'take' | 'drop' | number {
    if (this.#isOver) return 403;
    const { remote } = this.#plan.to();
    const { contentType = '', byteRange } = head;
    // What the other side takes is not known yet; it waits until it is.
    if (remote === undefined) return 'take';
    if (!isEnvelope({ contentType }) && formOf(this.#contentOf(head), undefined, remote, this.#words) === undefined)
      return 415;
    const { total } = byteRange ?? {};
    if (remote.maxSize !== undefined && total !== undefined && total > remote.maxSize) return 413;
    return 'take';
  }

  begun(message: IncomingMessage): void {
    const passing: Passing = { message, form: undefined, isWhole: false, isLeaving: false };
    this.#open.push(passing);
    if (this.#open.length >= unacknowledgedMax) this.#plan.hold(true);
    this.#look(passing);
  }

  whole(message: IncomingMessage): void {
    const passing = this.#find(message);
    if (passing !== undefined) passing.isWhole = true;
  }

  abandoned(message: IncomingMessage): void {
    this.#settle(message);
  }

  ended(why: Parameters<IncomingListener['ended']>[0]): void {
    this.#plan.ended(why);
  }

  /** The other side is there again, by another path. */
  resent(): void {
    for (const passing of this.#open) passing.isLeaving = false;
    this.resume();
  }

  /** The other side has said anew what it takes, and whether it takes anything now. */
  resume(): void {
    for (const passing of this.#open.slice()) if (passing.form === undefined) this.#look(passing);
    this.#leave();
  }

  /** Resolves when nothing whole waits for a word of the other side any more. */
  async drained(): Promise<void> {
    while (this.#open.some(({ isWhole }) => isWhole)) {
      await new Promise<void>((resolve) => {
        this.#whenSettled = resolve;
      });
    }
  }

  /** Nothing goes on any more. What is whole and was not acknowledged is its caller's, in the order in which it came. */
  close(): IncomingMessage[] {
    this.#isOver = true;
    const left = this.#open.splice(0);
    for (const { message, isWhole } of left) if (!isWhole) message.spool.release();
    this.#whenSettled?.();
    return left.filter(({ isWhole, message }) => isWhole && isWorthKeeping(message.head)).map(({ message }) => message);
  }

  get #words(): EnvelopeWords {
    return { ...this.#plan.parties, sentAt: this.#plan.clock.wall() };
  }

  #contentOf({ contentType = 'text/plain', headers }: MsrpRequestHead): {
    contentType: string;
    headers: MsrpRequestHead['headers'];
  } {
    return { contentType, headers: headers.filter(({ name }) => /^content-/i.test(name)) };
  }

  #look(passing: Passing): void {
    if (this.#plan.to().remote === undefined) return;
    if (isEnvelope({ contentType: passing.message.head.contentType ?? '' })) void this.#openEnvelope(passing);
    else this.#shape(passing, undefined);
  }

  async #openEnvelope(passing: Passing): Promise<void> {
    const { spool } = passing.message;
    try {
      this.#shape(passing, await spool.head(envelopeHeadMax));
    } catch {
      // It was given up, and that has been told.
    }
  }

  #shape(passing: Passing, first: Uint8Array | undefined): void {
    if (this.#isOver || passing.isLeaving) return;
    const { message } = passing;
    const { remote } = this.#plan.to();
    if (first !== undefined && namesAnother(first, this.#plan.parties.sender)) {
      this.#refuse(message, 403);
      return;
    }
    passing.form = remote === undefined ? undefined : formOf(this.#contentOf(message.head), first, remote, this.#words);
    if (passing.form === undefined) this.#refuse(message, 415);
    else this.#leave();
  }

  /** In the order in which they began. */
  #leave(): void {
    // On hold (RFC 4975 8.9): what comes meanwhile is at hand.
    if (!this.#plan.to().takesMessages) return;
    for (const passing of this.#open) {
      if (passing.isLeaving) continue;
      if (passing.form === undefined || !this.#send(passing, passing.form)) return;
    }
  }

  /** False where it has to wait. */
  #send(passing: Passing, form: OutgoingForm): boolean {
    const { message } = passing;
    const { head, spool } = message;
    const { messageId = '', byteRange, successReport, failureReport } = head;
    const size = viewedSize(spool.size ?? byteRange?.total, form);
    passing.isLeaving = true;
    spool.isFollowed = true;
    const handle = this.#plan.to().msrp.send({
      messageId,
      contentType: form.contentType,
      headers: form.headers,
      successReport,
      failureReport: failureReport === 'no' ? 'no' : 'yes',
      ...(size === undefined ? {} : { size }),
      source: viewed(spool, form),
      onEnd: (outcome) => this.#onEnd(passing, outcome),
      onReport: (status) => this.#report(message, status),
    });
    if (handle !== undefined) return true;
    passing.isLeaving = false;
    spool.unfollow();
    return false;
  }

  #onEnd(passing: Passing, outcome: OutgoingOutcome): void {
    const { message } = passing;
    message.spool.unfollow();
    switch (outcome.kind) {
      case 'answered':
      case 'sent':
        this.#passed(message);
        break;
      case 'refused':
        // Silence may be the end of the other side: it stays at hand until that is known.
        if (isSessionGone(outcome.status)) this.#plan.silent();
        else this.#refuse(message, outcome.status);
        break;
      default:
        break;
    }
  }

  #passed(message: IncomingMessage): void {
    const noting = this.#plan.passed?.(message);
    if (noting === undefined) this.#settle(message);
    else void noting.then(() => this.#settle(message));
  }

  /** Its sender is told that it came to nothing. */
  #refuse(message: IncomingMessage, status: number): void {
    const passing = this.#find(message);
    if (passing === undefined) return;
    const { messageId = '' } = message.head;
    if (passing.isWhole) this.#report(message, status);
    else this.#plan.from().msrp.refuse(messageId, status);
    this.#settle(message);
  }

  /** The whole message, whichever part the other side spoke of. */
  #report({ head, spool }: IncomingMessage, status: number): void {
    const isWanted = status === 200 ? head.successReport : head.failureReport !== 'no';
    if (!isWanted) return;
    const bytes = spool.size ?? spool.contiguous;
    this.#plan.from().msrp.report({ head, range: { start: 1, end: bytes, total: bytes }, status });
  }

  #find(message: IncomingMessage): Passing | undefined {
    return this.#open.find((each) => each.message === message);
  }

  #settle(message: IncomingMessage): void {
    const at = this.#open.findIndex((each) => each.message === message);
    if (at === -1) return;
    this.#open.splice(at, 1);
    message.spool.release();
    if (this.#open.length < unacknowledgedMax) this.#plan.hold(false);
    this.#whenSettled?.();
    this.#leave();
  }
}

/** A sender who wants to hear of no failure does not miss it either (is-composing). */
function isWorthKeeping({ failureReport }: MsrpRequestHead): boolean {
  return failureReport !== 'no';
}

function namesAnother(first: Uint8Array, sender: string): boolean {
  const envelope = parseCpim(first);
  const from = envelope.ok ? cpimFrom(envelope.value) : undefined;
  const address = from === undefined ? undefined : parseAddress(from.uri);
  return address?.ok === true && address.value !== sender;
}
