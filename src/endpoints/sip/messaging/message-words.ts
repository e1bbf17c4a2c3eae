/** What the headers of a request say of a message that it brings, by itself or in a session: what both readers have in common. */
import type { Millis } from '../../../base/time/clock.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { parseSipDate } from '../../../sip/message/grammar/sip-date.ts';
import { parseDeltaSeconds } from '../../../sip/message/header-values.ts';
import type { SipHeaders } from '../../../sip/message/sip-headers.ts';
import type { SipRequest } from '../../../sip/message/sip-message.ts';
import { hopsMax } from './write-pager-message.ts';

/** A Date of the sender's that is further from ours than this is not passed on (contract section 4). */
export const dateTrustedMs: Millis = 24 * 3600 * 1000;

export interface UnreadableMessage {
  readonly status: 400 | 403 | 404 | 413 | 483;
  readonly words: string;
}

/** Left out for a message straight from a client, which is usual: what is usual takes no space where messages are kept. */
export function hopsLeftOf({ maxForwards = hopsMax }: SipRequest): number | undefined {
  return maxForwards < hopsMax ? maxForwards - 1 : undefined;
}

/** Several rows are one list (RFC 3261 7.3.1). */
export function listOf(headers: SipHeaders, name: string): string | undefined {
  const rows = headers.getAll(name);
  return rows.length === 0 ? undefined : rows.join(', ');
}

/** The same sender and these three make the same message (RFC 3261 8.2.2.2; contract section 4). */
export function transactionKey({ from, callId, cseq }: SipRequest): string {
  return `sip ${from.tag ?? ''} ${callId} ${cseq}`;
}

export function conditionOf(headers: SipHeaders): Result<string | undefined, UnreadableMessage> {
  const rows = headers.getAll('Deliver-When');
  if (rows.length > 1) return err({ status: 400, words: 'Deliver-When occurs twice' });
  return ok(rows[0]);
}

export function validityOf(headers: SipHeaders): Result<Millis | undefined, UnreadableMessage> {
  const text = headers.get('Expires');
  if (text === undefined) return ok(undefined);
  const seconds = parseDeltaSeconds(text);
  if (seconds === undefined) return err({ status: 400, words: `Expires is not a number of seconds: ${text}` });
  return ok(seconds * 1000);
}

export function sentAt(headers: SipHeaders, now: Millis): Millis {
  const date = headers.get('Date');
  const written = date === undefined ? undefined : parseSipDate(date);
  const wholeSecond = now - (now % 1000);
  return written !== undefined && Math.abs(written - now) <= dateTrustedMs ? written : wholeSecond;
}

export function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}
