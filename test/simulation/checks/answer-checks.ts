/** What the server may answer to a MESSAGE: contract sections 4 and 5. */
import { parameterOf, type SipWords } from '../clients/sip-words.ts';
import { shares } from '../model/sharing.ts';
import { attributesIn } from '../model/wish.ts';
import { isRemembered, validityMsOf } from './attempt-checks.ts';
import type { Books, Instance, Submission } from './books.ts';

/** A refusal for the store's sake follows a fault at most so much later: what failed is tried again after a second. */
const faultEchoMs = 2500;

export class AnswerChecks {
  readonly #books: Books;

  constructor(books: Books) {
    this.#books = books;
  }

  /** Notes what is possible at this moment for those who wait for an answer. */
  note(submission: Submission): void {
    const { letter, possible } = submission;
    const person = letter === undefined ? undefined : this.#books.people.get(letter.recipient);
    if (letter === undefined || person === undefined) return;
    possible.blocked ||= person.mayHaveBlocked(letter.sender);
    possible.unblocked ||= !person.hasSurelyBlocked(letter.sender);
    if (letter.wish === undefined) return;
    const sharings = person.sharings(letter.sender);
    for (const attribute of attributesIn(letter.wish)) {
      if (sharings.some((sharing) => !shares(sharing, attribute))) possible.hidden.add(attribute);
      if (sharings.some((sharing) => shares(sharing, attribute))) possible.shown.add(attribute);
    }
  }

  answered(submission: Submission, words: SipWords): void {
    const { letter } = submission;
    if (letter === undefined) return;
    const name = `letter ${letter.number}`;
    const instances = this.#books.instancesOf.get(letter) ?? [];
    if (words.status < 300) this.#checkWelcome(name, submission, instances);
    if (words.status === 200) this.#checkDelivered(name, instances);
    else if (words.status === 202) this.#checkKept(name, submission, words);
    else this.#checkRefused(name, submission, words);
  }

  /** Nothing is taken that must be refused; what was taken before is answered as then. */
  #checkWelcome(name: string, submission: Submission, instances: readonly Instance[]): void {
    const { letter, possible, arrivedAt } = submission;
    const { config } = this.#books;
    if (letter === undefined || instances.some((instance) => instance.arrivedAt < arrivedAt)) return;
    const isBlocked = config.blockedAnswer === 'refuse' && !possible.unblocked;
    const isHidden = letter.wish !== undefined && attributesIn(letter.wish).some((name) => !possible.shown.has(name));
    const isOff = letter.condition !== undefined && !config.isConditional;
    if (isBlocked || isHidden || isOff || letter.refusals.length > 0) {
      this.#books.fail('what must be refused is refused', `${name} is taken`);
    }
  }

  #checkDelivered(name: string, instances: readonly Instance[]): void {
    const early = instances.find(({ isMarkedEarly, keptToldIn }) => isMarkedEarly && keptToldIn === undefined);
    if (early !== undefined) this.#books.fail('what is delivered at once is not marked as deferred', name);
    if (instances.some(({ delivered }) => delivered !== undefined)) return;
    this.#books.fail('200 means that a client took it', name);
  }

  #checkKept(name: string, submission: Submission, words: SipWords): void {
    const books = this.#books;
    const { letter } = submission;
    const value = words.row('Deferred-Message');
    const id = value.slice(0, value.indexOf(';'));
    const instance = books.instances.get(id);
    if (letter === undefined || instance?.letter !== letter) {
      books.fail('a 202 names the message that it is about', `${name}: ${value}`);
      return;
    }
    if (instance.place === undefined) books.fail('a 202 follows the commit', name);
    if (!books.config.isStoreOffline) books.fail('--store-offline off keeps nothing', name);
    if (instance.submission !== submission && !isRemembered(books, instance))
      books.fail('what is over and sent again is new', `${name} is ${instance.end}`);
    if (parameterOf(value, 'state') !== instance.acceptedState)
      books.fail('a 202 says held or waiting', `${name}: ${value}`);
    const seconds = Math.ceil(validityMsOf(books, letter.validitySeconds) / 1000);
    if (parameterOf(value, 'expires') !== String(seconds))
      books.fail('a 202 says how long it is kept', `${name}: ${value}`);
    instance.keptToldIn ??= books.time.event;
  }

  #checkRefused(name: string, submission: Submission, words: SipWords): void {
    const books = this.#books;
    const { letter } = submission;
    if (letter === undefined) return;
    const why = /"(.*)"/.exec(words.row('Warning'))?.[1] ?? '';
    if (!this.#isRefusalRight(submission, words.status, why)) {
      books.fail('a refusal has its reason', `${name} is answered ${words.status} ${why}`);
    }
    if (words.status === 401 || words.status === 407) return;
    for (const instance of books.instancesOf.get(letter) ?? []) {
      // What was kept before stays kept.
      if (instance.place === undefined && instance.life === books.life) {
        instance.isClosed = true;
        books.close(instance);
      }
    }
  }

  #isRefusalRight(submission: Submission, status: number, why: string): boolean {
    const { letter, possible } = submission;
    const { config, lastFaultAt } = this.#books;
    if (letter === undefined || letter.refusals.includes(status)) return true;
    if (status === 401 || status === 407) return config.trust.length === 0;
    if (why === 'recipient blocked the sender')
      return status === 403 && config.blockedAnswer === 'refuse' && possible.blocked;
    if (why.startsWith('presence attribute needs to be authorised')) {
      const names = why.slice(why.indexOf(': ') + 2).split(', ');
      return status === 403 && names.every((attribute) => possible.hidden.has(attribute));
    }
    if (why === 'not stored') return status === 603 && this.#isNotStored(submission);
    // Whether it was full is checked where it was put.
    if (why === 'Unable to deliver IM, offline space is full') return status === 603;
    if (why === 'Message queue for offline messages is full') return status === 603;
    if (why === 'conditional delivery is not supported')
      return status === 420 && !config.isConditional && letter.condition !== undefined;
    if (why === 'the store cannot commit') return status === 503 && lastFaultAt > submission.arrivedAt - faultEchoMs;
    if (why === 'too many requests') return status === 480;
    if (why === 'every client refused it for good') return this.#isRefusedByAll(submission, status);
    return false;
  }

  #isNotStored({ letter }: Submission): boolean {
    return letter?.validitySeconds === 0 || !this.#books.config.isStoreOffline;
  }

  #isRefusedByAll({ letter }: Submission, status: number): boolean {
    if (letter === undefined) return false;
    const person = this.#books.person(letter.recipient);
    return (this.#books.instancesOf.get(letter) ?? []).some(({ refusedBy }) => {
      // A redirection and a challenge mean nothing to the sender.
      const told = [...refusedBy.values()].map((each) => (each < 400 || each === 401 || each === 407 ? 403 : each));
      const lanes = [...person.lanes.values()].filter(({ isEnding }) => !isEnding);
      return told.includes(status) && lanes.every(({ device }) => refusedBy.has(device.contact));
    });
  }
}
