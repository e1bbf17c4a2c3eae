/** What somebody who looks into the inbox may see: what is ready, all of it and in order; with a name, everything of theirs. */
import type { Books, Instance } from '../checks/books.ts';
import { hasTimeTest } from '../model/wish.ts';
import type { HttpAnswer } from './http-door.ts';
import type { HttpCall } from './http-network.ts';
import { findContentFault, findItemFault } from './message-words.ts';

/** A list rests on rows, which follow presence with a commit or two, and in the background after a start. */
const rowsLateMs = 3000;

interface Item {
  readonly id: string;
  readonly at: string;
}

interface Look {
  readonly arrivedAt: number;
  /** What must be in it, if it is still so when it is answered. */
  readonly ready: readonly Instance[];
}

export class InboxChecks {
  readonly #books: Books;
  readonly #looks = new Map<HttpCall, Look>();

  constructor(books: Books) {
    this.#books = books;
  }

  asked(call: HttpCall): void {
    const ready = this.#shownTo(call);
    this.#looks.set(call, { arrivedAt: this.#books.time.monotonic(), ready });
  }

  answered(call: HttpCall, answer: HttpAnswer): void {
    const { path } = call.ask;
    if (path === '/v1/inbox') this.#listed(call, answer);
    else if (path.startsWith('/v1/inbox/')) this.#fetched(call, answer);
  }

  /** What such a look shows now. */
  #shownTo({ caller, ask: { query } }: HttpCall): Instance[] {
    const books = this.#books;
    const from = query['from'];
    const now = books.time.wall();
    const person = books.person(caller.owner);
    return [...books.open(caller.owner)].filter((instance) => {
      const row = books.readRow(instance.id);
      if (row === undefined || instance.end !== undefined || now >= instance.expiresAt) return false;
      if (person.mayHaveBlocked(instance.letter.sender)) return false;
      return from === undefined ? row.state === 'waiting' : instance.letter.sender === from;
    });
  }

  #listed(call: HttpCall, { status, body }: HttpAnswer): void {
    const books = this.#books;
    const look = this.#looks.get(call);
    this.#looks.delete(call);
    if (look === undefined || status !== 200) {
      books.fail('everybody may look into their inbox', `${call.caller.name}: ${status}`);
      return;
    }
    const { items, next } = body as { readonly items: readonly Item[]; readonly next?: string };
    let place = 0;
    for (const item of items) {
      const instance = books.instances.get(item.id);
      const fault = instance === undefined ? 'nobody wrote it' : this.#itemFault(call, look, instance, item);
      if (fault !== undefined) books.fail('a list shows what is ready and nothing else', `${item.id}: ${fault}`);
      if ((instance?.place ?? 0) <= place) books.fail('a list is in the order of acceptance', item.id);
      place = instance?.place ?? place;
    }
    const listed = new Set(items.map(({ id }) => id));
    const after = new Set(this.#shownTo(call));
    const missing = look.ready.find((instance) => after.has(instance) && !listed.has(instance.id));
    if (missing !== undefined && next === undefined) {
      books.fail('a list shows all that is ready', `letter ${missing.letter.number}`);
    }
  }

  #itemFault({ caller, ask }: HttpCall, look: Look, instance: Instance, item: Item): string | undefined {
    const books = this.#books;
    const { letter, mayHoldUntil } = instance;
    if (letter.recipient !== caller.owner) return 'it is somebody else’s';
    if (books.person(caller.owner).hasSurelyBlocked(letter.sender)) return 'its sender is blocked';
    if (instance.expiresAt < look.arrivedAt - books.time.monotonic() + books.time.wall() && isSteady(books, look)) {
      return 'it is over';
    }
    const from = ask.query['from'];
    if (from !== undefined && letter.sender !== from) return 'it is of somebody else';
    const isReadyPerhaps = mayHoldUntil >= look.arrivedAt - rowsLateMs || hasTimeTest(letter.wish);
    if (from === undefined && !isReadyPerhaps && isSteady(books, look)) return 'its condition does not hold';
    return findItemFault(instance, item);
  }

  #fetched({ caller, ask: { path } }: HttpCall, { status, body }: HttpAnswer): void {
    const books = this.#books;
    const instance = books.instances.get(path.slice('/v1/inbox/'.length));
    if (status === 404) return;
    if (instance === undefined || instance.letter.recipient !== caller.owner) {
      books.fail('what is somebody else’s is unknown', `${caller.name}: ${status} ${path}`);
      return;
    }
    const fault = findContentFault(instance, JSON.stringify(body), true);
    if (fault !== undefined)
      books.fail('no byte tells more than the message', `letter ${instance.letter.number}: ${fault}`);
  }
}

/** The store has done for a while what it was asked to do, and the clock has gone on. */
function isSteady({ lastFaultAt, lastStepAt }: Books, { arrivedAt }: Look): boolean {
  return Math.max(lastFaultAt, lastStepAt) < arrivedAt - rowsLateMs;
}
