/**
 * The torture messages of RFC 4475 and RFC 5118 through transport, transactions and core, against the table that
 * stands beside them, and messages of our own that cover the same ground.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Counters } from '../../base/counters.ts';
import { silentLog } from '../../base/log.ts';
import { systemIds } from '../../base/system-ids.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import { defaultTiming } from '../transaction/machines/transaction-timing.ts';
import { InviteLayer } from '../invite/invite-layer.ts';
import type { InviteSurroundings } from '../invite/session-words.ts';
import { TransactionLayer } from '../transaction/transaction-layer.ts';
import { MemoryNetwork } from '../transport/memory/memory-network.ts';
import { OwnAddresses } from '../transport/own-addresses.ts';
import { TransportLayer } from '../transport/transport-layer.ts';
import { answerOptions } from './options-answer.ts';
import { ServerCore } from './server-core.ts';
import { refuseInvite } from './session-refusal.ts';

const here = { address: '192.0.2.200', port: 5060 };
const there = { address: '198.51.100.1', port: 5060 };

interface Outcome {
  /** The final response, or undefined. */
  readonly status: number | undefined;
  readonly answer: string;
  readonly malformedResponses: number;
}

/** Sends the octets as one datagram; answers where the Via says are caught wherever they go. */
async function send(octets: Uint8Array): Promise<Outcome> {
  const time = new VirtualTime();
  const network = new MemoryNetwork(time, time);
  const answers: string[] = [];
  network.isLost = (bytes, to) => {
    if (to !== here) answers.push(new TextDecoder().decode(bytes));
    return to !== here;
  };
  const counters = new Counters();
  const transport = new TransportLayer({ clock: time, timers: time, ids: systemIds, counters, server: 'Restante/1' });
  const datagrams = network.openDatagrams(here, transport);
  const addresses = new OwnAddresses({ listening: [here], machine: [here.address], names: ['example.com'] });
  transport.start({ datagrams, streams: [], addresses });
  const layer = new TransactionLayer({ transport, clock: time, timers: time, ids: systemIds, counters });
  const core = createCore(transport, time, counters);
  layer.use(core);
  registerBye(core, new InviteLayer({ ...surroundings(time, counters), transactions: layer }));
  network.openDatagrams(there, { onDatagram: () => undefined }).send(octets, here);
  await time.advance(10);
  const finals = answers.filter((each) => !each.startsWith('SIP/2.0 1'));
  expect(finals.length).toBeLessThanOrEqual(1);
  const [answer = ''] = finals;
  const status = answer === '' ? undefined : Number(answer.slice(8, 11));
  return { status, answer, malformedResponses: counters.counter('sip_received{kind="malformed"}').value };
}

function createCore(transport: TransportLayer, time: VirtualTime, counters: Counters): ServerCore {
  const core = new ServerCore({
    agent: { server: 'Restante/1', host: 'example.com' },
    schemes: ['sip', 'sips', 'im', 'pres', 'wv'],
    optionTags: ['deliver-when', 'path'],
    isOurSentBy: (host, port) => transport.isOurSentBy(host, port),
    clock: time,
    ids: systemIds,
    log: silentLog,
    counters,
    timing: defaultTiming,
  });
  core.register('INVITE', refuseInvite);
  core.register('REGISTER', (context) => context.respond(200));
  core.register('MESSAGE', (context) => context.respond(202), { handlesRepetition: true });
  const capabilities = { accept: ['text/plain'], acceptLanguage: ['en'], supported: [], allowEvents: [], more: [] };
  const knowsAll = { findAbsence: () => undefined, hasDialog: () => false };
  core.register('OPTIONS', answerOptions({ allow: () => core.allow, ...capabilities, ...knowsAll }));
  return core;
}

function surroundings(time: VirtualTime, counters: Counters): Omit<InviteSurroundings, 'transactions'> {
  const parts = { clock: time, timers: time, ids: systemIds, counters, log: silentLog, timing: defaultTiming };
  return {
    ...parts,
    contactFor: () => '<sip:example.com>',
    wayTo: () => ({ transport: 'udp' }),
    allow: () => 'INVITE',
  };
}

/** As the server does it, with sessions that nobody has. */
function registerBye(core: ServerCore, invites: InviteLayer): void {
  core.register('BYE', (context) => invites.receive(context));
}

