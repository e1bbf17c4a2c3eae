/** What must be true of the rows that the server keeps: once each, within the quotas, and ended only for a reason. */
import type { EntryEnd, EntryUpdate, NewMailboxEntry, PutOutcome } from '../../../src/delivery/ports.ts';
import { ChangeMemory } from '../model/change-memory.ts';
import { letterNumberIn } from '../model/letter.ts';
import { attributesIn, changeWishesIn, type Wish } from '../model/wish.ts';
import type { StoreCall } from '../world/simulated-stores.ts';
import { isRemembered, newInstance, rivalsOf, submissionOf, validityMsOf } from './instances.ts';
import type { Books, Instance } from './books.ts';
import { glimpses, holding, lastKnownTo } from './sights.ts';

/** Not so any more at the end of a life: nobody is there for a server that stops. */
function mayHaveEnded({ isStopping }: Books, wish: Wish | undefined): boolean {
  return isStopping && wish !== undefined && attributesIn(wish).some((name) => whereReachable.includes(name));
}

/** What follows from being reachable. */
const whereReachable: readonly string[] = ['online', 'availability'];

export class RowChecks {
  readonly #books: Books;
  #places = 0;

  constructor(books: Books) {
    this.#books = books;
  }

  issued({ name, args }: StoreCall): void {
    if (name === 'mailbox.put') this.#putIssued(args[0] as NewMailboxEntry);
    if (name === 'mailbox.end') for (const end of args[0] as readonly EntryEnd[]) this.#checkEnd(end);
    if (name !== 'mailbox.update') return;
    for (const { id, attempts, isAside } of args[0] as readonly EntryUpdate[]) {
      const instance = this.#books.instances.get(id);
      if (instance === undefined) continue;
      if (attempts !== undefined) instance.triedAt = this.#books.time.monotonic();
      if (isAside === true) this.#checkAside(instance);
    }
  }

  applied({ name, args, result }: StoreCall): void {
    if (name === 'mailbox.put') this.#putApplied(args[0] as NewMailboxEntry, result as PutOutcome);
    if (name === 'mailbox.end') {
      for (const [index, end] of (args[0] as readonly EntryEnd[]).entries()) {
        if ((result as readonly unknown[])[index] !== undefined) this.#endApplied(end);
      }
    }
  }

  /** What the server knows of its rows from now on. */
  answered({ name, args, result }: StoreCall): void {
    const now = this.#books.time.monotonic();
    if (name === 'mailbox.put' && (result as PutOutcome).kind === 'stored') {
      const { id, state } = args[0] as NewMailboxEntry;
      const instance = this.#books.instances.get(id);
      if (instance !== undefined && state === 'waiting') instance.readyAt = now;
    }
    if (name !== 'mailbox.update') return;
    for (const { id, state, ...changes } of args[0] as readonly EntryUpdate[]) {
      const instance = this.#books.instances.get(id);
      const isAgain = changes.attempts !== undefined || ('retryAt' in changes && changes.retryAt === undefined);
      if (instance === undefined) continue;
      if (state === 'held') instance.readyAt = Number.POSITIVE_INFINITY;
      else if (state === 'waiting' || (isAgain && this.#books.readRow(id)?.state === 'waiting')) instance.readyAt = now;
    }
  }

  restarted(): void {
    const { instances, readRow, time } = this.#books;
    for (const instance of instances.values()) {
      const isReady = readRow(instance.id)?.state === 'waiting';
      instance.readyAt = isReady ? time.monotonic() : Number.POSITIVE_INFINITY;
    }
  }

  #putIssued(row: NewMailboxEntry): void {
    const books = this.#books;
    const number = letterNumberIn(Buffer.from(row.message.body).toString('latin1'));
    const submission = number === undefined ? undefined : submissionOf(books, number);
    if (submission?.letter === undefined) {
      books.fail('only what somebody waits for is kept', `letter ${number} has no sender who waits`);
      return;
    }
    const { letter } = submission;
    const name = `letter ${letter.number}`;
    const known = books.instances.get(row.id);
    const { sender, recipient } = letter;
    const person = books.person(recipient);
    const instance =
      known ??
      newInstance(books, row.id, submission, {
        expiresAt: row.expiresAt,
        memories: (letter.wish === undefined ? [] : changeWishesIn(letter.wish)).map((test) => {
          const seen = glimpses(person, sender, test.attribute);
          const memory = new ChangeMemory(test, seen, lastKnownTo(person, sender, test.attribute));
          // Where a change of rules is yet to be heard of, it may be, from now on.
          memory.advance(seen);
          return memory;
        }),
      });
    if (known === undefined) books.addInstance(instance);
    if (row.expiresAt > instance.expiresAt || row.expiresAt < instance.expiresEarliest) {
      books.fail('validity counts from acceptance', `${name} ends at ${row.expiresAt}`);
    }
    if (row.expiresAt - row.acceptedAt !== validityMsOf(books, letter.validitySeconds)) {
      books.fail('validity counts from acceptance', `${name} is valid for ${row.expiresAt - row.acceptedAt} ms`);
    }
    Object.assign(instance, { expiresAt: row.expiresAt, expiresEarliest: row.expiresAt, acceptedAt: row.acceptedAt });
    instance.acceptedState = row.state;
    // Nothing else is kept so late.
    const waitedMs = books.time.monotonic() - instance.arrivedAt;
    const leastMs = Math.min(books.config.answerWithinMs, row.expiresAt - row.acceptedAt) - 1;
    instance.wasRelayed = instance.attempts.length > 0 || waitedMs >= leastMs;
    const { can, must } = holding(books, instance);
    if (row.state === 'held' ? must && !mayHaveEnded(books, letter.wish) : !can) {
      books.fail('what is kept is held or waiting as its condition says', `${name} is ${row.state}`);
    }
  }

  #putApplied(row: NewMailboxEntry, outcome: PutOutcome): void {
    const books = this.#books;
    const instance = books.instances.get(row.id);
    if (instance === undefined) return;
    const { letter } = instance;
    this.#checkQuotas(instance, row, outcome);
    if (outcome.kind !== 'stored') {
      instance.isTurnedDown = true;
      instance.submission.isTurnedDown = true;
      if (instance.attempts.length === 0) this.#discard(instance);
      return;
    }
    const repeated = (books.instancesOf.get(letter) ?? []).find(
      (other) => other !== instance && isRemembered(books, other),
    );
    if (repeated !== undefined) {
      books.fail(
        'the same message is taken once',
        `letter ${letter.number} is ${row.id}, and was ${repeated.id} before`,
      );
    }
    const rivals = rivalsOf(books, letter).flatMap((rival) => books.instancesOf.get(rival) ?? []);
    const rival = rivals.find((other) => isRemembered(books, other));
    if (rival !== undefined) {
      books.fail('a key names one message', `letter ${letter.number} is taken beside letter ${rival.letter.number}`);
    }
    this.#places += 1;
    instance.place = this.#places;
    instance.rowAt = books.time.monotonic();
  }

