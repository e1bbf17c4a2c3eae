/** What must be true when a MESSAGE leaves the server, and what its answer means: contract section 4. */
import type { Millis } from '../../../src/base/time/clock.ts';
import type { Device } from '../clients/device.ts';
import type { SipWords } from '../clients/sip-words.ts';
import type { Client, Lane } from '../model/lane.ts';
import { letterNumberIn } from '../model/letter.ts';
import type { Connection } from '../world/simulated-network.ts';
import { clockLookMs, type Attempt, type Books, type Instance } from './books.ts';
import { isRemembered, newInstance, submissionOf, transactionMs, validityMsOf } from './instances.ts';
import { findOvertaken } from './order-check.ts';
import { holding } from './sights.ts';
import { findWireFault, type Sending } from './wire-check.ts';

/** The same attempt once more as plain text, for a client that takes nothing else and has just said so. */
function isPlainAgain({ time }: Books, { attempts, letter }: Instance, device: Device, words: SipWords): boolean {
  const before = attempts.findLast((attempt) => attempt.device === device);
  return before?.endedAt === time.monotonic() && words.row('Content-Type') !== letter.contentType;
}

function isPlain({ text }: Attempt): boolean {
  return text.slice(0, text.indexOf('\r\n\r\n')).includes('\r\nContent-Type: text/plain');
}

/** A message as it leaves for one client. */
export interface Start {
  readonly sending: Sending;
  /** By which its answer is known. */
  readonly key: string;
  readonly text: string;
  readonly cseq: number | undefined;
  /** As far as there is any. */
  readonly wireFault: string | undefined;
  /** The same attempt once more in another form. */
  readonly isPlainAgain: boolean;
  readonly onTimeOver: (attempt: Attempt, at: Millis) => void;
  readonly lastsMs: Millis;
}

export interface AttemptEvents {
  laneFailed(lane: Lane, retryAfterMs: Millis, at?: Millis): void;
  /** It may have failed, or not. */
  laneInDoubt(lane: Lane): void;
  laneHeard(lane: Lane): void;
  lanePerhapsHeard(lane: Lane): void;
}

export class AttemptChecks {
  readonly #books: Books;
  readonly #events: AttemptEvents;

  constructor(books: Books, events: AttemptEvents) {
    this.#books = books;
    this.#events = events;
  }

  sent(device: Device, words: SipWords, connection: Connection | undefined): void {
    const known = this.#books.attempts.get(words.branch);
    if (known === undefined) this.#begin(device, words, connection);
    else this.#repeat(known, words);
  }

  answered(attempt: Attempt, words: SipWords): void {
    if (!attempt.isOpen || words.status < 200) return;
    this.#close(attempt, this.#books.time.monotonic());
    const { instance, lane } = attempt;
    const { status } = words;
    if (status < 300) {
      instance.delivered ??= { life: this.#books.life, at: this.#books.time.monotonic(), since: attempt.startedAt };
      if (lane !== undefined && attempt.left === 'no') this.#events.laneHeard(lane);
      if (lane !== undefined && attempt.left === 'perhaps') this.#events.lanePerhapsHeard(lane);
    } else if (isClientFailure(status)) {
      this.#laneFailed(attempt, Number(words.row('Retry-After') || 0) * 1000);
    } else if (isMessageFailure(status)) {
      instance.isPaused = true;
      if (status === 413 || status === 488 || status === 500) instance.poisonings += 1;
    } else if (status !== 415 || isPlain(attempt)) {
      this.#refused(attempt, status);
    } else if (instance.letter.plainBody === undefined) this.#refused(attempt, status);
  }

  #refused(attempt: Attempt, status: number): void {
    attempt.hasRefused = true;
    attempt.instance.refusedBy.set(attempt.device.contact, status);
  }

  /** It came to nothing for the message's own sake, which has a pause of its own now. */
  setBack(attempt: Attempt, at: Millis): void {
    if (!attempt.isOpen) return;
    this.#close(attempt, at);
    attempt.instance.isPaused = true;
  }

