/**
 * One INVITE that is being answered, above its transaction (RFC 3261 13.3): ringing, the 2xx that is repeated until its ACK, and
 * every way in which it ends. Runs on the machine of the transactions; it knows no message.
 */
import type { Millis } from '../../../base/time/clock.ts';
import type { MachineTable } from '../../transaction/machines/transaction-machine.ts';
import { transactionMs } from '../../transaction/machines/transaction-timing.ts';

/** An INVITE that nobody answers ends by itself; as long as a proxy would wait (RFC 3261 16.6 step 11). */
export const unansweredMsMax: Millis = 180_000;
/** So often a provisional response says that it still rings, so that no proxy gives up (RFC 3261 13.3.1.1). */
export const ringRepeatMs: Millis = 60_000;

export type AnswerState = 'open' | 'ringing' | 'accepted' | 'over';
export type AnswerInput = 'ring' | 'accept' | 'refuse' | 'cancel' | 'expire' | 'leave' | 'ack';
export type AnswerAction =
  | 'send-provisional'
  | 'send-success'
  | 'send-refusal'
  /** 487, and its user is told why. */
  | 'send-cancelled'
  | 'send-expired'
  | 'send-left'
  /** 480: it rang too long. */
  | 'send-unanswered'
  | 'tell-acknowledged'
  | 'tell-unacknowledged';

export const answerTable: MachineTable<AnswerState, AnswerInput, AnswerAction> = {
  name: 'INVITE that is answered',
  first: 'open',
  states: {
    open: {
      on: {
        ring: { next: 'ringing', actions: ['send-provisional'] },
        accept: { next: 'accepted', actions: ['send-success'] },
        refuse: { next: 'over', actions: ['send-refusal'] },
        cancel: { next: 'over', actions: ['send-cancelled'] },
        expire: { next: 'over', actions: ['send-expired'] },
        leave: { next: 'over', actions: ['send-left'] },
        ack: { next: 'open', actions: [] },
        end: { next: 'over', actions: ['send-unanswered'] },
      },
      timers: () => ({ endMs: unansweredMsMax }),
    },
    ringing: {
      on: {
        ring: { next: 'ringing', actions: ['send-provisional'] },
        accept: { next: 'accepted', actions: ['send-success'] },
        refuse: { next: 'over', actions: ['send-refusal'] },
        cancel: { next: 'over', actions: ['send-cancelled'] },
        expire: { next: 'over', actions: ['send-expired'] },
        leave: { next: 'over', actions: ['send-left'] },
        ack: { next: 'ringing', actions: [] },
        repeat: { next: 'ringing', actions: ['send-provisional'] },
        end: { next: 'over', actions: ['send-unanswered'] },
      },
      timers: () => ({ repeatMs: ringRepeatMs, repeatMsMax: ringRepeatMs, endMs: 'keep' }),
    },
    accepted: {
      on: {
        ring: { next: 'accepted', actions: [] },
        accept: { next: 'accepted', actions: [] },
        refuse: { next: 'accepted', actions: [] },
        // RFC 3261 9.2: whoever has answered is not moved by a CANCEL.
        cancel: { next: 'accepted', actions: [] },
        expire: { next: 'accepted', actions: [] },
        leave: { next: 'over', actions: [] },
        ack: { next: 'over', actions: ['tell-acknowledged'] },
        repeat: { next: 'accepted', actions: ['send-success'] },
        end: { next: 'over', actions: ['tell-unacknowledged'] },
      },
      // RFC 3261 13.3.1.4, on all transports.
      timers: (timing) => ({ repeatMs: timing.t1, repeatMsMax: timing.t2, endMs: transactionMs(timing) }),
    },
    over: { on: {} },
  },
};
