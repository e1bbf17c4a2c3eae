/** An answer in the words that handlers use: a status, what goes with it, and why when it is a refusal. */
import type { HeaderRow } from '../../sip/message/sip-headers.ts';

export interface SipAnswer {
  readonly status: number;
  /** The reason phrase, where the usual one does not fit. */
  readonly reason?: string;
  /** The text of `Warning: 399`, in the words of contract section 5; absent for a success. */
  readonly warning?: string;
  readonly headers: readonly HeaderRow[];
  /** The To tag, where a dialog was made of the request. */
  readonly toTag?: string;
}

export function refuse(status: number, warning: string, headers: readonly HeaderRow[] = []): SipAnswer {
  return { status, warning, headers };
}

export function accept(headers: readonly HeaderRow[] = []): SipAnswer {
  return { status: 200, headers };
}
