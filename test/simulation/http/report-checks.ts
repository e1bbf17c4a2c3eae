/** Reports to those who sent over HTTP (contract section 4): true, wanted, each kind once, and in the end all of them. */
import type { Books, Instance } from '../checks/books.ts';
import type { StreamEvent } from './stream-events.ts';

interface ReportWords {
  readonly id: string;
  readonly to: string;
  readonly kind: string;
  readonly state: string;
}

const failures: ReadonlySet<string> = new Set(['expired', 'failed', 'rejected']);

export class ReportChecks {
  readonly #books: Books;
  /** By message and kind: the number under which it was told. */
  readonly #numbers = new Map<string, number>();

  constructor(books: Books) {
    this.#books = books;
  }

  told(owner: string, number: number, { data, text }: StreamEvent): void {
    const books = this.#books;
    const { id, to, kind, state } = data as ReportWords;
    const instance = books.instances.get(id);
    if (instance === undefined) {
      books.fail('nothing is reported of what nobody wrote', text);
      return;
    }
    const { letter } = instance;
    if (letter.sender !== owner || letter.recipient !== to) books.fail('a report goes to the sender', text);
    if (!letter.reports.includes(kind)) books.fail('only what was asked for is reported', text);
    if (!isTrue(instance, kind, state)) books.fail('a report is true', `${text}, and it is ${instance.end}`);
    const key = `${id} ${kind}`;
    const before = this.#numbers.get(key);
    this.#numbers.set(key, number);
    if (before !== undefined && before !== number) books.fail('each kind is reported once', `${text} as ${before} too`);
  }

  /** Whoever sent has had a stream for a while. */
  checkAllTold(): void {
    for (const instance of this.#books.instances.values()) {
      const { letter, id, place, end } = instance;
      if (letter.way !== 'http' || place === undefined || end === undefined) continue;
      const due = failures.has(end) ? ['failed'] : end === 'displayed' ? ['delivered', 'displayed'] : [end];
      const missing = due.find((kind) => letter.reports.includes(kind) && !this.#numbers.has(`${id} ${kind}`));
      if (missing !== undefined) {
        this.#books.fail('what was asked for is reported', `letter ${letter.number} is ${end}, not ${missing}`);
      }
    }
  }
}

function isTrue({ delivered, asked, place, end, hasBeenShown }: Instance, kind: string, state: string): boolean {
  if (kind === 'stored') return place !== undefined && (state === 'held' || state === 'waiting');
  // What went straight through may be told of by a later process.
  const isTaken =
    delivered !== undefined || asked.taken || end === 'delivered' || end === 'displayed' || place === undefined;
  if (kind === 'delivered') return state === 'delivered' && isTaken;
  if (kind === 'displayed') return state === 'displayed' && hasBeenShown;
  return kind === 'failed' && failures.has(state) && (place === undefined || end === state);
}