  /** Its reader has it, or its stream is over. */
  ended(attempt: Attempt): void {
    if (attempt.isOpen) this.#close(attempt, this.#books.time.monotonic());
  }

  /** No answer in time, or no way any more. */
  failed(attempt: Attempt, at = this.#books.time.monotonic()): void {
    if (!attempt.isOpen) return;
    this.#close(attempt, at);
    attempt.isFailed = true;
    this.#laneFailed(attempt, 0, at);
  }

  /** Over a way that is not used any more it tells nothing of the present one. */
  #laneFailed({ lane, left }: Attempt, retryAfterMs: Millis, at = this.#books.time.monotonic()): void {
    if (lane === undefined || left === 'yes') return;
    if (left === 'perhaps') this.#events.laneInDoubt(lane);
    else this.#events.laneFailed(lane, retryAfterMs, at);
  }

  #close(attempt: Attempt, at: Millis): void {
    attempt.isOpen = false;
    attempt.endedAt = at;
    attempt.timer?.cancel();
  }

  #begin(device: Device, words: SipWords, connection: Connection | undefined): void {
    const callId = words.row('Call-ID');
    const id = callId.slice(0, callId.lastIndexOf('@'));
    const instance = this.instanceOf(id, words.body, words.text);
    if (instance === undefined) return;
    const sending = { instance, device, connection };
    this.begin({
      sending,
      key: words.branch,
      text: words.text,
      cseq: words.cseq,
      wireFault: findWireFault(this.#books, sending, words),
      isPlainAgain: isPlainAgain(this.#books, instance, device, words),
      lastsMs: transactionMs,
      onTimeOver: (attempt, at) => this.failed(attempt, at),
    });
  }

  begin(start: Start): void {
    const books = this.#books;
    const { sending, text, cseq } = start;
    const { instance, device, connection } = sending;
    const person = books.person(instance.letter.recipient);
    const lane = [...person.lanes.values()].find((each) => each.device === device);
    this.#checkStart(start, lane);
    const attempt: Attempt = {
      instance,
      device,
      lane,
      connection,
      text,
      cseq,
      q: lane?.q ?? 0,
      life: books.life,
      startedAt: books.time.monotonic(),
      isOpen: true,
      left: 'no',
      endedAt: undefined,
      hasRefused: false,
      isFailed: false,
      timer: undefined,
    };
    attempt.timer = books.at(attempt.startedAt + start.lastsMs, (at) => start.onTimeOver(attempt, at));
    instance.isPaused = false;
    const { startedAt } = attempt;
    const isContinued = instance.attempts.some(({ isOpen, endedAt }) => isOpen || endedAt === startedAt);
    if (!isContinued && instance.place !== undefined) instance.underWaySince = startedAt;
    instance.attempts.push(attempt);
    books.attempts.set(start.key, attempt);
  }

  /** The message of this id, whose letter stands in `content`. */
  instanceOf(id: string, content: string, text: string): Instance | undefined {
    const number = letterNumberIn(content);
    const letter = number === undefined ? undefined : this.#books.letters.get(number);
    if (letter === undefined) {
      this.#books.fail('nothing is sent that nobody wrote', text);
      return undefined;
    }
    const instance = this.#books.instances.get(id) ?? this.#relayed(id, letter.number);
    if (instance === undefined) {
      this.#books.fail('nothing is sent that was not accepted', `letter ${number} has no sender who waits`);
    } else if (instance.letter !== letter) this.#books.fail('one id is one message', `${id} is letter ${number} too`);
    return instance;
  }

  /** A message whose sender waits for the answer, and that is written nowhere. */
  #relayed(id: string, number: number): Instance | undefined {
    const books = this.#books;
    const letter = books.letters.get(number);
    const submission = letter === undefined ? undefined : submissionOf(books, number);
    if (letter === undefined || submission === undefined) return undefined;
    const repeated = (books.instancesOf.get(letter) ?? []).find((other) => isRemembered(books, other));
    if (repeated !== undefined) {
      books.fail('the same message is taken once', `letter ${number} is ${id}, and was ${repeated.id} before`);
    }
    const validityMs = validityMsOf(books, letter.validitySeconds);
    const instance = newInstance(books, id, submission, {
      // Now or never: as long as the transaction of its sender can wait.
      expiresAt: Math.max(books.time.wall(), submission.arrivedWall) + (validityMs === 0 ? 30_000 : validityMs),
    });
    books.addInstance(instance);
    return instance;
  }

  #checkStart({ sending, cseq, wireFault, isPlainAgain: isAgain }: Start, lane: Lane | undefined): void {
    const books = this.#books;
    const { instance, device } = sending;
    const { letter } = instance;
    const name = `letter ${letter.number}`;
    if (wireFault !== undefined) books.fail('no byte tells more than the message', `${name}: ${wireFault}`);
    if (cseq !== undefined) this.#checkNumber(instance, device, cseq);
    const isTaken = instance.end === 'delivered' || instance.end === 'displayed';
    const isCopy = isTaken && instance.delivered?.life === books.life;
    if (instance.isClosed || (instance.end !== undefined && !isCopy)) {
      books.fail('nothing is sent of what is over', `${name} is ${instance.end ?? 'refused or lost'}`);
    }
    if (books.time.wall() >= instance.expiresAt) books.fail('no attempt after the end of validity', name);
    if (!holding(books, instance).can) books.fail('no attempt before its condition holds', `${name} to ${device.name}`);
    const person = books.person(letter.recipient);
    if (person.hasSurelyBlocked(letter.sender)) books.fail('no attempt for somebody who is blocked', name);
    if (
      books.config.deliverOn === 'publish' &&
      !person.viewsWithin(books.time.monotonic()).some(({ isPublished }) => isPublished)
    ) {
      books.fail('--deliver-on publish waits for a publication', name);
    }
    this.#checkAgain(sending, lane, isAgain);
    // It was on its way to the client when it asked for a connection.
    const isConnected = sending.connection?.openedByServerIn === books.time.event;
    const isUnderWay = isAgain || (isConnected && lane === undefined);
    if (!isUnderWay) this.#checkLane(instance, device, lane);
    const overtaken = findOvertaken(books, sending);
    if (overtaken === undefined) return;
    const { letter: other, place, readyAt } = overtaken;
    const first = `letter ${other.number} (row ${place}, ready at ${readyAt.toFixed(3)})`;
    const here = `(row ${instance.place}, under way since ${instance.underWaySince.toFixed(3)})`;
    books.fail('messages of one sender go out in their order', `${name} ${here} overtakes ${first} to ${device.name}`);
  }

  #checkNumber({ attempts, letter }: Instance, device: Client, cseq: number): void {
    // Those that go to several clients at once may leave in any order.
    const before = attempts.filter(
      (attempt) => attempt.device === device || attempt.life !== this.#books.life || attempt.cseq === cseq,
    );
    const highest = Math.max(0, ...before.map((attempt) => attempt.cseq ?? 0));
    if (cseq > highest) return;
    this.#books.fail('a new attempt has a higher CSeq', `letter ${letter.number}: ${cseq} after ${highest}`);
  }

  /** What was delivered goes to nobody else, but once to those who were there by then and stood in line. */
  #checkAgain({ instance, device }: Sending, lane: Lane | undefined, isAgain: boolean): void {
    const { delivered, letter, attempts } = instance;
    if (
      attempts.some(
        ({ device: other, hasRefused, life }) => other === device && hasRefused && life === this.#books.life,
      )
    ) {
      this.#books.fail('whoever refused a message for good does not get it again', `letter ${letter.number}`);
    }
    if (delivered === undefined || delivered.life !== this.#books.life) return;
    const { since, at } = delivered;
    const isFirst = !attempts.some((attempt) => attempt.device === device && attempt.startedAt >= since);
    if (isFirst && lane !== undefined && lane.bornAt <= at) return;
    if (isAgain) return;
    this.#books.fail('what was delivered is not sent again', `letter ${letter.number} to ${device.name}`);
  }

  #checkLane(instance: Instance, device: Client, lane: Lane | undefined): void {
    const books = this.#books;
    const name = `letter ${instance.letter.number} to ${device.name}`;
    if (lane === undefined) {
      books.fail('nothing is sent to a client that is not registered', name);
      return;
    }
    const isNew = lane.bornAt === books.time.monotonic();
    if (!isNew && (lane.style === 'notify' || lane.style === 'pull')) {
      books.fail('nothing is pushed to a client that wants to fetch', name);
    }
    const isDown = lane.state === 'down' && lane.resumesAt > books.time.monotonic();
    if (isDown && !hasFailedNow(books, device)) {
      books.fail('a client that failed is left alone until its pause ends', name);
    }
    const open = openTo(books, device);
    if (open >= lane.window) {
      books.fail('no more messages at once than the client can take', `${name}: ${open} are open`);
    }
    // What stands in line when somebody takes it elsewhere, or somebody better comes, still goes where it stands.
    if (instance.delivered !== undefined) return;
    const person = books.person(instance.letter.recipient);
    if (person.reorderedAt >= instance.underWaySince) return;
    const better = [...person.lanes.values()].find(
      (other) =>
        other.q > lane.q &&
        other.style === 'push' &&
        other.upSince <= instance.underWaySince &&
        hasRoom(books, other) &&
        !wasOffered(instance, other),
    );
    if (better !== undefined) books.fail('the highest q is tried first', `${name}, not yet ${better.device.name}`);
  }

  #repeat(attempt: Attempt, words: SipWords): void {
    const books = this.#books;
    const { instance } = attempt;
    const name = `letter ${instance.letter.number} to ${attempt.device.name}`;
    if (attempt.text !== words.text) books.fail('a retransmission is the same octets', name);
    if (!attempt.isOpen) books.fail('nothing is sent again that was answered or given up', name);
    if (attempt.left === 'yes') books.fail('nothing is sent again to a client that went or moved', name);
    if (instance.isClosed) books.fail('nothing is sent of what is over', name);
    const hasRow = instance.place !== undefined && instance.end === undefined;
    // Without a row only the time that passes ends it, and that was settled when it began.
    const isClockNew = books.time.monotonic() - books.lastStepAt < clockLookMs;
    const isExcused = isClockNew || (!hasRow && attempt.startedAt < books.lastStepAt);
    if (!isExcused && books.time.wall() > instance.expiresAt) {
      books.fail('no retransmission after the end of validity', name);
    }
  }
}

