/**
 * The world of one seed. It keeps its own books of what was accepted and what has become of it, reads conditions in its own
 * naive way, and stops at the first broken promise with the story so far.
 */
import type { AttemptOutcome, OutgoingMessage } from '../../src/delivery/ports.ts';
import type { Address } from '../../src/model/address.ts';
import { addressOf, Client, Rig } from '../delivery/delivery-rig.ts';
import type { SeededRandom } from './seeded-random.ts';

const senders = ['tom', 'john', 'peter'].map((name) => addressOf(`${name}@localhost`));
const mary = addressOf('mary@localhost');
const conditions = [
  undefined,
  undefined,
  'availability is available',
  'mood is not angry',
  'mood changes from angry',
  'online and availability is available',
] as const;
const moods = ['angry', 'happy', 'sad'] as const;

interface Letter {
  readonly text: string;
  readonly sender: Address;
  readonly condition: (typeof conditions)[number];
  readonly number: number;
  deadline: number;
  /** For `changes from angry`: whether the change has come, by this world's own reading. */
  hasChanged: boolean;
  fate: 'open' | 'accepted' | 'refused' | 'delivered' | 'refused-by-all';
  firstAttempt: number | undefined;
  /** Some client could not take it, or would not: what came later may pass it. */
  wasPassedOn: boolean;
}

