import { describe, expect, it } from 'vitest';
import { SipHeaders } from '../message/sip-headers.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import { createSipRequest } from '../message/sip-message.ts';
import { contactLengthMax } from './contact-binding.ts';
import type { Binding, Flow } from './ports.ts';
import { decideRegistration, defaultRegistrarRules, pathLengthMax } from './registrar.ts';
import type { RegistrarRules, RegistrationDecision } from './registrar.ts';

const addressOfRecord = 'tom@example.com';
const flow: Flow = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 5060 };
const now = Date.UTC(2026, 10, 21, 9);
const rules: RegistrarRules = {
  ...defaultRegistrarRules,
  isOurs: (uri) => uri.host === 'sip.example.com',
  isOurRoute: (uri) => uri.host === '192.0.2.99',
};

interface Register {
  readonly contacts?: readonly string[];
  readonly rows?: readonly HeaderRow[];
  readonly callId?: string;
  readonly cseq?: number;
  readonly flow?: Flow;
  readonly hops?: number;
  readonly requestUri?: string;
}

function decide(register: Register, existing: readonly Binding[] = [], at = now): RegistrationDecision {
  const headers = new SipHeaders();
  for (let hop = register.hops ?? 1; hop > 0; hop--)
    headers.add('Via', `SIP/2.0/UDP 192.0.2.${hop};branch=z9hG4bK${hop}`);
  headers.add('From', '<sip:tom@example.com>;tag=f').add('To', '<sip:tom@example.com>');
  headers.add('Call-ID', register.callId ?? 'call-1').add('CSeq', `${register.cseq ?? 1} REGISTER`);
  for (const contact of register.contacts ?? []) headers.add('Contact', contact);
  for (const [name, value] of register.rows ?? []) headers.add(name, value);
  const { requestUri = 'sip:example.com' } = register;
  const request = createSipRequest({ method: 'REGISTER', requestUri, headers });
  return decideRegistration({ request, addressOfRecord, flow: register.flow ?? flow }, existing, rules, at);
}

type Accepted = Extract<RegistrationDecision, { kind: 'accepted' }>;

function accept(register: Register, existing: readonly Binding[] = [], at = now): Accepted {
  const decision = decide(register, existing, at);
  if (decision.kind !== 'accepted') throw new Error(`refused: ${JSON.stringify(decision.answer)}`);
  return decision;
}

function statusOf(register: Register, existing: readonly Binding[] = []): number {
  const decision = decide(register, existing);
  return decision.kind === 'refused' ? decision.answer.status : 200;
}

/** Bindings after registering these contacts. */
function bindingsOf(...contacts: string[]): readonly Binding[] {
  return accept({ contacts, rows: [['Expires', '600']] }).bindings;
}

const home = '<sip:tom@192.0.2.1:5060>';
const office = '<sip:tom@192.0.2.9:5070;transport=tcp>';

describe('decideRegistration', () => {
  it('binds a contact with everything that came with it', () => {
    const contact = `"Tom" <sip:tom@192.0.2.1:5060;ob>;q=0.5;+restante.delivery="notify";+sip.instance="<urn:uuid:1>"`;
    const decision = accept({
      contacts: [contact],
      rows: [
        ['Expires', '600'],
        ['User-Agent', 'Phone/1'],
      ],
    });
    const binding: Binding = {
      addressOfRecord,
      key: 'sip:tom@192.0.2.1:5060;ob',
      contactUri: 'sip:tom@192.0.2.1:5060;ob',
      contactParameters: ';+restante.delivery="notify";+sip.instance="<urn:uuid:1>"',
      displayName: 'Tom',
      q: 0.5,
      callId: 'call-1',
      cseq: 1,
      path: [],
      flow,
      instanceId: '<urn:uuid:1>',
      userAgent: 'Phone/1',
      takesMessage: true,
      expiresAt: now + 600_000,
    };
    expect(decision.changes).toEqual([{ kind: 'put', binding }]);
    expect(decision.bindings).toEqual([binding]);
    expect(decision.isRefresh).toBe(false);
  });

  it('answers a question with what there is', () => {
    const existing = bindingsOf(home, office);
    expect(accept({}, existing)).toMatchObject({ changes: [], bindings: existing, isRefresh: false });
  });

  it('binds several contacts, from one row or many', () => {
    const { bindings } = accept({ contacts: [`${home};expires=100, ${office}`, '<mailto:tom@example.com>'] });
    expect(bindings.map(({ contactUri, expiresAt }) => [contactUri, expiresAt - now])).toEqual([
      ['sip:tom@192.0.2.1:5060', 100_000],
      ['sip:tom@192.0.2.9:5070;transport=tcp', 3_600_000],
      ['mailto:tom@example.com', 3_600_000],
    ]);
  });
});

