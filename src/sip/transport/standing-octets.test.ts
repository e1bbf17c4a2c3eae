import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Flow } from '../registrar/ports.ts';
import { StandingOctets } from './standing-octets.ts';

const datagram: Flow = { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 5060 };
const stream: Flow = { transport: 'tcp', remoteAddress: '192.0.2.1', remotePort: 40_000, connection: 7 };
const octets = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('StandingOctets', () => {
  it('is a line in which no datagram stands twice', () => {
    const step = fc.record({ pushes: fc.array(fc.nat(400), { maxLength: 900 }), shifts: fc.nat(900) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const line = new StandingOctets({ messagesMax: 300, bytesMax: 1_000_000 });
        const model: number[] = [];
        for (const { pushes, shifts } of steps) {
          for (const value of pushes) {
            const place = line.push(octets(value & 255, value >> 8), datagram);
            const isKnown = model.includes(value);
            expect(place).toBe(isKnown ? 'known' : model.length >= 300 ? 'full' : 'taken');
            if (place === 'taken') model.push(value);
          }
          for (let n = 0; n < shifts; n += 1) {
            const first = line.shift()?.bytes;
            expect(first === undefined ? undefined : (first[0] ?? 0) + 256 * (first[1] ?? 0)).toBe(model.shift());
          }
          expect(line.size).toBe(model.length);
        }
      }),
    );
  });

  it('takes what comes over a stream as often as it comes', () => {
    const line = new StandingOctets({ messagesMax: 9, bytesMax: 99 });
    expect([1, 2].map(() => line.push(octets(1), stream))).toEqual(['taken', 'taken']);
    expect(line.push(octets(1), datagram)).toBe('taken');
    expect(line.push(octets(1), { ...datagram, remoteAddress: '192.0.2.2' })).toBe('taken');
  });

  it('has room again for the octets of what left', () => {
    const line = new StandingOctets({ messagesMax: 9, bytesMax: 4 });
    expect(line.push(octets(1, 2, 3), stream)).toBe('taken');
    expect(line.push(octets(1, 2), stream)).toBe('full');
    expect(line.push(octets(1), stream)).toBe('taken');
    line.shift();
    expect(line.push(octets(1, 2, 3), stream)).toBe('taken');
  });
});
