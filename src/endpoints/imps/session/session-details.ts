/** What is known of a session beside its machine: it is kept, so that the session goes on after a restart. */
import type { DeliveryStyle } from '../../../delivery/ports.ts';
import type { CspVersion } from '../../../imps/csp-version.ts';
import type { ContentLimits } from '../../../imps/session/negotiation.ts';
import type { SessionLimits } from '../../../imps/session/session-limits.ts';
import type { Address } from '../../../model/address.ts';
import type { KeptSession } from '../ports.ts';

/** Bits of randomness. */
export const sessionIdBits = 128;
/** Of an id with so many bits. */
export const sessionIdCharacters = 26;

export interface SessionDetails {
  /** Of its id, which only its client keeps. */
  readonly idHash: string;
  readonly owner: Address;
  /** The same for the same client of the owner, whose next session takes the place of this. */
  readonly clientKey: string;
  /** As delivery knows it; nobody can guess the session by it. */
  readonly targetId: string;
  /** By which the client knows a call for it. */
  readonly cookie: string;
  keepAliveS: number;
  /** Of its newest message. */
  version: CspVersion;
  limits?: SessionLimits;
  terms: SessionTerms;
  /** Whose presence it is told of. */
  watched: readonly WatchedUser[];
  /** Whose new members are watched too. */
  watchedLists: readonly WatchedList[];
  /** Who its client has been asked about, and has not decided. */
  shownRequests?: readonly ShownRequest[];
}

export interface WatchedList {
  readonly name: string;
  /** Of attributes; all without it. */
  readonly asked?: readonly string[];
}

export interface ShownRequest {
  readonly watcher: Address;
  /** Attributes, in the words of the CSP, that go with a yes without any. */
  readonly names?: readonly string[];
}

/** How its client takes what it is sent, as far as it has said so. */
export interface SessionTerms {
  /** Undefined before it is known: nothing is sent until then. */
  readonly method?: 'P' | 'N';
  readonly contentLimits: ContentLimits;
  /** Empty: all. */
  readonly contentTypes: readonly string[];
  /** Functions; undefined where nothing was negotiated, and everything is agreed. */
  readonly agreed?: readonly string[];
  /** It has sent an ExtBlock. */
  readonly knowsExtensions: boolean;
  /** Its client was told to connect to be called. */
  readonly isCalledByTcp?: boolean;
}

export interface WatchedUser {
  readonly address: Address;
  /** Of attributes; all without it. */
  readonly asked?: readonly string[];
  /** For being on a list that is watched, and for nothing else. */
  readonly isListed?: boolean;
}

export const initialTerms: SessionTerms = { contentLimits: {}, contentTypes: [], knowsExtensions: false };

export function hasAgreed({ agreed }: SessionTerms, serviceFunction: string): boolean {
  return agreed === undefined || agreed.includes(serviceFunction);
}

/** Where nothing is kept there is nothing to fetch. */
export function styleOf(terms: SessionTerms, isStoreOffline: boolean): DeliveryStyle {
  if (terms.method === undefined) return 'pull';
  if (!isStoreOffline) return 'push';
  if (terms.method === 'P' && hasAgreed(terms, 'NEWM')) return 'push';
  return hasAgreed(terms, 'NOTIF') && hasAgreed(terms, 'GETM') ? 'notify' : 'pull';
}

export function keepSession({ idHash, owner, ...rest }: SessionDetails): KeptSession {
  return { idHash, owner, details: JSON.stringify(rest) };
}

export function readKeptSession({ idHash, owner, details }: KeptSession): SessionDetails {
  const rest = JSON.parse(details) as Omit<SessionDetails, 'idHash' | 'owner'>;
  return { ...rest, terms: { ...initialTerms, ...rest.terms }, idHash, owner };
}
