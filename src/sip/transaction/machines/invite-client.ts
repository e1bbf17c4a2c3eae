/**
 * The INVITE client transaction (RFC 3261 17.1.1 with the Accepted state of RFC 6026 7.2). `stop` and `cancel` are
 * ours: the first keeps retransmissions from leaving, the second waits for a first provisional response (9.1).
 */
import { timerCMs, timerDMsMin, transactionMs } from './transaction-timing.ts';
import type { MachineTable } from './transaction-machine.ts';

export type InviteClientState =
  | 'calling'
  | 'silent'
  | 'proceeding'
  | 'cancelling'
  | 'accepted'
  | 'completed'
  | 'terminated';
export type InviteClientInput = 'provisional' | 'success' | 'failure' | 'transport-error' | 'stop' | 'cancel';
export type InviteClientAction =
  | 'send-request'
  | 'send-ack'
  | 'send-cancel'
  | 'pass-response'
  | 'report-timeout'
  | 'report-transport-failure';

export const inviteClient: MachineTable<InviteClientState, InviteClientInput, InviteClientAction> = {
  name: 'INVITE client transaction',
  first: 'calling',
  states: {
    calling: {
      on: {
        provisional: { next: 'proceeding', actions: ['pass-response'] },
        success: { next: 'accepted', actions: ['pass-response'] },
        failure: { next: 'completed', actions: ['send-ack', 'pass-response'] },
        'transport-error': { next: 'terminated', actions: ['report-transport-failure'] },
        stop: { next: 'silent', actions: [] },
        cancel: { next: 'calling', actions: [] },
        repeat: { next: 'calling', actions: ['send-request'] },
        end: { next: 'terminated', actions: ['report-timeout'] },
      },
      // Timers A and B; A doubles without a limit.
      timers: (timing, isReliable) => ({
        ...(isReliable ? {} : { repeatMs: timing.t1 }),
        endMs: transactionMs(timing),
      }),
    },
    silent: {
      on: {
        provisional: { next: 'proceeding', actions: ['pass-response'] },
        success: { next: 'accepted', actions: ['pass-response'] },
        failure: { next: 'completed', actions: ['send-ack', 'pass-response'] },
        'transport-error': { next: 'terminated', actions: ['report-transport-failure'] },
        stop: { next: 'silent', actions: [] },
        cancel: { next: 'silent', actions: [] },
        end: { next: 'terminated', actions: ['report-timeout'] },
      },
      timers: () => ({ endMs: 'keep' }),
    },
    proceeding: {
      on: {
        provisional: { next: 'proceeding', actions: ['pass-response'] },
        success: { next: 'accepted', actions: ['pass-response'] },
        failure: { next: 'completed', actions: ['send-ack', 'pass-response'] },
        // The final response may come over another connection (RFC 3261 18.2.2).
        'transport-error': { next: 'proceeding', actions: [] },
        stop: { next: 'proceeding', actions: [] },
        cancel: { next: 'cancelling', actions: ['send-cancel'] },
        end: { next: 'terminated', actions: ['report-timeout'] },
      },
      timers: () => ({ endMs: timerCMs }),
    },
    cancelling: {
      on: {
        provisional: { next: 'cancelling', actions: ['pass-response'] },
        success: { next: 'accepted', actions: ['pass-response'] },
        failure: { next: 'completed', actions: ['send-ack', 'pass-response'] },
        'transport-error': { next: 'cancelling', actions: [] },
        stop: { next: 'cancelling', actions: [] },
        cancel: { next: 'cancelling', actions: [] },
        end: { next: 'terminated', actions: ['report-timeout'] },
      },
      // A peer of RFC 2543 never answers a cancelled INVITE (RFC 3261 9.1).
      timers: (timing) => ({ endMs: transactionMs(timing) }),
    },
    accepted: {
      on: {
        provisional: { next: 'accepted', actions: [] },
        success: { next: 'accepted', actions: ['pass-response'] },
        failure: { next: 'accepted', actions: [] },
        'transport-error': { next: 'accepted', actions: [] },
        stop: { next: 'accepted', actions: [] },
        cancel: { next: 'accepted', actions: [] },
        end: { next: 'terminated', actions: [] },
      },
      // Timer M.
      timers: (timing) => ({ endMs: transactionMs(timing) }),
    },
    completed: {
      on: {
        provisional: { next: 'completed', actions: [] },
        success: { next: 'completed', actions: [] },
        failure: { next: 'completed', actions: ['send-ack'] },
        'transport-error': { next: 'completed', actions: [] },
        stop: { next: 'completed', actions: [] },
        cancel: { next: 'completed', actions: [] },
        end: { next: 'terminated', actions: [] },
      },
      // Timer D.
      timers: (timing, isReliable) => ({ endMs: isReliable ? 0 : Math.max(timerDMsMin, transactionMs(timing)) }),
    },
    terminated: { on: {} },
  },
};
