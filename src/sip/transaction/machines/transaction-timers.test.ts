/** When the machines want to be woken and what they do then: table 4 of RFC 3261, RFC 4320 and RFC 6026. */
import { describe, expect, it } from 'vitest';
import { inviteClient } from './invite-client.ts';
import { inviteServer } from './invite-server.ts';
import { nonInviteClient } from './non-invite-client.ts';
import { nonInviteServer } from './non-invite-server.ts';
import { planMachine, TransactionMachine } from './transaction-machine.ts';
import type { MachineTable } from './transaction-machine.ts';
import { defaultTiming } from './transaction-timing.ts';
import type { TransactionTiming } from './transaction-timing.ts';

interface Run {
  readonly isReliable?: boolean;
  readonly timing?: TransactionTiming;
  /** Inputs that come from outside, with their times. */
  readonly inputs?: readonly (readonly [at: number, input: string])[];
}

/** Lets the clock run from deadline to deadline; answers `time action action`, and the time of the end. */
function play(table: MachineTable<string, string, string>, run: Run = {}): string[] {
  const machine = new TransactionMachine(planMachine(table, run.timing ?? defaultTiming, run.isReliable ?? false), 0);
  const inputs = [...(run.inputs ?? [])];
  const said: string[] = [];
  for (let turns = 0; turns < 100; turns++) {
    const next = inputs[0];
    const deadline = machine.deadline();
    if (next === undefined && deadline === undefined) break;
    const isInput = next !== undefined && (deadline === undefined || next[0] < deadline);
    const now = isInput ? next[0] : (deadline ?? 0);
    const actions = machine.handle(isInput ? next[1] : 'tick', now);
    if (isInput) inputs.shift();
    if (actions.length > 0 || machine.isTerminated) said.push([now, ...actions].join(' '));
    if (machine.isTerminated) break;
  }
  return said;
}

