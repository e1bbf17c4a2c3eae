/** Client transactions through the layer: ways, retransmissions, matching, failures, CANCEL and ACK. */
import { describe, expect, it } from 'vitest';
import { Counters } from '../../base/counters.ts';
import { systemIds } from '../../base/system-ids.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import { SipHeaders } from '../message/sip-headers.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { ClientTransaction } from './client-transaction.ts';
import type { OutgoingSipRequest } from './outgoing-request.ts';
import { RecordingTransport, responseText, streamFlow } from './recording-transport.ts';
import { defaultTransactionLimits, TransactionLayer } from './transaction-layer.ts';

const destination = { transport: 'udp', host: '192.0.2.1' } as const;

function outgoing(method = 'MESSAGE'): OutgoingSipRequest {
  const headers = new SipHeaders([
    ['Route', '<sip:192.0.2.1;lr>'],
    ['Max-Forwards', '70'],
    ['From', '<sip:tom@example.com>;tag=from1'],
    ['To', '<sip:mary@example.com>'],
    ['Call-ID', 'call1'],
    ['CSeq', `7 ${method}`],
  ]);
  return { method, requestUri: 'sip:mary@192.0.2.1', headers, body: new TextEncoder().encode('hello') };
}

class Client {
  readonly time = new VirtualTime();
  readonly transport = new RecordingTransport();
  readonly counters = new Counters();
  readonly layer: TransactionLayer;
  readonly heard: (number | string)[] = [];

  constructor(activeClientsMax = 100) {
    const { time, transport, counters } = this;
    const limits = { ...defaultTransactionLimits, activeClientsMax };
    this.layer = new TransactionLayer({ transport, clock: time, timers: time, ids: systemIds, counters, limits });
  }

  send(method = 'MESSAGE', mayLeave?: () => boolean): ClientTransaction {
    return this.layer.send(outgoing(method), destination, {
      ...(mayLeave === undefined ? {} : { mayLeave }),
      onProvisional: ({ status }) => this.heard.push(status),
      onFinal: ({ status }) => this.heard.push(status),
      onFailure: (reason) => this.heard.push(reason),
    });
  }

  answer(request: SipRequest | undefined, status: number, toTag?: string): void {
    if (request === undefined) throw new Error('nothing was sent');
    this.transport.receive(responseText(request, status, toTag));
  }

  gauge(name: string): number | undefined {
    return [...this.counters.entries()].find((each) => each.name === name)?.value;
  }

  get active(): number | undefined {
    return this.gauge('sip_client_transactions_active');
  }
}

