/** REGISTERs through the whole server half, while others speak. */
import { describe, expect, it } from 'vitest';
import { Counters } from '../../base/counters.ts';
import type { Flow } from '../../sip/registrar/ports.ts';
import { datagramFlow, requestText, streamFlow } from '../../sip/transaction/recording-transport.ts';
import { createRecordingServer } from '../../sip/user-agent/recording-server.ts';
import { registersInLineBytesMax, registersInLineMax, registersPerTurnMax, RegisterTurns } from './register-turns.ts';
import { respond } from './answering.ts';

function createServer() {
  const closed = new Set<string>();
  const { time, transport, core } = createRecordingServer();
  const counters = new Counters();
  const turns = new RegisterTurns({
    clock: time,
    timers: time,
    counters,
    isOpen: (flow) => !closed.has(flow.transport),
    read: (bytes, flow) => transport.read(bytes, flow),
  });
  transport.pace(turns);
  core.register('REGISTER', (context) => {
    const { refusal } = turns;
    if (refusal === undefined) context.respond(200);
    else respond(context, refusal);
  });
  core.register('OPTIONS', (context) => context.respond(200));
  const statuses = (method: string): number[] => {
    const answers = transport.responses.filter(({ headers }) => headers.get('CSeq') === `1 ${method}`);
    return answers.map(({ status }) => status);
  };
  const valueOf = (name: string): number => [...counters.entries()].find((each) => each.name === name)?.value ?? 0;
  let count = 0;
  const textOf = (method: string, octets = 0): string => {
    count += 1;
    return requestText({ method, branch: `z9hG4bK${count}`, callId: `c${count}`, body: 'x'.repeat(octets) });
  };
  const say = (method: string, flow = datagramFlow, times = 1): void => {
    for (let n = 0; n < times; n += 1) transport.receive(textOf(method), flow);
  };
  const inLine = (): number => valueOf('sip_registers_in_line');
  return { time, transport, statuses, say, textOf, closed, inLine, valueOf };
}

const webSocket: Flow = { ...streamFlow, transport: 'ws' };

describe('RegisterTurns', () => {
  it('answers at once what does not come with many others', () => {
    const { say, statuses } = createServer();
    say('REGISTER', datagramFlow, registersPerTurnMax);
    expect(statuses('REGISTER')).toHaveLength(registersPerTurnMax);
  });

  it('answers one more in the next turn, and others in between, however many stand in line', async () => {
    const { time, inLine, say, statuses } = createServer();
    say('REGISTER', datagramFlow, 3 * registersPerTurnMax);
    say('OPTIONS');
    expect(statuses('REGISTER')).toHaveLength(registersPerTurnMax);
    expect(statuses('OPTIONS')).toEqual([200]);
    say('REGISTER');
    expect(inLine()).toBe(2 * registersPerTurnMax + 1);
    await time.settle();
    expect(statuses('REGISTER')).toHaveLength(3 * registersPerTurnMax + 1);
    expect(inLine()).toBe(0);
    say('REGISTER');
    expect(statuses('REGISTER')).toHaveLength(3 * registersPerTurnMax + 2);
  });

  it('knows a REGISTER behind line ends too', () => {
    const { transport, say, textOf, inLine } = createServer();
    say('REGISTER', datagramFlow, registersPerTurnMax);
    transport.receive(`\r\n\r\n${textOf('REGISTER')}`);
    transport.receive(textOf('REGISTERED'));
    expect(inLine()).toBe(1);
  });

  it('answers a datagram once that was sent again while it stood in line', async () => {
    const { time, transport, say, textOf, statuses, inLine, valueOf } = createServer();
    say('REGISTER', datagramFlow, registersPerTurnMax);
    const text = textOf('REGISTER');
    for (let n = 0; n < 3; n += 1) transport.receive(text);
    // From elsewhere, or over a stream, it is another one.
    transport.receive(text, { ...datagramFlow, remotePort: 1 });
    transport.receive(text, streamFlow);
    transport.receive(text, streamFlow);
    expect(inLine()).toBe(4);
    expect(valueOf('sip_request_retransmissions')).toBe(2);
    await time.settle();
    say('REGISTER');
    expect(statuses('REGISTER').length).toBeGreaterThan(registersPerTurnMax + 1);
    expect(inLine()).toBe(0);
  });

  it('has no work with whoever closed their WebSocket while they stood in line', async () => {
    const { time, say, statuses, closed } = createServer();
    say('REGISTER', webSocket, registersPerTurnMax + 2);
    say('REGISTER', streamFlow, 1);
    closed.add('ws').add('tcp');
    await time.settle();
    // Who can be connected to is there all the same.
    expect(statuses('REGISTER').slice(registersPerTurnMax)).toEqual([200]);
  });

  it('refuses one more than may stand in line, and nobody who stands there', async () => {
    const { time, inLine, say, statuses } = createServer();
    say('REGISTER', datagramFlow, registersPerTurnMax + registersInLineMax);
    expect(inLine()).toBe(registersInLineMax);
    say('REGISTER');
    expect(statuses('REGISTER').at(-1)).toBe(503);
    await time.settle();
    expect(statuses('REGISTER').filter((status) => status === 200)).toHaveLength(
      registersPerTurnMax + registersInLineMax,
    );
  });

  it('has no room for more octets than registersInLineBytesMax', () => {
    const { transport, say, textOf, statuses, inLine } = createServer();
    say('REGISTER', datagramFlow, registersPerTurnMax);
    const octets = registersInLineBytesMax / 512;
    const head = textOf('REGISTER').length;
    for (let n = 0; n < 511; n += 1) transport.receive(textOf('REGISTER', octets - head - 8), streamFlow);
    expect(inLine()).toBe(511);
    transport.receive(textOf('REGISTER', 2 * octets), streamFlow);
    expect(statuses('REGISTER').at(-1)).toBe(503);
    say('REGISTER');
    expect(inLine()).toBe(512);
  });
});
