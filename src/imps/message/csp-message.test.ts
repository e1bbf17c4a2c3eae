import { describe, expect, it } from 'vitest';
import { formatCspDocument, parseCspDocument } from '../csp-document.ts';
import { type CspElement, leaf, node } from '../csp-element.ts';
import { type CspVersion, cspVersions, namespaceOf } from '../csp-version.ts';
import type { Primitive } from '../primitives/primitive.ts';
import { idCharactersMax } from '../primitives/shared-shapes.ts';
import { formatCspMessage, type OutgoingMessage, parseCspMessage, transactionsMax } from './csp-message.ts';
import { conditionCharactersMax, type Extension } from './extension.ts';

const poll: Primitive = { name: 'Polling-Request', value: {} };
const send: Primitive = {
  name: 'SendMessage-Request',
  value: {
    deliveryReport: false,
    messageInfo: { contentSize: 1, recipient: { users: [], groups: [], contactLists: [] }, sender: {} },
    contentData: 'x',
  },
};
const happy = [{ name: 'StatusMood', isValid: true, value: 'HAPPY' }];
const extension: Extension = {
  deliveryConditions: ['mood is not angry', happy],
  isDeferred: true,
  retrieveFrom: { userId: 'wv:tom@localhost' },
};

const xmlOf = (message: OutgoingMessage): string =>
  new TextDecoder().decode(formatCspDocument(formatCspMessage(message), 'xml', message.version));

function read(root: CspElement, version: CspVersion = '1.2') {
  const message = parseCspMessage(root, version);
  if (!message.ok) throw new Error(message.error.words);
  return message.value;
}

