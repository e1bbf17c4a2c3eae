/** States as the numbers in the database: the first two are open, and the numbers never change. */
import { assert } from '../../../base/assert.ts';
import type { MessageState, OpenState } from '../../../delivery/ports.ts';

export const HELD = 1;
export const WAITING = 2;
export const DELIVERED = 3;
export const DISPLAYED = 4;

const names: readonly MessageState[] = [
  'held',
  'waiting',
  'delivered',
  'displayed',
  'rejected',
  'recalled',
  'expired',
  'failed',
];

export function stateNumber(state: MessageState): number {
  return names.indexOf(state) + HELD;
}

export function stateName(number: number): MessageState {
  const name = names[number - HELD];
  assert(name !== undefined, `there is no state ${number}`);
  return name;
}

/** What a sender was told of a message that was accepted. */
export function answeredStateName(number: number): OpenState | 'delivered' {
  return number === DELIVERED ? 'delivered' : openStateName(number);
}

export function openStateName(number: number): OpenState {
  return number === HELD ? 'held' : 'waiting';
}
