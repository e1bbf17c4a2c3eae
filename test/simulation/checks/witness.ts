/**
 * Sees every packet at the border of the server and every call of its store, keeps the books and asks the checks. It
 * stands outside: what the server thinks it learns only from what the server does.
 */
import type { Millis } from '../../../src/base/time/clock.ts';
import type { WatcherRule } from '../../../src/presence/ports.ts';
import type { MemoryState } from '../../../src/stores/memory/memory-state.ts';
import type { Device } from '../clients/device.ts';
import { addressWithin, parameterOf, SipWords } from '../clients/sip-words.ts';
import type { Lane } from '../model/lane.ts';
import type { Letter } from '../model/letter.ts';
import type { Person } from '../model/person.ts';
import type { Connection, NetworkEnd, NetworkWatcher } from '../world/simulated-network.ts';
import type { StoreCall, StoreWatcher } from '../world/simulated-stores.ts';
import { readSipAnswer } from '../clients/sender-answers.ts';
import { HttpWitness } from '../http/http-witness.ts';
import { AnswerChecks } from './answer-checks.ts';
import { AttemptChecks } from './attempt-checks.ts';
import type { Books, Submission } from './books.ts';
import { PresenceIntake } from './presence-intake.ts';
import { RowChecks } from './row-checks.ts';
import { WatcherChecks } from './watcher-checks.ts';

/** Seconds in an answer are whole. */
const roundingMs = 1500;

/** What nobody known asked is answered and forgotten (RFC 3261 8.2.7). */
const forgottenStatuses: ReadonlySet<number> = new Set([401, 407, 503]);
/** 64*T1: how long an answer is remembered (RFC 3261 17.2.2). */
const rememberedMs = 32_000;

/** The same request again is a new one. */
function isForgotten({ status, answeredAt }: Submission, now: Millis): boolean {
  return forgottenStatuses.has(status) || (status !== 0 && now >= answeredAt + rememberedMs);
}

export class Witness implements NetworkWatcher, StoreWatcher {
  readonly presence: PresenceIntake;
  readonly watchers: WatcherChecks;
  /** Sees what goes over HTTP. */
  readonly http: HttpWitness;
  /** By the branch of its request. */
  readonly letterOf = new Map<string, Letter>();
  /** Nothing is seen of a server before its sockets are open. */
  isOpen = false;
  readonly #books: Books;
  readonly #attempts: AttemptChecks;
  readonly #rows: RowChecks;
  readonly #answers: AnswerChecks;
  /** Durable, and the server does not know it yet. */
  readonly #unanswered = new Set<StoreCall>();

