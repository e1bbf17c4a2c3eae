/** What can be asked of the assistant (docs/assistant.md), and what is said where nothing could be made of a text. */
import type { AttributeName } from '../../model/presence-state.ts';

/** Characters of the line that a command is, where it is not the text of a message. */
export const commandCharactersMax = 1_500;
/** Numbers in one command. */
export const numbersPerCommandMax = 20;
/** The greatest number that is read as one. */
export const numberMax = 9_999;

/** A name as it was written: an address, or the user part of one. */
export type Name = string;

export type Command =
  | { readonly kind: 'list'; readonly from?: Name }
  | { readonly kind: 'get'; readonly what: Wanted }
  | { readonly kind: 'reject'; readonly numbers: readonly number[] }
  | { readonly kind: 'send'; readonly to: Name; readonly text: string; readonly condition?: string }
  | { readonly kind: 'outbox' }
  | { readonly kind: 'recall'; readonly numbers: readonly number[] }
  /** Another condition, or none. */
  | { readonly kind: 'change'; readonly number: number; readonly condition: string | null }
  | { readonly kind: 'say'; readonly attribute: AttributeName; readonly values: readonly string[] | null }
  /** What the asker says of themself. */
  | { readonly kind: 'show'; readonly attribute: AttributeName }
  | { readonly kind: 'rules' }
  /** Without attributes: the usual ones. The watcher may be `*`, everybody. */
  | { readonly kind: 'allow'; readonly watcher: Name; readonly attributes?: Attributes }
  /** Without attributes: all. */
  | { readonly kind: 'disallow'; readonly watcher: Name; readonly attributes?: Attributes }
  | { readonly kind: 'requests' }
  | { readonly kind: 'decide'; readonly watcher: Name; readonly isAllowed: boolean }
  | { readonly kind: 'block' | 'unblock'; readonly other: Name }
  | { readonly kind: 'blocked' }
  /** Without `isOn`: how it is. */
  | { readonly kind: 'reports'; readonly isOn?: boolean }
  | { readonly kind: 'delivery'; readonly method: 'push' | 'notify' | 'pull' }
  | { readonly kind: 'more' }
  | { readonly kind: 'help'; readonly topic?: Topic };

export type Attributes = readonly AttributeName[] | '*';

export type Wanted =
  | { readonly kind: 'numbers'; readonly numbers: readonly number[] }
  | { readonly kind: 'all' }
  /** Everything of that sender, whatever it waits for. */
  | { readonly kind: 'from'; readonly name: Name };

/** What `help` has a page on. */
export const topics = [
  'list',
  'get',
  'reject',
  'send',
  'when',
  'outbox',
  'recall',
  'change',
  'mood',
  'rules',
  'requests',
  'block',
  'reports',
  'delivery',
] as const;

export type Topic = (typeof topics)[number];

export type CommandFault =
  /** Its first word is none that is known here. */
  | { readonly kind: 'unknown'; readonly said: string; readonly nearest?: string }
  /** The command is known, and what stands behind it says too little or too much. */
  | { readonly kind: 'incomplete'; readonly topic: Topic; readonly reason: string }
  | { readonly kind: 'condition'; readonly said: string; readonly position: number; readonly reason: string };
