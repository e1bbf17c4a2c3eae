import { describe, expect, it } from 'vitest';
import type { Binding, Flow } from '../../../sip/registrar/ports.ts';
import type { TransactionLayer } from '../../../sip/transaction/transaction-layer.ts';
import { datagramWindow, SipTarget, streamWindow } from './sip-target.ts';

const datagram: Flow = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 5060 };
const stream: Flow = { transport: 'tcp', remoteAddress: '192.0.2.1', remotePort: 41_000, connection: 7 };
const overTcp = 'sip:mary@192.0.2.1:5060;transport=tcp';

function targetOf(changes: Partial<Binding>): SipTarget {
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
  return new SipTarget(binding, { transactions: {} as TransactionLayer, isTrusted: () => false });
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

describe('"One open MESSAGE at a time per UDP contact, 16 per stream flow"', () => {
  it('goes by how the contact is reached', () => {
    expect(targetOf({}).window).toBe(datagramWindow);
    expect(targetOf({ contactUri: overTcp, flow: stream }).window).toBe(streamWindow);
    expect([datagramWindow, streamWindow]).toEqual([1, 16]);
  });
});
