/**
 * Presence of everybody on this server: publications (RFC 3903), who is online, settling, watcher rules, and one event for
 * every change. The door to this folder; knows no document format, no protocol, and not who listens.
 */
import type { Clock, Millis } from '../base/time/clock.ts';
import type { Counters } from '../base/counters.ts';
import type { IdSource } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { StoreFault } from '../base/store-fault.ts';
import type { Timers } from '../base/time/timers.ts';
import type { Address } from '../model/address.ts';
import type { PresenceChanged, PresenceSnapshot } from '../model/presence-changed.ts';
import type { AttributeName } from '../model/presence-state.ts';
import { BackgroundWriter } from './background-writer.ts';
import type { DeliverOn } from './compose.ts';
import type { Publication, PublicationStore, ReadDocumentAt, RuleStore, StoredRules, WatcherRule } from './ports.ts';
import { Presentities } from './presentities.ts';
import type { ElsewhereWord } from './publication/presence-elsewhere.ts';
import { refuseUnread, type PublicationRefusal, type PublicationRequest } from './publication/publication-state.ts';
import { Publisher, type Published, type PublishOutcome, type PublishRequest } from './publication/publisher.ts';
import type { StandingRevision } from './publication/standing-words.ts';
import { Turns } from './turns.ts';
import { showPresence, type VisiblePresence } from './visible-presence.ts';
import { WatcherRuleBook, type BlockLookUp, type SetRulesOptions, type SetRulesOutcome } from './watcher-rule-book.ts';
import type { Visibility } from './watcher-rules.ts';

export interface PresenceSettings {
  /** `--settle`, in milliseconds; 0 means that a login is settled at once. */
  readonly settleMs: Millis;
  readonly deliverOn: DeliverOn;
  readonly visibleByDefault: readonly AttributeName[] | '*';
}

export interface PresenceSurroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly publications: PublicationStore;
  readonly rules: RuleStore;
  readonly settings: PresenceSettings;
  readonly log: Log;
  readonly counters: Counters;
  readonly readDocumentAt: ReadDocumentAt;
  /** Blocks of accounts that are to act like a rule that names the watcher; none without. */
  readonly blockOf?: BlockLookUp;
}

/** An answer to a PUBLISH waits for the promises that listeners return. */
export type PresenceListener = (event: PresenceChanged) => void | Promise<void>;

/** How often a change of rules is made anew because they are others by then. */
export const ruleTriesMax = 100;

/** Seconds that a client is asked to wait when the store cannot commit. */
export const retryAfterStoreFault = 10;

export class PresenceService {
  readonly #log: Log;
  readonly #counters: Counters;
  readonly #clock: Clock;
  readonly #store: PublicationStore;
  readonly #turns = new Turns();
  readonly #writer: BackgroundWriter;
  readonly #presentities: Presentities;
  readonly #publisher: Publisher;
  readonly #ruleBook: WatcherRuleBook;
  readonly #listeners: PresenceListener[] = [];

