/** Every cell of the four tables, and the machine that runs them, in virtual time. */
import { describe, expect, it } from 'vitest';
import { inviteClient } from './invite-client.ts';
import { inviteServer } from './invite-server.ts';
import { nonInviteClient } from './non-invite-client.ts';
import { nonInviteServer } from './non-invite-server.ts';
import { planMachine, TransactionMachine, UnexpectedInputFault } from './transaction-machine.ts';
import type { MachineTable } from './transaction-machine.ts';
import { defaultTiming } from './transaction-timing.ts';

/** For each state a way into it, and for each input `next: actions`; what is not listed is no cell. */
interface Expected {
  readonly path: readonly string[];
  readonly on: Readonly<Record<string, string>>;
}

const expectedNonInviteServer: Record<string, Expected> = {
  trying: {
    path: [],
    on: {
      request: 'trying:',
      provisional: 'proceeding: send-response',
      final: 'completed: send-response',
      'transport-error': 'trying:',
      repeat: 'proceeding: send-trying',
      end: 'terminated: report-unanswered',
    },
  },
  proceeding: {
    path: ['provisional'],
    on: {
      request: 'proceeding: send-response',
      provisional: 'proceeding: send-response',
      final: 'completed: send-response',
      'transport-error': 'proceeding:',
      end: 'terminated: report-unanswered',
    },
  },
  completed: {
    path: ['final'],
    on: {
      request: 'completed: send-response',
      provisional: 'completed:',
      final: 'completed:',
      'transport-error': 'completed:',
      end: 'terminated:',
    },
  },
  terminated: { path: ['final', 'end'], on: {} },
};

const expectedNonInviteClient: Record<string, Expected> = {
  trying: {
    path: [],
    on: {
      provisional: 'proceeding: pass-response',
      final: 'completed: pass-response',
      'transport-error': 'terminated: report-transport-failure',
      stop: 'silent:',
      repeat: 'trying: send-request',
      end: 'terminated: report-timeout',
    },
  },
  proceeding: {
    path: ['provisional'],
    on: {
      provisional: 'proceeding: pass-response',
      final: 'completed: pass-response',
      'transport-error': 'terminated: report-transport-failure',
      stop: 'silent:',
      repeat: 'proceeding: send-request',
      end: 'terminated: report-timeout',
    },
  },
  silent: {
    path: ['stop'],
    on: {
      provisional: 'silent: pass-response',
      final: 'completed: pass-response',
      'transport-error': 'terminated: report-transport-failure',
      stop: 'silent:',
      end: 'terminated: report-timeout',
    },
  },
  completed: {
    path: ['final'],
    on: {
      provisional: 'completed:',
      final: 'completed:',
      'transport-error': 'completed:',
      stop: 'completed:',
      end: 'terminated:',
    },
  },
  terminated: { path: ['transport-error'], on: {} },
};

const expectedInviteServer: Record<string, Expected> = {
  arrived: {
    path: [],
    on: {
      request: 'arrived:',
      ack: 'arrived:',
      provisional: 'proceeding: send-response',
      success: 'accepted: send-response',
      failure: 'completed: send-response',
      'transport-error': 'arrived:',
      repeat: 'proceeding: send-trying',
    },
  },
  proceeding: {
    path: ['provisional'],
    on: {
      request: 'proceeding: send-response',
      ack: 'proceeding:',
      provisional: 'proceeding: send-response',
      success: 'accepted: send-response',
      failure: 'completed: send-response',
      'transport-error': 'proceeding:',
    },
  },
  accepted: {
    path: ['success'],
    on: {
      request: 'accepted:',
      ack: 'accepted: pass-ack',
      provisional: 'accepted:',
      success: 'accepted: send-response',
      failure: 'accepted:',
      'transport-error': 'accepted:',
      end: 'terminated:',
    },
  },
  completed: {
    path: ['failure'],
    on: {
      request: 'completed: send-response',
      ack: 'confirmed:',
      provisional: 'completed:',
      success: 'completed:',
      failure: 'completed:',
      'transport-error': 'completed:',
      repeat: 'completed: send-response',
      end: 'terminated: report-no-ack',
    },
  },
  confirmed: {
    path: ['failure', 'ack'],
    on: {
      request: 'confirmed:',
      ack: 'confirmed:',
      provisional: 'confirmed:',
      success: 'confirmed:',
      failure: 'confirmed:',
      'transport-error': 'confirmed:',
      end: 'terminated:',
    },
  },
  terminated: { path: ['failure', 'ack', 'end'], on: {} },
};

