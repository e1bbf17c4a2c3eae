/** Server transactions through the layer: retransmissions, timers, ACK, CANCEL, limits. */
import { describe, expect, it } from 'vitest';
import { Counters } from '../../base/counters.ts';
import { systemIds } from '../../base/system-ids.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import { buildResponse } from '../message/build-response.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import type { SipRequest } from '../message/sip-message.ts';
import { arenaChunkBytes } from './finished/answer-arena.ts';
import { RecordingTransport, requestText, streamFlow } from './recording-transport.ts';
import type { ServerTransaction } from './server-transaction.ts';
import { defaultTransactionLimits, TransactionLayer } from './transaction-layer.ts';
import type { TransactionLimits } from './transaction-layer.ts';

function setUp(limits: Partial<TransactionLimits> = {}): {
  time: VirtualTime;
  transport: RecordingTransport;
  transactions: ServerTransaction[];
  acks: SipRequest[];
  gauge: (name: string) => number | undefined;
} {
  const time = new VirtualTime();
  const transport = new RecordingTransport();
  const counters = new Counters();
  const layer = new TransactionLayer({
    transport,
    clock: time,
    timers: time,
    ids: systemIds,
    counters,
    limits: { ...defaultTransactionLimits, ...limits },
  });
  const transactions: ServerTransaction[] = [];
  const acks: SipRequest[] = [];
  layer.use({ onRequest: (each) => transactions.push(each), onAck: (ack) => acks.push(ack) });
  const gauge = (name: string): number | undefined => [...counters.entries()].find((each) => each.name === name)?.value;
  return { time, transport, transactions, acks, gauge };
}

function answer(
  transaction: ServerTransaction | undefined,
  status: number,
  rows: readonly HeaderRow[] = [],
  bodyBytes = 0,
): void {
  if (transaction === undefined) throw new Error('no transaction');
  const options = { toTag: transaction.localTag, headers: rows, body: new Uint8Array(bodyBytes) };
  transaction.respond(buildResponse(transaction.request, status, undefined, options));
}

