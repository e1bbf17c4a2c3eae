/**
 * All our subscriptions to one package at one server (RFC 6665 4.1): drives the machine of each, sends its SUBSCRIBEs over a
 * port, and finds for which of them a NOTIFY is. Knows not why a resource is watched.
 */
import type { IdSource } from '../../../base/ids.ts';
import type { Log } from '../../../base/log.ts';
import type { Counters } from '../../../base/counters.ts';
import type { Clock, Millis } from '../../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../../base/time/timers.ts';
import { unreachable } from '../../../base/assert.ts';
import type { DialogRequest } from '../../dialog/dialog-request.ts';
import type { SipRequest, SipResponse } from '../../message/sip-message.ts';
import type { Flow } from '../../registrar/ports.ts';
import { OwnSubscription } from './machine/own-subscription.ts';
import type {
  OwnSubscriptionInput,
  OwnSubscriptionOutput,
  OwnSubscriptionPlan,
} from './machine/own-subscription-words.ts';
import { notifyUnknown, type NotifyAnswer } from './machine/read-notify.ts';
import { ServerStanding, type ServerState } from './server-standing.ts';
import { StartLine } from './start-line.ts';
import type { SubscriberListener } from './subscriber-package.ts';

/** Resources that are watched at once; one more is not. */
export const watchedMax = 100_000;

/** Sends a SUBSCRIBE: adds the Via, finds the way, and says once how it ended, never before it returns. */
export interface SubscribeSender {
  /** `flow`: the one by which the last NOTIFY of the dialog came. */
  send(request: DialogRequest, flow: Flow | undefined, onEnd: (response: SipResponse | undefined) => void): void;
}

export interface SubscriberSurroundings<Document> {
  readonly sender: SubscribeSender;
  readonly listener: SubscriberListener<Document>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly counters: Counters;
  readonly ids: IdSource;
  /** How a resource is asked for. */
  readonly planFor: (resource: string) => OwnSubscriptionPlan<Document>;
  /** In front of metrics and in logs: `presence` or `reg`. */
  readonly name: string;
  readonly watchedMax?: number;
  readonly startsPerSecond?: number;
}

interface Watched<Document> {
  readonly resource: string;
  machine: OwnSubscription<Document>;
  isWanted: boolean;
  isUrgent: boolean;
  localTag: string;
  flow: Flow | undefined;
  timer: TimerHandle | undefined;
}

export class Subscriber<Document> {
  readonly #surroundings: SubscriberSurroundings<Document>;
  readonly #watched = new Map<string, Watched<Document>>();
  readonly #byTag = new Map<string, Watched<Document>>();
  readonly #standing: ServerStanding;
  readonly #line: StartLine<Watched<Document>>;
  #lineTimer: TimerHandle | undefined;
  #isStopped = false;
  /** Our credentials do not do; said once. */
  #isUnauthorised = false;

  constructor(surroundings: SubscriberSurroundings<Document>) {
    this.#surroundings = surroundings;
    this.#standing = new ServerStanding(surroundings.ids);
    this.#line = new StartLine(surroundings.startsPerSecond);
  }

  get size(): number {
    return this.#watched.size;
  }

  /** Those that wait for their turn to begin. */
  get waiting(): number {
    return this.#line.size;
  }

  get serverState(): ServerState {
    return this.#standing.state;
  }

  /** How many are active, and how many of which nobody has decided. */
  get counts(): { readonly active: number; readonly pending: number } {
    let active = 0;
    let pending = 0;
    for (const { machine } of this.#watched.values()) {
      if (machine.isPending) pending += 1;
      else if (machine.state === 'subscribed') active += 1;
    }
    return { active, pending };
  }

