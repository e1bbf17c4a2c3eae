/**
 * Finds what has expired without touching it at every refresh: each binding stands in the slot of one second, and when that
 * second comes it is either over or put into the slot of its new time. Costs one timer. Knows not what expiry means.
 */
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../base/time/timers.ts';
import type { LiveBinding } from './live-binding.ts';

/** The longest sleep, so that a step of the wall clock is noticed. */
const sleepMsMax: Millis = 30_000;

export class ExpiryWheel {
  readonly #clock: Clock;
  readonly #timers: Timers;
  /** Called with what has expired; it has left the wheel. */
  readonly #onExpired: (bindings: readonly LiveBinding[]) => void;
  readonly #slots = new Map<number, Set<LiveBinding>>();
  #timer: TimerHandle | undefined;
  #isStopped = false;

  constructor(clock: Clock, timers: Timers, onExpired: (bindings: readonly LiveBinding[]) => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#onExpired = onExpired;
  }

  /** Looks after the binding from now on; call it again when its time became shorter. */
  add(binding: LiveBinding): void {
    const second = Math.ceil(binding.expiresAt / 1_000);
    if (binding.wheelSecond >= 0 && binding.wheelSecond <= second) return;
    this.remove(binding);
    let slot = this.#slots.get(second);
    if (slot === undefined) {
      slot = new Set();
      this.#slots.set(second, slot);
    }
    slot.add(binding);
    binding.wheelSecond = second;
    this.#arm(second);
  }

  remove(binding: LiveBinding): void {
    if (binding.wheelSecond < 0) return;
    const slot = this.#slots.get(binding.wheelSecond);
    slot?.delete(binding);
    if (slot?.size === 0) this.#slots.delete(binding.wheelSecond);
    binding.wheelSecond = -1;
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #arm(second: number): void {
    if (this.#isStopped) return;
    const now = this.#clock.monotonic();
    const delay = Math.min(Math.max(0, second * 1_000 - this.#clock.wall()), sleepMsMax);
    if (this.#timer !== undefined && this.#timer.deadline <= now + delay) return;
    this.#timer?.cancel();
    this.#timer = this.#timers.at(now + delay, () => this.#turn());
  }

  #turn(): void {
    this.#timer = undefined;
    const now = this.#clock.wall();
    const expired: LiveBinding[] = [];
    const later: LiveBinding[] = [];
    for (const [second, slot] of this.#slots) {
      if (second * 1_000 > now) continue;
      this.#slots.delete(second);
      for (const binding of slot) {
        binding.wheelSecond = -1;
        (binding.expiresAt <= now ? expired : later).push(binding);
      }
    }
    for (const binding of later) this.add(binding);
    if (expired.length > 0) this.#onExpired(expired);
    const next = this.#earliest();
    if (next !== undefined) this.#arm(next);
  }

  /** As many slots as the longest registration has seconds. */
  #earliest(): number | undefined {
    let earliest: number | undefined;
    for (const second of this.#slots.keys()) if (earliest === undefined || second < earliest) earliest = second;
    return earliest;
  }
}