describe('timers of the non-INVITE client transaction', () => {
  it('E doubles up to T2 and F ends it, on datagrams', () => {
    const sends = [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(play(nonInviteClient)).toEqual([...sends.map((at) => `${at} send-request`), '32000 report-timeout']);
  });

  it('a reliable transport sends once', () => {
    expect(play(nonInviteClient, { isReliable: true })).toEqual(['32000 report-timeout']);
  });

  it('after a provisional response the running interval ends, then E is T2, and F is what it was', () => {
    const said = play(nonInviteClient, { inputs: [[600, 'provisional']] });
    expect(said.slice(0, 5)).toEqual([
      '500 send-request',
      '600 pass-response',
      '1500 send-request',
      '5500 send-request',
      '9500 send-request',
    ]);
    expect(said.at(-1)).toBe('32000 report-timeout');
  });

  it('stopped, nothing leaves any more and an answer still counts', () => {
    expect(play(nonInviteClient, { inputs: [[600, 'stop']] })).toEqual(['500 send-request', '32000 report-timeout']);
    expect(
      play(nonInviteClient, {
        inputs: [
          [600, 'stop'],
          [20_000, 'final'],
        ],
      }),
    ).toEqual(['500 send-request', '20000 pass-response', '25000']);
  });

  it('K is T4 on datagrams and nothing on a stream', () => {
    expect(play(nonInviteClient, { inputs: [[100, 'final']] })).toEqual(['100 pass-response', '5100']);
    expect(play(nonInviteClient, { inputs: [[100, 'final']], isReliable: true })).toEqual(['100 pass-response', '100']);
  });
});

describe('timers of the non-INVITE server transaction', () => {
  it('100 when the peer has reached T2, on datagrams, and no answer after its Timer F (RFC 4320 4)', () => {
    expect(play(nonInviteServer)).toEqual(['3500 send-trying', '32000 report-unanswered']);
    expect(play(nonInviteServer, { isReliable: true })).toEqual(['32000 report-unanswered']);
  });

  it('the 100 follows T1 and T2', () => {
    expect(play(nonInviteServer, { timing: { t1: 100, t2: 400, t4: 500 } })).toEqual([
      '300 send-trying',
      '6400 report-unanswered',
    ]);
  });

  it('J is 64*T1 on datagrams and nothing on a stream', () => {
    const inputs = [[50, 'final']] as const;
    expect(play(nonInviteServer, { inputs })).toEqual(['50 send-response', '32050']);
    expect(play(nonInviteServer, { inputs, isReliable: true })).toEqual(['50 send-response', '50']);
  });
});

describe('timers of the INVITE client transaction', () => {
  it('A doubles without a limit and B ends it', () => {
    const sends = [500, 1500, 3500, 7500, 15_500, 31_500];
    expect(play(inviteClient)).toEqual([...sends.map((at) => `${at} send-request`), '32000 report-timeout']);
    expect(play(inviteClient, { isReliable: true })).toEqual(['32000 report-timeout']);
  });

  it('stopped, it sends nothing until B', () => {
    expect(play(inviteClient, { inputs: [[100, 'stop']] })).toEqual(['32000 report-timeout']);
  });

  it('a provisional response stops A and B; our Timer C ends the waiting', () => {
    expect(play(inviteClient, { inputs: [[100, 'provisional']] })).toEqual([
      '100 pass-response',
      '185100 report-timeout',
    ]);
  });

  it('cancelled, it waits 64*T1 for the 487', () => {
    expect(
      play(inviteClient, {
        inputs: [
          [100, 'provisional'],
          [200, 'cancel'],
        ],
      }),
    ).toEqual(['100 pass-response', '200 send-cancel', '32200 report-timeout']);
  });

  it('D is at least 32 s, M is 64*T1', () => {
    const quick: TransactionTiming = { t1: 10, t2: 40, t4: 50 };
    const failure = [[5, 'failure']] as const;
    expect(play(inviteClient, { inputs: failure, timing: quick })).toEqual(['5 send-ack pass-response', '32005']);
    expect(play(inviteClient, { inputs: failure, isReliable: true })).toEqual(['5 send-ack pass-response', '5']);
    expect(play(inviteClient, { inputs: [[5, 'success']], isReliable: true })).toEqual(['5 pass-response', '32005']);
  });
});

describe('timers of the INVITE server transaction', () => {
  it('100 within 200 ms unless the user answers sooner', () => {
    expect(play(inviteServer)).toEqual(['200 send-trying']);
    expect(play(inviteServer, { inputs: [[100, 'provisional']] })).toEqual(['100 send-response']);
  });

  it('G doubles up to T2 and H gives up, on datagrams', () => {
    const said = play(inviteServer, { inputs: [[0, 'failure']] });
    expect(said.slice(0, 6)).toEqual([0, 500, 1500, 3500, 7500, 11_500].map((at) => `${at} send-response`));
    expect(said.at(-1)).toBe('32000 report-no-ack');
    expect(play(inviteServer, { inputs: [[0, 'failure']], isReliable: true })).toEqual([
      '0 send-response',
      '32000 report-no-ack',
    ]);
  });

  it('I is T4 on datagrams and nothing on a stream', () => {
    const inputs = [
      [0, 'failure'],
      [70, 'ack'],
    ] as const;
    expect(play(inviteServer, { inputs })).toEqual(['0 send-response', '5070']);
    expect(play(inviteServer, { inputs, isReliable: true })).toEqual(['0 send-response', '70']);
  });

  it('L is 64*T1 on every transport', () => {
    expect(play(inviteServer, { inputs: [[10, 'success']], isReliable: true })).toEqual(['10 send-response', '32010']);
  });
});

describe('TransactionMachine', () => {
  it('ends instead of repeating when both are due, and does nothing when none is', () => {
    const machine = new TransactionMachine(planMachine(nonInviteClient, defaultTiming, false), 0);
    expect(machine.handle('tick', 499)).toEqual([]);
    expect(machine.handle('tick', 40_000)).toEqual(['report-timeout']);
    expect(machine.deadline()).toBeUndefined();
  });
});
