/** The non-INVITE client transaction (RFC 3261 17.1.2). `stop` is ours: nothing leaves any more, an answer still counts. */
import { transactionMs } from './transaction-timing.ts';
import type { MachineTable } from './transaction-machine.ts';

export type NonInviteClientState = 'trying' | 'proceeding' | 'silent' | 'completed' | 'terminated';
export type NonInviteClientInput = 'provisional' | 'final' | 'transport-error' | 'stop';
export type NonInviteClientAction = 'send-request' | 'pass-response' | 'report-timeout' | 'report-transport-failure';

export const nonInviteClient: MachineTable<NonInviteClientState, NonInviteClientInput, NonInviteClientAction> = {
  name: 'non-INVITE client transaction',
  first: 'trying',
  states: {
    trying: {
      on: {
        provisional: { next: 'proceeding', actions: ['pass-response'] },
        final: { next: 'completed', actions: ['pass-response'] },
        'transport-error': { next: 'terminated', actions: ['report-transport-failure'] },
        stop: { next: 'silent', actions: [] },
        repeat: { next: 'trying', actions: ['send-request'] },
        end: { next: 'terminated', actions: ['report-timeout'] },
      },
      // Timers E and F.
      timers: (timing, isReliable) => ({
        ...(isReliable ? {} : { repeatMs: timing.t1, repeatMsMax: timing.t2 }),
        endMs: transactionMs(timing),
      }),
    },
    proceeding: {
      on: {
        provisional: { next: 'proceeding', actions: ['pass-response'] },
        final: { next: 'completed', actions: ['pass-response'] },
        'transport-error': { next: 'terminated', actions: ['report-transport-failure'] },
        stop: { next: 'silent', actions: [] },
        repeat: { next: 'proceeding', actions: ['send-request'] },
        end: { next: 'terminated', actions: ['report-timeout'] },
      },
      timers: (timing) => ({ repeatMs: 'keep', repeatMsMax: timing.t2, endMs: 'keep' }),
    },
    silent: {
      on: {
        provisional: { next: 'silent', actions: ['pass-response'] },
        final: { next: 'completed', actions: ['pass-response'] },
        'transport-error': { next: 'terminated', actions: ['report-transport-failure'] },
        stop: { next: 'silent', actions: [] },
        end: { next: 'terminated', actions: ['report-timeout'] },
      },
      timers: () => ({ endMs: 'keep' }),
    },
    completed: {
      on: {
        provisional: { next: 'completed', actions: [] },
        final: { next: 'completed', actions: [] },
        'transport-error': { next: 'completed', actions: [] },
        stop: { next: 'completed', actions: [] },
        end: { next: 'terminated', actions: [] },
      },
      // Timer K.
      timers: (timing, isReliable) => ({ endMs: isReliable ? 0 : timing.t4 }),
    },
    terminated: { on: {} },
  },
};
