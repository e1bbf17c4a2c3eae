/** Presence documents as the devices of the world write them, and what each of them means, read naively. */
import { canonical, type Values } from '../model/wish.ts';

/** What somebody says of themselves; absent is unsaid. */
export interface Said {
  readonly availability?: string;
  readonly mood?: readonly string[];
  readonly activity?: readonly string[];
  /** The service is closed. */
  readonly isClosed?: boolean;
}

const busy = new Set(['away', 'busy', 'meeting', 'appointment', 'on-the-phone', 'vacation', 'sleeping']);

/** `token` is how the document is known again. */
export function writePresence(owner: string, token: string, said: Said): string {
  const list = (name: string, words: readonly string[] | undefined): string =>
    words === undefined ? '' : `<r:${name}>${words.map((word) => `<r:${word}/>`).join('')}</r:${name}>`;
  const own =
    said.availability === undefined
      ? ''
      : `<availability xmlns="urn:restante:presence">${said.availability}</availability>`;
  return (
    `<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:d="urn:ietf:params:xml:ns:pidf:data-model" ` +
    `xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:${owner}">` +
    `<tuple id="${token}"><status><basic>${said.isClosed === true ? 'closed' : 'open'}</basic></status></tuple>` +
    `<d:person id="p">${list('activities', said.activity)}${list('mood', said.mood)}${own}</d:person></presence>`
  );
}

export function tokenIn(document: string): string {
  return /<tuple id="([^"]+)"/.exec(document)?.[1] ?? '';
}

/** Attribute by attribute; every document says something of availability. */
export function meaningOf(said: Said): ReadonlyMap<string, Values> {
  const meaning = new Map<string, Values>();
  if (said.mood !== undefined) meaning.set('mood', said.mood.map(canonical));
  if (said.activity !== undefined) meaning.set('activity', said.activity.map(canonical));
  const isBusy = said.isClosed === true || (said.activity?.some((word) => busy.has(canonical(word))) ?? false);
  meaning.set('availability', [canonical(said.availability ?? (isBusy ? 'not-available' : 'available'))]);
  return meaning;
}
