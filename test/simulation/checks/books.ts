/**
 * What the world knows of itself: who is who, what was written, what the server has taken, said and sent. Kept by the
 * witness, read by the checks. The first promise that is broken ends the story.
 */
import type { Millis } from '../../../src/base/time/clock.ts';
import { TimerQueue } from '../../../src/base/time/timer-queue.ts';
import type { TimerHandle } from '../../../src/base/time/timers.ts';
import type { Config } from '../../../src/config.ts';
import type { FinalState, MailboxEntry } from '../../../src/delivery/ports.ts';
import type { Device } from '../clients/device.ts';
import type { SipWords } from '../clients/sip-words.ts';
import type { ChangeMemory } from '../model/change-memory.ts';
import type { Client, Lane } from '../model/lane.ts';
import type { Letter } from '../model/letter.ts';
import type { Person } from '../model/person.ts';
import type { Connection } from '../world/simulated-network.ts';
import type { SimulatedTime } from '../world/simulated-time.ts';
import type { Story } from '../world/story.ts';

/** A request that has reached the server. */
export interface Submission {
  readonly device: Client;
  /** Over SIP. */
  readonly words: SipWords | undefined;
  readonly letter: Letter | undefined;
  readonly connection: Connection | undefined;
  readonly arrivedAt: Millis;
  readonly arrivedWall: Millis;
  /** Of the final answer; 0 as long as there is none. */
  status: number;
  answeredAt: Millis;
  /** It came before and got this, by which it may have been forgotten; else 0. */
  readonly statusBefore: number;
  /** There was no room for it; it may still go to somebody who is there. */
  isTurnedDown: boolean;
  /** Whatever was possible at some moment since it came. */
  readonly possible: {
    blocked: boolean;
    unblocked: boolean;
    readonly hidden: Set<string>;
    readonly shown: Set<string>;
  };
}

/** One acceptance of a letter by the server: what has one id. */
export interface Instance {
  readonly id: string;
  readonly letter: Letter;
  /** The request that it comes from. */
  readonly submission: Submission;
  readonly life: number;
  /** The earliest and the latest Date that the server may have given it, wall time. */
  readonly datedFrom: Millis;
  readonly datedBy: Millis;
  /** When the request that it comes from reached the server. */
  readonly arrivedAt: Millis;
  readonly arrivedWall: Millis;
  /** The place of its row among all rows; undefined as long as it is not durable. */
  place: number | undefined;
  rowAt: Millis;
  acceptedState: string;
  /** Wall time; the latest and the earliest that are possible as long as there is no row. */
  expiresAt: Millis;
  expiresEarliest: Millis;
  /** Wall time; 0 as long as there is no row. */
  acceptedAt: Millis;
  end: FinalState | undefined;
  endedWall: Millis;
  /** The event in which its sender was told that it is kept; undefined as long as that was not said. */
  keptToldIn: number | undefined;
  /** It was marked as deferred before that was said. */
  isMarkedEarly: boolean;
  /** Nothing more of it may leave: its sender was refused, or it was lost with its process before it was kept. */
  isClosed: boolean;
  /** `since`: when the attempt began that did it. */
  delivered: { readonly life: number; readonly at: Millis; readonly since: Millis } | undefined;
  /** What was asked of it over HTTP in this life, answered or not: any of it may be so now. */
  readonly asked: { taken: boolean; shown: boolean; turnedAway: boolean; recalled: boolean };
  /** Its reader has said so at some time. */
  hasBeenShown: boolean;
  /** Until when its condition may have held, as far as presence goes; infinite where it still may. */
  mayHoldUntil: Millis;
  /** Since when the server knows that it may go, as far as its row is concerned. */
  readyAt: Millis;
  /** Since when its condition has surely held without a break, as far as presence goes; infinite where it may not. */
  holdsSince: Millis;
  /** When the server last wrote down that trying it had come to an end. */
  triedAt: Millis;
  /** There was no room for it: its sender will be refused, unless somebody takes it at once. */
  isTurnedDown: boolean;
  /** It was sent on, or stood in the line of a client, before it was kept. */
  wasRelayed: boolean;
  /** Since when it has been under way without a break. */
  underWaySince: Millis;
  /** A client could not take this message; it has its own pause now. */
  isPaused: boolean;
  /** How often a client answered 413, 488 or 500. */
  poisonings: number;
  readonly refusedBy: Map<string, number>;
  /** By device: the statuses it answered with. */
  readonly attempts: Attempt[];
  readonly memories: readonly ChangeMemory[];
}

