/**
 * One INVITE of ours above its transaction (RFC 3261 13.2, 9.1): the first 2xx makes the session, every other one is acknowledged
 * and ended, also after a CANCEL that came too late. Runs on the machine of the transactions; it knows no message.
 */
import type { Millis } from '../../../base/time/clock.ts';
import type { MachineTable } from '../../transaction/machines/transaction-machine.ts';

/** So long it may ring; then it is cancelled, a moment before its transaction would give up (timer C). */
export const ringingMsMax: Millis = 180_000;

export type CallState = 'calling' | 'answered' | 'cancelled' | 'over';
export type CallInput =
  | 'provisional'
  | 'success'
  /** 422: the session would be too brief, and may be longer. */
  | 'too-brief'
  | 'failure'
  /** No answer, no way. */
  | 'silence'
  | 'cancel';
export type CallAction =
  | 'tell-progress'
  | 'begin-session'
  /** ACK again for a 2xx that is known; ACK and BYE for that of another fork. */
  | 'take-further'
  /** ACK and BYE. */
  | 'drop'
  | 'send-longer'
  | 'send-cancel'
  | 'tell-refused'
  | 'tell-failed'
  | 'tell-cancelled';

export const callTable: MachineTable<CallState, CallInput, CallAction> = {
  name: 'INVITE of ours',
  first: 'calling',
  states: {
    calling: {
      on: {
        provisional: { next: 'calling', actions: ['tell-progress'] },
        success: { next: 'answered', actions: ['begin-session'] },
        'too-brief': { next: 'calling', actions: ['send-longer'] },
        failure: { next: 'over', actions: ['tell-refused'] },
        silence: { next: 'over', actions: ['tell-failed'] },
        cancel: { next: 'cancelled', actions: ['send-cancel'] },
        end: { next: 'cancelled', actions: ['send-cancel'] },
      },
      timers: () => ({ endMs: ringingMsMax }),
    },
    answered: {
      on: {
        provisional: { next: 'answered', actions: [] },
        success: { next: 'answered', actions: ['take-further'] },
        'too-brief': { next: 'answered', actions: [] },
        failure: { next: 'answered', actions: [] },
        silence: { next: 'answered', actions: [] },
        cancel: { next: 'answered', actions: [] },
      },
    },
    cancelled: {
      on: {
        provisional: { next: 'cancelled', actions: [] },
        // RFC 3261 15, RFC 5407 3.1.2: the CANCEL came too late.
        success: { next: 'over', actions: ['drop', 'tell-cancelled'] },
        'too-brief': { next: 'over', actions: ['tell-refused'] },
        failure: { next: 'over', actions: ['tell-refused'] },
        silence: { next: 'over', actions: ['tell-cancelled'] },
        cancel: { next: 'cancelled', actions: [] },
      },
    },
    over: {
      on: {
        provisional: { next: 'over', actions: [] },
        success: { next: 'over', actions: ['take-further'] },
        'too-brief': { next: 'over', actions: [] },
        failure: { next: 'over', actions: [] },
        silence: { next: 'over', actions: [] },
        cancel: { next: 'over', actions: [] },
      },
    },
  },
};