describe('the time of a registration', () => {
  it.each([
    ['the parameter before the header', `${home};expires=100`, '200', 100],
    ['the header', home, '200', 200],
    ['the default', home, undefined, 3_600],
    ['an hour for what is malformed', `${home};expires=soon`, '200', 3_600],
    ['an hour for a malformed header', home, '-5', 3_600],
    ['the maximum for more', home, '7201', 7_200],
    ['the maximum for the largest number', home, '4294967296', 7_200],
    ['the minimum', home, '60', 60],
  ])('is %s', (_, contact, header, seconds) => {
    const rows: HeaderRow[] = header === undefined ? [] : [['Expires', header]];
    const [binding] = accept({ contacts: [contact], rows }).bindings;
    expect(binding?.expiresAt).toBe(now + seconds * 1_000);
  });

  it('is refused when it is too short, and nothing changes', () => {
    const decision = decide({ contacts: [home, `${office};expires=59`] });
    expect(decision).toEqual({
      kind: 'refused',
      answer: { status: 423, reason: 'Interval Too Brief', headers: [['Min-Expires', '60']] },
    });
  });
});

describe('a binding that exists', () => {
  it('is refreshed when nothing but times differ', () => {
    const existing = bindingsOf(home, office);
    const decision = accept({ contacts: [home], rows: [['Expires', '600']], cseq: 2 }, existing, now + 5_000);
    const expiresAt = now + 605_000;
    expect(decision.changes).toEqual([
      { kind: 'refresh', addressOfRecord, key: 'sip:tom@192.0.2.1:5060', callId: 'call-1', cseq: 2, expiresAt },
    ]);
    expect(decision.isRefresh).toBe(true);
    expect(decision.bindings.map((binding) => binding.expiresAt)).toEqual([expiresAt, now + 600_000]);
  });

  it('is refreshed under another Call-ID', () => {
    const { changes, isRefresh } = accept({ contacts: [home], callId: 'call-2' }, bindingsOf(home));
    expect(changes).toMatchObject([{ kind: 'refresh', callId: 'call-2', cseq: 1 }]);
    expect(isRefresh).toBe(true);
  });

  it.each([
    ['the flow', { flow: { ...flow, remotePort: 5061 } }],
    ['the parameters', { contacts: [`${home};methods="INVITE"`] }],
    ['q', { contacts: [`${home};q=0.1`] }],
    ['the display name', { contacts: [`"Tom" ${home}`] }],
    ['the Path', { rows: [['Path', '<sip:p1;lr>']] as const }],
    ['the User-Agent', { rows: [['User-Agent', 'Other']] as const }],
    ['whether it takes messages', { rows: [['Allow', 'INVITE']] as const }],
  ])('is put anew when %s differs', (_, register: Register) => {
    const decision = accept({ contacts: [home], cseq: 2, ...register }, bindingsOf(home));
    expect(decision.changes).toMatchObject([{ kind: 'put', binding: { key: 'sip:tom@192.0.2.1:5060' } }]);
    expect(decision.bindings).toHaveLength(1);
  });

  it('is found by the equality of URIs, and keeps its key', () => {
    const existing = bindingsOf('<sip:tom@Host.example.net;x=1>');
    const same = accept({ contacts: ['<sip:tom@host.EXAMPLE.net>'], cseq: 2 }, existing);
    expect(same.changes).toMatchObject([{ kind: 'put', binding: { key: 'sip:tom@Host.example.net;x=1' } }]);
    expect(accept({ contacts: ['<sip:TOM@host.example.net>'], cseq: 2 }, existing).bindings).toHaveLength(2);
    expect(accept({ contacts: ['<sip:tom@host.example.net;x=2>'], cseq: 2 }, existing).bindings).toHaveLength(2);
    expect(accept({ contacts: ['<sip:tom@host.example.net;transport=tcp>'], cseq: 2 }, existing).bindings).toHaveLength(
      2,
    );
  });

  it('is written whole when it came twice in one request', () => {
    const decision = accept({ contacts: [home, home] });
    expect(decision.changes.map(({ kind }) => kind)).toEqual(['put', 'put']);
    expect(decision.bindings).toHaveLength(1);
  });

  it('is removed with a time of 0, and what is not there need not be', () => {
    const existing = bindingsOf(home, office);
    const decision = accept({ contacts: [`${home};expires=0, <sip:tom@nowhere>;expires=0`], cseq: 2 }, existing);
    expect(decision.changes).toEqual([{ kind: 'remove', addressOfRecord, key: 'sip:tom@192.0.2.1:5060' }]);
    expect(decision.bindings).toEqual([existing[1]]);
  });

  it.each([1, 0])('is left alone by the same Call-ID with CSeq %d, and so is all else', (cseq) => {
    const existing = bindingsOf(home);
    for (const contacts of [[home], [`${home};expires=0`], [office, home]]) {
      expect(statusOf({ contacts, cseq }, existing)).toBe(500);
    }
    expect(statusOf({ contacts: [home], cseq, callId: 'call-2' }, existing)).toBe(200);
    expect(statusOf({ contacts: [office], cseq }, existing), 'another contact has no order with it').toBe(200);
  });
});