describe('a non-INVITE server transaction', () => {
  it('that is to be forgotten leaves nothing behind its answer, and its repetition is new', async () => {
    const { time, transport, transactions, gauge } = setUp();
    const text = requestText({ body: 'hello' });
    for (let count = 1; count <= 2; count++) {
      transport.receive(text);
      transport.receive(text);
      expect(transactions).toHaveLength(count);
      const transaction = transactions[count - 1];
      if (transaction !== undefined) transaction.isForgotten = true;
      answer(transaction, 407);
      expect(transport.takeStatuses()).toEqual([407]);
      expect(gauge('sip_server_transactions_active')).toBe(0);
      expect(gauge('sip_server_transactions_finished')).toBe(0);
    }
    expect(transactions[1]?.localTag, 'RFC 3261 8.2.7').toBe(transactions[0]?.localTag);
    answer(transactions[0], 200);
    await time.advance(64 * 500);
    expect(transport.takeStatuses()).toEqual([]);
  });

  it('passes a request up once and repeats the answer octet by octet for 64*T1', async () => {
    const { time, transport, transactions, gauge } = setUp();
    const text = requestText({ body: 'hello' });
    transport.receive(text);
    transport.receive(text);
    expect(transactions).toHaveLength(1);
    expect(transport.takeStatuses()).toEqual([]);
    answer(transactions[0], 202, [['Deferred-Message', 'id1;state=held;expires=60']]);
    expect(transport.takeStatuses()).toEqual([202]);
    expect(gauge('sip_server_transactions_active')).toBe(0);
    expect(gauge('sip_server_transactions_finished')).toBe(1);
    await time.advance(31_000);
    transport.receive(text);
    expect(transactions).toHaveLength(1);
    const [first, second] = transport.responseBytes;
    expect(second).toEqual(first);
    await time.advance(1_250);
    expect(gauge('sip_server_transactions_finished')).toBe(0);
    transport.receive(text);
    expect(transactions).toHaveLength(2);
  });

  it('repeats a body, a To tag of the request and a reason that is not ASCII', () => {
    const { transport, transactions } = setUp();
    const text = requestText({ toTag: 'dialog1', rows: ['Subject: caf\u00e9'] });
    transport.receive(text);
    const [transaction] = transactions;
    if (transaction === undefined) throw new Error('no transaction');
    const body = new TextEncoder().encode('what \u00fc');
    transaction.respond(
      buildResponse(transaction.request, 404, 'K\u00e4se', { headers: [['Warning', '399 h "\u00e9"']], body }),
    );
    transport.receive(text);
    expect(transport.responses[0]?.to.tag).toBe('dialog1');
    expect(transport.responseBytes[1]).toEqual(transport.responseBytes[0]);
  });

  it('answers to the port that a retransmission comes from', () => {
    const { transport, transactions } = setUp();
    const text = requestText({ via: 'SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;rport' });
    transport.receive(text);
    answer(transactions[0], 200);
    const moved = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 6060 } as const;
    transport.receive(text, moved);
    expect(transport.responses[1]?.topVia.rport).toBe(6060);
    expect(transport.responseFlows[1]).toEqual(moved);
  });

  it('says 100 after 3.5 s on datagrams, repeats it, and answers nothing after 64*T1 (RFC 4320)', async () => {
    const { time, transport, transactions } = setUp();
    transport.receive(requestText());
    await time.advance(3_499);
    expect(transport.takeStatuses()).toEqual([]);
    await time.advance(1);
    expect(transport.takeStatuses()).toEqual([100]);
    transport.receive(requestText());
    expect(transport.takeStatuses()).toEqual([100]);
    await time.advance(28_500);
    answer(transactions[0], 200);
    expect(transport.takeStatuses()).toEqual([]);
    expect(transactions[0]?.isAnswered).toBe(true);
  });

  it('leaves nothing behind on a stream', async () => {
    const { time, transport, transactions, gauge } = setUp();
    transport.receive(requestText(), streamFlow);
    await time.advance(5_000);
    answer(transactions[0], 200);
    expect(transport.takeStatuses()).toEqual([200]);
    expect(gauge('sip_server_transactions_active')).toBe(0);
    expect(gauge('sip_server_transactions_finished')).toBe(0);
    transport.receive(requestText(), streamFlow);
    expect(transactions).toHaveLength(2);
  });

  it('discards what comes behind the final response', () => {
    const { transport, transactions } = setUp();
    transport.receive(requestText());
    answer(transactions[0], 200);
    answer(transactions[0], 500);
    expect(transport.takeStatuses()).toEqual([200]);
  });

  it('never says 408 or a provisional other than 100: that is a fault of ours', () => {
    const { transport, transactions } = setUp();
    transport.receive(requestText());
    expect(() => answer(transactions[0], 180)).toThrow('no provisional');
    expect(() => answer(transactions[0], 408)).toThrow('408');
    answer(transactions[0], 100);
    answer(transactions[0], 200);
    expect(transport.takeStatuses()).toEqual([100, 200]);
  });

  it('survives a connection that is gone', () => {
    const { transport, transactions, gauge } = setUp();
    transport.receive(requestText(), streamFlow);
    transport.isFailing = true;
    answer(transactions[0], 200);
    expect(gauge('sip_server_transactions{event="send-failed"}')).toBe(1);
    expect(gauge('sip_server_transactions_active')).toBe(0);
  });
});

