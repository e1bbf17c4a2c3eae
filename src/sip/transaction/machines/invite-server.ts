/**
 * The INVITE server transaction (RFC 3261 17.2.1 with the Accepted state of RFC 6026 7.1). Until its user or the clock
 * has answered, the Proceeding of the RFC is called `arrived` here.
 */
import { inviteTryingMs, transactionMs } from './transaction-timing.ts';
import type { MachineTable } from './transaction-machine.ts';

export type InviteServerState = 'arrived' | 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';
export type InviteServerInput = 'request' | 'ack' | 'provisional' | 'success' | 'failure' | 'transport-error';
export type InviteServerAction = 'send-response' | 'send-trying' | 'pass-ack' | 'report-no-ack';

export const inviteServer: MachineTable<InviteServerState, InviteServerInput, InviteServerAction> = {
  name: 'INVITE server transaction',
  first: 'arrived',
  states: {
    arrived: {
      on: {
        request: { next: 'arrived', actions: [] },
        ack: { next: 'arrived', actions: [] },
        provisional: { next: 'proceeding', actions: ['send-response'] },
        success: { next: 'accepted', actions: ['send-response'] },
        failure: { next: 'completed', actions: ['send-response'] },
        'transport-error': { next: 'arrived', actions: [] },
        repeat: { next: 'proceeding', actions: ['send-trying'] },
      },
      timers: () => ({ repeatMs: inviteTryingMs }),
    },
    proceeding: {
      on: {
        request: { next: 'proceeding', actions: ['send-response'] },
        ack: { next: 'proceeding', actions: [] },
        provisional: { next: 'proceeding', actions: ['send-response'] },
        success: { next: 'accepted', actions: ['send-response'] },
        failure: { next: 'completed', actions: ['send-response'] },
        // RFC 6026 7.1: a transport error ends no server transaction.
        'transport-error': { next: 'proceeding', actions: [] },
      },
    },
    accepted: {
      on: {
        request: { next: 'accepted', actions: [] },
        ack: { next: 'accepted', actions: ['pass-ack'] },
        provisional: { next: 'accepted', actions: [] },
        // The user retransmits its 2xx until the ACK (RFC 3261 13.3.1.4).
        success: { next: 'accepted', actions: ['send-response'] },
        failure: { next: 'accepted', actions: [] },
        'transport-error': { next: 'accepted', actions: [] },
        end: { next: 'terminated', actions: [] },
      },
      // Timer L, on all transports.
      timers: (timing) => ({ endMs: transactionMs(timing) }),
    },
    completed: {
      on: {
        request: { next: 'completed', actions: ['send-response'] },
        ack: { next: 'confirmed', actions: [] },
        provisional: { next: 'completed', actions: [] },
        success: { next: 'completed', actions: [] },
        failure: { next: 'completed', actions: [] },
        'transport-error': { next: 'completed', actions: [] },
        repeat: { next: 'completed', actions: ['send-response'] },
        end: { next: 'terminated', actions: ['report-no-ack'] },
      },
      // Timers G and H.
      timers: (timing, isReliable) => ({
        ...(isReliable ? {} : { repeatMs: timing.t1, repeatMsMax: timing.t2 }),
        endMs: transactionMs(timing),
      }),
    },
    confirmed: {
      on: {
        request: { next: 'confirmed', actions: [] },
        ack: { next: 'confirmed', actions: [] },
        provisional: { next: 'confirmed', actions: [] },
        success: { next: 'confirmed', actions: [] },
        failure: { next: 'confirmed', actions: [] },
        'transport-error': { next: 'confirmed', actions: [] },
        end: { next: 'terminated', actions: [] },
      },
      // Timer I.
      timers: (timing, isReliable) => ({ endMs: isReliable ? 0 : timing.t4 }),
    },
    terminated: { on: {} },
  },
};
