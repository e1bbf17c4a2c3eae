/** Sees every call and every event at the HTTP border of the server, and asks the checks. */
import { readHttpAnswer, type JsonAnswer } from '../clients/sender-answers.ts';
import type { AnswerChecks } from '../checks/answer-checks.ts';
import type { AttemptChecks } from '../checks/attempt-checks.ts';
import type { Books, Instance, Submission } from '../checks/books.ts';
import type { PresenceIntake } from '../checks/presence-intake.ts';
import type { StoreCall } from '../world/simulated-stores.ts';
import type { HttpAnswer } from './http-door.ts';
import type { HttpCall, HttpWatcher, StreamLine } from './http-network.ts';
import { InboxChecks } from './inbox-checks.ts';
import { StreamChecks } from './stream-checks.ts';
import type { StyleArgs } from './styles.ts';

export interface OtherChecks {
  readonly presence: PresenceIntake;
  readonly attempts: AttemptChecks;
  readonly answers: AnswerChecks;
}

/** What a call wants with one message. */
interface Wish {
  readonly kind: 'take' | 'show' | 'turn-away' | 'recall';
  readonly id: string;
}

/** A refusal for the store's sake follows a fault at most so much later: what failed is tried again after a second. */
const faultEchoMs = 2500;

export class HttpWitness implements HttpWatcher {
  readonly #books: Books;
  readonly #others: OtherChecks;
  readonly #inbox: InboxChecks;
  readonly #streams: StreamChecks;

  constructor(books: Books, others: OtherChecks) {
    this.#books = books;
    this.#others = others;
    this.#inbox = new InboxChecks(books);
    this.#streams = new StreamChecks(books, others);
  }

  callReached(call: HttpCall): void {
    const { caller, ask, letter } = call;
    const books = this.#books;
    books.catchUp();
    books.story.tell(caller.name, () => `-> ${ask.method} ${ask.path} ${ask.body ?? ''}`);
    if (letter !== undefined) this.#asked(call);
    const wish = wishOf(call);
    const instance = wish === undefined ? undefined : this.#ownInstance(call, wish);
    if (wish !== undefined && instance !== undefined) this.#wished(wish, instance);
    if (ask.path === '/v1/inbox') this.#inbox.asked(call);
  }

  callAnswered(call: HttpCall, answer: HttpAnswer): void {
    const { caller, ask } = call;
    const books = this.#books;
    books.catchUp();
    const { status, body } = answer;
    books.story.tell(caller.name, () => `<- ${status} to ${ask.method} ${ask.path} ${JSON.stringify(body ?? '')}`);
    const submission = books.submissions.get(keyOf(call));
    if (submission !== undefined) this.#answered(submission, answer);
    else if (status === 503) this.#checkUnavailable(call, answer);
    const wish = wishOf(call);
    if (wish !== undefined && status !== 503) this.#granted(wish, call, answer);
    if (ask.method === 'GET' && status !== 503) this.#inbox.answered(call, answer);
  }

  streamOpened(line: StreamLine): void {
    this.#books.catchUp();
    this.#streams.opened(line);
  }

  streamSent(line: StreamLine, text: string): void {
    this.#books.catchUp();
    this.#streams.sent(line, text);
  }

  streamEnding(line: StreamLine): void {
    this.#books.catchUp();
    this.#streams.ending(line);
  }

  streamClosed(line: StreamLine): void {
    this.#books.catchUp();
    this.#books.story.tell(line.call.caller.name, () => 'its stream is closed');
    this.#streams.closed(line);
  }

  applied({ name, args }: StoreCall): void {
    if (name === 'accounts.setHttpDelivery') this.#streams.styles.written(args as StyleArgs);
  }

  /** What the server goes by from now on. */
  storeAnswered({ name, args }: StoreCall): void {
    if (name === 'accounts.setHttpDelivery') this.#streams.styleChanged(args as StyleArgs);
  }

  killed(): void {
    this.#streams.killed();
  }

  /** Everybody listens, and everything is quiet. */
  checkSettled(): void {
    this.#streams.reports.checkAllTold();
  }