describe('a non-INVITE client transaction', () => {
  it('puts its Via on top, retransmits the same octets, and ends with the answer', async () => {
    const client = new Client();
    client.send();
    await client.time.advance(3_500);
    const { transport } = client;
    expect(transport.requests).toHaveLength(4);
    expect(transport.requestBytes[3]).toEqual(transport.requestBytes[0]);
    const [request] = transport.requests;
    expect(request?.headers.get('Via')).toMatch(/^SIP\/2\.0\/UDP 192\.0\.2\.9:5060;branch=z9hG4bK[a-z2-7]{16};rport$/);
    expect(new TextDecoder().decode(request?.body)).toBe('hello');
    client.answer(request, 100);
    client.answer(request, 202);
    client.answer(request, 202);
    expect(client.heard).toEqual([100, 202]);
    expect(client.active).toBe(0);
    expect(client.gauge('sip_responses_stray')).toBe(1);
    transport.takeMethods();
    await client.time.advance(40_000);
    expect(transport.takeMethods()).toEqual([]);
  });

  it('gives up after 64*T1', async () => {
    const client = new Client();
    client.send();
    await client.time.advance(31_999);
    expect(client.heard).toEqual([]);
    await client.time.advance(1);
    expect(client.heard).toEqual(['timeout']);
    expect(client.transport.requests).toHaveLength(11);
    expect(client.active).toBe(0);
  });

  it('is sent once on a stream', async () => {
    const client = new Client();
    client.transport.routes.push('stream');
    client.send();
    await client.time.advance(32_000);
    expect(client.transport.takeMethods()).toEqual(['MESSAGE']);
    expect(client.heard).toEqual(['timeout']);
  });

  it('stopped, nothing leaves and a late answer counts', async () => {
    const client = new Client();
    const transaction = client.send();
    await client.time.advance(600);
    transaction.stopSending();
    client.transport.takeMethods();
    const [first] = client.transport.requestBytes;
    await client.time.advance(20_000);
    expect(client.transport.takeMethods()).toEqual([]);
    expect(first).toBeDefined();
    transaction.stopSending();
    expect(client.heard).toEqual([]);
    expect(client.active).toBe(1);
  });

  it('stopped and answered late is answered', async () => {
    const client = new Client();
    const transaction = client.send();
    transaction.stopSending();
    await client.time.advance(20_000);
    client.answer(client.transport.requests[0], 200);
    expect(client.heard).toEqual([200]);
    transaction.stopSending();
  });

  it('tells of a failure to send, and never before `send` has returned', async () => {
    const client = new Client();
    client.transport.isFailing = true;
    client.send();
    client.transport.routes.push('none');
    client.send();
    expect(client.heard).toEqual([]);
    await client.time.advance(0);
    expect(client.heard).toEqual(['transport', 'transport']);
    expect(client.active).toBe(0);
  });

  it('waits for its way, and stopped before there is one it is never sent', async () => {
    const client = new Client();
    client.transport.routes.push('pending', 'pending');
    client.send();
    const second = client.send();
    await client.time.advance(1_000);
    second.stopSending();
    for (const find of client.transport.waiting) find();
    expect(client.transport.takeMethods()).toEqual(['MESSAGE']);
    await client.time.advance(0);
    expect(client.heard).toEqual(['unwanted']);
    await client.time.advance(31_999);
    expect(client.heard).toEqual(['unwanted']);
    await client.time.advance(1);
    expect(client.heard).toEqual(['unwanted', 'timeout']);
  });

  it('is asked once more whether it may leave where its way had to be opened first', async () => {
    const client = new Client();
    const asked: string[] = [];
    client.send('MESSAGE', () => {
      asked.push('at once');
      return false;
    });
    expect(client.transport.takeMethods()).toEqual(['MESSAGE']);
    client.transport.routes.push('pending');
    client.send('MESSAGE', () => {
      asked.push('later');
      return false;
    });
    client.transport.waiting[0]?.();
    await client.time.advance(0);
    expect(asked).toEqual(['later']);
    expect(client.transport.takeMethods()).toEqual([]);
    expect(client.heard).toEqual(['unwanted']);
  });

  it('without a way has failed, wanted or not', async () => {
    const client = new Client();
    client.transport.routes.push('pending', 'none');
    client.send().stopSending();
    client.transport.waiting[0]?.();
    await client.time.advance(0);
    expect(client.heard).toEqual(['transport']);
  });

  it('fails with its connection, and no other does', async () => {
    const client = new Client();
    client.transport.routes.push('stream', 'stream', 'datagram');
    client.send();
    client.send();
    client.send();
    client.answer(client.transport.requests[0], 200);
    client.transport.closeConnection(99);
    await client.time.advance(0);
    expect(client.heard).toEqual([200]);
    client.transport.closeConnection(streamFlow.connection ?? 0);
    await client.time.advance(0);
    expect(client.heard).toEqual([200, 'transport']);
    expect(client.active).toBe(1);
  });

  it('an answer that comes with the failure wins', async () => {
    const client = new Client();
    client.transport.routes.push('stream');
    client.send();
    client.transport.closeConnection(streamFlow.connection ?? 0);
    client.answer(client.transport.requests[0], 200);
    await client.time.advance(40_000);
    expect(client.heard).toEqual([200]);
  });
});

