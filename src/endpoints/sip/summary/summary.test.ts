/** The package with its notifier: what a NOTIFY holds, when it is sent, and how large it may be. */
import { describe, expect, it } from 'vitest';
import { StoreFault } from '../../../base/store-fault.ts';
import { silentLog } from '../../../base/log.ts';
import { systemIds } from '../../../base/system-ids.ts';
import { VirtualTime } from '../../../base/time/virtual-time.ts';
import type { ReadySummary } from '../../../delivery/desks/inbox.ts';
import type { MailboxEntry } from '../../../delivery/ports.ts';
import type { Address } from '../../../model/address.ts';
import type { DialogRequest } from '../../../sip/dialog/dialog-request.ts';
import { Notifier } from '../../../sip/event/notifier/notifier.ts';
import type { NotifyOutcome } from '../../../sip/event/notifier/notify-outcome.ts';
import type { SubscribeAnswer } from '../../../sip/event/notifier/subscribe-request.ts';
import { formatSipRequest } from '../../../sip/message/format-message.ts';
import { type HeaderRow, SipHeaders } from '../../../sip/message/sip-headers.ts';
import { createSipRequest } from '../../../sip/message/sip-message.ts';
import type { Flow } from '../../../sip/registrar/ports.ts';
import { listedMax, nameShownMax, subjectShownMax, SummaryPackage } from './summary-package.ts';
import { noticeText, sendersNamedMax } from './waiting-notices.ts';
import { memoryStores } from '../../../stores/memory/memory-stores.ts';

const mary = 'mary@localhost' as Address;
const paceMs = 5000;
const datagram: Flow = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 5060 };
const stream: Flow = { ...datagram, transport: 'tcp', connection: 1 };
/** The longest that this server writes: an IPv6 address, a port, a branch. */
const via = 'SIP/2.0/UDP [2001:0db8:0000:0000:0000:0000:0000:0001]:65535;branch=z9hG4bKaaaaaaaaaaaaaaaaaaaa;rport';

function entry(number: number, changes: Partial<MailboxEntry['message']> = {}): MailboxEntry {
  const id = `01a1fdb9-ae1e-7295-a3e0-${String(number).padStart(12, '0')}`;
  return { id, message: { sender: 'tom@localhost', sentAt: 0, ...changes } } as MailboxEntry;
}

function world(entries: MailboxEntry[], flow: Flow = datagram, rows: HeaderRow[] = [], fault?: StoreFault) {
  const time = new VirtualTime();
  const sent: { request: DialogRequest; finish: (outcome: NotifyOutcome) => void }[] = [];
  const inbox = {
    reads: 0,
    whileRead: (): void => {},
    fault,
    summary(_recipient: Address, limit: number): Promise<ReadySummary> {
      inbox.reads += 1;
      if (inbox.fault !== undefined) return Promise.reject(inbox.fault);
      const read = { senders: [], total: entries.length, newest: entries.slice(0, limit) };
      inbox.whileRead();
      return Promise.resolve(read);
    },
  };
  const notifier = new Notifier({
    packages: [new SummaryPackage({ inbox, paceMs, serves: () => true })],
    sender: { send: (request, _flow, finish) => void sent.push({ request, finish }) },
    clock: time,
    timers: time,
    ids: systemIds,
    store: memoryStores().subscriptions,
    log: silentLog,
  });
  const answers: SubscribeAnswer[] = [];
  const headers = new SipHeaders([
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
    ['From', `"Mary" <sip:${mary}>;tag=their`],
    ['To', `<sip:${mary}>`],
    ['Call-ID', 'c1@192.0.2.1'],
    ['CSeq', '1 SUBSCRIBE'],
    ['Contact', '<sip:mary@192.0.2.1:5060>'],
    ['Event', 'message-summary'],
    ...rows,
  ]);
  const request = createSipRequest({ method: 'SUBSCRIBE', requestUri: `sip:${mary}`, headers });
  notifier.subscribe({ request, subscriber: mary, resource: mary, flow, contact: '<sip:192.0.2.99:5060>' }, (answer) =>
    answers.push(answer),
  );
  const changed = (): void => notifier.resourceChanged('message-summary', mary);
  const bodies = (): string[] => sent.map((each) => new TextDecoder().decode(each.request.body));
  const finish = (status = 200): void => sent.at(-1)?.finish({ kind: 'status', status });
  return { time, sent, inbox, notifier, answers, changed, bodies, finish };
}

function bytesOf({ method, requestUri, headers, body }: DialogRequest): number {
  headers.add('Via', via);
  return formatSipRequest({ method, requestUri, headers, body }).length;
}