  constructor(books: Books) {
    this.#books = books;
    this.presence = new PresenceIntake(books);
    this.watchers = new WatcherChecks(books);
    this.#attempts = new AttemptChecks(books, this.presence);
    this.#rows = new RowChecks(books);
    this.#answers = new AnswerChecks(books);
    this.http = new HttpWitness(books, { presence: this.presence, attempts: this.#attempts, answers: this.#answers });
    this.presence.onChanged = (person) => this.#changed(person);
  }

  reachedServer(from: NetworkEnd, text: string, connection: Connection | undefined): void {
    this.#books.catchUp();
    if (!this.isOpen) return;
    const words = new SipWords(text);
    const device = from as Device;
    this.#books.story.tell(from.name, () => `-> ${this.#describe(words)}`);
    if (words.isRequest) this.#asked(device, words, connection);
    else {
      const attempt = this.#books.attempts.get(words.branch);
      if (attempt !== undefined) this.#attempts.answered(attempt, words);
    }
  }

  serverSent(to: NetworkEnd, text: string, connection: Connection | undefined): void {
    this.#books.catchUp();
    const words = new SipWords(text);
    this.#books.story.tell(to.name, () => `<- ${this.#describe(words)}`);
    if (!words.isRequest) this.#answered(words);
    else if (words.method === 'MESSAGE') this.#attempts.sent(to as Device, words, connection);
    else if (words.method === 'NOTIFY') this.watchers.sent(to as Device, words, connection);
    else this.#books.fail('nothing is sent that nobody asked for', words.startLine);
  }

  connectionLost(connection: Connection): void {
    this.#books.catchUp();
    this.#books.story.tell(connection.device.name, () => 'its connection is lost');
    for (const attempt of this.#books.attempts.values()) {
      if (attempt.connection === connection) this.#attempts.failed(attempt);
    }
    // What it came to is not told to anybody.
    for (const { connection: way, words, status, device } of this.#books.submissions.values()) {
      if (way !== connection || status !== 0 || words?.method !== 'REGISTER') continue;
      this.presence.perhapsRegistered(device, Number(words.row('Expires')));
    }
  }

  connectRefused(to: NetworkEnd): void {
    this.#books.catchUp();
    this.#books.story.tell(to.name, () => 'takes no connection');
    const device = to as Device;
    for (const lane of this.#books.person(device.owner).lanes.values()) {
      if (lane.device === device) this.presence.laneInDoubt(lane);
    }
  }

  storeCallIssued(call: StoreCall): void {
    this.#books.catchUp();
    this.#rows.issued(call);
  }

  storeCallApplied(call: StoreCall): void {
    this.#books.catchUp();
    this.#unanswered.add(call);
    this.http.applied(call);
    this.#rows.applied(call);
  }

  storeCallAnswered(call: StoreCall): void {
    this.#books.catchUp();
    this.#unanswered.delete(call);
    this.presence.answered(call);
    this.http.storeAnswered(call);
    this.#rows.answered(call);
  }

  storeCallFailed(call: StoreCall): void {
    this.#books.lastFaultAt = this.#books.time.monotonic();
    this.#books.story.tell('store', () => `${call.name} fails`);
  }

  rulesSet(owner: string, rules: readonly WatcherRule[]): void {
    this.#books.catchUp();
    this.presence.rulesSet(this.#books.person(owner), rules);
  }

  blocksSet(owner: string, blocks: ReadonlySet<string>): void {
    this.#books.catchUp();
    this.presence.blocksSet(this.#books.person(owner), blocks);
  }

  clockStepped(byMs: Millis): void {
    this.#books.catchUp();
    if (byMs < 0) this.#books.lastStepBackAt = this.#books.time.monotonic();
    this.#books.lastStepAt = this.#books.time.monotonic();
    this.presence.clockStepped();
  }

  /** The server has nothing to write any more: whatever it knows of changes is durable. */
  secured(): void {
    this.#books.catchUp();
    for (const person of this.#books.people.values()) {
      person.secure();
      for (const instance of this.#books.open(person.address)) for (const memory of instance.memories) memory.secure();
    }
  }

  killed(): void {
    this.#books.catchUp();
    this.isOpen = false;
    for (const call of this.#unanswered) this.presence.answered(call);
    this.#unanswered.clear();
    for (const attempt of this.#books.attempts.values()) {
      attempt.isOpen = false;
      attempt.timer?.cancel();
    }
    for (const instance of this.#books.instances.values()) {
      // What a client took is forgotten with the process that heard of it, unless that was written down.
      if (instance.end === undefined) instance.delivered = undefined;
      Object.assign(instance.asked, { taken: false, shown: false, turnedAway: false, recalled: false });
      if (instance.place !== undefined || instance.isClosed) continue;
      instance.isClosed = true;
      this.#books.close(instance);
    }
    this.#books.submissions.clear();
    this.http.killed();
    for (const person of this.#books.people.values()) {
      person.forgetUnsecured();
      for (const instance of this.#books.open(person.address)) {
        for (const memory of instance.memories) memory.forgetUnsecured();
      }
    }
  }

  /** Its sockets open right now; `state` is what it has read. */
  opened(state: MemoryState): void {
    this.#books.catchUp();
    this.isOpen = true;
    this.presence.restarted(state, this.#books.config.settleMs);
    this.#rows.restarted();
  }

  #asked(device: Device, words: SipWords, connection: Connection | undefined): void {
    const books = this.#books;
    const before = books.submissions.get(words.branch);
    if (before !== undefined && !isForgotten(before, books.time.monotonic())) return;
    const submission: Submission = {
      device,
      words,
      connection,
      letter: this.letterOf.get(words.branch),
      arrivedAt: books.time.monotonic(),
      arrivedWall: books.time.wall(),
      status: 0,
      answeredAt: 0,
      isTurnedDown: false,
      statusBefore: before?.status ?? 0,
      possible: { blocked: false, unblocked: false, hidden: new Set(), shown: new Set() },
    };
    books.submissions.set(words.branch, submission);
    this.#answers.note(submission);
    const isKnown = books.config.trust.length > 0;
    for (const lane of this.#lanesOf(device, words, connection)) {
      if (isKnown) this.presence.laneHeard(lane);
      else this.presence.lanePerhapsHeard(lane);
    }
  }

  /** Any request over the flow of a binding shows that its client is alive, once it is known whose request it is. */
  #lanesOf(device: Device, words: SipWords, connection: Connection | undefined): Lane[] {
    const person = this.#books.people.get(addressWithin(words.row('From')));
    const port = connection?.remote.port ?? device.address.port;
    const flow = `${connection === undefined ? 'udp' : 'tcp'} ${device.address.address} ${port}`;
    return [...(person?.lanes.values() ?? [])].filter((lane) => lane.flow === flow);
  }

  #answered(words: SipWords): void {
    const books = this.#books;
    const submission = books.submissions.get(words.branch);
    if (submission === undefined) {
      books.fail('only what was asked is answered', words.startLine);
      return;
    }
    if (words.status < 200) return;
    if (submission.status !== 0) {
      if (submission.status !== words.status) books.fail('a request has one answer', words.startLine);
      return;
    }
    const asked = submission.words;
    submission.status = words.status;
    submission.answeredAt = books.time.monotonic();
    if (words.status === submission.statusBefore) return;
    // A REGISTER that comes late, or again to a new process, is out of order (RFC 3261 10.3).
    if (words.status === 500 && !words.startLine.endsWith('CSeq Is Not Higher'))
      books.fail('the server has no fault of its own', words.text);
    this.#answers.answered(submission, readSipAnswer(words));
    if (words.status !== 401 && words.status !== 407) {
      // It was heard of when the request came, not when that was answered.
      const { arrivedAt, device, connection } = submission;
      for (const lane of asked === undefined ? [] : this.#lanesOf(device as Device, asked, connection)) {
        if (lane.state !== 'down' && lane.failedAt < arrivedAt) this.presence.laneHeard(lane);
      }
    }
    if (asked?.method === 'REGISTER' && words.status === 200) this.#registered(submission, words);
  }

  /** The answer says until when; what was written anew is known to the millisecond already. */
  #registered({ device, arrivedAt, arrivedWall }: Submission, answer: SipWords): void {
    this.presence.toldOf(device);
    const row = answer.rows.find(([name, value]) => name === 'Contact' && value.includes(`<${device.contact}>`));
    const seconds = row === undefined ? '' : parameterOf(row[1], 'expires');
    if (seconds === '') return;
    // It counts from when it came, or from now where the clock was set meanwhile; the clock tells whole milliseconds.
    const { lastStepAt, time } = this.#books;
    const from = lastStepAt >= arrivedAt ? time.wall() : arrivedWall;
    const expiresAt = Math.floor(from) + Number(seconds) * 1000;
    for (const lane of this.#books.person(device.owner).lanes.values()) {
      if (lane.device !== device) continue;
      const isNews = Math.abs(lane.expiresAt - expiresAt) > roundingMs;
      // What differs by less may be rounded, or be a little earlier.
      if (isNews || expiresAt < lane.expiresAt) this.presence.refreshed(lane, expiresAt);
    }
  }

  #changed(person: Person): void {
    for (const submission of this.#books.submissions.values()) {
      if (submission.status === 0 && submission.letter?.recipient === person.address) this.#answers.note(submission);
    }
  }

  #describe(words: SipWords): string {
    if (!words.isRequest) return `${words.startLine.slice(8)} to ${words.method} ${words.row('Deferred-Message')}`;
    const condition = words.row('Deliver-When');
    const when = condition === '' ? '' : ` when ${condition}`;
    const content = words.body.length > 60 ? (/<d:person.*<\/d:person>/.exec(words.body)?.[0] ?? '') : words.body;
    return `${words.method} ${words.uri}${when} ${words.row('Expires')} ${content} [${words.row('CSeq')}]`;
  }
}
