/** The transitions of a subscription of ours (RFC 6665 4.1): what each input does in each state. What is not here is our fault. */
import type { OwnSubscriptionInput, OwnSubscriptionState } from './own-subscription-words.ts';

export type OwnSubscriptionAction =
  | 'subscribe'
  | 'take-answer'
  | 'bear-failure'
  | 'take-notify'
  | 'refuse-notify'
  | 'refresh'
  | 'want'
  | 'reconsider'
  | 'leave'
  | 'unsubscribe'
  | 'end'
  | 'try-at-once'
  | 'look-at-time'
  | 'look-at-what-is-known'
  | 'finish'
  | 'take-last-notify'
  | 'ignore';

type Row = Readonly<Partial<Record<OwnSubscriptionInput['kind'], OwnSubscriptionAction>>>;

/** Nothing is under way, or its end does not matter any more. */
const resting: Row = {
  answered: 'ignore',
  failed: 'ignore',
  notified: 'refuse-notify',
  'whole-state-wanted': 'ignore',
  tick: 'look-at-what-is-known',
};

export const transitions: Readonly<Record<OwnSubscriptionState, Row>> = {
  waiting: { ...resting, start: 'subscribe', wanted: 'ignore', unwanted: 'end', 'server-back': 'try-at-once' },
  // RFC 6665 4.1.3: no further attempt by itself.
  'given-up': { ...resting, wanted: 'reconsider', unwanted: 'end', 'server-back': 'ignore' },
  subscribing: {
    answered: 'take-answer',
    failed: 'bear-failure',
    notified: 'take-notify',
    'whole-state-wanted': 'ignore',
    wanted: 'want',
    unwanted: 'leave',
    'server-back': 'ignore',
    tick: 'look-at-time',
  },
  subscribed: {
    answered: 'take-answer',
    failed: 'bear-failure',
    notified: 'take-notify',
    'whole-state-wanted': 'refresh',
    wanted: 'ignore',
    unwanted: 'unsubscribe',
    'server-back': 'try-at-once',
    tick: 'look-at-time',
  },
  ending: {
    answered: 'finish',
    failed: 'finish',
    notified: 'take-last-notify',
    'whole-state-wanted': 'ignore',
    wanted: 'ignore',
    unwanted: 'ignore',
    'server-back': 'ignore',
    tick: 'finish',
  },
  ended: { ...resting, wanted: 'ignore', unwanted: 'ignore', 'server-back': 'ignore', tick: 'ignore' },
};