describe('Contact: *', () => {
  it('removes all', () => {
    const existing = bindingsOf(home, office);
    const decision = accept({ contacts: ['*'], rows: [['Expires', '0']], cseq: 2 }, existing);
    expect(decision.bindings).toEqual([]);
    expect(decision.changes.map(({ kind }) => kind)).toEqual(['remove', 'remove']);
  });

  it('needs Expires 0 and stands alone', () => {
    expect(statusOf({ contacts: ['*'], cseq: 2 }, bindingsOf(home))).toBe(400);
    expect(statusOf({ contacts: ['*'], rows: [['Expires', '1']], cseq: 2 })).toBe(400);
    expect(statusOf({ contacts: ['*', home], rows: [['Expires', '0']], cseq: 2 })).toBe(400);
    expect(statusOf({ contacts: [`*, ${home}`], rows: [['Expires', '0']], cseq: 2 })).toBe(400);
    expect(statusOf({ contacts: ['*;expires=0'], rows: [['Expires', '0']], cseq: 2 })).toBe(400);
  });

  it('removes nothing when one binding has a CSeq that is not lower', () => {
    const later = accept({ contacts: [office], cseq: 7 }).bindings;
    const existing = [...bindingsOf(home), ...later];
    expect(statusOf({ contacts: ['*'], rows: [['Expires', '0']], cseq: 7 }, existing)).toBe(500);
    expect(accept({ contacts: ['*'], rows: [['Expires', '0']], cseq: 8 }, existing).bindings).toEqual([]);
    expect(accept({ contacts: ['*'], rows: [['Expires', '0']], callId: 'x' }, existing).bindings).toEqual([]);
  });
});

