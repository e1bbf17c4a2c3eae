/**
 * A standalone TCP connection by which an idle client is called to poll: HELO with a session id and PING from the client, OK
 * and WVCI from the server. A machine on lines; which sessions there are is asked outside.
 */
import type { Millis } from '../../base/time/clock.ts';

/** Of one line, without its end. */
export const cirLineCharactersMax = 128;
/** A connection that has not named its session is closed after that. */
export const cirHeloMs = 30_000;
/** Clients in the field say PING every 20 minutes. */
export const cirSilenceMs = 3_600_000;

/** Before a HELO has been answered. */
export const cirPingsMax = 4;

export type CirInput =
  | { readonly kind: 'text'; readonly text: string }
  /** Whether the session of a HELO is there. */
  | { readonly kind: 'known'; readonly isKnown: boolean }
  | { readonly kind: 'call'; readonly version: string; readonly cookie: string }
  | { readonly kind: 'tick' };

export type CirOutput =
  | { readonly kind: 'send'; readonly text: string }
  | { readonly kind: 'helo'; readonly sessionId: string }
  | { readonly kind: 'close' };

export class CirConnection {
  #pending = '';
  #heardAtMs: Millis;
  #state: 'waiting' | 'asked' | 'bound' | 'closed' = 'waiting';
  /** Said PING while it was asked whether its session is there. */
  #pingsOwed = 0;

  constructor(now: Millis) {
    this.#heardAtMs = now;
  }

  handle(input: CirInput, now: Millis): CirOutput[] {
    if (this.#state === 'closed') return [];
    switch (input.kind) {
      case 'text':
        return this.#takeText(input.text, now);
      case 'known':
        if (this.#state !== 'asked') return [];
        if (!input.isKnown) return this.#close();
        this.#state = 'bound';
        return [{ kind: 'send', text: 'OK\r\n'.repeat(1 + this.#takePings()) }];
      case 'call':
        return this.#state === 'bound' ? [{ kind: 'send', text: formatCir(input.version, input.cookie) }] : [];
      default:
        return now >= this.#deadline() ? this.#close() : [];
    }
  }

  deadline(): Millis | undefined {
    return this.#state === 'closed' ? undefined : this.#deadline();
  }

  #takeText(text: string, now: Millis): CirOutput[] {
    const lines = (this.#pending + text).split('\n');
    this.#pending = lines.pop() ?? '';
    const outputs: CirOutput[] = [];
    for (const line of [...lines, this.#pending]) {
      if (line.replace(/\r$/, '').length > cirLineCharactersMax) return [...outputs, ...this.#close()];
    }
    for (const line of lines) {
      outputs.push(...this.#takeLine(line.replace(/\r$/, ''), now));
      if (outputs.at(-1)?.kind === 'close') break;
    }
    return outputs;
  }

  #takeLine(line: string, now: Millis): CirOutput[] {
    const sessionId = /^HELO[ \t]+(\S+)[ \t]*$/i.exec(line)?.[1];
    if (sessionId !== undefined && this.#state !== 'asked') {
      this.#heardAtMs = now;
      this.#state = 'asked';
      return [{ kind: 'helo', sessionId }];
    }
    if (!/^PING[ \t]*$/i.test(line) || this.#state === 'waiting') return this.#close();
    if (this.#state === 'asked') {
      this.#pingsOwed += 1;
      return this.#pingsOwed > cirPingsMax ? this.#close() : [];
    }
    this.#heardAtMs = now;
    return [{ kind: 'send', text: 'OK\r\n' }];
  }

  #takePings(): number {
    const owed = this.#pingsOwed;
    this.#pingsOwed = 0;
    return owed;
  }

  #close(): CirOutput[] {
    this.#state = 'closed';
    this.#pending = '';
    return [{ kind: 'close' }];
  }

  #deadline(): Millis {
    return this.#heardAtMs + (this.#state === 'bound' ? cirSilenceMs : cirHeloMs);
  }
}

/** The call itself, over any bearer. */
export function formatCir(version: string, cookie: string): string {
  // A cookie is the client's own word, and must not be two lines.
  return `WVCI ${version} ${cookie.replace(/[\r\n]+/g, ' ')}\r\n`;
}