  /** There is a reason to watch it, or another one. False at the limit. `isUrgent`: something waits for what it says. */
  want(resource: string, isUrgent: boolean): boolean {
    const known = this.#watched.get(resource);
    if (known !== undefined) {
      known.isWanted = true;
      known.isUrgent ||= isUrgent;
      if (known.machine.state !== 'ending') this.#run(known, { kind: 'wanted' });
      return true;
    }
    const { watchedMax: most = watchedMax } = this.#surroundings;
    if (this.#isStopped || this.#watched.size >= most) return false;
    const watched = {
      resource,
      machine: this.#machineFor(resource),
      isWanted: true,
      isUrgent,
      localTag: '',
      flow: undefined,
      timer: undefined,
    };
    this.#watched.set(resource, watched);
    this.#run(watched, { kind: 'tick' });
    return true;
  }

  unwant(resource: string): void {
    const watched = this.#watched.get(resource);
    if (watched === undefined) return;
    watched.isWanted = false;
    this.#line.remove(watched);
    this.#run(watched, { kind: 'unwanted' });
  }

  /** A difference was missed: a refresh is to bring the whole state. */
  askForWholeState(resource: string): void {
    const watched = this.#watched.get(resource);
    if (watched !== undefined) this.#run(watched, { kind: 'whole-state-wanted' });
  }

  /** The way by which the last NOTIFY about it came. */
  wayOf(resource: string): Flow | undefined {
    return this.#watched.get(resource)?.flow;
  }

  /** Undefined: it is for nobody here, and whoever is asked last answers 481. */
  notify(request: SipRequest, flow: Flow): NotifyAnswer | undefined {
    const watched = this.#byTag.get(request.to.tag ?? '');
    if (watched === undefined) return undefined;
    let answer = notifyUnknown;
    // The way back is that of a NOTIFY that counts.
    this.#run(watched, { kind: 'notified', request }, (output) => {
      if (output.status === 200) watched.flow = flow;
      answer = output;
    });
    return answer;
  }

  /** Ends silently: what the server still sends after a restart is answered 481, and ends there too. */
  stop(): void {
    this.#isStopped = true;
    this.#lineTimer?.cancel();
    for (const { timer } of this.#watched.values()) timer?.cancel();
    this.#watched.clear();
    this.#byTag.clear();
  }

  #machineFor(resource: string): OwnSubscription<Document> {
    return new OwnSubscription(this.#surroundings.planFor(resource), this.#surroundings.clock.monotonic());
  }

  #run(
    watched: Watched<Document>,
    input: OwnSubscriptionInput,
    onAnswer: (answer: NotifyAnswer) => void = ignore,
  ): void {
    if (this.#isStopped) return;
    const outputs = watched.machine.handle(input, this.#surroundings.clock.monotonic());
    // First, so that whoever hears of it finds everything as it is.
    this.#index(watched);
    for (const output of outputs) this.#perform(watched, output, onAnswer);
    this.#arm(watched);
  }

  #perform(
    watched: Watched<Document>,
    output: OwnSubscriptionOutput<Document>,
    onAnswer: (answer: NotifyAnswer) => void,
  ): void {
    const { listener } = this.#surroundings;
    const { resource } = watched;
    switch (output.kind) {
      case 'due':
        this.#line.add(watched, watched.isUrgent);
        watched.isUrgent = false;
        return this.#startDue();
      case 'send':
        return this.#send(watched, output.attempt, output.request);
      case 'answer':
        this.#count('notifies', 'status', output.answer.status);
        return onAnswer(output.answer);
      case 'told':
        return listener.told(resource, output.document, output.expiresMs);
      case 'prolonged':
        return listener.prolonged(resource, output.expiresMs);
      case 'lost':
        return listener.lost(resource);
      case 'outcome':
        return this.#learn(resource, output.outcome, output.status);
      case 'ended':
        return this.#ended(watched);
      default:
        return unreachable(output);
    }
  }

  #send(watched: Watched<Document>, attempt: number, request: DialogRequest): void {
    this.#surroundings.sender.send(request, watched.flow, (response) => {
      this.#heard(response);
      if (response === undefined) this.#run(watched, { kind: 'failed', attempt });
      else this.#run(watched, { kind: 'answered', attempt, response });
    });
  }

  #heard(response: SipResponse | undefined): void {
    if (this.#isStopped) return;
    // A proxy in front of a server that is away says so in its place.
    const isSilent = response === undefined || [408, 502, 503, 504].includes(response.status);
    const { log, clock, name } = this.#surroundings;
    const hasTurned = this.#standing.handle(isSilent ? 'silent' : 'answered', clock.monotonic());
    if (hasTurned && isSilent) log.warn({ package: name }, 'the server that is subscribed to does not answer');
    else if (hasTurned) {
      log.info({ package: name }, 'the server that is subscribed to answers');
      for (const each of this.#watched.values()) this.#run(each, { kind: 'server-back' });
    }
    this.#startDue();
  }

  #startDue(): void {
    const { clock, timers } = this.#surroundings;
    const now = clock.monotonic();
    while (this.#standing.mayBegin(now)) {
      const watched = this.#line.take(now);
      if (watched === undefined) break;
      this.#standing.begun();
      this.#run(watched, { kind: 'start' });
    }
    this.#lineTimer?.cancel();
    this.#lineTimer = undefined;
    const turn = this.#line.deadline();
    const at = this.#standing.mayBegin(now) ? turn : this.#standing.deadline();
    if (turn === undefined || at === undefined) return;
    this.#lineTimer = timers.at(Math.max(turn, at), () => this.#startDue());
  }

  #learn(resource: string, outcome: string, status: number | undefined): void {
    const { log, name } = this.#surroundings;
    this.#count('subscribes', 'outcome', outcome);
    if (outcome === 'refused') log.debug({ package: name, resource, status }, 'a subscription of ours was refused');
    if (outcome === 'unauthorised' && !this.#isUnauthorised) {
      log.error({ package: name, resource, status }, 'the server that is subscribed to does not take our credentials');
    }
    if (outcome === 'accepted' || outcome === 'unauthorised') this.#isUnauthorised = outcome === 'unauthorised';
  }

  #count(what: string, label: string, value: string | number): void {
    const { counters, name } = this.#surroundings;
    counters.add(`external_${what}{package="${name}",${label}="${value}"}`);
  }

  #ended(watched: Watched<Document>): void {
    if (watched.isWanted) {
      watched.machine = this.#machineFor(watched.resource);
      this.#run(watched, { kind: 'tick' });
    } else this.#watched.delete(watched.resource);
  }

  #index(watched: Watched<Document>): void {
    const { localTag } = watched.machine;
    if (localTag === watched.localTag) return;
    if (watched.localTag !== '') this.#byTag.delete(watched.localTag);
    if (localTag !== '') this.#byTag.set(localTag, watched);
    watched.localTag = localTag;
    watched.flow = undefined;
  }

  #arm(watched: Watched<Document>): void {
    const isGone = this.#watched.get(watched.resource) !== watched;
    const deadline: Millis | undefined = isGone || this.#isStopped ? undefined : watched.machine.deadline();
    if (deadline === watched.timer?.deadline) return;
    watched.timer?.cancel();
    watched.timer = undefined;
    if (deadline === undefined) return;
    watched.timer = this.#surroundings.timers.at(deadline, () => {
      watched.timer = undefined;
      this.#run(watched, { kind: 'tick' });
    });
  }
}

function ignore(): void {}