const calling = {
  provisional: 'proceeding: pass-response',
  success: 'accepted: pass-response',
  failure: 'completed: send-ack pass-response',
};
const quiet = { 'transport-error': '', stop: '', cancel: '' };

const expectedInviteClient: Record<string, Expected> = {
  calling: {
    path: [],
    on: {
      ...calling,
      'transport-error': 'terminated: report-transport-failure',
      stop: 'silent:',
      cancel: 'calling:',
      repeat: 'calling: send-request',
      end: 'terminated: report-timeout',
    },
  },
  silent: {
    path: ['stop'],
    on: {
      ...calling,
      'transport-error': 'terminated: report-transport-failure',
      stop: 'silent:',
      cancel: 'silent:',
      end: 'terminated: report-timeout',
    },
  },
  proceeding: {
    path: ['provisional'],
    on: { ...calling, ...quiet, cancel: 'cancelling: send-cancel', end: 'terminated: report-timeout' },
  },
  cancelling: {
    path: ['provisional', 'cancel'],
    on: {
      ...calling,
      ...quiet,
      provisional: 'cancelling: pass-response',
      end: 'terminated: report-timeout',
    },
  },
  accepted: {
    path: ['success'],
    on: { ...quiet, provisional: '', success: 'accepted: pass-response', failure: '', end: 'terminated:' },
  },
  completed: {
    path: ['failure'],
    on: { ...quiet, provisional: '', success: '', failure: 'completed: send-ack', end: 'terminated:' },
  },
  terminated: { path: ['transport-error'], on: {} },
};

describe.each([
  [nonInviteServer, expectedNonInviteServer],
  [nonInviteClient, expectedNonInviteClient],
  [inviteServer, expectedInviteServer],
  [inviteClient, expectedInviteClient],
] as readonly (readonly [MachineTable<string, string, string>, Record<string, Expected>])[])(
  'the $name',
  (table, expected) => {
    const inputs = new Set(Object.values(expected).flatMap(({ on }) => Object.keys(on)));

    it('has the states that RFC 3261 17 and RFC 6026 name', () => {
      expect(Object.keys(table.states)).toEqual(Object.keys(expected));
    });

    const cells = Object.entries(expected).flatMap(([state, { path, on }]) =>
      [...inputs].map((input) => ({ state, path, input, outcome: on[input] })),
    );
    it.each(cells)('$state x $input', ({ state, path, input, outcome }) => {
      const machine = enter(table, path);
      expect(machine.state).toBe(state);
      expect(tell(machine, input)).toBe(outcome === '' ? `${state}:` : (outcome ?? 'UnexpectedInputFault'));
    });
  },
);

/** What the machine does with the input: `next state: actions`, or the name of what it throws. */
function tell(machine: TransactionMachine<string, string, string>, input: string): string {
  try {
    const actions = machine.handle(input, 0);
    return `${machine.state}: ${actions.join(' ')}`.trim();
  } catch (fault) {
    return fault instanceof UnexpectedInputFault ? fault.name : String(fault);
  }
}

/** The timers are inputs of the table, so a test may feed them like any other. */
function enter(
  table: MachineTable<string, string, string>,
  path: readonly string[],
): TransactionMachine<string, string, string> {
  const machine = new TransactionMachine(planMachine(table, defaultTiming, false), 0);
  for (const input of path) machine.handle(input, 0);
  return machine;
}