  #asked(call: HttpCall): void {
    const { time } = this.#books;
    const submission: Submission = {
      device: new Sender(call),
      words: undefined,
      connection: undefined,
      letter: call.letter,
      arrivedAt: time.monotonic(),
      arrivedWall: time.wall(),
      status: 0,
      answeredAt: 0,
      isTurnedDown: false,
      statusBefore: 0,
      possible: { blocked: false, unblocked: false, hidden: new Set(), shown: new Set() },
    };
    this.#books.submissions.set(keyOf(call), submission);
    this.#others.answers.note(submission);
  }

  #answered(submission: Submission, { status, body }: HttpAnswer): void {
    const { time, isStopping } = this.#books;
    submission.status = status;
    submission.answeredAt = time.monotonic();
    const answer = readHttpAnswer(status, body as JsonAnswer);
    if (answer.reason === 'not-ready' && isStopping) return;
    this.#others.answers.answered(submission, answer);
  }

  #checkUnavailable({ caller, ask }: HttpCall, { body }: HttpAnswer): void {
    const books = this.#books;
    const isRecent = books.lastFaultAt > books.time.monotonic() - faultEchoMs;
    if (isRecent || books.isStopping) return;
    books.fail('a refusal has its reason', `${caller.name}: ${ask.method} ${ask.path} ${JSON.stringify(body)}`);
  }

  #ownInstance({ caller: { owner } }: HttpCall, { kind, id }: Wish): Instance | undefined {
    const instance = this.#books.instances.get(id);
    const whose = kind === 'recall' ? instance?.letter.sender : instance?.letter.recipient;
    return whose === owner ? instance : undefined;
  }

  /** From here on it may be so, and its place in the order is not to be relied on. */
  #wished({ kind }: Wish, instance: Instance): void {
    const { asked } = instance;
    if (kind === 'show') {
      asked.shown = true;
      instance.hasBeenShown = true;
    }
    if (kind === 'take' || kind === 'show') asked.taken = true;
    else if (kind === 'turn-away') asked.turnedAway = true;
    else asked.recalled = true;
    instance.isPaused = true;
    if (kind === 'recall') return;
    for (const attempt of instance.attempts) if (attempt.cseq === undefined && attempt.isOpen) attempt.left = 'perhaps';
  }

  #granted(wish: Wish, call: HttpCall, { status, body }: HttpAnswer): void {
    const books = this.#books;
    const instance = this.#ownInstance(call, wish);
    const name = `${call.caller.name} is answered ${status} ${JSON.stringify(body)} for ${wish.kind} ${wish.id}`;
    const hasRow = instance?.place !== undefined;
    if (status === 404) {
      if (hasRow || isOffered(wish, instance)) books.fail('what is there is known to those whom it concerns', name);
    } else if (instance === undefined) books.fail('what is somebody else’s is unknown', name);
    else if (status === 409) {
      const isOver = instance.end !== undefined && !ends[wish.kind].includes(instance.end);
      const isTaken = instance.delivered !== undefined || instance.asked.taken || instance.asked.turnedAway;
      if (!isOver && !(wish.kind === 'recall' && isTaken))
        books.fail('what is not over can be taken or recalled', name);
    } else if (status !== (wish.kind === 'recall' ? 200 : 204)) books.fail('a call has its own answers', name);
    else if (hasRow && !ends[wish.kind].includes(instance.end ?? 'none')) {
      books.fail('what was granted over HTTP is durable', `${name}, and it is ${instance.end}`);
    } else this.#close(wish, instance);
  }

  #close({ kind }: Wish, instance: Instance): void {
    const books = this.#books;
    const at = books.time.monotonic();
    if (kind === 'take' || kind === 'show') instance.delivered ??= { life: books.life, at, since: at };
    for (const attempt of instance.attempts) {
      if (kind !== 'recall' && attempt.cseq === undefined) this.#others.attempts.ended(attempt);
      else if (kind === 'recall' && attempt.isOpen && attempt.left === 'no') {
        books.fail('a recall waits for the attempt that is open', `letter ${instance.letter.number}`);
      }
    }
  }
}

const taken: readonly string[] = ['delivered', 'displayed'];
/** How a message ends by a call that was granted. */
const ends: Readonly<Record<Wish['kind'], readonly string[]>> = {
  take: taken,
  // What is shown later has been delivered before.
  show: taken,
  'turn-away': ['rejected'],
  recall: ['recalled'],
};

/** Where a request came from that no message ever goes to. */
class Sender {
  readonly name: string;
  readonly owner: string;
  readonly contact: string;
  readonly isDatagram = false;

  constructor({ caller, number }: HttpCall) {
    this.name = caller.name;
    this.owner = caller.owner;
    this.contact = `call ${number}`;
  }

  isThere(): boolean {
    return false;
  }
}

/** A stream has it, and its lease is not over. */
function isOffered({ kind }: Wish, instance: Instance | undefined): boolean {
  if (kind !== 'take' && kind !== 'show') return false;
  return instance?.attempts.some(({ cseq, isOpen }) => cseq === undefined && isOpen) === true;
}

function keyOf({ number }: HttpCall): string {
  return `http ${number}`;
}

function wishOf({ ask: { method, path } }: HttpCall): Wish | undefined {
  const [, room, id = '', act] = /^\/v1\/(inbox|messages)\/([^/]+)(\/delivered|\/displayed)?$/.exec(path) ?? [];
  if (room === 'messages') return method === 'DELETE' ? { kind: 'recall', id } : undefined;
  if (room !== 'inbox') return undefined;
  if (method === 'DELETE') return { kind: 'turn-away', id };
  if (method !== 'POST' || act === undefined) return undefined;
  return { kind: act === '/displayed' ? 'show' : 'take', id };
}
