/** The transitions of a subscription (RFC 6665 4.2.1): what each input does in each state. What is not here is our fault. */
import type { SubscriptionInput, SubscriptionState } from './subscription.ts';

export type SubscriptionAction =
  | 'take-subscribe'
  | 'note-change'
  | 'change-standing'
  | 'end'
  | 'finish-notify'
  | 'omit-notify'
  | 'bear-failure'
  | 'look-at-time'
  | 'remove'
  | 'ignore';

type Row = Readonly<Partial<Record<SubscriptionInput['kind'], SubscriptionAction>>>;

const living: Row = {
  refreshed: 'take-subscribe',
  authorised: 'change-standing',
  ended: 'end',
  'notify-succeeded': 'finish-notify',
  'notify-omitted': 'omit-notify',
  'notify-failed': 'bear-failure',
  tick: 'look-at-time',
};

export const transitions: Readonly<Record<SubscriptionState, Row>> = {
  init: { accepted: 'take-subscribe' },
  // Who waits for a decision is told nothing of the resource, so a change of it is no news.
  pending: { ...living, 'resource-changed': 'ignore' },
  active: { ...living, 'resource-changed': 'note-change' },
  // A SUBSCRIBE is answered 481 from here on, and the NOTIFY that ends it is not repeated.
  terminated: {
    'resource-changed': 'ignore',
    authorised: 'ignore',
    ended: 'ignore',
    tick: 'ignore',
    'notify-succeeded': 'remove',
    'notify-failed': 'remove',
  },
};
