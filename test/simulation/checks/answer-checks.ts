/** What the server may answer to a message: contract sections 4 and 5. */
import type { SenderAnswer } from '../clients/sender-answers.ts';
import { shares } from '../model/sharing.ts';
import { attributesIn } from '../model/wish.ts';
import type { Books, Instance, Submission } from './books.ts';
import { isRemembered, mayBeKnown, rivalsOf, validityMsOf } from './instances.ts';

/** A refusal for the store's sake follows a fault at most so much later: what failed is tried again after a second. */
const faultEchoMs = 2500;

/** The two columns of contract section 5; a client's own refusal has many. */
const statuses: ReadonlyMap<string, { readonly sip: number; readonly http: number }> = new Map([
  ['blocked', { sip: 403, http: 403 }],
  ['attribute-not-authorised', { sip: 403, http: 403 }],
  ['not-stored', { sip: 603, http: 409 }],
  ['offline-space-full', { sip: 603, http: 507 }],
  ['sender-queue-full', { sip: 603, http: 429 }],
  ['conditional-delivery-not-supported', { sip: 420, http: 501 }],
  ['store-unavailable', { sip: 503, http: 503 }],
  ['too-many-requests', { sip: 480, http: 429 }],
  ['idempotency-key-used', { sip: 400, http: 409 }],
]);

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

  answered(submission: Submission, answer: SenderAnswer): void {
    const { letter } = submission;
    if (letter === undefined) return;
    const name = `letter ${letter.number}`;
    const instances = this.#books.instancesOf.get(letter) ?? [];
    if (answer.status < 300) this.#checkWelcome(name, submission, instances);
    if (answer.kind === 'delivered') this.#checkDelivered(name, instances, answer);
    else if (answer.kind === 'kept') this.#checkKept(name, submission, answer);
    else this.#checkRefused(name, submission, answer);
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

  #checkDelivered(name: string, instances: readonly Instance[], { id, expiresAt, text }: SenderAnswer): void {
    const early = instances.find(({ isMarkedEarly, keptToldIn }) => isMarkedEarly && keptToldIn === undefined);
    if (early !== undefined) this.#books.fail('what is delivered at once is not marked as deferred', name);
    // Over HTTP the answer has the id that the recipient sees.
    const meant = expiresAt === undefined ? instances : instances.filter((instance) => instance.id === id);
    if (meant.some(({ delivered, asked }) => delivered !== undefined || asked.taken)) return;
    this.#books.fail('200 means that a client took it', `${name}: ${text}`);
  }

  #checkKept(name: string, submission: Submission, answer: SenderAnswer): void {
    const books = this.#books;
    const { letter } = submission;
    const { text } = answer;
    const instance = books.instances.get(answer.id);
    if (letter === undefined || instance?.letter !== letter) {
      books.fail('a 202 names the message that it is about', `${name}: ${text}`);
      return;
    }
    if (instance.place === undefined) books.fail('a 202 follows the commit', name);
    if (!books.config.isStoreOffline) books.fail('--store-offline off keeps nothing', name);
    // What ended after this request came may have been looked up before.
    const isKnown =
      isRemembered(books, instance) || mayBeKnown(instance) || instance.endedWall >= submission.arrivedWall;
    if (instance.submission !== submission && !isKnown)
      books.fail('what is over and sent again is new', `${name} is ${instance.end}`);
    if (answer.state !== instance.acceptedState) books.fail('a 202 says held or waiting', `${name}: ${text}`);
    const seconds = Math.ceil(validityMsOf(books, letter.validitySeconds) / 1000);
    const isLengthRight =
      answer.expiresAt === undefined
        ? answer.seconds === String(seconds)
        : Date.parse(answer.expiresAt) === instance.expiresAt;
    if (!isLengthRight) books.fail('a 202 says how long it is kept', `${name}: ${text}`);
    instance.keptToldIn ??= books.time.event;
  }

  #checkRefused(name: string, submission: Submission, answer: SenderAnswer): void {
    const books = this.#books;
    const { letter } = submission;
    if (letter === undefined) return;
    if (!this.#isRefusalRight(submission, answer)) {
      books.fail('a refusal has its reason', `${name} is answered ${answer.text}`);
    }
    if (isChallenge(submission, answer.status)) return;
    for (const instance of books.instancesOf.get(letter) ?? []) {
      // What was kept before stays kept.
      if (instance.place === undefined && instance.life === books.life) {
        instance.isClosed = true;
        books.close(instance);
      }
    }
  }

  #isRefusalRight(submission: Submission, { status, reason, names }: SenderAnswer): boolean {
    const { letter, possible } = submission;
    const { config, lastFaultAt } = this.#books;
    if (letter === undefined || letter.refusals.includes(status)) return true;
    if (isChallenge(submission, status)) return config.trust.length === 0;
    if (reason === 'refused-by-recipient') return this.#isRefusedByAll(submission, status);
    if (statuses.get(reason)?.[letter.way] !== status) return false;
    switch (reason) {
      case 'blocked':
        return config.blockedAnswer === 'refuse' && possible.blocked;
      case 'attribute-not-authorised':
        return names.length > 0 && names.every((attribute) => possible.hidden.has(attribute));
      case 'not-stored':
        return letter.validitySeconds === 0 || !config.isStoreOffline;
      case 'conditional-delivery-not-supported':
        return !config.isConditional && letter.condition !== undefined;
      case 'idempotency-key-used':
        return rivalsOf(this.#books, letter).length > 0;
      case 'store-unavailable':
        return lastFaultAt > submission.arrivedAt - faultEchoMs;
      default:
        // Whether it was full is checked where it was put.
        return true;
    }
  }

  #isRefusedByAll({ letter }: Submission, status: number): boolean {
    if (letter === undefined) return false;
    const person = this.#books.person(letter.recipient);
    return (this.#books.instancesOf.get(letter) ?? []).some(({ refusedBy, asked }) => {
      // Its recipient said so elsewhere, whatever their clients think.
      if (asked.turnedAway) return status === (letter.way === 'http' ? 422 : 403);
      // A redirection and a challenge mean nothing to the sender.
      const told = [...refusedBy.values()].map((each) => (each < 400 || each === 401 || each === 407 ? 403 : each));
      const lanes = [...person.lanes.values()].filter(({ isEnding }) => !isEnding);
      const isTold = letter.way === 'http' ? status === 422 && told.length > 0 : told.includes(status);
      return isTold && lanes.every(({ device }) => refusedBy.has(device.contact));
    });
  }
}

function isChallenge({ words }: Submission, status: number): boolean {
  return words !== undefined && (status === 401 || status === 407);
}
