/** What a REGISTER is answered (RFC 3261 10.3 step 8): status and the rows that belong to it. */
import { formatQValue } from '../message/header-values.ts';
import { quote } from '../message/grammar/scanner.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import type { Binding } from './ports.ts';

/** Supported, Feature-Caps and what else the server says of itself are for the caller to add. */
export interface RegistrationAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly HeaderRow[];
}

/** Seconds after which a client may try again when the store could not commit or too much was waiting. */
export const retryAfterSeconds = 5;

export function unavailableAnswer(reason: string): RegistrationAnswer {
  return { status: 503, reason, headers: [['Retry-After', String(retryAfterSeconds)]] };
}

/** The Contact of one binding, with the seconds it has left at `now` (wall time). */
export function formatContact(binding: Binding, now: number): string {
  const { displayName, contactUri, contactParameters, q } = binding;
  const name = displayName === undefined ? '' : `${quote(displayName)} `;
  const priority = q === 1 ? '' : `;q=${formatQValue(q)}`;
  // Rounded up, which never passes what was asked for.
  const seconds = Math.ceil((binding.expiresAt - now) / 1_000);
  return `${name}<${contactUri}>${priority}${contactParameters};expires=${seconds}`;
}

/** Date as RFC 3261 20.17 wants it, written once a second. */
export class DateText {
  #second = -1;
  #text = '';

  at(now: number): string {
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = new Date(second * 1_000).toUTCString();
    }
    return this.#text;
  }
}
