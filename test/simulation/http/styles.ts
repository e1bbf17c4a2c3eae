/** How everybody's HTTP clients want what waits (`PUT /v1/delivery`), as it is durable and as it is in effect. */
import type { Lane, Style } from '../model/lane.ts';

export type StyleArgs = readonly [owner: string, style: Style];

export class Styles {
  readonly #written = new Map<string, Style>();
  readonly #now = new Map<string, Style>();

  written([owner, style]: StyleArgs): void {
    this.#written.set(owner, style);
  }

  inEffect([owner, style]: StyleArgs): void {
    this.#now.set(owner, style);
  }

  /** A new process goes by what is durable. */
  restarted(): void {
    for (const [owner, style] of this.#written) this.#now.set(owner, style);
  }

  of(owner: string): Lane['style'] {
    const now = this.#now.get(owner) ?? 'push';
    return now === (this.#written.get(owner) ?? 'push') ? now : 'unsure';
  }
}
