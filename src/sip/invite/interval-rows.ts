/**
 * What the rows of a request or a response say about how long a session lasts (RFC 4028 4 to 9), and what is answered to them. It
 * keeps no time.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { parseDeltaSeconds, parseParameterized, parseTokenList } from '../message/header-values.ts';
import type { HeaderRow, SipHeaders } from '../message/sip-headers.ts';
import type { SipResponse } from '../message/sip-message.ts';
import type { Refusal } from '../user-agent/request-checks.ts';
import { sessionExpiresDefault, sessionExpiresMin } from './machines/session-timer.ts';

/** Seconds: longer intervals are shortened, and whoever insists on one is not asked again. */
export const sessionExpiresMax = 86_400;

/** As seen from whoever sent the request: RFC 4028 counts by transactions, not by sides. */
export type RefreshingRole = 'uac' | 'uas';

export interface Interval {
  readonly seconds: number;
  readonly refresher: RefreshingRole;
  /** For the 2xx. */
  readonly rows: readonly HeaderRow[];
}

interface SessionExpires {
  readonly seconds: number;
  readonly refresher: RefreshingRole | undefined;
}

/** What a 2xx to this request says, or why there is none. `current`: what holds where the request asks for nothing. */
export function agreeOnInterval(headers: SipHeaders, current?: Omit<Interval, 'rows'>): Result<Interval, Refusal> {
  const asked = readSessionExpires(headers);
  const least = readMinimum(headers);
  if (!asked.ok) return asked;
  if (!least.ok) return least;
  const isTimerKnown = supports(headers, 'timer');
  if (asked.value !== undefined && asked.value.seconds < sessionExpiresMin && isTimerKnown) return err(tooBrief);
  const wanted = Math.min(asked.value?.seconds ?? current?.seconds ?? sessionExpiresDefault, sessionExpiresMax);
  const seconds = Math.max(wanted, least.value, sessionExpiresMin);
  // RFC 4028 9, table 2: who does not know timers cannot refresh for their sake.
  const refresher = isTimerKnown ? (asked.value?.refresher ?? current?.refresher ?? 'uac') : 'uas';
  const rows: HeaderRow[] = [['Session-Expires', `${seconds};refresher=${refresher}`]];
  if (refresher === 'uac') rows.push(['Require', 'timer']);
  return ok({ seconds, refresher, rows });
}

const tooBrief: Refusal = {
  status: 422,
  reason: 'Session Interval Too Small',
  headers: [['Min-SE', String(sessionExpiresMin)]],
  warning: `a session lasts ${sessionExpiresMin} seconds at least`,
};

/** What the 2xx to a request of ours says. A peer that says nothing leaves the refreshing to us (RFC 4028 7.2). */
export function readAgreedInterval({ headers }: SipResponse, askedSeconds: number): Omit<Interval, 'rows'> {
  const agreed = readSessionExpires(headers);
  if (!agreed.ok || agreed.value === undefined) return { seconds: askedSeconds, refresher: 'uac' };
  const { seconds, refresher = 'uac' } = agreed.value;
  return { seconds: Math.max(seconds, sessionExpiresMin), refresher };
}

/** Of a 422: what to ask for next; undefined where it does not say, or does not want more than was asked for. */
export function longerInterval({ headers }: SipResponse, askedSeconds: number): number | undefined {
  const least = parseDeltaSeconds(headers.get('Min-SE')?.split(';')[0]?.trim() ?? '');
  return least !== undefined && least > askedSeconds && least <= sessionExpiresMax ? least : undefined;
}

/** For a request of ours. */
export function askForInterval(seconds: number, refresher?: RefreshingRole): HeaderRow[] {
  const value = refresher === undefined ? String(seconds) : `${seconds};refresher=${refresher}`;
  return [
    ['Session-Expires', value],
    ['Min-SE', String(Math.max(sessionExpiresMin, seconds > sessionExpiresDefault ? seconds : 0))],
  ];
}

export function supports(headers: SipHeaders, tag: string): boolean {
  return has(headers, 'Supported', tag) || requires(headers, tag);
}

export function requires(headers: SipHeaders, tag: string): boolean {
  return has(headers, 'Require', tag);
}

export function allows(headers: SipHeaders, method: string): boolean {
  const methods = parseTokenList(headers.getAll('Allow'));
  return methods.ok && methods.value.includes(method);
}

function has(headers: SipHeaders, name: string, tag: string): boolean {
  const tags = parseTokenList(headers.getAll(name));
  return tags.ok && tags.value.some((each) => each.toLowerCase() === tag);
}

function readSessionExpires(headers: SipHeaders): Result<SessionExpires | undefined, Refusal> {
  const row = headers.get('Session-Expires');
  if (row === undefined) return ok(undefined);
  const value = parseParameterized(row);
  const seconds = value.ok ? parseDeltaSeconds(value.value.value) : undefined;
  if (!value.ok || seconds === undefined) return err(malformed('Session-Expires'));
  const refresher = value.value.params.get('refresher')?.toLowerCase();
  if (refresher === undefined) return ok({ seconds, refresher: undefined });
  return refresher === 'uac' || refresher === 'uas' ? ok({ seconds, refresher }) : err(malformed('Session-Expires'));
}

function readMinimum(headers: SipHeaders): Result<number, Refusal> {
  const row = headers.get('Min-SE');
  if (row === undefined) return ok(0);
  const value = parseParameterized(row);
  const seconds = value.ok ? parseDeltaSeconds(value.value.value) : undefined;
  return seconds === undefined ? err(malformed('Min-SE')) : ok(seconds);
}

function malformed(name: string): Refusal {
  return { status: 400, reason: `Malformed ${name}`, warning: `${name} cannot be read` };
}
