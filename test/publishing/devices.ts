/** What somebody's devices publish, one request of each at a time, and how they are to be seen together. */
import { formatPidf, type PhonePresence } from '../../src/cli/demo/user-agent/pidf-text.ts';
import type { SipText } from '../../src/cli/demo/user-agent/sip-text.ts';
import type { HeaderLine } from '../../src/cli/demo/user-agent/sip-text.ts';
import type { VirtualPhone } from '../broken-calls/virtual-phone.ts';
import { mary } from './town.ts';

export type Words = Pick<PhonePresence, 'availability' | 'mood' | 'activity' | 'note'>;

export type Move = { readonly kind: 'say'; readonly words: Words } | { readonly kind: 'refresh' | 'remove' };

/** RFC 3903 as a list: who said what, the last one last. Requests count in the order in which they are sent. */
export class Sayings {
  readonly #live: { readonly device: string; readonly words: Words }[] = [];
  /** Every mood that was to be seen, each until the next. */
  readonly moods: (string | undefined)[] = [];

  say(device: string, words: Words): void {
    this.#forget(device);
    this.#live.push({ device, words });
    this.#note();
  }

  remove(device: string): void {
    this.#forget(device);
    this.#note();
  }

  has(device: string): boolean {
    return this.#live.some((one) => one.device === device);
  }

  /** What the newest that names it says. */
  seen(name: keyof Words): string | undefined {
    return this.#live.findLast(({ words }) => words[name] !== undefined)?.words[name] as string | undefined;
  }

  #note(): void {
    const mood = this.seen('mood');
    if (this.moods.length === 0 || this.moods.at(-1) !== mood) this.moods.push(mood);
  }

  #forget(device: string): void {
    const at = this.#live.findIndex((one) => one.device === device);
    if (at !== -1) this.#live.splice(at, 1);
  }
}

/** One device of Mary's: it waits for each answer, and holds the tag that came with it (RFC 3903 4). */
export class Device {
  readonly name: string;
  tag: string | undefined;
  readonly #phone: VirtualPhone;
  readonly #sayings: Sayings;

  constructor(name: string, phone: VirtualPhone, sayings: Sayings) {
    this.name = name;
    this.#phone = phone;
    this.#sayings = sayings;
  }

  async move(move: Move): Promise<SipText> {
    switch (move.kind) {
      case 'say':
        this.#sayings.say(this.name, move.words);
        return this.publish(formatPidf(mary, move.words));
      case 'remove':
        this.#sayings.remove(this.name);
        return this.publish(undefined, 0);
      default:
        return this.publish(undefined);
    }
  }

  async publish(document: string | undefined, expires = 600, more: readonly HeaderLine[] = []): Promise<SipText> {
    const headers: HeaderLine[] = [['Event', 'presence'], ['Expires', String(expires)], ...more];
    if (this.tag !== undefined) headers.push(['SIP-If-Match', this.tag]);
    if (document !== undefined && !more.some(([name]) => name === 'Content-Type'))
      headers.push(['Content-Type', 'application/pidf+xml']);
    const body = document === undefined ? {} : { body: document };
    const answer = await this.#phone.request({ method: 'PUBLISH', uri: mary, headers, ...body });
    if (answer.status === 200) this.tag = expires === 0 ? undefined : answer.header('SIP-ETag');
    return answer;
  }
}
