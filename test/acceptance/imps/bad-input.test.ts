/** Whatever comes is answered: a Status with a code in an HTTP 200, or the refusal of a type; and the server goes on as before. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { node, textAt, withNamespace, type CspNode } from '../../../src/cli/imps-phone/csp-node.ts';
import type { Reply } from '../../../src/cli/imps-phone/csp-line.ts';
import { type ImpsPhone, valued } from '../../../src/cli/imps-phone/imps-phone.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { phoneOf, startPhone, withinMs } from './phones.ts';

let stage: Stage;
let tom: ImpsPhone;

beforeAll(async () => {
  stage = await openStage();
  tom = await startPhone(stage, 'tom');
}, startMsMax);

afterEach(async () => {
  const { code } = await tom.keepAlive();
  if (code !== 200) throw new Error(`the session of somebody else ended: ${code}`);
});

afterAll(() => stage.close(), startMsMax);

/** Codes of what a document was answered with. */
function codesIn({ status, transactions }: Reply): (number | string)[] {
  if (status !== 200) return [`HTTP ${status}`];
  return transactions.map(({ primitive }) => Number(textAt(primitive, 'Result/Code')) || primitive.name);
}

/** A document with most that there is, so that damage to it meets much. */
function richDocument(phone: ImpsPhone): CspNode {
  const info = node(
    'MessageInfo',
    node('ContentType', 'text/plain'),
    node('ContentSize', 5),
    node('Recipient', node('User', node('UserID', 'wv:nobody@localhost'))),
    node('Sender', node('User', node('UserID', 'wv:tom@localhost'))),
    node('DateTime', '20261128T120000Z'),
    node('Validity', 600),
  );
  const send = node('SendMessage-Request', node('DeliveryReport', 'T'), info, node('ContentData', 'hello'));
  const show = node('UpdatePresence-Request', phone.line.presenceList(valued('StatusMood', 'HAPPY')));
  return phone.line.document([
    phone.line.transaction(send, { extension: node('DeliveryCondition', 'online') }),
    phone.line.transaction(show),
  ]);
}

describe.each([
  ['1.1', 'xml'],
  ['1.2', 'xml'],
  ['1.2', 'wbxml'],
  ['1.3', 'wbxml'],
] as const)('damage in %s, %s', (version, syntax) => {
  let phone: ImpsPhone;
  let octets: Uint8Array;
  beforeAll(async () => {
    phone = await startPhone(stage, 'tom', { version, syntax, clientId: `http://damage.example/${version}${syntax}` });
    octets = phone.line.encode(richDocument(phone));
  });

  /** True where a Status, or whatever else there is to say, comes in an HTTP 200. */
  const isAnswered = async (damaged: Uint8Array): Promise<boolean> => {
    const answer = await fetch(`${stage.server.http}/imps`, {
      method: 'POST',
      headers: { 'Content-Type': phone.line.mediaType },
      body: damaged as Uint8Array<ArrayBuffer>,
    });
    const { byteLength } = await answer.arrayBuffer();
    return answer.status === 200 && byteLength > 0;
  };

  it('by cutting it off anywhere is answered', async () => {
    const unanswered: number[] = [];
    for (let length = 0; length < octets.length; length += 1) {
      if (!(await isAnswered(octets.subarray(0, length)))) unanswered.push(length);
    }
    expect(unanswered).toEqual([]);
  }, 300_000);

  it('by turning any bit is answered', async () => {
    const unanswered: number[] = [];
    for (let at = 0; at < octets.length; at += 1) {
      const damaged = Uint8Array.from(octets);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
      if (!(await isAnswered(damaged))) unanswered.push(at);
    }
    expect(unanswered).toEqual([]);
  }, 300_000);

  it('by octets behind its end is 400', async () => {
    const reply = await phone.line.post(Buffer.concat([octets, Buffer.from([0x2a])]));
    expect(codesIn(reply)).toEqual([400]);
  });
});

