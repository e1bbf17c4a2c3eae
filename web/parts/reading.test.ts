import { describe, expect, it } from 'vitest';
import { Reading } from './reading.ts';

/** Answers when it is told to, in any order. */
function questions() {
  const asked: PromiseWithResolvers<string>[] = [];
  const read = (): Promise<string> => {
    const question = Promise.withResolvers<string>();
    asked.push(question);
    return question.promise;
  };
  return { asked, read };
}

describe('Reading', () => {
  it('is unknown until it is read', async () => {
    const { asked, read } = questions();
    const reading = new Reading<string>();
    const loaded = reading.load(read);
    expect(reading.value).toBeUndefined();
    asked[0]?.resolve('first');
    await loaded;
    expect(reading.value).toBe('first');
  });

  it('shows the answer to the last question, whichever comes first', async () => {
    const { asked, read } = questions();
    const reading = new Reading<string>();
    const loads = [reading.load(read), reading.load(read)];
    asked[1]?.resolve('new');
    await loads[1];
    asked[0]?.resolve('old');
    await loads[0];
    expect(reading.value).toBe('new');
  });

  it('asks again when something changed meanwhile, and shows the change at once', async () => {
    const { asked, read } = questions();
    const reading = new Reading<string>();
    const loaded = reading.load(read);
    reading.change(() => 'heard');
    asked[0]?.resolve('from before');
    await Promise.resolve();
    expect(reading.value).toBe('heard');
    await expect.poll(() => asked.length).toBe(2);
    asked[1]?.resolve('from after');
    await loaded;
    expect(reading.value).toBe('from after');
  });

  it('tells of a fault, but of none that nobody waits for any more', async () => {
    const { asked, read } = questions();
    const reading = new Reading<string>();
    const loads = [reading.load(read), reading.load(read)];
    asked[0]?.reject(new Error('old'));
    await loads[0];
    asked[1]?.reject(new Error('new'));
    await expect(loads[1]).rejects.toThrow('new');
    expect(reading.value).toBeUndefined();
  });
});