interface Expectation {
  readonly name: string;
  readonly file: string;
  readonly message: 'request' | 'response';
  readonly preferred: string;
  readonly alternatives: readonly string[];
  readonly mustNot: readonly string[];
}

const folder = new URL('../../../../shared/reference/torture/', import.meta.url);
const table = new URL('expected.json', folder);
const isThere = existsSync(table);
const expectations = isThere ? (JSON.parse(readFileSync(table, 'utf8')) as Expectation[]) : [];
const whenThere = isThere ? '' : ' (skipped: the folder ../shared/reference/torture beside the repository is missing)';

/** `process`: taken for what it is and answered as any other of its method. */
const processed = [200, 404, 481, 488, 415, 406, 401, 403, 407];

function isAllowed(status: number | undefined, words: readonly string[]): boolean {
  if (status === undefined) return words.some((word) => /^(?:drop|accept-response|drop-no-transaction)$/.test(word));
  return words.includes(String(status)) || (words.includes('process') && processed.includes(status));
}

describe.skipIf(!isThere)(`the torture messages${whenThere}`, () => {
  it.each(expectations)('$name: $preferred', async ({ file, message, preferred, alternatives, mustNot }) => {
    const { status } = await send(readFileSync(new URL(file, folder)));
    expect(isAllowed(status, [preferred, ...alternatives]), `answered ${status}`).toBe(true);
    expect(message === 'response' && status !== undefined).toBe(false);
    expect(mustNot.includes('2xx') && Math.floor((status ?? 0) / 100) === 2).toBe(false);
  });

  it.each(expectations.filter(({ preferred }) => /^\d+$/.test(preferred)))(
    '$name is answered as preferred: $preferred',
    async ({ file, preferred }) => {
      const { status } = await send(readFileSync(new URL(file, folder)));
      expect(status).toBe(Number(preferred));
    },
  );
});

/** A request line and rows, with what is usual where nothing is said. */
function message(line: string, rows: readonly string[], body = ''): Uint8Array {
  return new TextEncoder().encode([line, ...rows, '', body].join('\r\n'));
}

const via = 'Via: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKown';
const usual = [via, 'Max-Forwards: 70', 'From: <sip:a@example.net>;tag=1', 'To: <sip:b@example.com>', 'Call-ID: own@1'];
const without = (name: string): string[] => usual.filter((row) => !row.startsWith(`${name}:`));
const options = (rows: readonly string[], body = ''): Uint8Array =>
  message('OPTIONS sip:b@example.com SIP/2.0', [...rows, 'CSeq: 1 OPTIONS'], body);

