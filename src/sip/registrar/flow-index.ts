/** Which bindings came over which stream connection, so that its end is known to them (RFC 5626 5.3). */
import type { LiveBinding } from './live-binding.ts';

export class FlowIndex {
  /** Nearly every connection has one binding, that of a core may have very many. */
  readonly #bindings = new Map<number, LiveBinding | Set<LiveBinding>>();

  add(binding: LiveBinding): void {
    const { connection } = binding.flow;
    if (connection === undefined) return;
    const others = this.#bindings.get(connection);
    if (others === undefined) this.#bindings.set(connection, binding);
    else if (others instanceof Set) others.add(binding);
    else this.#bindings.set(connection, new Set([others, binding]));
  }

  remove(binding: LiveBinding): void {
    const { connection } = binding.flow;
    if (connection === undefined) return;
    const found = this.#bindings.get(connection);
    if (found instanceof Set) found.delete(binding);
    if (found === binding || (found instanceof Set && found.size === 0)) this.#bindings.delete(connection);
  }

  of(connection: number): readonly LiveBinding[] {
    const found = this.#bindings.get(connection);
    if (found === undefined) return [];
    return found instanceof Set ? [...found] : [found];
  }
}