export class DeliveryWorld {
  readonly story: string[] = [];
  readonly #random: SeededRandom;
  readonly #letters = new Map<string, Letter>();
  readonly #clients = [
    new Client('desk'),
    new Client('mobile', { window: 3 }),
    new Client('tablet', { priority: 0.5, window: 2 }),
  ];
  /** What each client has been offered and not answered. */
  readonly #unanswered = new Map<string, Letter[]>();
  #rig!: Rig;
  #mood: string | undefined;
  #lastMood: string | undefined;
  #availability: string | undefined;
  #steps = 0;
  #attempts = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
    for (const client of this.#clients) client.reply = (message) => this.#attempt(client, message);
  }

  async play(steps: number): Promise<void> {
    this.#rig = await Rig.start();
    for (this.#steps = 0; this.#steps < steps; this.#steps += 1) {
      await this.#step();
      await this.#rig.time.settle();
    }
    await this.#endWell();
  }

  async #step(): Promise<void> {
    const choice = this.#random.below(20);
    if (choice < 8) return this.#send();
    if (choice < 12) return this.#publish();
    if (choice < 14) return this.#comeOrGo();
    if (choice < 16) return this.#changeManners();
    if (choice < 19) return this.#pass(this.#random.pick([10, 1000, 6000, 40_000, 600_000]));
    return this.#crash();
  }

  async #send(): Promise<void> {
    const number = this.#letters.size + 1;
    const validityMs = this.#random.pick([undefined, undefined, 30_000, 900_000]);
    const letter: Letter = {
      text: `letter ${number}`,
      sender: this.#random.pick(senders),
      condition: this.#random.pick(conditions),
      number,
      deadline: this.#rig.time.wall() + (validityMs ?? 7 * 86_400_000),
      hasChanged: false,
      fate: 'open',
      firstAttempt: undefined,
      wasPassedOn: false,
    };
    this.#letters.set(letter.text, letter);
    this.#tell(`${letter.sender} writes ${letter.text} when ${letter.condition ?? 'now'}`);
    const rig = this.#rig;
    const outcome = rig.send(letter.text, {
      from: letter.sender,
      ...(letter.condition === undefined ? {} : { condition: letter.condition }),
      ...(validityMs === undefined ? {} : { validityMs }),
      duplicateKeys: [letter.text],
    });
    void outcome.then(({ kind }) => this.#answered(letter, kind));
    if (this.#random.below(2) === 0) await rig.time.advance(5001);
  }

  #answered(letter: Letter, kind: string): void {
    this.#tell(`  ${letter.text} is answered ${kind}`);
    if (kind === 'accepted' && letter.fate === 'open') letter.fate = 'accepted';
    if (kind === 'refused' && letter.fate === 'open') letter.fate = 'refused';
    if (kind === 'delivered' && letter.fate !== 'delivered')
      this.#fail(`${letter.text} is called delivered and was not`);
  }

  async #publish(): Promise<void> {
    if (this.#random.below(2) === 0) {
      this.#availability = this.#random.pick(['available', 'not-available', undefined]);
      this.#tell(`mary is ${this.#availability ?? 'silent about availability'}`);
      await this.#rig.publish(mary, {
        availability: this.#availability === undefined ? undefined : [this.#availability],
      });
      return;
    }
    const mood = this.#random.pick([...moods, undefined]);
    this.#tell(`mary's mood is ${mood ?? 'unknown'}`);
    this.#moodBecomes(mood);
    await this.#rig.publish(mary, { mood: mood === undefined ? undefined : [mood] });
  }

  #moodBecomes(mood: string | undefined): void {
    this.#mood = mood;
    if (mood === undefined) return;
    for (const letter of this.#letters.values()) {
      if (mood === 'angry') letter.hasChanged = false;
      else if (this.#lastMood === 'angry') letter.hasChanged = true;
    }
    this.#lastMood = mood;
  }

  #comeOrGo(): void {
    const client = this.#random.pick(this.#clients);
    if (this.#random.below(3) > 0) {
      if (this.#random.below(3) === 0) client.way = `place ${this.#steps}`;
      this.#tell(`${client.id} comes from ${client.way}`);
      this.#rig.up(client);
    } else {
      this.#tell(`${client.id} goes`);
      this.#rig.service.targetDown(mary, client.id);
    }
  }

  readonly #manners = new Map<string, AttemptOutcome | undefined>();

  #changeManners(): void {
    const client = this.#random.pick(this.#clients);
    const manner = this.#random.pick<AttemptOutcome | undefined>([
      { kind: 'delivered' },
      { kind: 'delivered' },
      undefined,
      { kind: 'client-failed', status: 'sip 486' },
      { kind: 'message-failed', status: 'sip 502', mayPoison: false },
      { kind: 'refused', status: 'sip 603' },
    ]);
    this.#tell(`${client.id} will answer ${manner?.kind ?? 'nothing'}`);
    this.#manners.set(client.id, manner);
    // Somebody who was silent may still answer what is open.
    if (manner?.kind === 'delivered') this.#answer(client, { kind: 'client-failed', status: 'sip 408' });
  }

  /** The oldest that is open. */
  #answer(client: Client, outcome: AttemptOutcome): void {
    this.#unanswered.get(client.id)?.shift();
    client.answer(outcome);
  }

  async #pass(ms: number): Promise<void> {
    this.#tell(`${ms} ms pass`);
    await this.#rig.time.advance(ms);
  }

  async #crash(): Promise<void> {
    this.#tell('kill -9');
    for (const letter of this.#letters.values()) {
      // Its sender hears nothing any more, and may take it for lost.
      if (letter.fate === 'open') letter.fate = 'refused';
    }
    for (const client of this.#clients) client.hangUp();
    this.#unanswered.clear();
    this.#rig = await this.#rig.restart();
  }

  #attempt(client: Client, outgoing: OutgoingMessage): AttemptOutcome | undefined {
    const text = new TextDecoder().decode(outgoing.message.body);
    const letter = this.#letters.get(text);
    if (letter === undefined) return this.#fail(`an attempt of ${text}, which nobody wrote`);
    const reply = this.#manners.has(client.id) ? this.#manners.get(client.id) : ({ kind: 'delivered' } as const);
    this.#tell(`  ${client.id} is offered ${text} and answers ${reply?.kind ?? 'nothing'}`);
    if (this.#rig.time.wall() >= letter.deadline) this.#fail(`${text} is attempted after its end`);
    if (!this.#holds(letter)) this.#fail(`${text} is attempted while its condition does not hold`);
    this.#checkOrder(letter, reply);
    letter.firstAttempt ??= this.#attempts += 1;
    if (reply === undefined) this.#unanswered.set(client.id, [...(this.#unanswered.get(client.id) ?? []), letter]);
    if (reply?.kind === 'message-failed' || reply?.kind === 'refused') letter.wasPassedOn = true;
    if (reply?.kind === 'delivered') letter.fate = 'delivered';
    return reply;
  }

  #holds(letter: Letter): boolean {
    switch (letter.condition) {
      case undefined:
        return true;
      case 'mood is not angry':
        return this.#mood !== 'angry';
      case 'mood changes from angry':
        return letter.hasChanged;
      default:
        return this.#availability === 'available';
    }
  }

  /**
   * Plain letters of one sender are first offered in the order in which they were written, and delivered in it too, but
   * for those that a client still has and those that some client could not take.
   */
  #checkOrder(letter: Letter, reply: AttemptOutcome | undefined): void {
    if (letter.condition !== undefined) return;
    const atClients = new Set([...this.#unanswered.values()].flat());
    for (const earlier of this.#letters.values()) {
      if (earlier.number >= letter.number) return;
      const isSameLane = earlier.sender === letter.sender && earlier.condition === undefined;
      const isPending = earlier.fate === 'accepted' && this.#rig.time.wall() < earlier.deadline;
      if (!isSameLane || !isPending) continue;
      const isFirst = letter.firstAttempt === undefined && earlier.firstAttempt === undefined;
      const isBefore = reply?.kind === 'delivered' && !earlier.wasPassedOn && !atClients.has(earlier);
      if (isFirst || isBefore) this.#fail(`${letter.text} overtakes ${earlier.text}`);
    }
  }

  /** Everybody behaves, every condition comes true: whatever was accepted and is in time must arrive. */
  async #endWell(): Promise<void> {
    this.#tell('from now on all is well');
    for (const client of this.#clients) this.#manners.set(client.id, { kind: 'delivered' });
    for (let n = 0; n < 40; n += 1)
      for (const client of this.#clients) this.#answer(client, { kind: 'client-failed', status: 'x' });
    this.#availability = 'available';
    for (const mood of ['angry', 'happy']) {
      this.#moodBecomes(mood);
      await this.#rig.publish(mary, { mood: [mood], availability: ['available'] });
    }
    for (const client of this.#clients) this.#rig.up(client);
    await this.#rig.time.advance(2 * 3_600_000);
    const open = await this.#rig.stores.mailbox.list({ limit: 1000 });
    for (const { id, state, isAside } of open) {
      if ((state === 'held' || state === 'waiting') && !isAside) this.#fail(`${id} is still ${state}`);
    }
    const failed = open.filter(({ state }) => state === 'failed').length;
    const lost = [...this.#letters.values()].filter(
      ({ fate, deadline }) => fate === 'accepted' && deadline > this.#rig.time.wall(),
    );
    if (lost.length > failed) this.#fail(`lost: ${lost.map(({ text }) => text).join(', ')}`);
  }

  #tell(words: string): void {
    this.story.push(`${String(this.#steps).padStart(4)}  ${words}`);
  }

  #fail(words: string): never {
    this.#tell(`BROKEN: ${words}`);
    throw new Error(`${words}\n${this.story.join('\n')}`);
  }
}
