/** The way to a contact: over the flow that it came by, or to its own host and port. */
import { describe, expect, it } from 'vitest';
import type { Flow } from '../../../sip/registrar/ports.ts';
import { destinationTo } from './contact-destination.ts';

const udp: Flow = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 40_000 };
const tcp: Flow = { transport: 'tcp', remoteAddress: '192.0.2.1', remotePort: 40_000, connection: 7 };

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

  it('is a datagram where a contact without transport has lost its connection', () => {
    expect(destinationTo('sip:mary@192.0.2.1:5070', tcp)).toEqual({
      flow: tcp,
      host: '192.0.2.1',
      port: 5070,
      transport: 'udp',
    });
  });
});
