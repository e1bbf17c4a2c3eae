/**
 * Recipients who have a stream open and acknowledge each message as soon as it comes. Checks that none comes again after
 * its acknowledgement was answered, and that those of one sender come in the order in which they were sent.
 */
import { assert } from '../../../../base/assert.ts';
import { bodyMark } from '../wire/request-texts.ts';
import { EventReader, type EventMessage } from './event-reader.ts';
import type { HttpPlan } from './http-plan.ts';
import type { HttpTexts } from './http-texts.ts';
import { HttpWire } from './http-wire.ts';

const roundOfText = new RegExp(`^${bodyMark}\\d{7} (\\d{7}) `);

export class AcknowledgingReaders {
  readonly #texts: HttpTexts;
  readonly #seen = new Set<string>();
  readonly #acknowledged = new Set<string>();
  readonly #lastRounds = new Map<number, number>();
  #twice = 0;
  #disordered = 0;
  #refused = 0;

  constructor(texts: HttpTexts) {
    this.#texts = texts;
  }

  /** Messages, each counted once. */
  get count(): number {
    return this.#seen.size;
  }

  get twice(): number {
    return this.#twice;
  }

  get disordered(): number {
    return this.#disordered;
  }

  /** Acknowledgements that were not answered 204. */
  get refused(): number {
    return this.#refused;
  }

  async open({ host, port, firstUser, users }: HttpPlan): Promise<void> {
    for (let user = firstUser; user < firstUser + users; user += 1) {
      const wire = await HttpWire.open(host, port);
      const take = (message: EventMessage): void => this.#take(user, message, wire);
      const { status } = await EventReader.open({ host, port }, this.#texts.events(user), take);
      assert(status === 200, `a stream is opened, not answered ${status}`);
    }
  }

  #take(user: number, { id, text }: EventMessage, wire: HttpWire): void {
    if (this.#acknowledged.has(id)) this.#twice += 1;
    if (!this.#seen.has(id)) this.#note(user, Number(roundOfText.exec(text)?.[1] ?? -1));
    this.#seen.add(id);
    wire.ask(this.#texts.acknowledgement(user, id), (status) => {
      if (status === 204) this.#acknowledged.add(id);
      else this.#refused += 1;
    });
  }

  #note(user: number, round: number): void {
    if (round <= (this.#lastRounds.get(user) ?? -1)) this.#disordered += 1;
    this.#lastRounds.set(user, round);
  }
}