describe('messages of our own', () => {
  it.each([
    ['a plain request', options(usual), 200],
    [
      'rows in compact form, folded and of odd case',
      options([
        'v : SIP/2.0/UDP 198.51.100.1:5060',
        '  ;branch=z9hG4bKown',
        'MAX-FORWARDS: 0070',
        'f: <sip:a@example.net>;tag=1',
        't: "B" <sip:b@example.com>',
        'i: own@1',
        'l: 0',
      ]),
      200,
    ],
    ['an unknown method', message('HOP sip:b@example.com SIP/2.0', [...usual, 'CSeq: 1 HOP']), 501],
    ['an unknown method whose CSeq differs', message('HOP sip:b@example.com SIP/2.0', [...usual, 'CSeq: 1 SKIP']), 501],
    [
      'a known method whose CSeq differs',
      message('OPTIONS sip:b@example.com SIP/2.0', [...usual, 'CSeq: 1 INVITE']),
      400,
    ],
    ['a method that is not served', message('REFER sip:b@example.com SIP/2.0', [...usual, 'CSeq: 1 REFER']), 405],
    ['another version', message('OPTIONS sip:b@example.com SIP/7.0', [...usual, 'CSeq: 1 OPTIONS']), 505],
    ['a scheme that nobody knows', message('OPTIONS soap:b@example.com SIP/2.0', [...usual, 'CSeq: 1 OPTIONS']), 416],
    [
      'brackets round the Request-URI',
      message('OPTIONS <sip:b@example.com> SIP/2.0', [...usual, 'CSeq: 1 OPTIONS']),
      400,
    ],
    [
      'two spaces in the request line',
      message('OPTIONS  sip:b@example.com SIP/2.0', [...usual, 'CSeq: 1 OPTIONS']),
      400,
    ],
    ['a CSeq beyond 2^32', message('OPTIONS sip:b@example.com SIP/2.0', [...usual, 'CSeq: 4294967296 OPTIONS']), 400],
    ['no From', options(without('From')), 400],
    ['no To', options(without('To')), 400],
    ['no Call-ID', options(without('Call-ID')), 400],
    ['no CSeq', message('OPTIONS sip:b@example.com SIP/2.0', usual), 400],
    ['no Max-Forwards', options(without('Max-Forwards')), 200],
    ['no Via', options(without('Via')), undefined],
    ['a Via that cannot be read', options([...without('Via'), 'Via: nonsense']), undefined],
    ['two From rows', options([...usual, 'From: <sip:c@example.net>;tag=2']), 400],
    ['two lengths', options([...usual, 'Content-Length: 0', 'Content-Length: 5']), 400],
    ['a length beyond the datagram', options([...usual, 'Content-Length: 10'], 'short'), 400],
    ['more octets than its length', options([...usual, 'Content-Length: 2'], 'okOPTIONS sip:x SIP/2.0\r\n'), 200],
    ['an unterminated quotation', options([...without('To'), 'To: "B <sip:b@example.com>']), 400],
    ['empty parameters in Via', options([...without('Via'), `${via};;,;,,`]), 400],
    ['an unknown extension', options([...usual, 'Require: nothingSupportsThis']), 420],
    [
      'an ACK that is malformed',
      message('ACK sip:b@example.com SIP/2.0', [...without('To'), 'CSeq: 1 ACK']),
      undefined,
    ],
    ['an ACK that nobody waits for', message('ACK sip:b@example.com SIP/2.0', [...usual, 'CSeq: 1 ACK']), undefined],
    ['a response that nobody waits for', message('SIP/2.0 200 OK', [...usual, 'CSeq: 1 OPTIONS']), undefined],
    ['a response with a status beyond all', message('SIP/2.0 4294967301 OK', [...usual, 'CSeq: 1 OPTIONS']), undefined],
    ['a BYE without a dialog', message('BYE sip:b@example.com SIP/2.0', [...usual, 'CSeq: 1 BYE']), 481],
    ['a CANCEL without an INVITE', message('CANCEL sip:b@example.com SIP/2.0', [...usual, 'CSeq: 1 CANCEL']), 481],
    ['text that is no SIP', new TextEncoder().encode('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), undefined],
    ['noise', new Uint8Array(500).map((_, i) => (i * 89 + 40) & 255), undefined],
    ['a STUN request', new Uint8Array([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]), undefined],
    ['an empty datagram', new Uint8Array(0), undefined],
    ['a keep-alive', new TextEncoder().encode('\r\n\r\n'), undefined],
    [
      'line ends before the request',
      new TextEncoder().encode(`\r\n\r\n${new TextDecoder().decode(options(usual))}`),
      200,
    ],
  ])('%s', async (_what, octets, status) => {
    expect((await send(octets)).status).toBe(status);
  });

  it('copies what there was into the answer to what it could not read', async () => {
    const { answer } = await send(options([...without('From'), 'Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKlower']));
    expect(answer).toContain('Via: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKown\r\nVia: SIP/2.0/UDP 10.0.0.1');
    expect(answer).toMatch(/\r\nTo: <sip:b@example\.com>;tag=[0-9a-f]{8}\r\n/);
    expect(answer).toContain('\r\nCall-ID: own@1\r\nCSeq: 1 OPTIONS\r\n');
    expect(answer).toContain('\r\nServer: Restante/1\r\n');
  });

  it('completes the topmost Via only, where others stand in its row', async () => {
    const { answer } = await send(options([`${via};rport, SIP/2.0/TCP 10.0.0.1;branch=z9hG4bKlower`, 'To: x']));
    expect(answer).toMatch(/^SIP\/2\.0 400 /);
    expect(answer).toContain(`${via};rport=5060;received=198.51.100.1, SIP/2.0/TCP 10.0.0.1;branch=z9hG4bKlower\r\n`);
  });

  it('answers the same malformed request with the same octets', async () => {
    const octets = options(without('From'));
    expect((await send(octets)).answer).toBe((await send(octets)).answer);
  });
});