describe('"the newest 20 ready ones (fewer to stay below 1,300 bytes on UDP)"', () => {
  const many = Array.from({ length: 25 }, (_, number) => entry(number));
  const listed = (body = ''): number => body.split('Message-ID: ').length - 1;

  it(`are ${listedMax} over a stream, and counted whole`, async () => {
    const { time, bodies } = world(many, stream);
    await time.settle();
    expect(listed(bodies()[0])).toBe(20);
    expect(bodies()[0]).toContain('Text-Message: 25/0\r\n');
  });

  it.each([
    ['plain ones', many, [], 4],
    [
      'with long subjects',
      many.map(({ message }, number) => entry(number, { ...message, subject: 'é'.repeat(300) })),
      [],
      1,
    ],
    [
      'behind many proxies',
      many,
      Array.from({ length: 9 }, (_, n) => ['Record-Route', `<sip:192.0.2.${n};lr>`] as const),
      2,
    ],
    [
      'behind so many that nothing is left',
      many,
      Array.from(
        { length: 30 },
        (_, n) => ['Record-Route', `<sip:192.0.2.${n};lr;x=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa>`] as const,
      ),
      0,
    ],
  ])('are as many as fit a datagram: %s', async (_what, entries, rows, least) => {
    const { time, sent, bodies } = world(entries, datagram, rows);
    await time.settle();
    const count = listed(bodies()[0]);
    expect(count).toBeGreaterThanOrEqual(least);
    expect(bodies()[0]).toContain('Text-Message: 25/0\r\n');
    const bytes = sent.map(({ request }) => bytesOf(request))[0] ?? 0;
    // And no room is given away: another one would not have fitted by much.
    expect(bytes).toBeGreaterThan(1300 - 550);
    expect(bytes <= 1300 || count === 0).toBe(true);
  });

  it('show the beginning of a long subject and a long name', async () => {
    const long = entry(1, { subject: 's'.repeat(subjectShownMax + 1), senderName: 'n'.repeat(nameShownMax + 1) });
    const { time, bodies } = world([long], stream);
    await time.settle();
    expect(bodies()[0]).toContain(`Subject: ${'s'.repeat(subjectShownMax)}\r\n`);
    expect(bodies()[0]).toContain(`From: "${'n'.repeat(nameShownMax)}" <sip:tom@localhost>\r\n`);
  });
});

describe('a state that must be read', () => {
  it('is read when a NOTIFY is due, once for all that changed, and nothing is sent while it is read or not new', async () => {
    const entries = [entry(1)];
    const { time, sent, inbox, changed, finish } = world(entries);
    expect(sent.length).toBe(0);
    await time.settle();
    expect([sent.length, inbox.reads]).toEqual([1, 1]);
    finish();
    entries.push(entry(2));
    for (let times = 0; times < 9; times += 1) changed();
    await time.advance(paceMs - 1);
    expect(inbox.reads).toBe(1);
    await time.advance(1);
    expect([sent.length, inbox.reads]).toEqual([2, 2]);
    finish();
    changed();
    await time.advance(paceMs);
    expect([sent.length, inbox.reads]).toEqual([2, 3]);
  });

  it('tells what changed while it was read', async () => {
    const entries = [entry(1)];
    const { time, bodies, changed, finish, inbox } = world(entries);
    inbox.whileRead = () => {
      inbox.whileRead = () => {};
      entries.push(entry(2));
      changed();
    };
    await time.settle();
    finish();
    entries.push(entry(3));
    changed();
    await time.advance(paceMs);
    expect(bodies().map((body) => /Text-Message: (\d+)/.exec(body)?.[1])).toEqual(['1', '3']);
  });

  it('is told later where the store cannot be read; the end of a subscription is told all the same', async () => {
    const { time, sent, inbox, notifier, answers } = world([entry(1)], datagram, [], new StoreFault('down', true));
    await time.settle();
    expect([answers[0]?.status, sent.length]).toEqual([200, 0]);
    await time.advance(29_999);
    inbox.fault = undefined;
    expect(sent.length).toBe(0);
    await time.advance(1);
    expect(sent.length).toBe(1);
    sent[0]?.finish({ kind: 'status', status: 200 });
    inbox.fault = new StoreFault('down', true);
    notifier.endSubscriber(mary, 'timeout');
    await time.settle();
    expect(sent[1]?.request.headers.get('Subscription-State')).toBe('terminated;reason=timeout');
    expect(sent[1]?.request.body.length).toBe(0);
    sent[1]?.finish({ kind: 'status', status: 200 });
    expect(notifier.size).toBe(0);
  });
});

describe('the words of a notice', () => {
  const from = (...counts: number[]) =>
    counts.map((count, number) => ({ sender: `p${number}@localhost` as Address, count }));

  it.each([
    [from(1), 'from p0@localhost'],
    [from(2), '2 from p0@localhost'],
    [from(1, 3), '3 from p1@localhost, 1 from p0@localhost'],
  ])('say who wrote how many', (senders, words) => {
    const total = senders.reduce((sum, { count }) => sum + count, 0);
    expect(noticeText({ senders, total })).toContain(`: ${words}. To get`);
  });

  it(`name ${sendersNamedMax} senders at most`, () => {
    const counts = Array.from({ length: sendersNamedMax }, () => 1);
    expect(noticeText({ senders: from(...counts), total: 5 })).not.toContain('others');
    expect(noticeText({ senders: from(...counts, 1, 1), total: 7 })).toContain('1 from p4@localhost, 2 from others.');
  });
});
