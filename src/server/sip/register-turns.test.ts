/** REGISTERs through the whole server half, while others speak. */
import { describe, expect, it } from 'vitest';
import type { Flow } from '../../sip/registrar/ports.ts';
import { datagramFlow, requestText, streamFlow } from '../../sip/transaction/recording-transport.ts';
import { createRecordingServer } from '../../sip/user-agent/recording-server.ts';
import { registersInLineMax, registersPerTurnMax, RegisterTurns } from './register-turns.ts';

function createServer() {
  const closed = new Set<string>();
  const { time, transport, core } = createRecordingServer();
  const turns = new RegisterTurns(
    { clock: time, timers: time, isOpen: (flow) => !closed.has(flow.transport) },
    async (context) => context.respond(200),
  );
  core.register('REGISTER', (context) => turns.take(context));
  core.register('OPTIONS', (context) => context.respond(200));
  const statuses = (method: string): number[] => {
    const answers = transport.responses.filter(({ headers }) => headers.get('CSeq') === `1 ${method}`);
    return answers.map(({ status }) => status);
  };
  let count = 0;
  const say = (method: string, flow = datagramFlow, times = 1): void => {
    for (let n = 0; n < times; n += 1) {
      count += 1;
      transport.receive(requestText({ method, branch: `z9hG4bK${count}`, callId: `c${count}` }), flow);
    }
  };
  return { time, turns, statuses, say, closed };
}

const webSocket: Flow = { ...streamFlow, transport: 'ws' };

describe('RegisterTurns', () => {
  it('answers at once what does not come with many others', () => {
    const { say, statuses } = createServer();
    say('REGISTER', datagramFlow, registersPerTurnMax);
    expect(statuses('REGISTER')).toHaveLength(registersPerTurnMax);
  });

  it('answers one more in the next turn, and others in between, however many stand in line', async () => {
    const { time, turns, say, statuses } = createServer();
    say('REGISTER', datagramFlow, 3 * registersPerTurnMax);
    say('OPTIONS');
    expect(statuses('REGISTER')).toHaveLength(registersPerTurnMax);
    expect(statuses('OPTIONS')).toEqual([200]);
    say('REGISTER');
    expect(turns.inLine).toBe(2 * registersPerTurnMax + 1);
    await time.settle();
    expect(statuses('REGISTER')).toHaveLength(3 * registersPerTurnMax + 1);
    expect(turns.inLine).toBe(0);
    say('REGISTER');
    expect(statuses('REGISTER')).toHaveLength(3 * registersPerTurnMax + 2);
  });

  it('has no work with whoever closed their WebSocket while they stood in line', async () => {
    const { time, say, statuses, closed } = createServer();
    say('REGISTER', webSocket, registersPerTurnMax + 2);
    say('REGISTER', streamFlow, 1);
    closed.add('ws').add('tcp');
    await time.settle();
    // Who can be connected to is there all the same.
    expect(statuses('REGISTER').slice(registersPerTurnMax)).toEqual([480, 480, 200]);
  });

  it('refuses one more than may stand in line, and nobody who stands there', async () => {
    const { time, turns, say, statuses } = createServer();
    say('REGISTER', datagramFlow, registersPerTurnMax + registersInLineMax);
    expect(turns.inLine).toBe(registersInLineMax);
    say('REGISTER');
    expect(statuses('REGISTER').at(-1)).toBe(503);
    await time.settle();
    expect(statuses('REGISTER').filter((status) => status === 200)).toHaveLength(
      registersPerTurnMax + registersInLineMax,
    );
  });
});
