import { describe, expect, it } from 'vitest';
import { type HeaderRow, SipHeaders } from '../message/sip-headers.ts';
import { createSipRequest } from '../message/sip-message.ts';
import type { ThirdParty } from './contact-binding.ts';
import type { Binding, Flow } from './ports.ts';
import { decideRegistration, defaultRegistrarRules } from './registrar.ts';

const flow: Flow = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 5060 };
const now = Date.UTC(2026, 10, 21, 9);
const rules = { ...defaultRegistrarRules, isOurs: () => false, isOurRoute: () => false };

interface Register {
  readonly rows?: readonly HeaderRow[];
  readonly callId?: string;
  readonly thirdParty?: ThirdParty;
}

/** Bindings after a REGISTER of the core for tom. */
function bindingsAfter({ rows = [], callId = 'call-1', ...more }: Register, existing: readonly Binding[] = []) {
  const headers = new SipHeaders();
  headers.add('Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1');
  headers.add('From', '<sip:core.example.com>;tag=f').add('To', '<sip:tom@example.com>');
  headers.add('Call-ID', callId).add('CSeq', '1 REGISTER').add('Contact', '<sip:core.example.com>');
  for (const [name, value] of rows) headers.add(name, value);
  const request = createSipRequest({ method: 'REGISTER', requestUri: 'sip:example.com', headers });
  const registration = { request, addressOfRecord: 'tom@example.com', flow, ...more };
  const decision = decideRegistration(registration, existing, rules, now);
  if (decision.kind !== 'accepted') throw new Error(`refused: ${JSON.stringify(decision.answer)}`);
  return decision.bindings;
}

describe('a core that registers somebody', () => {
  const told: ThirdParty = {
    instanceId: '<urn:uuid:1>',
    userAgent: 'phone/1',
    takesMessage: true,
    expires: 900,
    isWhole: false,
  };
  const other = { ...told, instanceId: '<urn:uuid:2>', userAgent: 'phone/2', takesMessage: false };

  it('is a route, and tells of the client behind it', () => {
    const [binding] = bindingsAfter({ thirdParty: told, rows: [['User-Agent', 'core/1']] });
    const expiresAt = now + 900_000;
    expect(binding).toMatchObject({ isRoute: true, instanceId: '<urn:uuid:1>', userAgent: 'phone/1', expiresAt });
    expect(bindingsAfter({})[0]).not.toHaveProperty('isRoute');
  });

  it.each([
    ['its own time', 900, [['Expires', '300']], 300],
    ['the time of a client', 900, [], 900],
    ['no time that would be refused to the client', 5, [], 60],
    ['the usual time', undefined, [], 3_600],
  ] as const)('has %s', (_what, expires, rows, seconds) => {
    const bindings = bindingsAfter({ rows, thirdParty: { ...told, expires } });
    expect(bindings[0]?.expiresAt).toBe(now + seconds * 1_000);
  });

  it('is gone when it tells of nobody', () => {
    const bindings = bindingsAfter({ thirdParty: told });
    const over = { ...told, expires: 0, isWhole: true };
    expect(bindingsAfter({ callId: 'call-2', thirdParty: over }, bindings)).toEqual([]);
  });

  it.each([
    ['not by another client without MESSAGE', { ...other }, true],
    ['by the same without MESSAGE', { ...other, instanceId: told.instanceId }, false],
    ['by a list of all', { ...other, isWhole: true }, false],
  ])('loses MESSAGE %s', (_what, thirdParty, takesMessage) => {
    const bindings = bindingsAfter({ thirdParty: told });
    const after = bindingsAfter({ callId: 'call-2', thirdParty }, bindings);
    expect(after[0]?.takesMessage).toBe(takesMessage);
    // Also when it says so again.
    const later = bindingsAfter({ callId: 'call-3', thirdParty }, after);
    expect(later[0]?.takesMessage).toBe(takesMessage);
  });
});
