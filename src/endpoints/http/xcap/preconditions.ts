/** Entity tags of documents, and requests that depend on them (RFC 9110 13; RFC 4825 7.11: a part has its document's tag). */
import { hash } from 'node:crypto';

export interface Precondition {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** Undefined for a document that there is not. */
export function entityTagOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `"${hash('sha256', text, 'base64url').slice(0, 22)}"`;
}

/** `exists` is the document, or the part of it, that was asked for. */
export function holds({ ifMatch, ifNoneMatch }: Precondition, tag: string | undefined, exists: boolean): boolean {
  if (ifMatch !== undefined && !matches(ifMatch, tag, exists, false)) return false;
  return ifNoneMatch === undefined || !matches(ifNoneMatch, tag, exists, true);
}

/** If-Match compares strongly, If-None-Match weakly. */
function matches(list: string, tag: string | undefined, exists: boolean, isWeak: boolean): boolean {
  if (list.trim() === '*') return exists;
  const tags = list.split(',').map((each) => each.trim());
  return tag !== undefined && tags.some((each) => (isWeak ? each.replace(/^W\//, '') : each) === tag);
}
