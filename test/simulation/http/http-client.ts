/**
 * A program of somebody that speaks HTTP: writes letters and tries again when an answer is lost, reads its stream or looks
 * into the inbox, acknowledges what it got in its manner, crashes and comes back with what it remembers.
 */
import type { Millis } from '../../../src/base/time/clock.ts';
import type { JsonAnswer } from '../clients/sender-answers.ts';
import type { Client, Style } from '../model/lane.ts';
import type { Letter } from '../model/letter.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedTime } from '../world/simulated-time.ts';
import type { Story } from '../world/story.ts';
import type { HttpAnswer, HttpAsk } from './http-door.ts';
import type { HttpCaller, HttpLink, HttpNetwork, StreamLine, StreamReader } from './http-network.ts';
import { readEvents, type StreamEvent } from './stream-events.ts';

export type HttpManner = 'good' | 'slow' | 'late' | 'silent' | 'choosy';
export const httpManners: readonly HttpManner[] = ['good', 'slow', 'late', 'silent', 'choosy'];

export interface HttpClientPlan {
  readonly name: string;
  readonly owner: string;
  readonly link: HttpLink;
}

export interface HttpClientSurroundings {
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  readonly network: HttpNetwork;
  readonly story: Story;
}

/** How often a call is made again whose answer was lost. */
const triesMax = 4;

interface Tries {
  readonly left: number;
  readonly letter?: Letter;
}

/** One stream as a client to deliver to: the next one is another. */
export class StreamClient implements Client {
  readonly name: string;
  readonly owner: string;
  readonly contact: string;
  readonly isDatagram = false;
  readonly #line: StreamLine;

  /** `before`: what it was until it wanted its messages in another way. */
  constructor({ name, owner }: HttpCaller, line: StreamLine, before = `stream ${line.call.number}`) {
    this.name = name;
    this.owner = owner;
    this.contact = `${before}'`;
    this.#line = line;
  }

  isThere(): boolean {
    return this.#line.isOpenAtClient && this.#line.isOpenAtServer;
  }
}

export class HttpClient implements HttpCaller {
  readonly name: string;
  readonly owner: string;
  readonly link: HttpLink;
  manner: HttpManner = 'good';
  isRunning = true;
  /** Whose presence its next stream is to tell of. */
  watched: readonly string[] = [];
  stream: StreamLine | undefined;
  readonly #around: HttpClientSurroundings;
  readonly #authorization: string;
  #isOpening = false;
  #lastEventId = '';
  /** What it has taken: honoured by their ids. */
  readonly #taken = new Set<string>();
  /** Grows with each crash: what a former life waited for comes to nothing. */
  #life = 0;

  constructor({ name, owner, link }: HttpClientPlan, around: HttpClientSurroundings) {
    this.name = name;
    this.owner = owner;
    this.link = link;
    this.#around = around;
    const user = owner.slice(0, owner.indexOf('@'));
    this.#authorization = `Basic ${Buffer.from(`${owner}:${user}-secret`).toString('base64')}`;
  }

  begin(): void {
    this.isRunning = true;
  }

  crash(): void {
    this.isRunning = false;
    this.#life += 1;
    this.#isOpening = false;
    this.stream?.vanish();
    this.stream = undefined;
  }