describe('a contact that is refused', () => {
  it.each([
    ['malformed', '<sip:tom@', 400],
    ['empty', '', 400],
    ['with a q that is none', `${home};q=2`, 400],
    ['that points at this server', '<sip:tom@sip.example.com>', 403],
    ['too long', `<sip:tom@192.0.2.1;x=${'y'.repeat(contactLengthMax)}>`, 400],
  ])('is one %s', (_, contact, status) => {
    expect(statusOf({ contacts: [office, contact] })).toBe(status);
  });

  it('is the first beyond the limit of one address', () => {
    const many = Array.from({ length: rules.contactsMax }, (_, n) => `<sip:tom@192.0.2.1:${5_060 + n}>`);
    const existing = accept({ contacts: many }).bindings;
    expect(existing).toHaveLength(rules.contactsMax);
    expect(statusOf({ contacts: [office], cseq: 2 }, existing)).toBe(403);
    expect(statusOf({ contacts: [...many, office] })).toBe(403);
    expect(statusOf({ contacts: [office, `${many[0]};expires=0`], cseq: 2 }, existing)).toBe(200);
  });

  it('stands in a list of more than can be compared one by one', () => {
    const removals = (count: number): string[] =>
      Array.from({ length: count }, (_, n) => `<sip:tom@192.0.2.1:${5_060 + n}>;expires=0`);
    expect(statusOf({ contacts: removals(2 * rules.contactsMax) })).toBe(200);
    expect(statusOf({ contacts: removals(2 * rules.contactsMax + 1) })).toBe(403);
  });

  it('comes with a Path that leads back to this server', () => {
    const pathOf = (...values: string[]): number => statusOf({ contacts: [home], rows: [['Path', values.join(', ')]] });
    expect(pathOf('<sip:192.0.2.99;lr>')).toBe(403);
    expect(pathOf('<sip:192.0.2.98;lr>', '<sip:192.0.2.99;lr>')).toBe(403);
    expect(pathOf('<sip:192.0.2.98;lr>')).toBe(200);
  });

  it('takes one of the longest', () => {
    const start = 'sip:tom@192.0.2.1;x=';
    const contact = `<${start}${'y'.repeat(contactLengthMax - start.length)}>`;
    expect(statusOf({ contacts: [contact] })).toBe(200);
    expect(statusOf({ contacts: [contact.replace('>', 'y>')] })).toBe(400);
    expect(statusOf({ contacts: [`T ${contact.replace('y', '')}`] })).toBe(200);
    expect(statusOf({ contacts: [`T ${contact}`] })).toBe(400);
  });
});

describe('whether a contact takes MESSAGE', () => {
  it.each([
    ['by default', home, [], true],
    ['by Allow', home, [['Allow', 'INVITE, MESSAGE']], true],
    ['not by Allow', home, [['Allow', 'INVITE, MESSAGES']], false],
    [
      'by a second Allow',
      home,
      [
        ['Allow', 'INVITE'],
        ['Allow', 'MESSAGE'],
      ],
      true,
    ],
    ['by methods against Allow', `${home};methods="INVITE,MESSAGE"`, [['Allow', 'INVITE']], true],
    ['not by methods against Allow', `${home};methods="INVITE"`, [['Allow', 'MESSAGE']], false],
    ['not where nothing can be sent', '<tel:+15551234>', [], false],
  ] as const)('%s', (_, contact, rows, takesMessage) => {
    expect(accept({ contacts: [contact], rows }).bindings[0]?.takesMessage).toBe(takesMessage);
  });
});

describe('Path', () => {
  it('is kept in order and comes back', () => {
    const rows = [
      ['Path', '<sip:p2;lr>, <sip:p1;lr>'],
      ['Path', '<sip:p0;lr>'],
    ] as const;
    const { bindings, headers } = accept({ contacts: [home], rows });
    expect(bindings[0]?.path).toEqual(['<sip:p2;lr>', '<sip:p1;lr>', '<sip:p0;lr>']);
    expect(headers).toEqual([
      ['Path', '<sip:p2;lr>'],
      ['Path', '<sip:p1;lr>'],
      ['Path', '<sip:p0;lr>'],
    ]);
  });

  it('is refused when it is malformed or too long', () => {
    const rows = (length: number): HeaderRow[] => Array.from({ length }, (_, n) => ['Path', `<sip:p${n};lr>`] as const);
    expect(statusOf({ contacts: [home], rows: rows(pathLengthMax) })).toBe(200);
    expect(statusOf({ contacts: [home], rows: rows(pathLengthMax + 1) })).toBe(400);
    expect(statusOf({ contacts: [home], rows: [['Path', '<sip:p']] })).toBe(400);
  });
});