function openTo(books: Books, device: Client): number {
  let open = 0;
  for (const attempt of books.attempts.values())
    if (attempt.isOpen && attempt.left === 'no' && attempt.device === device) open += 1;
  return open;
}

/** An attempt to it came to nothing in this very moment, which may be behind the one in which another started. */
function hasFailedNow({ attempts, time }: Books, device: Client): boolean {
  const now = time.monotonic();
  for (const attempt of attempts.values()) {
    if (attempt.device === device && attempt.isFailed && attempt.endedAt === now) return true;
  }
  return false;
}

/** Where it has none, the message may stand in line there already. */
function hasRoom(books: Books, lane: Lane): boolean {
  return lane.state === 'up' && openTo(books, lane.device) < lane.window;
}

function wasOffered(instance: Instance, lane: Lane): boolean {
  const isDone = instance.refusedBy.has(lane.device.contact);
  return isDone || instance.attempts.some(({ device }) => device === lane.device);
}

export function isClientFailure(status: number): boolean {
  return status === 408 || status === 480 || status === 486 || status === 503;
}

function isMessageFailure(status: number): boolean {
  if (status === 413 || status === 488 || status === 482 || status === 487) return true;
  return status >= 500 && status < 600 && status !== 501 && status !== 505 && status !== 513;
}
