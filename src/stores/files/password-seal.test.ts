import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PasswordSeal } from '../../accounts/ports.ts';
import type { Address } from '../../model/address.ts';
import { keyFileName, passwordSeal } from './password-seal.ts';

const [tom, mary] = ['tom@localhost' as Address, 'mary@localhost' as Address];
let folder: string;
let key: string;
let seal: PasswordSeal;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'restante-seal-'));
  key = join(folder, keyFileName);
  seal = passwordSeal(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

async function sealed(password: string): Promise<string> {
  const result = await seal.seal(password, tom, true);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

describe('a password that is sealed', () => {
  it('opens again, after a restart too, and is written nowhere as it is', async () => {
    const text = await sealed('pässwörd 密');
    expect(await passwordSeal(folder).open(text, tom)).toEqual({ ok: true, value: 'pässwörd 密' });
    expect(Buffer.from(text, 'base64').toString('utf8')).not.toContain('pässwörd');
    expect(await sealed('pässwörd 密')).not.toBe(text);
  });

  it('has a key that nobody but its owner reads, whole under its name', async () => {
    await sealed('x');
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual([keyFileName]);
  });

  it('has one key, however many ask for it at once', async () => {
    const texts = await Promise.all(Array.from({ length: 8 }, () => sealed('x')));
    for (const text of texts) expect((await seal.open(text, tom)).ok).toBe(true);
  });

  it('is of use for its account alone, and not when it was touched', async () => {
    const text = await sealed('x');
    const octets = Buffer.from(text, 'base64');
    octets[octets.length - 1] = (octets.at(-1) ?? 0) ^ 1;
    for (const [spoilt, address] of [
      [text, mary],
      [octets.toString('base64'), tom],
      [text.slice(0, 20), tom],
      ['', tom],
    ] as const) {
      const error = `a password that is kept was not sealed under the key of ${key}, or is damaged`;
      expect(await seal.open(spoilt, address)).toEqual({ ok: false, error });
    }
  });
});

describe('a key', () => {
  it('that is missing is named, and is made where that may be', async () => {
    const text = await sealed('x');
    rmSync(key);
    expect(await seal.open(text, tom)).toEqual({ ok: false, error: `the key file ${key} is missing` });
    const error = `the key file ${key} is missing, and passwords are sealed under it: put it back`;
    expect(await seal.seal('x', tom, false)).toEqual({ ok: false, error });
    expect(readdirSync(folder)).toEqual([]);
    expect((await seal.seal('x', tom, true)).ok).toBe(true);
    expect((await seal.open(text, tom)).ok).toBe(false);
  });

  it('that is put back is used at once', async () => {
    const text = await sealed('x');
    const before = readFileSync(key, 'latin1');
    writeFileSync(key, `${'0'.repeat(64)}\n`);
    expect((await seal.open(text, tom)).ok).toBe(false);
    writeFileSync(key, before);
    expect((await seal.open(text, tom)).ok).toBe(true);
  });

  it('that others may read is not used', async () => {
    const text = await sealed('x');
    chmodSync(key, 0o640);
    const error = `the key file ${key} is open to others than its owner: it must have mode 600`;
    expect(await seal.open(text, tom)).toEqual({ ok: false, error });
    expect(await seal.seal('x', tom, true)).toEqual({ ok: false, error });
  });

  it('that is none is named', async () => {
    writeFileSync(key, 'abc', { mode: 0o600 });
    expect(await seal.seal('x', tom, true)).toEqual({ ok: false, error: `the key file ${key} holds no key` });
  });

  it('that cannot be written is named', async () => {
    const nowhere = passwordSeal(join(folder, 'none'));
    expect(await nowhere.seal('x', tom, true)).toMatchObject({
      ok: false,
      error: expect.stringContaining('cannot be written') as string,
    });
  });
});