describe('matching (RFC 3261 17.2.3)', () => {
  it.each([
    ['another branch', { branch: 'z9hG4bK2' }],
    ['another method', { method: 'OPTIONS' }],
    ['another host in sent-by', { via: 'SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1' }],
    ['another port in sent-by', { via: 'SIP/2.0/UDP 192.0.2.1:5061;branch=z9hG4bK1' }],
  ])('%s makes another transaction', (_what, words) => {
    const { transport, transactions } = setUp();
    transport.receive(requestText());
    transport.receive(requestText(words));
    expect(transactions).toHaveLength(2);
  });

  it('goes by the branch alone, whatever else differs', () => {
    const { transport, transactions } = setUp();
    transport.receive(requestText());
    transport.receive(requestText({ callId: 'other', uri: 'sip:other@example.com', cseq: 9 }));
    expect(transactions).toHaveLength(1);
  });

  it.each([
    ['without a branch', 'SIP/2.0/UDP 192.0.2.1'],
    ['with a branch of its own kind', 'SIP/2.0/UDP 192.0.2.1;branch=1'],
    ['with the cookie and nothing else', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK'],
  ])('of RFC 2543 %s goes by Request-URI, From tag, Call-ID and CSeq', (_what, via) => {
    const { transport, transactions } = setUp();
    transport.receive(requestText({ via }));
    transport.receive(requestText({ via }));
    expect(transactions).toHaveLength(1);
    const others = [{ uri: 'sip:x@example.com' }, { fromTag: 'x' }, { callId: 'x' }, { cseq: 2 }];
    for (const words of others) transport.receive(requestText({ via, ...words }));
    expect(transactions).toHaveLength(1 + others.length);
  });
});

describe('an INVITE server transaction', () => {
  const invite = (words = {}): string => requestText({ method: 'INVITE', ...words });

  it('says 100 after 200 ms, and not when the user was faster', async () => {
    const { time, transport, transactions } = setUp();
    transport.receive(invite());
    await time.advance(200);
    expect(transport.takeStatuses()).toEqual([100]);
    transport.receive(invite({ branch: 'z9hG4bK2' }));
    answer(transactions[1], 180);
    await time.advance(1_000);
    transport.receive(invite({ branch: 'z9hG4bK2' }));
    expect(transport.takeStatuses()).toEqual([180, 180]);
  });

  it('retransmits a refusal until the ACK, which goes no further', async () => {
    const { time, transport, transactions, acks, gauge } = setUp();
    transport.receive(invite());
    answer(transactions[0], 488);
    await time.advance(1_500);
    expect(transport.takeStatuses()).toEqual([488, 488, 488]);
    transport.receive(requestText({ method: 'ACK', toTag: transactions[0]?.localTag ?? '' }));
    await time.advance(4_999);
    expect(transport.takeStatuses()).toEqual([]);
    expect(gauge('sip_server_transactions_active')).toBe(1);
    await time.advance(1);
    expect(gauge('sip_server_transactions_active')).toBe(0);
    expect(acks).toEqual([]);
  });

  it('gives up without an ACK', async () => {
    const { time, transport, transactions, gauge } = setUp();
    transport.receive(invite());
    answer(transactions[0], 488);
    await time.advance(32_000);
    expect(gauge('sip_server_transactions{event="no-ack"}')).toBe(1);
    expect(gauge('sip_server_transactions_active')).toBe(0);
  });

  it('passes the ACK of a 2xx up, with the branch of the INVITE or its own, and lets the user repeat the 2xx', () => {
    const { transport, transactions, acks } = setUp();
    transport.receive(invite());
    answer(transactions[0], 200);
    transport.receive(invite());
    answer(transactions[0], 200);
    expect(transport.takeStatuses()).toEqual([200, 200]);
    transport.receive(requestText({ method: 'ACK' }));
    transport.receive(requestText({ method: 'ACK', branch: 'z9hG4bK9' }));
    expect(acks).toHaveLength(2);
    expect(transactions).toHaveLength(1);
  });

  it('of RFC 2543: only an ACK with the To tag of the answer is its own', async () => {
    const { time, transport, transactions, acks } = setUp();
    const via = 'SIP/2.0/UDP 192.0.2.1';
    transport.receive(invite({ via }));
    answer(transactions[0], 404);
    transport.receive(requestText({ method: 'ACK', via, toTag: 'stranger' }));
    expect(acks).toHaveLength(1);
    transport.receive(requestText({ method: 'ACK', via, toTag: transactions[0]?.localTag ?? '' }));
    transport.takeStatuses();
    await time.advance(2_000);
    expect(transport.takeStatuses()).toEqual([]);
  });
});

describe('CANCEL (RFC 3261 9.2)', () => {
  const cancel = requestText({ method: 'CANCEL' });

  it('is answered 200 and its INVITE 487, both with the same tag', () => {
    const { transport, transactions } = setUp();
    transport.receive(requestText({ method: 'INVITE' }));
    transport.receive(cancel);
    expect(transactions).toHaveLength(1);
    const [toCancel, toInvite] = transport.responses;
    expect([toCancel?.status, toCancel?.cseqMethod]).toEqual([200, 'CANCEL']);
    expect([toInvite?.status, toInvite?.cseqMethod]).toEqual([487, 'INVITE']);
    expect(toCancel?.to.tag).toBe(toInvite?.to.tag);
    transport.takeStatuses();
    transport.receive(cancel);
    expect(transport.takeStatuses()).toEqual([200]);
  });

  it('lets the user give the answer', () => {
    const { transport, transactions } = setUp();
    transport.receive(requestText({ method: 'INVITE' }));
    const [transaction] = transactions;
    if (transaction !== undefined) transaction.onCancel = () => answer(transaction, 603);
    transport.receive(cancel);
    expect(transport.takeStatuses()).toEqual([200, 603]);
  });

  it('changes nothing behind the answer', () => {
    const { transport, transactions } = setUp();
    transport.receive(requestText({ method: 'INVITE' }));
    answer(transactions[0], 200);
    transport.receive(cancel);
    expect(transport.takeStatuses()).toEqual([200, 200]);
    expect(transport.responses).toEqual([]);
  });

  it('matches INVITE only: anything else is 481', () => {
    const { transport } = setUp();
    transport.receive(cancel);
    transport.receive(requestText({ branch: 'z9hG4bK5' }));
    transport.receive(requestText({ method: 'CANCEL', branch: 'z9hG4bK5' }));
    expect(transport.takeStatuses()).toEqual([481, 481]);
  });
});

describe('limits of server transactions', () => {
  it('refuses INVITEs that nobody acknowledges, and nothing else', async () => {
    const { time, transport, transactions } = setUp({ activeInvitesMax: 2 });
    const invite = (branch: string): void => transport.receive(requestText({ method: 'INVITE', branch }));
    for (const [index, branch] of ['z9hG4bKa', 'z9hG4bKb'].entries()) {
      invite(branch);
      answer(transactions[index], 407);
    }
    expect(transport.takeStatuses()).toEqual([407, 407]);
    invite('z9hG4bKc');
    transport.receive(requestText({ branch: 'z9hG4bKd' }));
    answer(transactions[2], 200);
    expect(transport.takeStatuses()).toEqual([503, 200]);
    expect(transactions).toHaveLength(3);
    await time.advance(64 * 500);
    invite('z9hG4bKc');
    expect(transactions).toHaveLength(4);
  });

  it('refuses the newest with 503 at the limit of unanswered ones, and takes the next when one is answered', () => {
    const { transport, transactions } = setUp({ activeServersMax: 2, retryAfterSeconds: 7 });
    for (const branch of ['z9hG4bKa', 'z9hG4bKb']) transport.receive(requestText({ branch }));
    expect(transport.takeStatuses()).toEqual([]);
    transport.receive(requestText({ branch: 'z9hG4bKc' }));
    transport.receive(requestText({ branch: 'z9hG4bKc' }));
    expect(transactions).toHaveLength(2);
    const [first, second] = transport.responseBytes;
    expect(second).toEqual(first);
    expect(transport.responses[0]?.headers.get('Retry-After')).toBe('7');
    expect(transport.takeStatuses()).toEqual([503, 503]);
    answer(transactions[0], 200);
    transport.receive(requestText({ branch: 'z9hG4bKc' }));
    expect(transactions).toHaveLength(3);
  });

  it('refuses with 503 while the records of answers are full; who is under way still gets an answer and keeps it', async () => {
    const { time, transport, transactions } = setUp({ finishedBytesMax: 2 * arenaChunkBytes });
    transport.receive(requestText({ branch: 'z9hG4bKwaits' }));
    transport.receive(requestText({ branch: 'z9hG4bKlarge' }));
    let taken = 2;
    for (; taken < 100 && !transport.takeStatuses().includes(503); taken++) {
      transport.receive(requestText({ branch: `z9hG4bK${taken}` }));
      const last = transactions.at(-1);
      if (last !== undefined && !last.isAnswered && transactions.length > 2) answer(last, 200, [], 60_000);
    }
    expect(taken).toBeGreaterThan(30);
    expect(taken).toBeLessThan(40);
    answer(transactions[0], 200, [['Subject', 'small']]);
    answer(transactions[1], 200, [], 100_000);
    transport.takeStatuses();
    transport.receive(requestText({ branch: 'z9hG4bKwaits' }));
    transport.receive(requestText({ branch: 'z9hG4bKlarge' }));
    transport.receive(requestText({ branch: 'z9hG4bKnew' }));
    expect(transport.takeStatuses()).toEqual([200, 200, 503]);
    await time.advance(33_000);
    const before = transactions.length;
    transport.receive(requestText({ branch: 'z9hG4bKnew' }));
    expect(transactions).toHaveLength(before + 1);
  });

  it('a finished MESSAGE keeps at most 350 bytes', () => {
    const { transport, transactions, gauge } = setUp();
    const rows: HeaderRow[] = [
      ['Deferred-Message', '0199d0c7-1f6e-7c3a-9d52-5a1b2c3d4e5f;state=waiting;expires=604800'],
      ['Server', 'Restante/0.1.0'],
    ];
    const count = 5_000;
    for (let i = 0; i < count; i++) {
      transport.receive(requestText({ branch: `z9hG4bK${i}`, body: 'x'.repeat(1000) }));
      answer(transactions.pop(), 202, rows);
      transport.responses.length = 0;
    }
    expect(gauge('sip_server_transactions_finished')).toBe(count);
    expect((gauge('sip_server_transactions_finished_bytes') ?? 0) / count).toBeLessThanOrEqual(350);
  });
});
