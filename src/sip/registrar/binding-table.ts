/**
 * The bindings in memory with everything that must follow them: the expiry wheel and the index of connections. Applies
 * changes that were decided and written elsewhere; knows no REGISTER and no store.
 */
import type { Clock } from '../../base/time/clock.ts';
import type { Timers } from '../../base/time/timers.ts';
import { ExpiryWheel } from './expiry-wheel.ts';
import { FlowIndex } from './flow-index.ts';
import { LiveBinding } from './live-binding.ts';
import type { Binding, BindingChange } from './ports.ts';

export interface BindingTablePlan {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Bindings whose time is over; they are still in the table. */
  readonly onExpired: (bindings: readonly LiveBinding[]) => void;
}

const none: readonly LiveBinding[] = [];

export class BindingTable {
  readonly #bindings = new Map<string, readonly LiveBinding[]>();
  readonly #wheel: ExpiryWheel;
  readonly #flows = new FlowIndex();
  #size = 0;

  constructor(plan: BindingTablePlan) {
    this.#wheel = new ExpiryWheel(plan.clock, plan.timers, plan.onExpired);
  }

  /** How many bindings there are. */
  get size(): number {
    return this.#size;
  }

  /** Also those whose time is over, up to a second ago. The list never changes, a change makes a new one. */
  of(addressOfRecord: string): readonly LiveBinding[] {
    return this.#bindings.get(addressOfRecord) ?? none;
  }

  *all(): IterableIterator<LiveBinding> {
    for (const bindings of this.#bindings.values()) yield* bindings;
  }

  ofConnection(connection: number): readonly LiveBinding[] {
    return this.#flows.of(connection);
  }

  /** All changes are of one address. */
  apply(addressOfRecord: string, changes: readonly BindingChange[]): void {
    for (const change of changes) {
      if (change.kind === 'put') this.#put(addressOfRecord, new LiveBinding(change.binding));
      else if (change.kind === 'remove') this.#remove(addressOfRecord, change.key);
      else {
        const binding = this.of(addressOfRecord).find(({ key }) => key === change.key);
        if (binding !== undefined) this.refresh(binding, change);
      }
    }
  }

  /** In place under the same Call-ID, so that nobody need look at it again. */
  refresh(binding: LiveBinding, change: Pick<Binding, 'callId' | 'cseq' | 'expiresAt'>): void {
    if (binding.callId !== change.callId) {
      this.#replace(binding.addressOfRecord, binding, binding.renewed(change));
      return;
    }
    binding.cseq = change.cseq;
    binding.expiresAt = change.expiresAt;
    this.#wheel.add(binding);
  }

  /** The time of this binding was changed in place. */
  timeChanged(binding: LiveBinding): void {
    this.#wheel.add(binding);
  }

  stop(): void {
    this.#wheel.stop();
  }

  #put(addressOfRecord: string, binding: LiveBinding): void {
    const before = this.of(addressOfRecord);
    const old = before.find(({ key }) => key === binding.key);
    if (old === undefined) {
      this.#set(addressOfRecord, [...before, binding]);
      this.#wheel.add(binding);
      this.#flows.add(binding);
    } else this.#replace(addressOfRecord, old, binding);
  }

  #replace(addressOfRecord: string, old: LiveBinding, binding: LiveBinding): void {
    this.#letGo(old);
    const before = this.of(addressOfRecord);
    this.#set(addressOfRecord, before.length === 1 ? [binding] : before.map((each) => (each === old ? binding : each)));
    this.#wheel.add(binding);
    this.#flows.add(binding);
  }

  #remove(addressOfRecord: string, key: string): void {
    const before = this.of(addressOfRecord);
    const old = before.find((binding) => binding.key === key);
    if (old === undefined) return;
    this.#letGo(old);
    this.#set(
      addressOfRecord,
      before.filter((binding) => binding !== old),
    );
  }

  #set(addressOfRecord: string, after: readonly LiveBinding[]): void {
    this.#size += after.length - this.of(addressOfRecord).length;
    if (after.length === 0) this.#bindings.delete(addressOfRecord);
    else this.#bindings.set(after[0]?.addressOfRecord ?? addressOfRecord, after);
  }

  #letGo(binding: LiveBinding): void {
    this.#wheel.remove(binding);
    this.#flows.remove(binding);
  }
}
