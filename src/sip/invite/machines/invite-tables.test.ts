/** Every cell of the tables of INVITE above its transaction, and their timers, in virtual time. */
import { describe, expect, it } from 'vitest';
import {
  planMachine,
  TransactionMachine,
  UnexpectedInputFault,
} from '../../transaction/machines/transaction-machine.ts';
import type { MachineTable } from '../../transaction/machines/transaction-machine.ts';
import { defaultTiming } from '../../transaction/machines/transaction-timing.ts';
import { answerTable, ringRepeatMs, unansweredMsMax } from './answer-table.ts';
import { callTable, ringingMsMax } from './call-table.ts';
import { turns } from './exchange.ts';
import { reliableTable } from './reliable-table.ts';

/** For each state a way into it, and for each input `next: actions`; what is not listed is no cell. */
type Expected = Record<string, { readonly path: readonly string[]; readonly on: Readonly<Record<string, string>> }>;

const answering = {
  ring: 'ringing: send-provisional',
  accept: 'accepted: send-success',
  refuse: 'over: send-refusal',
  cancel: 'over: send-cancelled',
  expire: 'over: send-expired',
  leave: 'over: send-left',
  end: 'over: send-unanswered',
};
const expectedAnswer: Expected = {
  open: { path: [], on: { ...answering, ack: 'open:' } },
  ringing: { path: ['ring'], on: { ...answering, ack: 'ringing:', repeat: 'ringing: send-provisional' } },
  accepted: {
    path: ['accept'],
    on: {
      ring: 'accepted:',
      accept: 'accepted:',
      refuse: 'accepted:',
      cancel: 'accepted:',
      expire: 'accepted:',
      leave: 'over:',
      ack: 'over: tell-acknowledged',
      repeat: 'accepted: send-success',
      end: 'over: tell-unacknowledged',
    },
  },
  over: { path: ['refuse'], on: {} },
};

const expectedReliable: Expected = {
  unacknowledged: {
    path: [],
    on: {
      prack: 'over: tell-acknowledged',
      repeat: 'unacknowledged: send-again',
      end: 'over: tell-unacknowledged',
    },
  },
  over: { path: ['prack'], on: {} },
};

const expectedCall: Expected = {
  calling: {
    path: [],
    on: {
      provisional: 'calling: tell-progress',
      success: 'answered: begin-session',
      'too-brief': 'calling: send-longer',
      failure: 'over: tell-refused',
      silence: 'over: tell-failed',
      cancel: 'cancelled: send-cancel',
      end: 'cancelled: send-cancel',
    },
  },
  answered: {
    path: ['success'],
    on: {
      provisional: 'answered:',
      success: 'answered: take-further',
      'too-brief': 'answered:',
      failure: 'answered:',
      silence: 'answered:',
      cancel: 'answered:',
    },
  },
  cancelled: {
    path: ['cancel'],
    on: {
      provisional: 'cancelled:',
      success: 'over: drop tell-cancelled',
      'too-brief': 'over: tell-refused',
      failure: 'over: tell-refused',
      silence: 'over: tell-cancelled',
      cancel: 'cancelled:',
    },
  },
  over: {
    path: ['failure'],
    on: {
      provisional: 'over:',
      success: 'over: take-further',
      'too-brief': 'over:',
      failure: 'over:',
      silence: 'over:',
      cancel: 'over:',
    },
  },
};

function cellsOf<S extends string, I extends string, A extends string>(
  table: MachineTable<S, I, A>,
): Record<string, Record<string, string>> {
  const cells: Record<string, Record<string, string>> = {};
  for (const state in table.states) {
    const entries = Object.entries<{ next: S; actions: readonly A[] } | undefined>(table.states[state].on);
    cells[state] = Object.fromEntries(
      entries.map(([input, cell]) => [input, `${cell?.next}: ${cell?.actions.join(' ')}`.trimEnd()]),
    );
  }
  return cells;
}

