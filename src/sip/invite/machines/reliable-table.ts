/** One provisional response that wants its PRACK (RFC 3262 3), by the machine of the transactions. It knows no message. */
import type { MachineTable } from '../../transaction/machines/transaction-machine.ts';
import { transactionMs } from '../../transaction/machines/transaction-timing.ts';

export type ReliableState = 'unacknowledged' | 'over';
export type ReliableInput = 'prack';
export type ReliableAction = 'send-again' | 'tell-acknowledged' | 'tell-unacknowledged';

export const reliableTable: MachineTable<ReliableState, ReliableInput, ReliableAction> = {
  name: 'reliable provisional response',
  first: 'unacknowledged',
  states: {
    unacknowledged: {
      on: {
        prack: { next: 'over', actions: ['tell-acknowledged'] },
        repeat: { next: 'unacknowledged', actions: ['send-again'] },
        end: { next: 'over', actions: ['tell-unacknowledged'] },
      },
      timers: (timing) => ({ repeatMs: timing.t1, endMs: transactionMs(timing) }),
    },
    over: { on: {} },
  },
};
