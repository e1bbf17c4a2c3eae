import { describe, expect, it } from 'vitest';
import { createVia, formatVia, parseVia, parseViaList, readAnswerableVia, withReceived } from './via.ts';
import type { Via } from './via.ts';

function viaOf(text: string): Via {
  const parsed = parseVia(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error}`);
  return parsed.value;
}

describe('parseVia', () => {
  it('takes a Via apart', () => {
    const via = viaOf('SIP/2.0/UDP host.example.com:5070;branch=z9hG4bKa.b;rport;maddr=224.2.0.1;ttl=16;x="y;z"');
    expect(via.transport).toBe('UDP');
    expect(via.host).toBe('host.example.com');
    expect(via.port).toBe(5070);
    expect(via.branch).toBe('z9hG4bKa.b');
    expect(via.rport).toBe('requested');
    expect(via.received).toBeUndefined();
    expect(via.maddr).toBe('224.2.0.1');
    expect(via.params.get('x')).toBe('y;z');
    expect(formatVia(via)).toBe(
      'SIP/2.0/UDP host.example.com:5070;branch=z9hG4bKa.b;rport;maddr=224.2.0.1;ttl=16;x="y;z"',
    );
  });

  it.each([
    ['SIP  /   2.0 /UDP    192.0.2.2 : 5060 ;branch=390skdjuw', 'UDP', '192.0.2.2', 5060],
    [
      'SIP  / 2.0  / TCP     spindle.example.com   ;  branch  =   z9hG4bK9ikj8',
      'TCP',
      'spindle.example.com',
      undefined,
    ],
    ['sip/2.0/tls [2001:db8::9:1]:5061', 'TLS', '[2001:db8::9:1]', 5061],
    ['SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK1', 'WSS', 'df7jal23ls0d.invalid', undefined],
    ['SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bK1', 'UNKNOWN', 't4.example.com', undefined],
    ['SIP/2.0/udp h;hidden', 'UDP', 'h', undefined],
  ])('reads %s', (text, transport, host, port) => {
    const via = viaOf(text);
    expect(via).toMatchObject({ transport, host, port });
  });

  it.each([
    ['2001:db8::9:255', '2001:db8::9:255'],
    ['[2001:db8::9:255]', '2001:db8::9:255'],
    ['192.0.2.1', '192.0.2.1'],
  ])('reads received=%s', (text, received) => {
    const via = viaOf(`SIP/2.0/UDP h;received=${text};rport=5061;branch=z9hG4bK1`);
    expect(via.received).toBe(received);
    expect(via.rport).toBe(5061);
    expect(via.branch).toBe('z9hG4bK1');
  });

  it.each([
    '',
    'SIP/2.0/UDP',
    'SIP/2.0/UDP ',
    'SIP/2.0/UDPh',
    'SIP/2.0 UDP h',
    'SIP/2.0/ h',
    'SIP/2.0/UDP h:',
    'SIP/2.0/UDP h:x',
    'SIP/2.0/UDP h:65536',
    'SIP/2.0/UDP h;',
    'SIP/2.0/UDP h;;branch=1',
    'SIP/2.0/UDP 192.0.2.15;;,;,,',
    'SIP/2.0/UDP h,',
    'SIP/2.0/UDP h x',
    'SIP/2.0/UDP h;branch',
    'SIP/2.0/UDP h;branch=',
    'SIP/2.0/UDP h;branch="x"',
    'SIP/2.0/UDP h;branch=a:1',
    'SIP/2.0/UDP h;branch=1;branch=2',
    'SIP/2.0/UDP h;rport=x',
    'SIP/2.0/UDP h;rport=65536',
    'SIP/2.0/UDP h;received',
    'SIP/2.0/UDP h;received=host.example.com',
    'SIP/2.0/UDP h;received=1..2.3',
    'SIP/2.0/UDP h;received=1.2.3',
    'SIP/2.0/UDP h;ttl=256',
    'SIP/2.0/UDP h;ttl',
    'SIP/2.0/UDP h;maddr',
    'SIP/2.0/UDP h;maddr="x"',
    'SIP/2.0/UDP 2001:db8::1',
    'SIP/2.0/UDP h\u0000',
  ])('refuses %j', (text) => {
    expect(parseVia(text).ok).toBe(false);
  });

  it('reads lists over several rows in order', () => {
    const parsed = parseViaList(['SIP/2.0/UDP a;branch=1 , SIP/2.0/TCP b;branch=2', 'SIP/2.0/TLS c;branch=3']);
    expect(parsed.ok && parsed.value.map(({ branch }) => branch)).toEqual(['1', '2', '3']);
    expect(parseVia('SIP/2.0/UDP a, SIP/2.0/UDP b').ok).toBe(false);
  });
});

describe('withReceived', () => {
  it.each([
    ['SIP/2.0/UDP h;rport;branch=1', 4000, 'SIP/2.0/UDP h;rport=4000;branch=1;received=192.0.2.1'],
    ['SIP/2.0/UDP h;branch=1; RPORT ', 4000, 'SIP/2.0/UDP h;branch=1;rport=4000;received=192.0.2.1'],
    ['SIP/2.0/UDP h;branch=1', undefined, 'SIP/2.0/UDP h;branch=1;received=192.0.2.1'],
    ['SIP/2.0/UDP h;branch=1', 4000, 'SIP/2.0/UDP h;branch=1;received=192.0.2.1;rport=4000'],
    ['SIP/2.0/UDP h;received=203.0.113.9;rport=1', 4000, 'SIP/2.0/UDP h;received=192.0.2.1;rport=4000'],
    ['SIP/2.0/UDP h;x=";rport";rport', 4000, 'SIP/2.0/UDP h;x=";rport";rport=4000;received=192.0.2.1'],
  ])('completes %s', (text, rport, expected) => {
    const via = withReceived(viaOf(text), '192.0.2.1', rport);
    expect(formatVia(via)).toBe(expected);
    expect(via.received).toBe('192.0.2.1');
    expect(viaOf(formatVia(via))).toMatchObject({ received: via.received, rport: via.rport, branch: via.branch });
  });
});

describe('readAnswerableVia', () => {
  it('keeps what stands before the first malformed parameter', () => {
    const via = readAnswerableVia('SIP/2.0/UDP 192.0.2.15:5070;branch=z9hG4bK1;rport;;,;,,');
    expect(via).toMatchObject({ host: '192.0.2.15', port: 5070, branch: 'z9hG4bK1', rport: 'requested' });
    expect(via?.params.toString()).toBe(';branch=z9hG4bK1;rport');
  });

  it('needs sent-by', () => {
    expect(readAnswerableVia('SIP/2.0/UDP ;branch=x')).toBeUndefined();
    expect(readAnswerableVia('')).toBeUndefined();
  });
});

it('createVia writes our own', () => {
  const via = createVia({ transport: 'TCP', host: '[::1]', port: 5060, branch: 'z9hG4bKx', rport: true });
  expect(formatVia(via)).toBe('SIP/2.0/TCP [::1]:5060;branch=z9hG4bKx;rport');
  expect(() => createVia({ transport: 'TCP', host: 'a b', branch: 'x' })).toThrow('malformed');
});
