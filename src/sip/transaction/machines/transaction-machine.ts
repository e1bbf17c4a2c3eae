/**
 * Runs one transaction by its table: a state and two timers, one that repeats and one that ends the state. RFC 3261 17
 * gives each of them another letter in each state; the tables say which. It knows no message and no clock.
 */
import type { Millis } from '../../../base/time/clock.ts';
import type { TransactionTiming } from './transaction-timing.ts';

export class TransactionMachine<State extends string, Input extends string, Action extends string> {
  readonly #plan: MachinePlan<State, Input, Action>;
  #at: PlannedState<State, Action>;
  #repeatAt: Millis = NEVER;
  #repeatMs: Millis = 0;
  #endAt: Millis = NEVER;

  constructor(plan: MachinePlan<State, Input, Action>, now: Millis) {
    this.#plan = plan;
    this.#at = plan.first;
    this.#enter(plan.first, now);
  }

  get state(): State {
    return this.#at.name;
  }

  get isTerminated(): boolean {
    return this.#at.isLast;
  }

  /** When it wants a `tick`; undefined when it waits for nothing but messages. */
  deadline(): Millis | undefined {
    const next = this.#endAt < this.#repeatAt ? this.#endAt : this.#repeatAt;
    return next === NEVER ? undefined : next;
  }

  /** What is to be done, in order. Throws `UnexpectedInputFault` for a pair that the table does not have. */
  handle(input: Input | 'tick', now: Millis): readonly Action[] {
    const event = input === 'tick' ? this.#dueTimer(now) : input;
    if (event === undefined) return NOTHING;
    const transition = this.#at.on.get(event);
    if (transition === undefined) throw new UnexpectedInputFault(`${this.#plan.name}: ${event} in ${this.#at.name}`);
    if (event === 'repeat') this.#repeatAgain(now);
    if (transition.next !== this.#at) this.#enter(transition.next, now);
    return transition.actions;
  }

  /** When both are due, the end wins: what is over is not sent again. */
  #dueTimer(now: Millis): 'repeat' | 'end' | undefined {
    if (this.#endAt <= now) return 'end';
    return this.#repeatAt <= now ? 'repeat' : undefined;
  }

  #repeatAgain(now: Millis): void {
    this.#repeatMs = Math.min(2 * this.#repeatMs, this.#at.repeatMsMax);
    this.#repeatAt = now + this.#repeatMs;
  }

  #enter(next: PlannedState<State, Action>, now: Millis): void {
    this.#at = next;
    if (next.repeatMs === KEEP) {
      // The running interval ends as it began, those behind it have the length of this state.
      this.#repeatMs = next.repeatMsMax;
    } else {
      this.#repeatMs = next.repeatMs;
      this.#repeatAt = now + next.repeatMs;
    }
    if (next.endMs !== KEEP) this.#endAt = now + next.endMs;
  }
}

/** A pair of state and input that the table does not have: a fault of the driver, never of a peer. */
export class UnexpectedInputFault extends Error {
  override readonly name = 'UnexpectedInputFault';
}

export interface Transition<State, Action> {
  readonly next: State;
  readonly actions: readonly Action[];
}

/** What runs from the moment a state is entered; a timer that is left out is off, `keep` lets it run on. */
export interface StateTimers {
  /** The first interval; each further one is twice as long, up to `repeatMsMax`. */
  readonly repeatMs?: Millis | 'keep';
  readonly repeatMsMax?: Millis;
  readonly endMs?: Millis | 'keep';
}

export interface StateRow<State extends string, Input extends string, Action extends string> {
  readonly on: Readonly<Partial<Record<Input | 'repeat' | 'end', Transition<State, Action>>>>;
  readonly timers?: (timing: TransactionTiming, isReliable: boolean) => StateTimers;
}

export interface MachineTable<State extends string, Input extends string, Action extends string> {
  readonly name: string;
  readonly first: State;
  readonly states: Readonly<Record<State, StateRow<State, Input, Action>>>;
}

/** A table with its timers worked out for one timing and one kind of transport, shared by all its machines. */
export interface MachinePlan<State extends string, Input extends string, Action extends string> {
  readonly name: string;
  readonly first: PlannedState<State, Action>;
  /** Only for the checker: a plan takes the inputs of its table. */
  readonly inputs?: Input;
}

interface PlannedState<State extends string, Action extends string> {
  readonly name: State;
  readonly isLast: boolean;
  readonly on: Map<string, { readonly next: PlannedState<State, Action>; readonly actions: readonly Action[] }>;
  readonly repeatMs: Millis;
  readonly repeatMsMax: Millis;
  readonly endMs: Millis;
}

const NEVER = Number.POSITIVE_INFINITY;
const KEEP = -1;
const NOTHING: readonly never[] = [];

export function planMachine<State extends string, Input extends string, Action extends string>(
  table: MachineTable<State, Input, Action>,
  timing: TransactionTiming,
  isReliable: boolean,
): MachinePlan<State, Input, Action> {
  const planned = new Map<string, PlannedState<State, Action>>();
  const rows: [State, StateRow<State, Input, Action>][] = [];
  for (const name in table.states) rows.push([name, table.states[name]]);
  for (const [name, row] of rows) planned.set(name, planState(name, row, row.timers?.(timing, isReliable) ?? {}));
  const find = (name: State): PlannedState<State, Action> => {
    const state = planned.get(name);
    if (state === undefined) throw new UnexpectedInputFault(`${table.name}: no state ${name}`);
    return state;
  };
  for (const [name, row] of rows) {
    for (const [input, transition] of Object.entries<Transition<State, Action> | undefined>(row.on)) {
      if (transition !== undefined) {
        find(name).on.set(input, { next: find(transition.next), actions: transition.actions });
      }
    }
  }
  return { name: table.name, first: find(table.first) };
}

function planState<State extends string, Input extends string, Action extends string>(
  name: State,
  row: StateRow<State, Input, Action>,
  timers: StateTimers,
): PlannedState<State, Action> {
  return {
    name,
    isLast: Object.keys(row.on).length === 0,
    on: new Map(),
    repeatMs: plannedMs(timers.repeatMs),
    repeatMsMax: timers.repeatMsMax ?? NEVER,
    endMs: plannedMs(timers.endMs),
  };
}

function plannedMs(duration: Millis | 'keep' | undefined): Millis {
  return duration === 'keep' ? KEEP : (duration ?? NEVER);
}
