import { expect, it } from 'vitest';
import { defaultRegistrarRules } from '../registrar/registrar.ts';
import { defaultTransportLimits } from './transport-limits.ts';

it('a connection is left open for longer than a binding that came over it may go without a refresh', () => {
  expect(defaultTransportLimits.idleMs).toBeGreaterThan(defaultRegistrarRules.expiresMax * 1_000);
});