  /** Of the open rows, this one not counted. */
  #checkQuotas(instance: Instance, row: NewMailboxEntry, outcome: PutOutcome): void {
    const books = this.#books;
    const { quotaRecipient, quotaPair, quotaSender } = books.config;
    const { sender, recipient, number } = instance.letter;
    const rows = [...books.instances.values()].filter(
      (other) => other !== instance && other.place !== undefined && other.end === undefined,
    );
    const forRecipient = rows.filter(({ letter }) => letter.recipient === recipient);
    const held = forRecipient.filter(({ id }) => books.readRow(id)?.state === 'held').length;
    const ofSender = rows.filter(({ letter }) => letter.sender === sender);
    const ofPair = ofSender.filter(({ letter }) => letter.recipient === recipient).length;
    const isRecipientFull =
      forRecipient.length >= quotaRecipient.messages ||
      (row.state === 'held' && held >= Math.floor(quotaRecipient.messages / 2));
    const isSenderFull = ofPair >= quotaPair || ofSender.length >= quotaSender;
    const name = `letter ${number}: ${forRecipient.length} for its recipient, ${held} held, ${ofPair} of the pair`;
    if (outcome.kind === 'stored' && (isRecipientFull || isSenderFull)) books.fail('no quota is exceeded by one', name);
    if (outcome.kind === 'offline-space-full' && !isRecipientFull) books.fail('nobody is refused below a quota', name);
    if (outcome.kind === 'sender-queue-full' && !isSenderFull) books.fail('nobody is refused below a quota', name);
  }

  #discard(instance: Instance): void {
    this.#books.instances.delete(instance.id);
    this.#books.close(instance);
    const list = this.#books.instancesOf.get(instance.letter);
    list?.splice(list.indexOf(instance), 1);
  }

  #checkEnd({ id, state, step }: EntryEnd): void {
    const books = this.#books;
    const instance = books.instances.get(id);
    if (instance === undefined) {
      books.fail('only what was kept can end', id);
      return;
    }
    const name = `letter ${instance.letter.number}`;
    const { asked } = instance;
    if ((state === 'delivered' || state === 'displayed') && instance.delivered === undefined) {
      if (!asked.taken) books.fail('delivered means that a client took it', `${name} is called delivered`);
      const at = books.time.monotonic();
      instance.delivered = { life: books.life, at, since: at };
    }
    if (state === 'expired' && books.time.wall() < instance.expiresAt) {
      books.fail('nothing accepted is lost', `${name} expires before its end`);
    }
    if (state === 'failed' && !this.#mayFail(instance)) {
      books.fail('nothing accepted is lost', `${name} fails: ${step.what}`);
    }
    if (state === 'rejected' && !asked.turnedAway) {
      books.fail('nothing accepted is lost', `${name} is rejected by nobody`);
    }
    if (state === 'displayed' && !asked.shown) books.fail('nothing is displayed that nobody has seen', name);
    if (state === 'recalled' && !asked.recalled)
      books.fail('nothing accepted is lost', `${name} is recalled by nobody`);
  }

  /** Clients said three times that it will never do, or its recipient blocks its sender and is to look absent. */
  #checkAside({ letter, poisonings }: Instance): void {
    const { config } = this.#books;
    const isBlocked = this.#books.person(letter.recipient).mayHaveBlocked(letter.sender);
    if (poisonings >= 3 || (isBlocked && config.blockedAnswer === 'accept')) return;
    this.#books.fail('nothing accepted is lost', `letter ${letter.number} is set aside after ${poisonings} failures`);
  }

  /** Its recipient blocks the sender, or every client that is registered refused it for good. */
  #mayFail(instance: Instance): boolean {
    const person = this.#books.person(instance.letter.recipient);
    if (this.#books.config.blockedAnswer === 'refuse' && person.mayHaveBlocked(instance.letter.sender)) return true;
    const { refusedBy } = instance;
    const lanes = [...person.lanes.values()].filter(({ isEnding }) => !isEnding);
    return refusedBy.size > 0 && lanes.every(({ device }) => refusedBy.has(device.contact));
  }

  #endApplied({ id, state }: EntryEnd): void {
    const books = this.#books;
    const instance = books.instances.get(id);
    if (instance === undefined) return;
    instance.end = state;
    instance.endedWall = books.time.wall();
    books.close(instance);
  }
}
