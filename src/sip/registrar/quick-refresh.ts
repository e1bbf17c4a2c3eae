/**
 * The path that nearly every REGISTER takes: the same contact says again what it said before, as a refresh or under a new
 * Call-ID. It is known by comparing rows as they were written, and nothing is parsed. Whatever differs is left to `registrar`.
 */
import { parseDeltaSeconds } from '../message/header-values.ts';
import type { SipHeaders } from '../message/sip-headers.ts';
import { isOutboundKey, isSameFlow } from './contact-binding.ts';
import type { LiveBinding } from './live-binding.ts';
import type { Registration, RegistrarRules } from './registrar.ts';

/** The binding that a REGISTER says again and changes in nothing but Call-ID, CSeq and time. Else undefined. */
export function findUnchanged(
  registration: Registration,
  bindings: readonly LiveBinding[],
  now: number,
): LiveBinding | undefined {
  const { request } = registration;
  const { headers } = request;
  const rows = headers.getAll('Contact');
  const row = rows[0];
  // A core may tell of other clients of the user each time.
  if (row === undefined || rows.length > 1 || registration.thirdParty !== undefined) return undefined;
  const binding = findWritten(bindings, row);
  if (binding === undefined || (binding.callId === request.callId && request.cseq <= binding.cseq)) return undefined;
  if (binding.isRoute === true || binding.expiresAt <= now || !isSameFlow(binding.flow, registration.flow))
    return undefined;
  if (!isWrittenAlike(binding, headers) || headers.has('Path')) return undefined;
  // Outbound rests on the way that the request took (RFC 5626 6).
  if (isOutboundKey(binding.key) && request.vias.length > 1) return undefined;
  return binding;
}

/** Until when (wall time) the REGISTER asks this binding to live; undefined for what `registrar` refuses or removes. */
export function timeAsked(
  binding: LiveBinding,
  headers: SipHeaders,
  rules: RegistrarRules,
  now: number,
): number | undefined {
  const seconds = secondsAsked(binding, headers, rules);
  if (seconds === undefined || seconds < rules.expiresMin) return undefined;
  return now + Math.min(seconds, rules.expiresMax) * 1_000;
}

function findWritten(bindings: readonly LiveBinding[], row: string): LiveBinding | undefined {
  for (const binding of bindings) if (binding.written?.contact === row) return binding;
  return undefined;
}

function isWrittenAlike({ written }: LiveBinding, headers: SipHeaders): boolean {
  return (
    written !== undefined &&
    headers.get('User-Agent') === written.userAgent &&
    headers.get('Allow') === written.allow &&
    headers.get('Supported') === written.supported
  );
}

function secondsAsked({ written }: LiveBinding, headers: SipHeaders, rules: RegistrarRules): number | undefined {
  if (written?.contactExpires !== undefined) return written.contactExpires;
  const text = headers.get('Expires');
  return text === undefined ? rules.expiresDefault : parseDeltaSeconds(text);
}
