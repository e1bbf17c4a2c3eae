import { describe, expect, it } from 'vitest';
import { Turnstile } from './turnstile.ts';

function gate() {
  let open: () => void = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
}

async function settle() {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

describe('Turnstile', () => {
  it('lets shared work run side by side and exclusive work alone, in the order of arrival', async () => {
    const turnstile = new Turnstile();
    const story: string[] = [];
    const first = gate();
    const change = gate();
    const run = (name: string, until: Promise<void>) => async () => {
      story.push(`${name} begins`);
      await until;
      story.push(`${name} ends`);
    };
    const all = [
      turnstile.shared(run('put 1', first.passed)),
      turnstile.shared(run('put 2', Promise.resolve())),
      turnstile.exclusive(run('change', change.passed)),
      turnstile.shared(run('put 3', Promise.resolve())),
    ];
    await settle();
    expect(turnstile.isBusy).toBe(true);
    expect(story).toEqual(['put 1 begins', 'put 2 begins', 'put 2 ends']);
    first.open();
    await settle();
    expect(story.at(-1)).toBe('change begins');
    change.open();
    await Promise.all(all);
    expect(story.slice(3)).toEqual(['put 1 ends', 'change begins', 'change ends', 'put 3 begins', 'put 3 ends']);
    expect(turnstile.isIdle).toBe(true);
  });
  it('keeps shared work and exclusive work apart at whatever moment the next one comes', async () => {
    for (let moment = 0; moment < 30; moment += 1) {
      const turnstile = new Turnstile();
      const inside = { exclusive: 0, shared: 0 };
      const work = (kind: 'exclusive' | 'shared') => async (): Promise<void> => {
        inside[kind] += 1;
        for (let step = 0; step < 5; step += 1) {
          await Promise.resolve();
          expect(inside.exclusive === 0 || inside.exclusive + inside.shared === 1).toBe(true);
        }
        inside[kind] -= 1;
      };
      const comeLater = async (): Promise<void> => {
        for (let step = 0; step < moment; step += 1) await Promise.resolve();
        await turnstile.exclusive(work('exclusive'));
      };
      await Promise.all([turnstile.exclusive(work('exclusive')), turnstile.shared(work('shared')), comeLater()]);
    }
  });
  it('goes on after a turn that failed, and tells its caller', async () => {
    const turnstile = new Turnstile();
    const failed = turnstile.exclusive(() => Promise.reject(new Error('no disk')));
    const after = turnstile.exclusive(() => Promise.resolve());
    await expect(failed).rejects.toThrow('no disk');
    await after;
    await settle();
    expect(turnstile.isIdle).toBe(true);
  });
});
