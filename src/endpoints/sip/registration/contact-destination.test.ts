/** The way to a contact: over the flow that it came by, or to its own host and port. */
import { describe, expect, it } from 'vitest';
import type { Binding, Flow } from '../../../sip/registrar/ports.ts';
import { destinationOf, destinationTo, leadsToTrusted } from './contact-destination.ts';

const udp: Flow = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 40_000 };
const tcp: Flow = { transport: 'tcp', remoteAddress: '192.0.2.1', remotePort: 40_000, connection: 7 };

const tls: Flow = { ...tcp, transport: 'tls' };
const ws: Flow = { ...tcp, transport: 'ws' };
const wss: Flow = { ...tcp, transport: 'wss' };

describe('the way to a contact', () => {
  it.each([
    ['sip:mary@192.0.2.1:5060;transport=tcp', tcp, true],
    ['sip:mary@192.0.2.1:5060', tcp, true],
    ['sip:mary@phone.example.com', tcp, true],
    ['sip:mary@192.0.2.1:5060;transport=udp', tcp, false],
    ['sip:mary@192.0.2.1:5060;transport=tls', tcp, false],
    ['sips:mary@192.0.2.1:5061', tcp, false],
    ['sip:mary@192.0.2.1:5060', udp, false],
    ['sip:mary@10.1.2.3:5060', udp, true],
    ['sip:mary@x.invalid', udp, true],
    ['sip:mary@phone.example.com', udp, false],
    ['sip:mary@192.0.2.1:5060;ob', udp, true],
    ['sips:mary@192.0.2.1:5061;ob', udp, false],
    ['sip:mary@192.0.2.1:5061;transport=tls', tls, true],
    ['sips:mary@192.0.2.1:5061', tls, true],
    ['sips:mary@192.0.2.1:5061;transport=tcp', tls, true],
    ['sip:mary@192.0.2.1', tls, true],
    ['sip:mary@192.0.2.1;transport=tcp', tls, false],
    ['sip:mary@x.invalid;transport=ws', ws, true],
    ['sip:mary@x.invalid;transport=ws', wss, true],
    ['sip:mary@x.invalid;transport=wss', wss, true],
    ['sip:mary@x.invalid;transport=WSS', ws, true],
    ['sip:mary@x.invalid.;transport=tcp', ws, true],
    ['sip:mary@192.0.2.1', ws, true],
    ['sip:mary@192.0.2.1;transport=udp', ws, false],
    ['sips:mary@x.invalid;transport=ws', wss, true],
    ['sips:mary@x.invalid;transport=ws', ws, false],
  ])('%s over %o goes over that flow: %s', (uri, flow, isOverFlow) => {
    expect(destinationTo(uri, flow).flow).toBe(isOverFlow ? flow : undefined);
  });

  it.each([
    ['sip:mary@phone.example.com:5070', udp, { address: '192.0.2.1', port: 40_000 }],
    ['sip:mary@phone.example.com:5070;transport=tcp', udp, undefined],
    ['sips:mary@phone.example.com', udp, undefined],
    ['sip:mary@phone.example.com;transport=udp', tcp, undefined],
  ])('%s over %o goes there when the name has no address: %o', (uri, flow, unnamed) => {
    expect(destinationTo(uri, flow).unnamed).toEqual(unnamed);
  });

  it('is the flow where that is what was registered, whatever the contact says', () => {
    const over = (contactUri: string, flow: Flow) =>
      destinationOf(bindingOf({ key: '<urn:uuid:1>;1', contactUri, flow })).flow;
    expect(over('sip:mary@192.0.2.1:5060', udp)).toBe(udp);
    expect(over('sip:mary@192.0.2.1:5060;transport=udp', tcp)).toBe(tcp);
    expect(over('sips:mary@192.0.2.1', tcp)).toBeUndefined();
  });

  it.each([
    ['sips:mary@example.com', 'tls'],
    ['sips:mary@example.com;transport=tcp', 'tls'],
    ['sips:mary@example.com;transport=ws', 'wss'],
    ['sip:mary@example.com;transport=sctp', 'udp'],
  ])('%s asks for %s', (uri, transport) => {
    expect(destinationTo(uri, udp).transport).toBe(transport);
  });

  it('is a datagram where a contact without transport has lost its connection', () => {
    expect(destinationTo('sip:mary@192.0.2.1:5070', tcp)).toEqual({
      flow: tcp,
      host: '192.0.2.1',
      port: 5070,
      transport: 'udp',
    });
  });
});

function bindingOf(changes: Partial<Binding>): Binding {
  return {
    addressOfRecord: 'mary@localhost',
    key: 'core',
    contactUri: 'sip:core.example.com',
    contactParameters: '',
    q: 1,
    callId: 'c',
    cseq: 1,
    path: [],
    flow: udp,
    takesMessage: true,
    expiresAt: 0,
    ...changes,
  };
}

describe('the way to a core', () => {
  it('is its contact, also where that is another address than it sent from', () => {
    const contactUri = 'sip:10.1.2.3:5070';
    expect(destinationOf(bindingOf({ contactUri, isRoute: true }))).toMatchObject({ host: '10.1.2.3', port: 5070 });
    expect(destinationOf(bindingOf({ contactUri, isRoute: true })).flow).toBeUndefined();
    expect(destinationOf(bindingOf({ contactUri })).flow).toBe(udp);
  });

  it('is its Path where there is one', () => {
    const path = ['<sip:192.0.2.7:5066;lr>'];
    expect(destinationOf(bindingOf({ isRoute: true, path }))).toMatchObject({ host: '192.0.2.7', port: 5066 });
  });
});

describe('leadsToTrusted', () => {
  const trusted = (address: string): boolean => address === '192.0.2.1';
  it.each<[string, Partial<Binding>, boolean]>([
    ['a core that names itself', { isRoute: true }, true],
    ['a core that names an address that is trusted', { isRoute: true, contactUri: 'sip:192.0.2.1:5070' }, true],
    ['a core that names an address that is not', { isRoute: true, contactUri: 'sip:192.0.2.9' }, false],
    ['a phone whose REGISTER came through a core', { contactUri: 'sip:mary@192.0.2.9' }, true],
    ['a phone behind a Path that is trusted', { path: ['<sip:192.0.2.1;lr>'], contactUri: 'sip:mary@192.0.2.9' }, true],
    ['a phone behind a Path that is not', { path: ['<sip:192.0.2.9;lr>'] }, false],
    ['a phone behind a name that a trusted proxy wrote', { path: ['<sip:edge.example.com;lr>'] }, true],
    ['a phone with a name, known over a trusted proxy', { contactUri: 'sip:mary@phone.example.com' }, false],
    ['a phone of somebody else', { flow: { ...udp, remoteAddress: '192.0.2.9' } }, false],
  ])('%s', (_what, changes, expected) => {
    expect(leadsToTrusted(bindingOf(changes), trusted)).toBe(expected);
  });
});
