/** Our Contact towards each kind of flow. */
import { expect, it } from 'vitest';
import type { Flow } from '../sip/registrar/ports.ts';
import { OwnAddresses } from '../sip/transport/own-addresses.ts';
import { formatHttpUrl, formatOwnContact } from './own-contact.ts';

const [sip, sips] = [
  { address: '192.0.2.9', port: 5060 },
  { address: '192.0.2.9', port: 5061 },
];
const [http, https] = [
  { address: '0.0.0.0', port: 8080 },
  { address: '::', port: 8443 },
];
const addresses = new OwnAddresses({ listening: [sip, sips, http, https], machine: ['192.0.2.9', '2001:db8::9'] });

it.each([
  ['udp', '192.0.2.1', false, '<sip:192.0.2.9:5060>'],
  ['tcp', '192.0.2.1', false, '<sip:192.0.2.9:5060;transport=tcp>'],
  ['tls', '192.0.2.1', false, '<sip:192.0.2.9:5061;transport=tls>'],
  ['tls', '192.0.2.1', true, '<sips:192.0.2.9:5061>'],
  ['ws', '192.0.2.1', false, '<sip:192.0.2.9:8080;transport=ws>'],
  ['wss', '2001:db8::1', false, '<sip:[2001:db8::9]:8443;transport=ws>'],
  ['wss', '192.0.2.1', true, '<sips:192.0.2.9:8443;transport=ws>'],
] as const)('over %s towards %s, sips %s: %s', (transport, remoteAddress, isSecure, contact) => {
  const flow: Flow = { transport, remoteAddress, remotePort: 40_000 };
  expect(formatOwnContact({ addresses, sip, sips, http, https }, flow, isSecure)).toBe(contact);
});

it.each([
  [{ http: { address: '127.0.0.1', port: 8080 } }, 'http://127.0.0.1:8080'],
  [{ http: { address: '2001:db8::9', port: 8080 } }, 'http://[2001:db8::9]:8080'],
  [{ http }, 'http://chat.example:8080'],
  [{ http, https }, 'https://chat.example:8443'],
] as const)('people reach HTTP at %j as %s', (listeners, url) => {
  expect(formatHttpUrl(listeners, 'chat.example')).toBe(url);
});
