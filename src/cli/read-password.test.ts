import { describe, expect, it } from 'vitest';
import { recordedIo, type RecordedIo } from '../../test/recorded-io.ts';
import { passwordInputMax, readPassword } from './read-password.ts';

/** Types each text when the prompt before it has been shown. */
async function typeAtPrompts(texts: readonly string[]): Promise<{ io: RecordedIo; answer: unknown }> {
  const io = recordedIo({ isTerminal: true });
  const answer = readPassword('Password for tom@example.com', io);
  for (const text of texts) {
    await new Promise((resolve) => setImmediate(resolve));
    io.keyboard.write(text);
  }
  return { io, answer: await answer };
}

describe('readPassword on a terminal', () => {
  it('asks twice, shows nothing of it, and gives the terminal back', async () => {
    const { io, answer } = await typeAtPrompts(['secret\r', 'secret\r']);
    expect(answer).toEqual({ ok: true, value: 'secret' });
    expect(io.err()).toBe('Password for tom@example.com: \nOnce more: \n');
    expect(io.out()).toBe('');
    expect(io.rawModes).toEqual([true, false, true, false]);
  });

  it('obeys the backspace and leaves out control characters', async () => {
    const { answer } = await typeAtPrompts(['sex\u007fcret\u001b\r', 'secreté\b\n']);
    expect(answer).toEqual({ ok: true, value: 'secret' });
  });

  it.each(['secret\rsecret\r', 'secret\nsecret\n', 'secret\r\nsecret\r\n'])(
    'takes both lines from one paste',
    async (paste) => {
      const { answer } = await typeAtPrompts([paste]);
      expect(answer).toEqual({ ok: true, value: 'secret' });
    },
  );

  it('gives up when the terminal is gone', async () => {
    const io = recordedIo({ isTerminal: true });
    const answer = readPassword('Password', io);
    io.keyboard.end('sec');
    expect(await answer).toEqual({ ok: false, error: 'no password was given' });
  });

  it('refuses two that differ', async () => {
    const { answer } = await typeAtPrompts(['secret\r', 'secrets\r']);
    expect(answer).toEqual({ ok: false, error: 'the two passwords differ' });
  });

  it.each([
    ['Ctrl-C', 'sec\u0003'],
    ['Ctrl-D at the start', '\u0004'],
  ])('gives up at %s', async (_name, typed) => {
    const { io, answer } = await typeAtPrompts([typed]);
    expect(answer).toEqual({ ok: false, error: 'no password was given' });
    expect(io.rawModes).toEqual([true, false]);
  });
});

describe('readPassword elsewhere', () => {
  it.each([
    ['secret\n', 'secret'],
    ['secret\r\nmore\n', 'secret'],
    [' spaces stay ', ' spaces stay '],
    ['x'.repeat(passwordInputMax), 'x'.repeat(passwordInputMax)],
  ])('takes the first line of standard input', async (input, password) => {
    const io = recordedIo({ input });
    expect(await readPassword('Password', io)).toEqual({ ok: true, value: password });
    expect(io.err()).toBe('');
  });

  it.each([
    ['', 'there is no password on standard input'],
    ['\nsecret\n', 'there is no password on standard input'],
    ['x'.repeat(passwordInputMax + 1), `the password has more than ${passwordInputMax} characters`],
  ])('refuses what is none', async (input, error) => {
    expect(await readPassword('Password', recordedIo({ input }))).toEqual({ ok: false, error });
  });
});
