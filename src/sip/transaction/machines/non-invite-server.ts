/** The non-INVITE server transaction (RFC 3261 17.2.2), with what RFC 4320 4 says about 100 and about late answers. */
import { nonInviteTryingMs, transactionMs } from './transaction-timing.ts';
import type { MachineTable } from './transaction-machine.ts';

export type NonInviteServerState = 'trying' | 'proceeding' | 'completed' | 'terminated';
export type NonInviteServerInput = 'request' | 'provisional' | 'final' | 'transport-error';
export type NonInviteServerAction = 'send-response' | 'send-trying' | 'report-unanswered';

export const nonInviteServer: MachineTable<NonInviteServerState, NonInviteServerInput, NonInviteServerAction> = {
  name: 'non-INVITE server transaction',
  first: 'trying',
  states: {
    trying: {
      on: {
        request: { next: 'trying', actions: [] },
        provisional: { next: 'proceeding', actions: ['send-response'] },
        final: { next: 'completed', actions: ['send-response'] },
        'transport-error': { next: 'trying', actions: [] },
        // RFC 4320 4.1: 100 and no sooner; on a stream nobody retransmits, so nobody needs it.
        repeat: { next: 'proceeding', actions: ['send-trying'] },
        end: { next: 'terminated', actions: ['report-unanswered'] },
      },
      timers: (timing, isReliable) => ({
        ...(isReliable ? {} : { repeatMs: nonInviteTryingMs(timing) }),
        // RFC 4320 4.2: the peer's Timer F has fired by then; an answer that late only does harm.
        endMs: transactionMs(timing),
      }),
    },
    proceeding: {
      on: {
        request: { next: 'proceeding', actions: ['send-response'] },
        provisional: { next: 'proceeding', actions: ['send-response'] },
        final: { next: 'completed', actions: ['send-response'] },
        'transport-error': { next: 'proceeding', actions: [] },
        end: { next: 'terminated', actions: ['report-unanswered'] },
      },
      timers: () => ({ endMs: 'keep' }),
    },
    completed: {
      on: {
        request: { next: 'completed', actions: ['send-response'] },
        // RFC 3261 17.2.2: any other final response of the user is discarded.
        provisional: { next: 'completed', actions: [] },
        final: { next: 'completed', actions: [] },
        'transport-error': { next: 'completed', actions: [] },
        end: { next: 'terminated', actions: [] },
      },
      // Timer J.
      timers: (timing, isReliable) => ({ endMs: isReliable ? 0 : transactionMs(timing) }),
    },
    terminated: { on: {} },
  },
};
