/** What became of a sent message, in one word and one sentence. */
import type { MessageState } from '../api/shapes.ts';

/** `sending`: not with the server yet. `refused`: it never took it. */
export type SentState = MessageState | 'sending' | 'refused';

interface StateWords {
  readonly word: string;
  readonly sentence: string;
  readonly tone: 'quiet' | 'waiting' | 'good' | 'bad';
}

const words: Readonly<Record<SentState, StateWords>> = {
  sending: { word: 'Sending', sentence: 'It goes out as soon as the server is reached.', tone: 'quiet' },
  held: { word: 'Held', sentence: 'The server keeps it until its moment comes.', tone: 'waiting' },
  waiting: { word: 'Waiting', sentence: 'It goes out as soon as they can be reached.', tone: 'waiting' },
  delivered: { word: 'Delivered', sentence: 'They have it.', tone: 'good' },
  displayed: { word: 'Seen', sentence: 'They have seen it.', tone: 'good' },
  rejected: { word: 'Turned away', sentence: 'They did not want it.', tone: 'bad' },
  recalled: { word: 'Recalled', sentence: 'You took it back before it was delivered.', tone: 'quiet' },
  expired: { word: 'Expired', sentence: 'Its time was over before its moment came.', tone: 'bad' },
  failed: { word: 'Failed', sentence: 'It could not be delivered.', tone: 'bad' },
  refused: { word: 'Not sent', sentence: 'The server did not take it.', tone: 'bad' },
};

export function stateWords(state: SentState): StateWords {
  return words[state];
}

/** It may still be recalled or changed. */
export function isOpen(state: SentState): boolean {
  return state === 'held' || state === 'waiting';
}

/** Something may still become of it. */
export function mayGoOn(state: SentState): boolean {
  return isOpen(state) || state === 'delivered';
}

const order: readonly SentState[] = ['sending', 'held', 'waiting', 'delivered', 'displayed'];

/** News come by several ways and not in order: what ended does not begin again, what was seen is not unseen. */
export function laterState(known: SentState, news: SentState): SentState {
  if (known === news) return known;
  const [before, after] = [order.indexOf(known), order.indexOf(news)];
  if (before < 0) return known;
  if (isOpen(known) && isOpen(news)) return news;
  return after < 0 || after > before ? news : known;
}