  constructor(surroundings: PresenceSurroundings) {
    const { clock, timers, ids, publications: store, rules, settings, log, counters, blockOf } = surroundings;
    const { readDocumentAt } = surroundings;
    const { settleMs, deliverOn, visibleByDefault } = settings;
    const turns = this.#turns;
    this.#log = log;
    this.#counters = counters;
    this.#clock = clock;
    this.#store = store;
    const writer = new BackgroundWriter({
      store,
      clock,
      timers,
      log,
      isBusy: (record) => turns.isBusy(record.presentity),
    });
    const presentities = new Presentities({
      clock,
      timers,
      settleMs,
      deliverOn,
      writer,
      turns,
      readDocumentAt,
      announce: (event) => this.#announce(event),
      announceAlone: (event) => this.#announceAlone(event),
    });
    this.#writer = writer;
    this.#presentities = presentities;
    this.#publisher = new Publisher({ store, clock, ids, deliverOn, presentities, writer });
    this.#ruleBook = new WatcherRuleBook({
      store: rules,
      clock,
      timers,
      visibleByDefault,
      blockOf,
      onTurn: (owner) => this.visibilityChanged(owner),
    });
    counters.gauge('presence_presentities', () => presentities.size);
  }

  /** To be awaited before anything else is called. Rejects with the stores' `StoreFault`. */
  async start(): Promise<void> {
    await this.#presentities.load(this.#store);
    await this.#ruleBook.loadAll();
  }

  /** Stops every timer; resolves when no write of its own is under way. */
  async stop(): Promise<void> {
    this.#presentities.cancelTimers();
    this.#ruleBook.cancelTimers();
    await this.#writer.idle();
  }

  /** Events of one presentity come in the order of its changes, each right when it happened. */
  onChanged(listener: PresenceListener): void {
    this.#listeners.push(listener);
  }

  current(presentity: Address): PresenceSnapshot {
    return this.#presentities.current(presentity);
  }

  /** The live publications that came as documents, the newest first: those are passed on to watchers who may see everything. */
  publicationsOf(presentity: Address): Publication[] {
    const now = this.#clock.wall();
    const live = this.#presentities.publicationsOf(presentity).filter((one) => isPassedOn(one) && one.expiresAt > now);
    return live.sort((one, other) => other.namedAt - one.namedAt);
  }

  /** What becomes of a subscription, and which attributes may be seen. */
  visibility(presentity: Address, watcher: Address): Visibility {
    return this.#ruleBook.visibility(presentity, watcher, this.current(presentity).state);
  }

  visiblePresence(presentity: Address, watcher: Address, snapshot: PresenceSnapshot): VisiblePresence {
    return showPresence(snapshot, this.#ruleBook.visibility(presentity, watcher, snapshot.state));
  }

  /** See `ReachabilityListener` of delivery. */
  reachabilityChanged(principal: Address, isPresent: boolean, isReachable: boolean): void {
    this.#presentities.reachabilityChanged(principal, isPresent, isReachable);
  }

  /** The answer follows the commit, the event, and what listeners do about it. */
  publish(request: PublishRequest): Promise<PublishOutcome> {
    const { presentity, publisher, content } = request;
    const intake = { presentity, bytes: content?.document.length ?? 0, isCounted: true };
    if (presentity !== publisher) return Promise.resolve(this.#counted(intake, { kind: 'not-allowed' }));
    return this.#inTurn(intake, () => this.#publisher.publish(request));
  }

  /** For a document that cannot be read: what is wrong with the request before it (RFC 3903 6). */
  refuseUnread(presentity: Address, request: Omit<PublicationRequest, 'content'>): PublicationRefusal | undefined {
    return refuseUnread(request, (entityTag) => this.#presentities.hasTag(presentity, entityTag));
  }

  /** What somebody says of themself without a client's publication; otherwise as `publish`. */
  revise(revision: StandingRevision): Promise<PublishOutcome> {
    const intake = { presentity: revision.presentity, bytes: bytesOf(revision), isCounted: true };
    return this.#inTurn(intake, () => this.#publisher.revise(revision));
  }

  /** What another presence server says of somebody; otherwise as `publish`. */
  hearElsewhere(word: ElsewhereWord): Promise<PublishOutcome> {
    const { presentity, content } = word;
    const bytes = typeof content === 'object' ? content.document.length : 0;
    return this.#inTurn({ presentity, bytes, isCounted: false }, () => this.#publisher.hearElsewhere(word));
  }

  rulesOf(owner: Address): readonly WatcherRule[] {
    return this.#ruleBook.rulesOf(owner);
  }

  /** Not what is in effect but what is stored, which another process may have changed. Rejects with `StoreFault`. */
  storedRules(owner: Address): Promise<StoredRules> {
    return this.#ruleBook.stored(owner);
  }

  /** Durable first, then in effect, then the event; resolves after what listeners do about it. */
  async setRules(owner: Address, rules: readonly WatcherRule[], options?: SetRulesOptions): Promise<SetRulesOutcome> {
    const outcome = await this.#ruleBook.set(owner, rules, options);
    if (outcome.kind === 'changed') await this.#finished(this.#announce(this.#presentities.touch(owner)));
    return outcome;
  }

  /** From what is stored to what `edit` makes of it, whoever else is at it meanwhile. */
  async changeRules(
    owner: Address,
    edit: (rules: readonly WatcherRule[]) => readonly WatcherRule[],
  ): Promise<{ readonly outcome: SetRulesOutcome; readonly rules: readonly WatcherRule[] }> {
    for (let tries = 1; ; tries += 1) {
      const stored = await this.#storedOrFault(owner);
      if (stored instanceof StoreFault) {
        return { outcome: { kind: 'store-unavailable', isTemporary: stored.isTemporary }, rules: [] };
      }
      const { rules: before } = stored;
      const rules = edit(before);
      const outcome = await this.setRules(owner, rules, { before });
      if (outcome.kind !== 'outdated' || tries === ruleTriesMax) return { outcome, rules };
    }
  }

  /** Somebody else has changed them in the store; `rules` are those of now. */
  rulesChanged(owner: Address, rules: readonly WatcherRule[]): void {
    if (this.#ruleBook.load(owner, rules)) this.visibilityChanged(owner);
  }

  /** What some watcher may see has changed by other means than rules (a block). */
  visibilityChanged(owner: Address): void {
    this.#announceAlone(this.#presentities.touch(owner));
  }

  /** The account was removed, and the stores hold nothing of it any more. */
  forget(principal: Address): void {
    const hadRules = this.#ruleBook.forget(principal);
    const wasKnown = this.#presentities.forget(principal);
    if (hadRules || wasKnown) this.visibilityChanged(principal);
  }

  async #storedOrFault(owner: Address): Promise<StoredRules | StoreFault> {
    try {
      return await this.storedRules(owner);
    } catch (fault) {
      if (fault instanceof StoreFault) return fault;
      throw fault;
    }
  }

  async #inTurn(intake: Intake, work: () => Promise<Published>): Promise<PublishOutcome> {
    const { presentity, bytes } = intake;
    try {
      const turn = this.#turns.take(presentity, work, bytes);
      if (turn === undefined) return this.#counted(intake, { kind: 'too-fast' });
      const { outcome, heard } = await turn;
      if (heard.length > 0) await this.#finished(heard);
      return this.#counted(intake, outcome);
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
      this.#log.warn({ presentity, fault: error.message }, 'a publication could not be stored');
      return this.#counted(intake, { kind: 'store-unavailable', retryAfter: retryAfterStoreFault });
    } finally {
      this.#presentities.dropIfIdle(presentity);
      this.#writer.resume();
    }
  }

  #counted({ isCounted }: Intake, outcome: PublishOutcome): PublishOutcome {
    if (isCounted) this.#counters.add(`presence_publish{outcome="${outcome.kind}"}`);
    return outcome;
  }

  #announce(change: PresenceChanged): Promise<void>[] {
    const { presentity, changed } = change;
    // Who may see what follows from the sphere where a rule says so.
    const isForAll = changed !== 'all' && changed.includes('sphere') && this.#ruleBook.dependOnSphere(presentity);
    const event: PresenceChanged = isForAll ? { ...change, changed: 'all' } : change;
    const heard: Promise<void>[] = [];
    for (const listener of this.#listeners) {
      const promise = listener(event);
      if (promise !== undefined) heard.push(promise);
    }
    return heard;
  }

  #announceAlone(event: PresenceChanged): void {
    const heard = this.#announce(event);
    if (heard.length > 0) void this.#finished(heard);
  }

  /** What a listener could not store it catches up with itself; the change stands. Other faults are ours, and crash. */
  async #finished(heard: readonly Promise<void>[]): Promise<void> {
    for (const result of await Promise.allSettled(heard)) {
      if (result.status === 'fulfilled') continue;
      if (!(result.reason instanceof StoreFault)) throw result.reason;
      this.#log.warn({ fault: result.reason.message }, 'a presence change could not be acted on');
    }
  }
}

/** What comes in, and waits its turn. */
interface Intake {
  readonly presentity: Address;
  readonly bytes: number;
  readonly isCounted: boolean;
}

/** About as many. */
function bytesOf({ words }: StandingRevision): number {
  let bytes = 0;
  for (const values of words.values()) for (const value of values ?? []) bytes += value.length;
  return bytes;
}

function isPassedOn({ document }: Publication): boolean {
  return document.length > 0;
}