describe('a message', () => {
  it.each(cspVersions)('is the same after being written as CSP %s', (version) => {
    const message: OutgoingMessage = {
      version,
      sessionId: 's1',
      poll: true,
      transactions: [
        { mode: 'Request', id: '1', primitive: send, extension },
        { mode: 'Response', id: '2', primitive: poll },
      ],
    };
    for (const syntax of ['xml', 'wbxml'] as const) {
      const document = parseCspDocument(formatCspDocument(formatCspMessage(message), syntax, version), syntax);
      if (!document.ok) throw new Error(document.error.words);
      expect(document.value.version).toBe(version);
      expect(parseCspMessage(document.value.root, version)).toEqual({
        ok: true,
        value: {
          version,
          sessionId: 's1',
          poll: true,
          transactions: [
            {
              mode: 'Request',
              id: '1',
              name: 'SendMessage-Request',
              primitive: { ok: true, value: send },
              extension,
              hasExtension: version !== '1.1',
            },
            {
              mode: 'Response',
              id: '2',
              name: 'Polling-Request',
              primitive: { ok: true, value: poll },
              extension: { deliveryConditions: [] },
              hasExtension: false,
            },
          ],
        },
      });
    }
  });

  it('says where more waits in the place of its version', () => {
    const of = (version: CspVersion) =>
      xmlOf({ version, transactions: [{ mode: 'Response', id: '1', primitive: poll }], poll: true, cir: false });
    expect(of('1.1')).toContain('<TransactionID>1</TransactionID><Poll>T</Poll></TransactionDescriptor>');
    expect(of('1.1')).not.toContain('CIR>');
    expect(of('1.2')).toContain('</Transaction><Poll>T</Poll><CIR>F</CIR></Session>');
    expect(of('1.3')).toContain('<SessionDescriptor><SessionType>Outband</SessionType></SessionDescriptor>');
  });

  it('carries extensions beside the content, and in 1.1 inside the primitive', () => {
    const of = (version: CspVersion) =>
      xmlOf({ version, sessionId: 's', transactions: [{ mode: 'Request', id: '1', primitive: send, extension }] });
    const list = `<DeliveryCondition><PresenceSubList xmlns="${namespaceOf('1.1', 'presence')}"><StatusMood>`;
    expect(of('1.1')).toContain(
      `<ContentData>x</ContentData><DeliveryCondition>mood is not angry</DeliveryCondition>${list}`,
    );
    expect(of('1.2')).toContain(
      '</TransactionContent><ExtBlock><DeliveryCondition>mood is not angry</DeliveryCondition>',
    );
    expect(of('1.1')).not.toContain('ExtBlock');
  });

  const session = (...transactions: readonly CspElement[]): CspElement =>
    node('WV-CSP-Message', [node('Session', [node('SessionDescriptor', [leaf('SessionID', 's')]), ...transactions])]);
  const transaction = (id: string, ...content: readonly CspElement[]): CspElement =>
    node('Transaction', [
      node('TransactionDescriptor', [leaf('TransactionMode', 'Request'), leaf('TransactionID', id)]),
      ...content,
    ]);
  const polling = node('TransactionContent', [leaf('Polling-Request')]);

  it('is of the session whose id it names, unless it says that it is of none', () => {
    expect(read(session(transaction('1', polling))).sessionId).toBe('s');
    const outband = node('SessionDescriptor', [leaf('SessionType', 'Outband'), leaf('SessionID', 's')]);
    const root = node('WV-CSP-Message', [node('Session', [outband, transaction('1', polling)])]);
    expect(read(root).sessionId).toBeUndefined();
  });

  it('finds extensions in blocks wherever a client puts them', () => {
    const block = node('ExtBlock', [leaf('DeliveryCondition', 'online'), leaf('APIClient', 'x')]);
    const wanted = { deliveryConditions: ['online'] };
    expect(read(session(transaction('1', polling, block))).transactions[0]?.extension).toEqual(wanted);
    const inside = node('TransactionContent', [block, leaf('Polling-Request')]);
    expect(read(session(transaction('1', inside))).transactions[0]).toMatchObject({
      name: 'Polling-Request',
      extension: wanted,
    });
    expect(read(session(transaction('1', polling, node('ExtBlock', [])))).transactions[0]?.hasExtension).toBe(true);
  });

  it('answers for one transaction what is wrong with it, and reads the others', () => {
    const root = session(
      transaction('1', node('TransactionContent', [leaf('Odd-Request')])),
      transaction('2', polling),
      transaction('3'),
      transaction('4', polling, node('ExtBlock', [node('RetrieveFrom', [leaf('UserID', 'u'.repeat(256))])])),
      transaction('5'.repeat(51), polling),
    );
    const outcomes = read(root).transactions.map(({ primitive }) => (primitive.ok ? 'ok' : primitive.error.code));
    expect(outcomes).toEqual([501, 'ok', 400, 402, 420]);
    expect(read(root).transactions[4]?.id).toBe('5'.repeat(50));
  });

  it('takes a condition that is too long for its own words to say so', () => {
    const of = (length: number) =>
      read(session(transaction('1', polling, node('ExtBlock', [leaf('DeliveryCondition', 'x'.repeat(length))]))));
    expect(of(conditionCharactersMax).transactions[0]?.primitive.ok).toBe(true);
    expect(of(conditionCharactersMax + 1).transactions[0]?.primitive).toMatchObject({ error: { code: 402 } });
  });

  it('takes a session id that is too long for that of no session', () => {
    const of = (length: number): unknown =>
      read(
        node('WV-CSP-Message', [
          node('Session', [
            node('SessionDescriptor', [leaf('SessionID', 's'.repeat(length))]),
            transaction('1', polling),
          ]),
        ]),
      ).sessionId;
    expect([of(idCharactersMax), of(idCharactersMax + 100)]).toEqual([
      's'.repeat(idCharactersMax),
      's'.repeat(idCharactersMax + 1),
    ]);
  });

  const few = (count: number): CspElement => session(...Array.from({ length: count }, () => transaction('1', polling)));
  it.each([
    ['another document', leaf('html'), 400],
    ['no session', leaf('WV-CSP-Message'), 400],
    ['no transaction', session(), 400],
    ['too many transactions', few(transactionsMax + 1), 400],
  ])('is refused for %s', (_what, root, code) => {
    expect(parseCspMessage(root, '1.2')).toMatchObject({ ok: false, error: { code } });
    expect(parseCspMessage(few(transactionsMax), '1.2').ok).toBe(true);
  });
});