  post(letter: Letter): void {
    const { key, recipient: to, contentType, body, condition, validitySeconds, reports } = letter;
    const content =
      contentType === 'text/plain;charset=UTF-8'
        ? { text: body }
        : { contentType, body: Buffer.from(body).toString('base64') };
    const words = {
      to,
      ...content,
      ...(condition === undefined ? {} : { deliverWhen: condition }),
      ...(validitySeconds === undefined ? {} : { expiresIn: validitySeconds }),
      ...(reports.length === 0 ? {} : { reports }),
    };
    const ask = {
      ...this.#ask('POST', '/v1/messages'),
      body: JSON.stringify(words),
    };
    const keyed = key === undefined ? ask : { ...ask, headers: { ...ask.headers, 'idempotency-key': key } };
    const tries = { left: key === undefined ? 1 : triesMax, letter };
    this.#call(keyed, tries, (answer) => {
      const { id = '' } = answer.body as JsonAnswer;
      if (answer.status === 202 && this.#around.random.chance(20)) this.#recallLater(id);
    });
  }

  recall(id: string): void {
    this.#call(this.#ask('DELETE', `/v1/messages/${id}`), { left: 2 });
  }

  #recallLater(id: string): void {
    const life = this.#life;
    this.#around.time.after(this.#around.random.between(0, 6000), () => {
      if (life === this.#life) this.recall(id);
    });
  }

  /** Looks at what is ready, or at everything of one sender, and takes what it likes of it. */
  look(from: string | undefined): void {
    const ask = this.#ask('GET', '/v1/inbox', from === undefined ? {} : { from });
    this.#call(ask, { left: 1 }, ({ status, body }) => {
      if (status !== 200) return;
      const { items } = body as { readonly items: readonly { readonly id: string }[] };
      for (const { id } of items) if (this.#around.random.chance(70)) this.#fetch(id);
    });
  }

  openStream(): void {
    if (!this.isRunning || this.#isOpening || this.stream !== undefined) return;
    this.#isOpening = true;
    const life = this.#life;
    const headers = this.#lastEventId === '' ? {} : { 'last-event-id': this.#lastEventId };
    const ask = this.#ask('GET', '/v1/events', { presence: this.watched });
    this.#around.story.tell(this.name, () => `opens a stream ${this.#lastEventId}`);
    this.#around.network.send({
      caller: this,
      ask: { ...ask, headers: { ...ask.headers, ...headers } },
      reader: this.#reader(life),
      onAnswer: (answer) => {
        if (life !== this.#life) return;
        this.#isOpening = false;
        // It does not exist any more, or never did.
        if (answer === undefined || answer.status >= 500) this.#openLater();
      },
    });
  }

  closeStream(): void {
    this.stream?.reset();
    this.stream = undefined;
  }

  chooseStyle(method: Style): void {
    this.#call({ ...this.#ask('PUT', '/v1/delivery'), body: JSON.stringify({ method }) }, { left: 2 });
  }

  /** Says that it has it, also of what is not its own, or never was. */
  acknowledge(id: string, word: 'delivered' | 'displayed' = 'delivered'): void {
    this.#call(this.#ask('POST', `/v1/inbox/${id}/${word}`), { left: triesMax });
  }

  #reader(life: number): StreamReader {
    return {
      opened: (line) => {
        this.#isOpening = false;
        if (life !== this.#life || !this.isRunning) line.vanish();
        else this.stream = line;
      },
      read: (text) => {
        if (life !== this.#life) return;
        for (const event of readEvents(text)) this.#take(event);
      },
      ended: () => {
        if (life !== this.#life) return;
        this.stream = undefined;
        this.#openLater();
      },
    };
  }

  #openLater(): void {
    const life = this.#life;
    this.#around.time.after(this.#around.random.between(100, 5000), () => {
      if (life === this.#life) this.openStream();
    });
  }

  #take({ id, name, data }: StreamEvent): void {
    this.#lastEventId = id;
    if (name === 'waiting' && this.manner !== 'silent') this.#fetch((data as { readonly id: string }).id);
    if (name === 'message') this.#settle((data as { readonly id: string }).id);
  }

  #fetch(id: string): void {
    this.#call(this.#ask('GET', `/v1/inbox/${id}`), { left: 1 }, ({ status }) => {
      if (status === 200) this.#settle(id);
    });
  }

  /** What it does with a message that it has. */
  #settle(id: string): void {
    const { random, time } = this.#around;
    const isKnown = this.#taken.has(id);
    const isUnwanted = this.manner === 'choosy' && !isKnown && random.chance(40);
    const afterMs = this.#delay();
    if (afterMs === undefined) return;
    const life = this.#life;
    time.after(afterMs, () => {
      if (life !== this.#life) return;
      if (isUnwanted) this.#call(this.#ask('DELETE', `/v1/inbox/${id}`), { left: 2 });
      else {
        this.#taken.add(id);
        const isSeenAtOnce = random.chance(10);
        this.acknowledge(id, isSeenAtOnce ? 'displayed' : 'delivered');
        if (!isSeenAtOnce && random.chance(20)) this.#seeLater(id);
      }
    });
  }

  #seeLater(id: string): void {
    const life = this.#life;
    this.#around.time.after(this.#around.random.between(0, 9000), () => {
      if (life === this.#life) this.acknowledge(id, 'displayed');
    });
  }

  /** Undefined: never. */
  #delay(): Millis | undefined {
    const { random } = this.#around;
    if (this.manner === 'silent') return undefined;
    if (this.manner === 'slow') return random.between(100, 7000);
    return this.manner === 'late' ? random.between(15_000, 45_000) : random.between(0, 20);
  }

  #ask(method: HttpAsk['method'], path: string, query: HttpAsk['query'] = {}): HttpAsk {
    return { method, path, query, headers: { authorization: this.#authorization } };
  }

  #call(ask: HttpAsk, tries: Tries, onAnswer: (answer: HttpAnswer) => void = () => undefined): void {
    if (!this.isRunning) return;
    const life = this.#life;
    const { network, time, random } = this.#around;
    network.send({
      caller: this,
      ask,
      ...(tries.letter === undefined ? {} : { letter: tries.letter }),
      onAnswer: (answer) => {
        if (life !== this.#life) return;
        if (answer !== undefined && answer.status !== 503) onAnswer(answer);
        else if (tries.left > 1) {
          time.after(random.between(300, 6000), () => {
            if (life === this.#life) this.#call(ask, { ...tries, left: tries.left - 1 }, onAnswer);
          });
        }
      },
    });
  }
}
