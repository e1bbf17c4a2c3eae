/**
 * From the composer to the last report: what was written is kept first, sent with a key that makes a repetition harmless,
 * and followed until it has come to its end.
 */
import { Problem, type ApiClient } from '../../api/call.ts';
import type { NewMessage, Report, SentMessage, SentStory } from '../../api/shapes.ts';
import type { History } from '../../history/history.ts';
import type { SentRecord } from '../../history/records.ts';
import { inTurn } from '../../history/tab-bus.ts';
import { factsOf, problemWords } from '../../words/problem-words.ts';
import { isOpen, mayGoOn } from '../../words/state-words.ts';
import { freshKey } from './fresh-key.ts';

/** Questions about sent messages at once. */
const questionsMax = 4;
/** Open messages that are asked about in one round, the newest. */
const followedMax = 200;
/** A report may have come before the answer that names its message. */
const lookAgainMs = 1500;

/** A condition that does not hold for as long as anybody looks. */
const never = 'time after 9998-12-31T00:00:00Z';

export interface Wish {
  readonly deliverWhen: string | undefined;
  readonly sentence: string | undefined;
  readonly expiresIn: number | undefined;
}

export class Sending {
  readonly #owner: string;
  readonly #api: ApiClient;
  readonly #history: History;
  readonly #onChanged: (peer: string) => void;
  /**
   * What is being sent to somebody, or taken back: one after the other, so that it arrives in the order in which it was written,
   * and nothing is sent again that is just being taken back.
   */
  readonly #lines = new Map<string, Promise<void>>();

  constructor(owner: string, api: ApiClient, history: History, onChanged: (peer: string) => void) {
    this.#owner = owner;
    this.#api = api;
    this.#history = history;
    this.#onChanged = onChanged;
  }

