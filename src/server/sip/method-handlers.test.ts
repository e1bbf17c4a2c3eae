import { expect, it } from 'vitest';
import { refuse } from '../../endpoints/sip/sip-answer.ts';
import { thenHeard } from './method-handlers.ts';

it('a client is heard of once more when what it asked for was done later, and not when it was refused later', async () => {
  let count = 0;
  const heard = (): void => void (count += 1);
  const done = { status: 200, headers: [] };
  expect(thenHeard(done, heard)).toBe(done);
  expect(count).toBe(0);
  expect(await thenHeard(Promise.resolve(done), heard)).toBe(done);
  expect(count).toBe(1);
  const refused = refuse(503, 'Registrations Cannot Be Stored');
  expect(await thenHeard(Promise.resolve(refused), heard)).toBe(refused);
  expect(count).toBe(1);
});
