/**
 * Up to where devices had answered for large messages when their sessions broke off, so that one that asks for the rest need
 * not take all of it again. Lost with the process: then it is played from the beginning.
 */
/** Places that are remembered; the oldest is forgotten for one more. */
export const resumePlacesMax = 1_024;

export class ResumePlaces {
  readonly #places = new Map<string, number>();

  note(id: string, device: string, octets: number): void {
    const key = `${id} ${device}`;
    this.#places.delete(key);
    if (octets === 0) return;
    this.#places.set(key, octets);
    if (this.#places.size <= resumePlacesMax) return;
    const [oldest] = this.#places.keys();
    if (oldest !== undefined) this.#places.delete(oldest);
  }

  /** `asked`: the octet, counted from 1, from which on it wants the message. No more is left out than it answered for. */
  placeOf(id: string, device: string, asked: number | undefined): number {
    if (asked === undefined) return 0;
    return Math.min(asked - 1, this.#places.get(`${id} ${device}`) ?? 0);
  }
}