describe('a sips contact', () => {
  const contacts = ['<sips:tom@192.0.2.1:5061>'];
  const requestUri = 'sips:example.com';

  it('needs a sips Request-URI and sips in every Path (RFC 5630 5.3)', () => {
    expect(statusOf({ contacts })).toBe(400);
    expect(statusOf({ contacts, requestUri })).toBe(200);
    expect(statusOf({ contacts, requestUri, rows: [['Path', '<sips:edge;lr>']] })).toBe(200);
    expect(statusOf({ contacts, requestUri, rows: [['Path', '<sip:edge;lr>']] })).toBe(400);
    expect(statusOf({ contacts: [home], requestUri })).toBe(200);
  });

  it('may always be removed', () => {
    const { bindings } = accept({ contacts, requestUri });
    expect(statusOf({ contacts: [`${contacts[0]};expires=0`], cseq: 2 }, bindings)).toBe(200);
  });
});

describe('outbound', () => {
  const supported: HeaderRow = ['Supported', 'path, outbound'];
  const contactOf = (uri: string, regId = '1'): string => `<${uri}>;+sip.instance="<urn:uuid:1>";reg-id=${regId}`;

  it('binds by instance and reg-id, whatever the URI is', () => {
    const first = accept({ contacts: [contactOf('sip:tom@192.0.2.1')], rows: [supported] });
    expect(first.headers).toEqual([['Require', 'outbound']]);
    expect(first.bindings[0]?.key).toBe('<urn:uuid:1>;1');
    const moved = accept(
      { contacts: [contactOf('sip:tom@192.0.2.77')], rows: [supported], callId: 'new' },
      first.bindings,
    );
    expect(moved.bindings.map(({ contactUri }) => contactUri)).toEqual(['sip:tom@192.0.2.77']);
    const second = accept({ contacts: [contactOf('sip:tom@192.0.2.1', '2')], rows: [supported] }, first.bindings);
    expect(second.bindings).toHaveLength(2);
  });

  it('over a stream says how often it wants to hear of the client', () => {
    const tcp: Flow = { ...flow, transport: 'tcp', connection: 1 };
    expect(accept({ contacts: [contactOf('sip:tom@192.0.2.1')], rows: [supported], flow: tcp }).headers).toEqual([
      ['Require', 'outbound'],
      ['Flow-Timer', '120'],
    ]);
  });

  it.each([
    ['the client does not support it', contactOf('sip:a@b'), []],
    ['there is no instance', '<sip:a@b>;reg-id=1', [supported]],
    ['the reg-id is malformed', contactOf('sip:a@b', '0'), [supported]],
  ])('does not apply where %s', (_, contact, rows: readonly HeaderRow[]) => {
    const { bindings, headers } = accept({ contacts: [contact], rows });
    expect(bindings[0]?.key).toBe('sip:a@b');
    expect(headers).toEqual([]);
  });

  it('needs the first hop to take part when there is one', () => {
    const contacts = [contactOf('sip:a@b')];
    expect(statusOf({ contacts, rows: [supported], hops: 2 })).toBe(439);
    expect(statusOf({ contacts, rows: [supported, ['Path', '<sip:edge;lr>']], hops: 2 })).toBe(439);
    expect(statusOf({ contacts, rows: [supported, ['Path', '<sip:edge;lr;ob>']], hops: 2 })).toBe(200);
    expect(statusOf({ contacts, rows: [], hops: 2 })).toBe(200);
  });

  it('takes one contact at a time', () => {
    const contacts = [contactOf('sip:a@b'), contactOf('sip:a@c', '2')];
    expect(statusOf({ contacts, rows: [supported] })).toBe(400);
    expect(
      statusOf({ contacts: [contactOf('sip:a@b'), `${contactOf('sip:a@c', '2')};expires=0`], rows: [supported] }),
    ).toBe(200);
  });
});
