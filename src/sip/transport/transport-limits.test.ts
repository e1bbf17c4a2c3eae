import { expect, it } from 'vitest';
import { defaultRegistrarRules } from '../registrar/registrar.ts';
import { defaultTransportLimits, limitsFor, openFilesReserved } from './transport-limits.ts';

it('a connection is left open for longer than a binding that came over it may go without a refresh', () => {
  expect(defaultTransportLimits.idleMs).toBeGreaterThan(defaultRegistrarRules.expiresMax * 1_000);
});

it.each([
  ['is not known', undefined, 100_000],
  ['is high', 1_048_576, 100_000],
  ['is just enough', 100_000 + openFilesReserved, 100_000],
  ['is one less', 99_999 + openFilesReserved, 99_999],
  ['is low', 2 * openFilesReserved, 1_000],
  ['is very low', 256, 128],
])('as many connections as leave files for the rest: their number %s', (_how, openFilesMax, connectionsMax) => {
  expect(limitsFor(openFilesMax).connectionsMax).toBe(connectionsMax);
});
