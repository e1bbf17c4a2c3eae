/**
 * Tells the people of the model what has become true of them: bindings and publications when the server hears that they
 * are durable, pauses, ends of validity, changes of rules. Every change is offered to the memories of `changes` tests.
 */
import type { Millis } from '../../../src/base/time/clock.ts';
import type { PublicationChange, WatcherRule } from '../../../src/presence/ports.ts';
import type { Binding, BindingChange } from '../../../src/sip/registrar/ports.ts';
import type { MemoryState } from '../../../src/stores/memory/memory-state.ts';
import { meaningOf, type Said, tokenIn } from '../clients/presence-words.ts';
import { type Client, Lane } from '../model/lane.ts';
import type { Person, Publication } from '../model/person.ts';
import type { StoreCall } from '../world/simulated-stores.ts';
import type { Books } from './books.ts';
import { glimpses, holding } from './sights.ts';

/** An operator's change is in effect within this (contract section 1). */
export const operatorMs = 1000;
/** A binding may be found to be over a little late: the server looks once a second, and seldom after a step of the clock. */
const bindingLateMs = 3000;
const bindingLateAfterStepMs = 31_000;

/** The clock tells whole milliseconds, so what ends by it ends within one. */
const clockGrainMs = 1;

export class PresenceIntake {
  readonly #books: Books;
  /** What each published document says, by its token. */
  readonly said = new Map<string, Said>();
  /** Called when what somebody may be seen as, or by whom, may have changed. */
  onChanged: (person: Person) => void = () => undefined;
  readonly #orders = new Map<string, number>();
  /** Until when a client may be registered whose last answers were lost. */
  readonly #untoldEnds = new Map<Client, Millis>();

  constructor(books: Books) {
    this.#books = books;
  }

  answered({ name, args }: StoreCall): void {
    if (name === 'bindings.change')
      for (const change of args[0] as readonly BindingChange[]) this.#bindingChanged(change);
    if (name === 'publications.change') {
      for (const change of args[0] as readonly PublicationChange[]) this.#publicationChanged(change);
    }
    if (name === 'publications.refresh') this.#refreshed(args as [string, string, string, Millis]);
  }

  laneFailed(lane: Lane, retryAfterMs: Millis, at = this.#books.time.monotonic()): void {
    const person = this.#books.person(lane.device.owner);
    const fail = (): void => {
      if (lane.fail(at, retryAfterMs)) this.#resume(person, lane);
    };
    this.#change(person, fail, at);
  }

