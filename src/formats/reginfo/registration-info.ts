/** What a document of registration information says (RFC 3680 5.1 to 5.3). Knows nothing of XML and of the registrar. */

export const reginfoContentType = 'application/reginfo+xml';

export const reginfoNamespace = 'urn:ietf:params:xml:ns:reginfo';

/** RFC 3680 5.1: a version fits into 32 bits. */
export const reginfoVersionMax = 0xffff_ffff;

export interface RegistrationInfo {
  /** Of this subscription: 0 in its first document, one more in each further one. */
  readonly version: number;
  /** `full` replaces whatever was known; `partial` names only what changed. */
  readonly state: 'full' | 'partial';
  readonly registrations: readonly RegistrationRecord[];
}

export interface RegistrationRecord {
  /** The address of record as a URI, as it came. */
  readonly aor: string;
  /** By which later documents name it. */
  readonly id: string;
  readonly state: RegistrationState;
  readonly contacts: readonly ContactRecord[];
}

export type RegistrationState = 'init' | 'active' | 'terminated';

/** What is left out is undefined; times are in seconds. */
export interface ContactRecord {
  readonly id: string;
  readonly state: ContactState;
  readonly event: ContactEvent;
  readonly uri: string;
  readonly durationRegistered?: number;
  readonly expires?: number;
  /** For a probation: when to register again. */
  readonly retryAfter?: number;
  /** From 0 to 1. */
  readonly q?: number;
  readonly callId?: string;
  readonly cseq?: number;
  readonly displayName?: string;
  /** Contact header parameters that RFC 3261 does not name, with their values as they stand there, quotes included. */
  readonly parameters?: readonly UnknownParameter[];
}

export type ContactState = 'active' | 'terminated';

export type ContactEvent = ActiveContactEvent | TerminatedContactEvent;

export type ActiveContactEvent = 'registered' | 'created' | 'refreshed' | 'shortened';

export type TerminatedContactEvent = 'expired' | 'deactivated' | 'probation' | 'unregistered' | 'rejected';

export interface UnknownParameter {
  readonly name: string;
  /** Empty for a parameter without a value. */
  readonly value: string;
}
