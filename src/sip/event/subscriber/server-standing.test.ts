import { describe, expect, it } from 'vitest';
import { backOffFirstMs } from './machine/back-off.ts';
import { probeMsMax, ServerStanding, silencesMax } from './server-standing.ts';

const create = (): ServerStanding => new ServerStanding({ fraction: () => 1 });

describe('whether the server is there', () => {
  it('is away after silencesMax attempts in a row without an answer, not before', () => {
    const standing = create();
    const changes = Array.from({ length: silencesMax }, () => standing.handle('silent', 0));
    expect(changes).toEqual([...Array.from({ length: silencesMax - 1 }, () => false), true]);
    expect(standing.state).toBe('away');
    const other = create();
    for (let n = 0; n < 2 * silencesMax; n++)
      other.handle(n % silencesMax === silencesMax - 1 ? 'answered' : 'silent', 0);
    expect(other.state).toBe('up');
  });

  it('while it is away one attempt at a time finds out, less and less often', () => {
    const standing = create();
    for (let n = 0; n < silencesMax; n++) standing.handle('silent', 0);
    const waits: number[] = [];
    let now = 0;
    for (let n = 0; n < 7; n++) {
      const at = standing.deadline() ?? 0;
      expect(standing.mayBegin(at - 1)).toBe(false);
      expect(standing.mayBegin(at)).toBe(true);
      standing.begun();
      expect(standing.mayBegin(at), 'one at a time').toBe(false);
      expect(standing.deadline()).toBeUndefined();
      waits.push(at - now);
      now = at;
      standing.handle('silent', now);
    }
    expect(waits.slice(0, 2)).toEqual([backOffFirstMs, 2 * backOffFirstMs]);
    expect(waits.at(-1)).toBe(probeMsMax);
    expect(standing.handle('answered', now)).toBe(true);
    expect([standing.state, standing.mayBegin(now)]).toEqual(['up', true]);
  });
});