  /** Resolves when it is kept here; it is sent on its own. Rejects when this browser cannot keep it. */
  async send(peer: string, text: string, wish: Wish): Promise<void> {
    const record = await this.#history.add({
      key: freshKey(),
      peer,
      at: Date.now(),
      text,
      state: 'sending',
      ...defined(wish),
    });
    this.#onChanged(peer);
    void this.#sendInLine(record);
  }

  /** What the server has not got yet is sent again, whichever tab it was written in, and what is open is asked about. */
  async catchUp(): Promise<void> {
    const open = await this.#history.openMessages();
    const unsent = open.filter(({ state }) => state === 'sending');
    for (const record of unsent) await this.#sendInLine(record);
    await this.follow(open);
  }

  /** Asks how those are now that the server keeps. */
  async follow(records: readonly SentRecord[]): Promise<void> {
    const asked = records.filter(({ state, id }) => isOpen(state) && id !== undefined).slice(-followedMax);
    const worker = async (): Promise<void> => {
      for (let record = asked.pop(); record !== undefined; record = asked.pop()) await this.#ask(record);
    };
    await Promise.all(Array.from({ length: questionsMax }, worker));
  }

  async followPeer(peer: string): Promise<void> {
    await this.follow((await this.#history.openMessages()).filter((each) => each.peer === peer));
  }

  async reported({ id, state, at }: Report): Promise<void> {
    const record = await this.#history.sentById(id);
    if (record === undefined) return;
    const ended = isOpen(state) ? {} : { endedAt: Date.parse(at) };
    await this.#history.learn(record.key, { state, ...ended });
    this.#onChanged(record.peer);
  }

  /** Rejects with `Problem`. */
  recall({ key, peer }: SentRecord): Promise<void> {
    return this.#inLine(peer, () => this.#takeBack(key, peer));
  }

  async #takeBack(key: string, peer: string): Promise<void> {
    try {
      const id = await this.#idOf(key);
      if (id === undefined) {
        await this.#history.remove(key);
        return;
      }
      await this.#api.call('DELETE', `/v1/messages/${id}`);
      await this.#history.learn(key, { id, state: 'recalled', endedAt: Date.now() });
    } catch (fault) {
      if (fault instanceof Problem && fault.kind === 'already-ended') await this.followPeer(peer);
      throw fault;
    } finally {
      this.#onChanged(peer);
    }
  }

  /**
   * Undefined when the server has never had it. Where an answer was lost only the server knows: under the same key it is
   * asked to take another message, which it would never keep, and refuses that as one whose key is used.
   */
  async #idOf(key: string): Promise<string | undefined> {
    const record = await this.#history.message(key);
    if (record?.direction !== 'out' || record.id !== undefined) return record?.id;
    const headers = { 'idempotency-key': key };
    const body = { to: record.peer, text: '?', deliverWhen: never, expiresIn: 0 };
    try {
      await this.#api.call('POST', '/v1/messages', { body, headers });
      return undefined;
    } catch (fault) {
      if (!(fault instanceof Problem) || fault.isPassing || fault.status === 401) throw fault;
      if (fault.kind !== 'idempotency-key-used') return undefined;
    }
    return (await this.#api.call<SentMessage>('POST', '/v1/messages', { body: bodyOf(record), headers })).id;
  }

  /** Rejects with `Problem`; then the old condition stays. */
  async amend({ key, id, peer }: SentRecord, wish: Wish): Promise<void> {
    if (id === undefined) return;
    const body = {
      deliverWhen: wish.deliverWhen ?? null,
      ...(wish.expiresIn === undefined ? {} : { expiresIn: wish.expiresIn }),
    };
    const sent = await this.#api.call<SentMessage>('PATCH', `/v1/messages/${id}`, { body });
    const { state, expiresAt, deliverWhen } = sent;
    const { sentence } = wish;
    await this.#history.learn(key, { state, deliverWhen, sentence, expiresAt: Date.parse(expiresAt) });
    this.#onChanged(peer);
  }

  #sendInLine({ key, peer }: SentRecord): Promise<void> {
    return this.#inLine(peer, () => this.#attempt(key)).catch(() => undefined);
  }

  /** After what was begun before, in all tabs. */
  #inLine(peer: string, work: () => Promise<void>): Promise<void> {
    const before = this.#lines.get(peer) ?? Promise.resolve();
    const done = before.then(() => inTurn(`sending ${this.#owner} ${peer}`, work));
    this.#lines.set(
      peer,
      done.catch(() => undefined),
    );
    return done;
  }

  async #attempt(key: string): Promise<void> {
    const record = await this.#history.message(key);
    if (record?.direction !== 'out' || record.state !== 'sending') return;
    const { peer } = record;
    try {
      const headers = { 'idempotency-key': key };
      const sent = await this.#api.call<SentMessage>('POST', '/v1/messages', { body: bodyOf(record), headers });
      const { id, state, expiresAt, deliverWhen } = sent;
      await this.#history.learn(key, { id, state, deliverWhen, expiresAt: Date.parse(expiresAt) });
      const lookAgain = isOpen(state) ? () => this.followPeer(peer) : () => this.#ask({ ...record, id, state });
      if (mayGoOn(state)) setTimeout(() => void lookAgain().catch(() => undefined), lookAgainMs);
    } catch (fault) {
      // What may do better later waits here; so does what needs a new sign-in.
      if (!(fault instanceof Problem) || fault.isPassing || fault.status === 401) return;
      await this.#history.learn(key, { state: 'refused', problem: problemWords(factsOf(fault), peer) });
    } finally {
      this.#onChanged(peer);
    }
  }

  async #ask({ key, id, state, peer }: SentRecord): Promise<void> {
    try {
      const story = await this.#api.call<SentStory>('GET', `/v1/messages/${id ?? ''}`);
      if (story.state === state) return;
      const ended = story.endedAt === undefined ? {} : { endedAt: Date.parse(story.endedAt) };
      await this.#history.learn(key, { state: story.state, ...ended });
    } catch {
      // The next round asks again.
      return;
    }
    this.#onChanged(peer);
  }
}

function bodyOf({ peer, text, deliverWhen, expiresIn }: SentRecord): NewMessage {
  return {
    to: peer,
    text,
    reports: ['delivered', 'displayed', 'failed'],
    ...(deliverWhen === undefined ? {} : { deliverWhen }),
    ...(expiresIn === undefined ? {} : { expiresIn }),
  };
}

function defined({ deliverWhen, sentence, expiresIn }: Wish) {
  return {
    ...(deliverWhen === undefined ? {} : { deliverWhen, sentence }),
    ...(expiresIn === undefined ? {} : { expiresIn }),
  };
}