/** One MESSAGE transaction of the server. */
export interface Attempt {
  readonly instance: Instance;
  readonly device: Client;
  readonly lane: Lane | undefined;
  readonly text: string;
  /** Undefined over HTTP, where attempts have no numbers. */
  readonly cseq: number | undefined;
  /** Of its client, then. */
  readonly q: number;
  readonly life: number;
  readonly startedAt: Millis;
  readonly connection: object | undefined;
  timer: TimerHandle | undefined;
  isOpen: boolean;
  /** Its client took itself off or came again by another way: it is not repeated, and stands in nobody's way. */
  left: 'no' | 'perhaps' | 'yes';
  endedAt: Millis | undefined;
  /** Its client is done with this message. */
  hasRefused: boolean;
  /** It ended without an answer: all of one connection or one moment do so together. */
  isFailed: boolean;
}

export interface Broken {
  readonly promise: string;
  readonly words: string;
}

export class Books {
  readonly time: SimulatedTime;
  readonly story: Story;
  readonly config: Config;
  readonly people = new Map<string, Person>();
  readonly devices = new Map<string, Device>();
  readonly letters = new Map<number, Letter>();
  readonly instances = new Map<string, Instance>();
  readonly instancesOf = new Map<Letter, Instance[]>();
  /** Those that are not over, by recipient. */
  readonly openFor = new Map<string, Set<Instance>>();
  readonly submissions = new Map<string, Submission>();
  readonly attempts = new Map<string, Attempt>();
  readonly #timers = new TimerQueue();
  /** How many lives the server has had. */
  life = 0;
  rowsDurable = 0;
  lastFaultAt: Millis = Number.NEGATIVE_INFINITY;
  lastStepAt: Millis = Number.NEGATIVE_INFINITY;
  /** A time that is over by then may come again, and nobody looks for that. */
  lastStepBackAt: Millis = Number.NEGATIVE_INFINITY;
  /** An orderly stop is under way: whoever was there is not to be reached any more, from some moment on. */
  isStopping = false;
  broken: Broken | undefined;
  /** The durable rows as they are now. */
  readRow: (id: string) => MailboxEntry | undefined = () => undefined;

  constructor(time: SimulatedTime, story: Story, config: Config) {
    this.time = time;
    this.story = story;
    this.config = config;
  }

  /** Everything of the model that is due by now happens now. */
  catchUp(): void {
    while (this.#timers.runNext(this.time.monotonic()));
  }

  at(deadline: Millis, run: (at: Millis) => void): TimerHandle {
    const handle = this.#timers.add(deadline, () => run(deadline));
    return handle;
  }

  fail(promise: string, words: string): void {
    if (this.broken !== undefined) return;
    this.broken = { promise, words };
    this.story.tell('BROKEN', () => `${promise}: ${words}`);
  }

  person(address: string): Person {
    const person = this.people.get(address);
    if (person === undefined) throw new Error(`nobody is called ${address}`);
    return person;
  }

  open(recipient: string): Set<Instance> {
    let set = this.openFor.get(recipient);
    if (set === undefined) {
      set = new Set();
      this.openFor.set(recipient, set);
    }
    return set;
  }

  addInstance(instance: Instance): void {
    this.instances.set(instance.id, instance);
    const list = this.instancesOf.get(instance.letter);
    if (list === undefined) this.instancesOf.set(instance.letter, [instance]);
    else list.push(instance);
    this.open(instance.letter.recipient).add(instance);
  }

  close(instance: Instance): void {
    this.open(instance.letter.recipient).delete(instance);
  }
}

/** The clock may be stepped; the server looks at it at least so often. */
export const clockLookMs = 5000;

/** It was refused, by a client, since nothing is kept or could be, and there was no connection any more on which its sender could be told. */
export function mayBeRefusedUnheard({ config, lastFaultAt }: Books, { refusedBy, submission }: Instance): boolean {
  const mayBeRefused = refusedBy.size > 0 || !config.isStoreOffline || lastFaultAt >= submission.arrivedAt;
  return mayBeRefused && submission.connection?.isOpenAtServer === false;
}