const tables: readonly (readonly [string, MachineTable<string, string, string>, Expected])[] = [
  [answerTable.name, answerTable, expectedAnswer],
  [reliableTable.name, reliableTable, expectedReliable],
  [callTable.name, callTable, expectedCall],
];

describe.each(tables)('%s', (_name, table, expected) => {
  it('has these cells', () => {
    const wanted = Object.fromEntries(Object.entries(expected).map(([state, { on }]) => [state, on]));
    expect(cellsOf(table)).toEqual(wanted);
  });

  it.each(Object.entries(expected))('runs by them in state %s', (state, { path, on }) => {
    for (const [input, cell] of Object.entries(on)) {
      if (input === 'repeat' || input === 'end') continue;
      const machine = new TransactionMachine(planMachine(table, defaultTiming, false), 0);
      for (const step of path) machine.handle(step, 0);
      expect(machine.state).toBe(state);
      const actions = machine.handle(input, 0);
      expect({ [input]: `${machine.state}: ${actions.join(' ')}`.trimEnd() }).toEqual({ [input]: cell });
    }
    const machine = new TransactionMachine(planMachine(table, defaultTiming, false), 0);
    for (const step of path) machine.handle(step, 0);
    expect(() => machine.handle('nonsense', 0)).toThrow(UnexpectedInputFault);
  });
});

/** The times at which it wants to act, with what it does then, until it waits for nothing. */
function ticksOf(table: MachineTable<string, string, string>, path: readonly string[]): string[] {
  const machine = new TransactionMachine(planMachine(table, defaultTiming, false), 0);
  for (const step of path) machine.handle(step, 0);
  const ticks: string[] = [];
  for (let at = machine.deadline(); at !== undefined; at = machine.deadline()) {
    ticks.push(`${at / 1_000} ${machine.handle('tick', at).join(' ')}`);
  }
  return ticks;
}

describe('timers', () => {
  it('an INVITE that nobody answers ends', () => {
    expect(ticksOf(answerTable, [])).toEqual([`${unansweredMsMax / 1_000} send-unanswered`]);
  });

  it('ringing is said each minute', () => {
    expect(ringRepeatMs).toBe(60_000);
    expect(ticksOf(answerTable, ['ring'])).toEqual([
      '60 send-provisional',
      '120 send-provisional',
      '180 send-unanswered',
    ]);
  });

  it('a 2xx is repeated from T1 to T2, until 64*T1', () => {
    const times = [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5].map((each) => `${each} send-success`);
    expect(ticksOf(answerTable, ['accept'])).toEqual([...times, '32 tell-unacknowledged']);
    expect(ticksOf(answerTable, ['ring', 'accept'])).toEqual([...times, '32 tell-unacknowledged']);
  });

  it('a reliable provisional response is repeated with doubling intervals, until 64*T1', () => {
    const times = [0.5, 1.5, 3.5, 7.5, 15.5, 31.5].map((each) => `${each} send-again`);
    expect(ticksOf(reliableTable, [])).toEqual([...times, '32 tell-unacknowledged']);
  });

  it('an INVITE of ours rings so long and no longer', () => {
    expect(ticksOf(callTable, [])).toEqual([`${ringingMsMax / 1_000} send-cancel`]);
    expect(ticksOf(callTable, ['success'])).toEqual([]);
  });
});

it('turns: what becomes of their requests, and what of ours may leave', () => {
  const lines = Object.entries(turns).map(
    ([
      state,
      {
        verdicts: { invite, offer, refresh },
        mayOffer,
        mayRefresh,
      },
    ]) => `${state}: ${invite} ${offer} ${refresh}, ${mayOffer ? 'offer' : '-'} ${mayRefresh ? 'refresh' : '-'}`,
  );
  expect(lines).toEqual([
    'stable: take take take, offer refresh',
    'ours: glare glare take, - -',
    'refreshing: take take take, - -',
    'their-invite: too-soon too-soon take, - -',
    'their-update: too-soon too-soon too-soon, - -',
    'unacknowledged: take take take, - refresh',
    'answer-awaited: glare glare take, - refresh',
  ]);
});