describe('matching of responses (RFC 3261 17.1.3)', () => {
  it('drops what has another branch or names another method', () => {
    const client = new Client();
    client.send();
    const [request] = client.transport.requests;
    if (request === undefined) throw new Error('nothing was sent');
    const text = responseText(request, 200);
    client.transport.receive(text.replace('z9hG4bK', 'z9hG4bKx'));
    client.transport.receive(text.replace(/branch=[^;]*/, 'x=y'));
    client.transport.receive(text.replace('7 MESSAGE', '7 CANCEL'));
    client.transport.receive(text.replace('7 MESSAGE', '7 OPTIONS'));
    expect(client.heard).toEqual([]);
    expect(client.gauge('sip_responses_stray')).toBe(4);
    client.transport.receive(text);
    expect(client.heard).toEqual([200]);
  });
});

describe('an INVITE client transaction', () => {
  it('acknowledges a refusal itself, each time it comes, and passes it up once', async () => {
    const client = new Client();
    client.send('INVITE');
    const [invite] = client.transport.requests;
    client.answer(invite, 486);
    client.answer(invite, 486);
    expect(client.heard).toEqual([486]);
    const [, first, second] = client.transport.requestBytes;
    expect(second).toEqual(first);
    const ack = client.transport.requests[1];
    expect(ack).toMatchObject({ method: 'ACK', requestUri: 'sip:mary@192.0.2.1', callId: 'call1', cseq: 7 });
    expect(ack?.to.tag).toBe('peer1');
    expect(ack?.headers.get('Via')).toBe(invite?.headers.get('Via'));
    expect(ack?.headers.get('Route')).toBe('<sip:192.0.2.1;lr>');
    await client.time.advance(32_000);
    expect(client.active).toBe(0);
  });

  it('passes every 2xx up for 64*T1', async () => {
    const client = new Client();
    client.send('INVITE');
    const [invite] = client.transport.requests;
    client.answer(invite, 180);
    client.answer(invite, 200, 'one');
    client.answer(invite, 200, 'two');
    expect(client.heard).toEqual([180, 200, 200]);
    expect(client.transport.requests).toHaveLength(1);
    await client.time.advance(32_000);
    client.answer(invite, 200, 'late');
    expect(client.heard).toEqual([180, 200, 200]);
  });

  it('is cancelled when a provisional response allows it', async () => {
    const client = new Client();
    const transaction = client.send('INVITE');
    transaction.cancel();
    await client.time.advance(500);
    expect(client.transport.takeMethods()).toEqual(['INVITE', 'INVITE']);
    const bytes = client.transport.requestBytes[0];
    client.transport.requests.length = 0;
    expect(bytes).toBeDefined();
    await client.time.advance(1_000);
    const [invite] = client.transport.requests;
    client.answer(invite, 180);
    const cancel = client.transport.requests.at(-1);
    expect(cancel).toMatchObject({ method: 'CANCEL', cseq: 7, callId: 'call1', requestUri: 'sip:mary@192.0.2.1' });
    expect(cancel?.headers.get('Via')).toBe(invite?.headers.get('Via'));
    client.answer(cancel, 200);
    client.answer(invite, 487);
    expect(client.heard).toEqual([180, 487]);
    expect(client.transport.requests.at(-1)?.method).toBe('ACK');
    await client.time.advance(32_000);
    expect(client.active).toBe(0);
  });

  it('is the only one that can be cancelled', () => {
    const transaction = new Client().send();
    expect(() => transaction.cancel()).toThrow('only an INVITE');
  });

  it('its ACK to a 2xx is a request of its own', () => {
    const client = new Client();
    client.layer.sendAck(outgoing('ACK'), destination);
    expect(client.transport.takeMethods()).toEqual(['ACK']);
    expect(client.active).toBe(0);
  });
});

describe('limits of client transactions', () => {
  it('at the limit the newest fails, one past it', async () => {
    const client = new Client(2);
    client.send();
    client.send();
    await client.time.advance(0);
    expect(client.heard).toEqual([]);
    client.send();
    await client.time.advance(0);
    expect(client.heard).toEqual(['transport']);
    expect(client.transport.requests).toHaveLength(2);
    client.answer(client.transport.requests[0], 200);
    client.send();
    expect(client.transport.requests).toHaveLength(3);
  });
});
