/**
 * A binding in the words of registration information (RFC 3680 5.3), as a value: the binding itself changes in place when
 * it is refreshed, and is gone when there is something to tell of its end.
 */
import type { Millis } from '../../../base/time/clock.ts';
import type { ContactEvent, ContactRecord, UnknownParameter } from '../../../formats/reginfo/registration-info.ts';
import { parseNameAddr } from '../../../sip/message/name-addr.ts';
import type { Binding } from '../../../sip/registrar/ports.ts';

/** What is known of one contact while somebody watches. */
export interface WatchedContact {
  readonly id: string;
  readonly event: ContactEvent;
  /** Undefined where it was there before anybody watched. Wall times. */
  readonly registeredAt: Millis | undefined;
  readonly expiresAt: Millis;
  /** The number of the change that made it so. */
  readonly changed: number;
  /** When it ended; undefined while it is active. Wall time. */
  readonly endedAt: Millis | undefined;
  readonly fields: Pick<ContactRecord, 'uri' | 'q' | 'callId' | 'cseq' | 'displayName' | 'parameters'>;
}

export function fieldsOf(binding: Binding): WatchedContact['fields'] {
  const { contactUri, q, callId, cseq, displayName, contactParameters } = binding;
  const parameters = parametersOf(contactUri, contactParameters);
  return {
    uri: contactUri,
    callId,
    cseq,
    ...(q === 1 ? {} : { q }),
    ...(displayName === undefined ? {} : { displayName }),
    ...(parameters.length === 0 ? {} : { parameters }),
  };
}

/** `now`: wall time. */
export function recordOf(contact: WatchedContact, now: Millis): ContactRecord {
  const { id, event, registeredAt, expiresAt, endedAt, fields } = contact;
  const isActive = endedAt === undefined;
  return {
    id,
    state: isActive ? 'active' : 'terminated',
    event,
    ...(registeredAt === undefined ? {} : { durationRegistered: secondsBetween(registeredAt, endedAt ?? now) }),
    ...(isActive ? { expires: secondsBetween(now, expiresAt) } : {}),
    ...fields,
  };
}

function secondsBetween(from: Millis, to: Millis): number {
  return Math.max(0, Math.round((to - from) / 1000));
}

/** The values as they stand in the header, quotes included. */
function parametersOf(contactUri: string, text: string): readonly UnknownParameter[] {
  if (text === '') return [];
  const parsed = parseNameAddr(`<${contactUri}>${text}`);
  if (!parsed.ok) return [];
  return Array.from(parsed.value.params, (param) => ({ name: param.name, value: valueIn(param.text) }));
}

function valueIn(text: string): string {
  const equals = text.indexOf('=');
  return equals < 0 ? '' : text.slice(equals + 1).trim();
}
