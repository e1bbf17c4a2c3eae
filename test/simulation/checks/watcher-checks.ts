/** What watchers may be told of somebody: nothing that is not theirs to see, and in the end what is true. */
import type { Device } from '../clients/device.ts';
import { addressWithin, type SipWords } from '../clients/sip-words.ts';
import type { Person } from '../model/person.ts';
import { shares } from '../model/sharing.ts';
import { canonical, type Values } from '../model/wish.ts';
import type { Connection } from '../world/simulated-network.ts';
import type { Books } from './books.ts';

/** Attributes that a document shows. */
const shown = ['online', 'availability', 'mood', 'activity'] as const;

export class WatcherChecks {
  readonly #books: Books;
  readonly #told = new Set<string>();

  constructor(books: Books) {
    this.#books = books;
  }

  sent(device: Device, words: SipWords, connection: Connection | undefined): void {
    // What waited for a connection was written before it was open.
    if (this.#told.has(words.branch) || connection?.openedByServerIn === this.#books.time.event) return;
    this.#told.add(words.branch);
    const owner = addressWithin(words.row('From'));
    const person = this.#books.people.get(owner);
    if (person === undefined) {
      this.#books.fail('nothing is told of nobody', owner);
      return;
    }
    if (/deliver-when|letter \d/i.test(words.text)) this.#books.fail('no byte tells of a condition', words.text);
    if (words.body === '') return;
    const told = readDocument(words.body);
    if (!this.#mayTell(person, device.owner, told)) {
      this.#books.fail(
        'a watcher is told what they may see',
        `${device.owner} of ${owner}: ${words.body} ${this.#describe(person, device.owner)}`,
      );
    }
  }

  /** Everything has settled: whoever watches knows what there is to be known. */
  checkSettled(device: Device): void {
    for (const { target, document, state } of device.watchings.values()) {
      if (!state.startsWith('active') || document === '') continue;
      if (!this.#mayTell(this.#books.person(target), device.owner, readDocument(document))) {
        this.#books.fail('the last state reaches every watcher', `${device.name} thinks of ${target}: ${document}`);
      }
    }
  }

  #describe(person: Person, watcher: string): string {
    const sharings = person.sharings(watcher).map((sharing) => (typeof sharing === 'string' ? sharing : [...sharing]));
    return JSON.stringify({ sharings, views: person.views.map(({ values }) => [...values]) });
  }

  /** Whether this is the whole of what somebody may see under some possibility. */
  #mayTell(person: Person, watcher: string, told: ReadonlyMap<string, Values>): boolean {
    return person.sharings(watcher).some((sharing) => {
      if (sharing === 'fake') return isFake(told);
      return person.viewsWithin(this.#books.time.monotonic()).some(({ values }) =>
        shown.every((name) => {
          const wanted = shares(sharing, name) ? (values.get(name) ?? []) : [];
          const given = told.get(name) ?? [];
          return wanted.length === given.length && wanted.every((value) => given.includes(value));
        }),
      );
    });
  }
}

function isFake(told: ReadonlyMap<string, Values>): boolean {
  return told.get('online')?.[0] === 'false' && told.get('availability')?.[0] === 'not-available' && told.size === 2;
}

function readDocument(document: string): Map<string, Values> {
  const told = new Map<string, Values>();
  const basic = /<basic>(\w+)<\/basic>/.exec(document)?.[1];
  if (basic !== undefined) told.set('online', [String(basic === 'open')]);
  const availability = /<availability[^>]*>([^<]*)</.exec(document)?.[1];
  if (availability !== undefined) told.set('availability', [canonical(availability)]);
  for (const [element, name] of [
    ['mood', 'mood'],
    ['activities', 'activity'],
  ] as const) {
    // prettier-ignore
    const inner = new RegExp(`<rpid:${element}>(.*?)</rpid:${element}>`, 's').exec(document)?.[1];
    if (inner !== undefined)
      told.set(
        name,
        [...inner.matchAll(/<rpid:([\w-]+)\/>/g)].map((match) => canonical(match[1] ?? '')),
      );
  }
  return told;
}
