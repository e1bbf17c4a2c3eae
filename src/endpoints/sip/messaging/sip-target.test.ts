import { describe, expect, it } from 'vitest';
import type { AttemptOutcome } from '../../../delivery/ports.ts';
import type { InstantMessage } from '../../../model/instant-message.ts';
import { SipHeaders } from '../../../sip/message/sip-headers.ts';
import type { SipResponse } from '../../../sip/message/sip-message.ts';
import type { Binding, Flow } from '../../../sip/registrar/ports.ts';
import type { ResponseHandler } from '../../../sip/transaction/client-transaction.ts';
import type { TransactionLayer } from '../../../sip/transaction/transaction-layer.ts';
import { OpenCalls } from './open-calls.ts';
import { systemInflate } from '../../../base/system-inflate.ts';
import { DeviceBook } from './device-memory.ts';
import { datagramWindow, SipTarget, streamWindow } from './sip-target.ts';

const inflation = { inflate: systemInflate, bytesMax: 65_536 };
const datagram: Flow = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 5060 };
const stream: Flow = { transport: 'tcp', remoteAddress: '192.0.2.1', remotePort: 41_000, connection: 7 };
const overTcp = 'sip:mary@192.0.2.1:5060;transport=tcp';

function targetOf(changes: Partial<Binding>, transactions = {} as TransactionLayer): SipTarget {
  const binding: Binding = {
    addressOfRecord: 'mary@localhost',
    key: 'phone',
    contactUri: 'sip:mary@192.0.2.1:5060',
    contactParameters: '',
    q: 1,
    callId: 'c',
    cseq: 1,
    path: [],
    flow: datagram,
    takesMessage: true,
    expiresAt: 0,
    ...changes,
  };
  const tools = {
    transactions,
    openCalls: new OpenCalls(),
    inflation,
    devices: new DeviceBook(),
    isTrusted: () => false,
    player: () => ({
      play(): never {
        throw new Error('nothing large is sent here');
      },
    }),
    contentUrlOf: (id: string) => `http://localhost/${id}`,
  };
  return new SipTarget(binding, 'push', tools);
}

function wayOf(changes: Partial<Binding>): string {
  return targetOf(changes).way;
}

describe('the way to a contact', () => {
  it('is the same when the same place registers again', () => {
    expect(wayOf({ callId: 'd', cseq: 9, q: 0.5 })).toBe(wayOf({}));
    // Where the REGISTER came from is no matter as long as the contact itself is reached.
    expect(wayOf({ flow: { ...datagram, remotePort: 6000 } })).toBe(wayOf({}));
    expect(wayOf({ contactUri: overTcp, flow: { ...stream } })).toBe(wayOf({ contactUri: overTcp, flow: stream }));
  });
  it.each<[string, Partial<Binding>, Partial<Binding>]>([
    ['another host or port', {}, { contactUri: 'sip:mary@192.0.2.1:5070' }],
    ['another transport', {}, { contactUri: overTcp }],
    [
      'another connection',
      { contactUri: overTcp, flow: stream },
      { contactUri: overTcp, flow: { ...stream, connection: 8 } },
    ],
    [
      'another port of its NAT',
      { contactUri: 'sip:mary@10.0.0.1' },
      { contactUri: 'sip:mary@10.0.0.1', flow: { ...datagram, remotePort: 6000 } },
    ],
    ['another Path', { path: ['<sip:192.0.2.8;lr>'] }, { path: ['<sip:192.0.2.9;lr>'] }],
  ])('is another over %s', (_what, one, other) => {
    expect(wayOf(other)).not.toBe(wayOf(one));
  });
});

describe('what does not leave, or not once more', () => {
  const wrapped = ['From: <im:tom@localhost>', '', 'Content-Type: text/plain', '', 'hi'].join('\r\n');
  const content = { contentType: 'message/cpim', body: new TextEncoder().encode(wrapped) };

  function attempt(mayStillGo = true, further: Partial<InstantMessage> = {}) {
    const handlers: ResponseHandler[] = [];
    const outcomes: AttemptOutcome[] = [];
    const send: TransactionLayer['send'] = (_request, _destination, handler) => {
      handlers.push(handler);
      return { stopSending() {}, cancel() {} };
    };
    const transactions = { send } as TransactionLayer;
    const message = {
      sender: 'tom@localhost',
      recipient: 'mary@localhost',
      sentAt: 0,
      ...content,
      ...further,
    } as InstantMessage;
    const rest = { id: 'x', acceptedAt: 0, expiresAt: 60_000, isDeferred: false, attemptNumber: 1 };
    const open = targetOf({}, transactions).attempt(
      { message, ...rest, mayStillGo: () => mayStillGo, settled: () => undefined },
      (outcome) => outcomes.push(outcome),
      () => {},
    );
    const answer = (status: number): void =>
      handlers.at(-1)?.onFinal({ status, reason: 'No', headers: new SipHeaders([]) } as SipResponse);
    return { handlers, outcomes, open, answer };
  }

  it('is withdrawn where it was not wanted any more when there was a way', () => {
    const { handlers, outcomes } = attempt(false);
    expect(handlers[0]?.mayLeave?.()).toBe(false);
    handlers[0]?.onFailure('unwanted');
    expect(outcomes).toEqual([{ kind: 'withdrawn' }]);
  });
  it('415: once more as plain text', () => {
    const { handlers, outcomes, answer } = attempt();
    answer(415);
    expect([handlers.length, outcomes.length]).toEqual([2, 0]);
    answer(415);
    expect(outcomes).toMatchObject([{ kind: 'refused' }]);
  });
  it('a report is the affair of whoever got the envelope that asks for it, and of nobody who got the text alone', () => {
    const asking = { reportReference: 'it' };
    const [asked, unasked, converted] = [attempt(true, asking), attempt(), attempt(true, asking)];
    asked.answer(200);
    unasked.answer(202);
    converted.answer(415);
    converted.answer(200);
    expect(asked.outcomes).toEqual([{ kind: 'delivered', isReportedByClient: true }]);
    for (const { outcomes } of [unasked, converted]) expect(outcomes).toEqual([{ kind: 'delivered' }]);
  });
  it('415: not where it may not go any more, and that is no refusal', () => {
    const late = attempt(false);
    late.answer(415);
    const stopped = attempt();
    stopped.open.stopSending();
    stopped.answer(415);
    for (const { handlers, outcomes } of [late, stopped]) {
      expect(handlers.length).toBe(1);
      expect(outcomes).toEqual([{ kind: 'withdrawn' }]);
    }
  });
});

describe('"One open MESSAGE at a time per UDP contact, 16 per stream flow"', () => {
  it('goes by how the contact is reached', () => {
    expect(targetOf({}).window).toBe(datagramWindow);
    expect(targetOf({ contactUri: overTcp, flow: stream }).window).toBe(streamWindow);
    expect([datagramWindow, streamWindow]).toEqual([1, 16]);
  });
});