  /** It may have failed, or not. */
  laneInDoubt(lane: Lane): void {
    const person = this.#books.person(lane.device.owner);
    this.#change(person, () => {
      lane.perhapsFailed(this.#books.time.monotonic());
      this.#resume(person, lane);
    });
  }

  laneHeard(lane: Lane): void {
    if (lane.state === 'up') lane.heard(this.#books.time.monotonic());
    else this.#change(this.#books.person(lane.device.owner), () => lane.heard(this.#books.time.monotonic()));
  }

  lanePerhapsHeard(lane: Lane): void {
    this.#change(this.#books.person(lane.device.owner), () => lane.perhapsHeard());
  }

  rulesSet(person: Person, rules: readonly WatcherRule[]): void {
    const change = person.rules.set(rules);
    this.#sharingChanged(person, () => person.rules.settle(change));
  }

  blocksSet(person: Person, blocks: ReadonlySet<string>): void {
    const change = person.blocks.set(blocks);
    this.#sharingChanged(person, () => person.blocks.settle(change));
  }

  /** A new process has read all that is durable: publications and bindings, rules and blocks. */
  restarted(state: MemoryState, settleMs: Millis): void {
    for (const person of this.#books.people.values()) {
      this.#change(person, () => {
        person.rules.settle();
        person.blocks.settle();
        person.lanes.clear();
        this.#restorePublications(person, state);
      });
      this.#change(person, () => {
        for (const binding of state.bindings.get(person.address)?.values() ?? []) {
          // It may have been read before its time was over, and be found to be over a little late.
          if (binding.expiresAt > this.#books.time.wall() - bindingLateMs) this.#addLane(person, binding);
        }
        // Whoever was there before has not just come; whoever comes again may have to wait again.
        const isArriving = person.lanes.size > 0 && person.publications.size === 0 && settleMs > 0;
        person.settling = isArriving ? 'unsure' : 'no';
        if (isArriving) this.#endSettling(person, settleMs);
      });
      for (const instance of this.#books.open(person.address)) {
        for (const memory of instance.memories) if (memory.test.attribute === 'availability') memory.blur();
      }
    }
  }

  /** What is over by one clock is not by the other. */
  clockStepped(): void {
    for (const person of this.#books.people.values()) {
      for (const lane of person.lanes.values()) {
        if (Number.isFinite(lane.expiresAt)) this.#watchBinding(person, lane, bindingLateAfterStepMs);
      }
      for (const publication of person.publications.values()) this.#doubt(person, publication);
    }
  }

  #bindingChanged(change: BindingChange): void {
    const address = change.kind === 'put' ? change.binding.addressOfRecord : change.addressOfRecord;
    const person = this.#books.person(address);
    this.#change(person, () => {
      if (change.kind === 'put') this.#addLane(person, change.binding);
      else if (change.kind === 'remove') this.#removeLane(person, person.lanes.get(change.key));
    });
  }

  /** A refresh counts when it came, and is written later, or never where the store fails. */
  refreshed(lane: Lane, expiresAt: Millis): void {
    const person = this.#books.person(lane.device.owner);
    this.#change(person, () => {
      lane.expiresAt = expiresAt;
      lane.isEnding = false;
      lane.heard(this.#books.time.monotonic());
      this.#watchBinding(person, lane, bindingLateMs);
    });
  }

  /** Its answer never leaves: it may be gone, or there until the later of two ends. */
  perhapsRegistered(device: Client, seconds: number): void {
    const until = this.#books.time.wall() + seconds * 1000;
    this.#untoldEnds.set(device, Math.max(until, this.#untoldEnds.get(device) ?? until));
    const person = this.#books.person(device.owner);
    for (const lane of person.lanes.values()) {
      if (lane.device === device) this.#change(person, () => this.#mayEndLater(person, lane));
    }
  }

  /** From here on it is known again until when it is registered. */
  toldOf(device: Client): void {
    this.#untoldEnds.delete(device);
  }

  #mayEndLater(person: Person, lane: Lane): void {
    const until = this.#untoldEnds.get(lane.device);
    if (until === undefined) return;
    lane.isEnding = true;
    if (lane.state === 'up') lane.state = 'unsure';
    lane.expiresAt = Math.max(lane.expiresAt, until);
    this.#watchBinding(person, lane, bindingLateMs);
  }

  #addLane(person: Person, binding: Binding): void {
    const device = this.#books.devices.get(binding.contactUri);
    if (device === undefined) {
      this.#books.fail('a binding is what a device registered', binding.contactUri);
      return;
    }
    const { key, q, expiresAt, flow } = binding;
    const flowKey = `${flow.transport} ${flow.remoteAddress} ${flow.remotePort}`;
    const known = person.lanes.get(key);
    if (known === undefined) this.#clientComes(person);
    const lane = known ?? new Lane(key, device, { q, expiresAt, flow: flowKey, bornAt: this.#books.time.monotonic() });
    if (lane.flow !== flowKey) this.#leave(lane, 'yes');
    else if (lane.isEnding) this.#leave(lane, 'perhaps');
    if (lane.q !== q) person.reorderedAt = this.#books.time.monotonic();
    Object.assign(lane, { q, expiresAt, flow: flowKey, isEnding: false });
    lane.heard(this.#books.time.monotonic());
    person.lanes.set(key, lane);
    this.#watchBinding(person, lane, bindingLateMs);
    this.#mayEndLater(person, lane);
  }

  /** A login after an absence has to settle. */
  #clientComes(person: Person): void {
    const lanes = [...person.lanes.values()];
    const isFirst = lanes.every(({ isEnding }) => isEnding);
    const { settleMs } = this.#books.config;
    if (!isFirst || person.publications.size > 0 || settleMs === 0) return;
    person.settling = lanes.length === 0 ? 'yes' : 'unsure';
    this.#endSettling(person, settleMs);
  }

  /** An event stream is a client as long as it is open. */
  streamOpened(client: Client, style: Lane['style'], instead?: Client): void {
    const person = this.#books.person(client.owner);
    const bornAt = this.#books.time.monotonic();
    this.#change(person, () => {
      this.#clientComes(person);
      if (instead !== undefined) person.lanes.delete(instead.contact);
      const rest = { q: 1, expiresAt: Number.POSITIVE_INFINITY, flow: '', bornAt, style };
      person.lanes.set(client.contact, new Lane(client.contact, client, rest));
    });
  }

  streamClosed(client: Client): void {
    const person = this.#books.person(client.owner);
    this.#change(person, () => this.#removeLane(person, person.lanes.get(client.contact)));
  }

  /** What is open is not repeated any more, and its answer still counts. */
  #leave(lane: Lane, left: 'perhaps' | 'yes'): void {
    for (const attempt of this.#books.attempts.values()) if (attempt.lane === lane) attempt.left = left;
  }

  #removeLane(person: Person, lane: Lane | undefined): void {
    if (lane === undefined) return;
    this.#leave(lane, 'yes');
    person.lanes.delete(lane.key);
    if (person.lanes.size === 0) person.settling = 'no';
  }

  /** Between the end of its time and the moment at which that is found out, nobody knows whether it is there. */
  #watchBinding(person: Person, lane: Lane, lateMs: Millis): void {
    const { time } = this.#books;
    const { expiresAt } = lane;
    lane.watches += 1;
    const { watches } = lane;
    const isCurrent = (): boolean => person.lanes.get(lane.key) === lane && lane.watches === watches;
    const endsAt = Math.max(time.monotonic(), time.whenWall(expiresAt));
    this.#books.at(endsAt, () => {
      if (!isCurrent() || expiresAt > time.wall()) return;
      this.#change(person, () => {
        lane.isEnding = true;
        if (lane.state === 'up') lane.state = 'unsure';
      });
      const lastStepAt = this.#books.lastStepAt;
      const goneBy = Math.max(endsAt + lateMs, lastStepAt + bindingLateAfterStepMs);
      this.#books.at(goneBy, () => {
        if (isCurrent() && expiresAt <= time.wall()) this.#change(person, () => this.#removeLane(person, lane));
      });
    });
  }

  #resume(person: Person, lane: Lane): void {
    const { resumesAt, resumesBy } = lane;
    this.#books.at(resumesAt, (at) => {
      if (lane.resumesAt === resumesAt) this.#change(person, () => lane.resume(at), at);
    });
    this.#books.at(resumesBy, (at) => {
      if (lane.resumesBy === resumesBy) this.#change(person, () => lane.resume(at), at);
    });
  }

  #endSettling(person: Person, settleMs: Millis): void {
    const at = this.#books.time.monotonic() + settleMs;
    person.settlesAt = at;
    this.#books.at(at, () => {
      if (person.settlesAt === at) this.#change(person, () => (person.settling = 'no'), at);
    });
  }

  #publicationChanged({ presentity, replaces, publication }: PublicationChange): void {
    const person = this.#books.person(presentity);
    this.#change(person, () => {
      if (replaces !== undefined) person.publications.delete(replaces);
      if (publication === undefined) return;
      const said = this.said.get(tokenIn(Buffer.from(publication.document).toString('latin1')));
      if (said === undefined) {
        this.#books.fail('what is published is what somebody said', presentity);
        return;
      }
      const { entityTag: tag, expiresAt: expiresWall } = publication;
      // The clock was set while it was being written: over by the clock, it counts, or not.
      const isUnsure = expiresWall <= this.#books.time.wall();
      const fresh = { tag, expiresWall, meaning: meaningOf(said), order: this.#orderOf(tag), isUnsure };
      person.settling = 'no';
      person.publications.set(tag, fresh);
      this.#watchPublication(person, fresh);
    });
  }

  #refreshed([presentity, oldTag, newTag, expiresWall]: [string, string, string, Millis]): void {
    const person = this.#books.person(presentity);
    const publication = person.publications.get(oldTag);
    if (publication === undefined) return;
    this.#change(person, () => {
      person.publications.delete(oldTag);
      this.#orders.set(newTag, publication.order);
      const renewed = { ...publication, tag: newTag, expiresWall, isUnsure: false };
      person.publications.set(newTag, renewed);
      this.#watchPublication(person, renewed);
    });
  }

  #watchPublication(person: Person, publication: Publication): void {
    const { time } = this.#books;
    const endsAt = Math.max(time.monotonic(), time.whenWall(publication.expiresWall));
    const isCurrent = (): boolean => person.publications.get(publication.tag) === publication;
    this.#books.at(endsAt, (at) => {
      if (isCurrent()) this.#change(person, () => (publication.isUnsure = true), at);
    });
    this.#books.at(endsAt + clockGrainMs, (at) => {
      if (isCurrent()) this.#change(person, () => person.publications.delete(publication.tag), at);
    });
  }

  /** Its end by the time that passes stays; from its end by the clock on it counts, or not. */
  #doubt(person: Person, publication: Publication): void {
    const { time } = this.#books;
    const endsAt = Math.max(time.monotonic(), time.whenWall(publication.expiresWall));
    this.#books.at(endsAt, (at) => {
      const isCurrent = person.publications.get(publication.tag) === publication;
      if (isCurrent && time.wall() >= publication.expiresWall)
        this.#change(person, () => (publication.isUnsure = true), at);
    });
  }

  #restorePublications(person: Person, state: MemoryState): void {
    person.publications.clear();
    for (const kept of state.publications.get(person.address as never)?.values() ?? []) {
      const said = this.said.get(tokenIn(Buffer.from(kept.document).toString('latin1')));
      if (said === undefined || kept.expiresAt <= this.#books.time.wall()) continue;
      const { entityTag: tag, expiresAt: expiresWall } = kept;
      const publication = { tag, expiresWall, meaning: meaningOf(said), order: this.#orderOf(tag), isUnsure: false };
      person.publications.set(tag, publication);
      this.#watchPublication(person, publication);
    }
  }

  /** Of two the one that came into effect later is the newer; a refresh is not newer. */
  #orderOf(tag: string): number {
    const known = this.#orders.get(tag);
    if (known !== undefined) return known;
    this.#orders.set(tag, this.#orders.size);
    return this.#orders.size - 1;
  }

  #sharingChanged(person: Person, settle: () => void): void {
    this.#advance(person);
    this.#settleAt(this.#books.time.monotonic() + operatorMs, () => {
      settle();
      this.#advance(person);
    });
  }

  /** Later while the store cannot be read. */
  #settleAt(at: Millis, settle: () => void): void {
    this.#books.at(at, () => {
      const readableBy = this.#books.lastFaultAt + operatorMs;
      if (readableBy > at) this.#settleAt(readableBy, settle);
      else settle();
    });
  }

  #change(person: Person, act: () => void, at = this.#books.time.monotonic()): void {
    if (person.change(at, act)) this.#advance(person);
  }

  #advance(person: Person): void {
    for (const instance of this.#books.open(person.address)) {
      for (const memory of instance.memories) {
        memory.advance(glimpses(person, instance.letter.sender, memory.test.attribute));
      }
      if (instance.letter.wish === undefined) continue;
      const { can, must } = holding(this.#books, instance);
      const now = this.#books.time.monotonic();
      instance.mayHoldUntil = can ? Number.POSITIVE_INFINITY : Math.min(instance.mayHoldUntil, now);
      if (!must) instance.holdsSince = Number.POSITIVE_INFINITY;
      else instance.holdsSince = Math.min(instance.holdsSince, now);
    }
    this.onChanged(person);
  }
}
