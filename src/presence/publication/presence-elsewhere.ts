/**
 * What another presence server says of a principal, as one more publication here (docs/presence.md section 10): it replaces what
 * that server said before, is no newer for being said again, and goes when that server says nothing any more. Pure.
 */
import type { Millis } from '../../base/time/clock.ts';
import type { Address } from '../../model/address.ts';
import type { Publication } from '../ports.ts';
import type { PublishedContent } from './publication-state.ts';

const prefix = 'elsewhere.';
/** An end that moves by less is not written again. */
export const expiryToleranceMs: Millis = 10_000;

export interface ElsewhereWord {
  readonly presentity: Address;
  /** `same`: what was said last holds on. Undefined: nothing is known there, or nothing may be known here. */
  readonly content: PublishedContent | 'same' | undefined;
  /** Wall time until which it holds unless it is said again. */
  readonly expiresAt: Millis;
}

export type ElsewhereDecision =
  | { readonly kind: 'nothing' }
  /** Said again: only its end moves. */
  | { readonly kind: 'prolong'; readonly entityTag: string }
  | { readonly kind: 'change'; readonly replaces?: string; readonly content?: PublishedContent };

export function decideElsewhere(publications: readonly Publication[], word: ElsewhereWord): ElsewhereDecision {
  const { content, expiresAt } = word;
  const old = publications.find(({ entityTag }) => isFromElsewhere(entityTag));
  if (old === undefined) {
    return content === undefined || content === 'same' ? { kind: 'nothing' } : { kind: 'change', content };
  }
  if (content === undefined) return { kind: 'change', replaces: old.entityTag };
  const isSame = content === 'same' || isSameDocument(old.document, content.document);
  if (!isSame) return { kind: 'change', replaces: old.entityTag, content };
  const isSameEnd = Math.abs(old.expiresAt - expiresAt) <= expiryToleranceMs;
  return isSameEnd ? { kind: 'nothing' } : { kind: 'prolong', entityTag: old.entityTag };
}

export function elsewhereTag(token: string): string {
  return prefix + token;
}

function isFromElsewhere(entityTag: string): boolean {
  return entityTag.startsWith(prefix);
}

function isSameDocument(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