describe('bombs', () => {
  const head = '<WV-CSP-Message xmlns="http://www.openmobilealliance.org/DTD/WV-CSP1.2">';
  const numbers = (value: number, count: number): Buffer => Buffer.alloc(count, value);

  it.each([
    ['deep XML', 'xml', head + '<A>'.repeat(100_000)],
    ['much XML', 'xml', head + '<A/>'.repeat(200_000)],
    ['many attributes', 'xml', `<WV-CSP-Message ${Array.from({ length: 5000 }, (_, at) => `a${at}=""`).join(' ')}/>`],
    [
      'entities',
      'xml',
      `<!DOCTYPE a [<!ENTITY b "${'x'.repeat(1000)}">]>${head}${'&b;'.repeat(1000)}</WV-CSP-Message>`,
    ],
    ['an outside entity', 'xml', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
    ['deep WBXML', 'wbxml', Buffer.concat([Buffer.from('03116a00', 'hex'), numbers(0x6d, 200_000)])],
    ['much WBXML', 'wbxml', Buffer.concat([Buffer.from('03116a0049', 'hex'), numbers(0x2d, 500_000)])],
    ['a string table that is not there', 'wbxml', Buffer.from('03116affffffff7f49', 'hex')],
    ['an opaque that is not there', 'wbxml', Buffer.from('03116a00494bc38fffffff7f', 'hex')],
    ['many copies of one string', 'wbxml', stringBomb()],
    ['nothing', 'xml', ''],
    ['nothing in WBXML', 'wbxml', ''],
    ['what is no XML', 'xml', 'hello'],
    ['octets that are no UTF-8', 'xml', Buffer.from([0x3c, 0xff, 0xfe, 0x3e])],
  ] as const)('%s is 400 or 402', async (_what, syntax, body) => {
    const reply = await phoneOf(stage, 'tom', { syntax }).line.post(Buffer.from(body));
    expect([['HTTP 413'], [400], [402], [505]]).toContainEqual(codesIn(reply));
  });

  it('costs no memory to speak of', async () => {
    const read = async (): Promise<number> => {
      const page = await (await fetch(`${stage.server.http}/metrics`)).text();
      return Number(/^process_resident_memory_bytes (\S+)/m.exec(page)?.[1]);
    };
    const bomb = stringBomb();
    await tom.line.post(bomb);
    const before = await read();
    for (let count = 0; count < 50; count += 1) await tom.line.post(bomb);
    expect((await read()) - before).toBeLessThan(200_000_000);
  });
});

/** 60,000 references to a string of 4,000 octets. */
function stringBomb(): Buffer {
  const table = Buffer.concat([Buffer.alloc(4000, 'x'), Buffer.from([0])]);
  const head = Buffer.from([3, 0x11, 0x6a, 0x9f, 0x21]);
  const references = Buffer.concat(Array.from({ length: 60_000 }, () => Buffer.from([0x83, 0])));
  return Buffer.concat([head, table, Buffer.from([0x49, 0x4d]), references, Buffer.from([1, 1])]);
}

describe('documents that are not as they should be', () => {
  it('of a type that carries no CSP are refused with 415', async () => {
    const reply = await tom.line.post(Buffer.from('{}'), 'application/json');
    expect(reply.status).toBe(415);
  });

  it.each(['application/vnd.wv.csp+xml', 'text/xml; charset=utf-8', 'application/xml', 'application/vnd.wv.csp.xml'])(
    'in %s are read, and answered in it',
    async (mediaType) => {
      const phone = await startPhone(stage, 'tom', { syntax: 'xml', mediaType, clientId: 'http://types.example' });
      expect((await phone.keepAlive()).code).toBe(200);
      const answered = phone.line.replies.at(-1)?.mediaType.split(';')[0];
      expect(answered).toBe(mediaType.split(';')[0]);
    },
  );

  it('without short forms, with everything as strings, are read alike', async () => {
    const phone = await startPhone(stage, 'tom', { isPlain: true, clientId: 'http://plain.example' });
    expect((await phone.keepAlive(300)).text('KeepAliveTime')).toBe('300');
    expect((await phone.show(valued('UserAvailability', 'DISCREET'))).code).toBe(200);
    await phone.logout();
  });

  it('with a DOCTYPE are read', async () => {
    const phone = phoneOf(stage, 'tom', { syntax: 'xml', version: '1.1' });
    const text = Buffer.from(
      phone.line.encode(phone.line.document([phone.line.transaction(node('GetSPInfo-Request'))])),
    );
    const doctype =
      '<!DOCTYPE WV-CSP-Message PUBLIC "-//OMA//DTD WV-CSP 1.1//EN" "http://www.openmobilealliance.org/DTD/WV-CSP.XML">';
    const reply = await phone.line.post(Buffer.from(text.toString().replace('?>', `?>${doctype}`)));
    expect(reply.transactions.map(({ primitive }) => primitive.name)).toEqual(['GetSPInfo-Response']);
  });

  it('of an unknown version are 505', async () => {
    const phone = phoneOf(stage, 'tom', { syntax: 'xml' });
    const plain = phone.line.document([phone.line.transaction(node('GetSPInfo-Request'))]);
    const other = withNamespace('http://www.openmobilealliance.org/DTD/WV-CSP9.9', plain);
    expect(codesIn(await phone.line.post(phone.line.encode(other)))).toEqual([505]);
  });

  it('of another version than their session are answered in their own', async () => {
    const one = await startPhone(stage, 'tom', { syntax: 'xml', version: '1.1', clientId: 'http://mixed.example' });
    const other = phoneOf(stage, 'tom', { syntax: 'xml', version: '1.2' });
    other.line.sessionId = one.line.sessionId;
    const answer = await other.keepAlive();
    expect([answer.code, answer.heard.document.xmlns]).toEqual([
      200,
      'http://www.openmobilealliance.org/DTD/WV-CSP1.2',
    ]);
    await one.logout();
  });
});

describe('transactions that are not as they should be', () => {
  it('of primitives that are not for clients, or without a session, are refused', async () => {
    for (const name of ['NewMessage', 'PresenceNotification-Request', 'Login-Response']) {
      const answer = await tom.ask(node(name));
      expect([name, [400, 402, 405, 420, 501].includes(answer.code)]).toEqual([name, true]);
    }
    const outside = await tom.ask(node('GetList-Request'), { sessionId: null });
    expect(outside.code).toBe(604);
  });

  it('that answer what nobody asked change nothing and are answered with something or nothing', async () => {
    const stray = node('Status', node('Result', node('Code', 200)));
    const one = await tom.line.exchange([tom.line.transaction(stray, { id: 'never-asked', mode: 'Response' })]);
    expect(one.status).toBe(200);
    const delivered = node('MessageDelivered', node('MessageID', 'unknown'));
    const two = await tom.line.exchange([tom.line.transaction(delivered, { id: 'nor-this', mode: 'Response' })]);
    expect(two.status).toBe(200);
  });

  it.each([
    ['without a recipient', node('SendMessage-Request', node('MessageInfo', node('ContentSize', 1)))],
    ['without anything', node('SendMessage-Request')],
    ['for a message without a number', node('GetMessage-Request')],
    ['for a message of no such number', node('GetMessage-Request', node('MessageID', 'x'.repeat(50)))],
    ['for a list without a name', node('CreateList-Request')],
    ['for a way that does not exist', node('SetDeliveryMethod-Request', node('DeliveryMethod', 'X'))],
    ['for the presence of nobody', node('GetPresence-Request')],
    ['to block nobody', node('BlockEntity-Request', node('BlockList', node('AddList', node('UserID', ''))))],
  ])('%s get a code', async (_what, request) => {
    const { code } = await tom.ask(request);
    expect([400, 402, 426, 531, 700]).toContain(code);
  });

  it('with numbers that are too long are refused, and at the limit are not', async () => {
    expect((await tom.ask(node('KeepAlive-Request'), { id: 'x'.repeat(50) })).code).toBe(200);
    const reply = await tom.line.exchange([tom.line.transaction(node('KeepAlive-Request'), { id: 'x'.repeat(51) })]);
    expect(codesIn(reply).every((code) => [400, 402, 420].includes(Number(code)))).toBe(true);
  });
});

describe('a client that never acknowledges', () => {
  it(
    'is offered a bounded number at a time, loses nothing and disturbs nobody',
    async () => {
      const sender = await startPhone(stage, 'john');
      const deaf = await startPhone(stage, 'mary', { answers: false });
      const texts = Array.from({ length: 40 }, (_, at) => `message ${at}`);
      for (const text of texts) await sender.send({ to: 'mary@localhost', text });
      for (let count = 0; count < 30; count += 1) await deaf.poll();
      expect(deaf.asked.length).toBeLessThanOrEqual(16);
      const peter = await startPhone(stage, 'peter');
      const sending = sender.send({ to: 'peter@localhost', text: 'undisturbed' });
      await peter.next('NewMessage', withinMs);
      await sending;
      await deaf.logout();
      const mary = await startPhone(stage, 'mary');
      for (const text of texts) {
        expect(textAt((await mary.next('NewMessage', withinMs)).primitive, 'ContentData')).toBe(text);
      }
    },
    4 * startMsMax,
  );
});
