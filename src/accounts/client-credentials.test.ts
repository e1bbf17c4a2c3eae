import { describe, expect, it } from 'vitest';
import { systemHashes } from '../base/system-hash.ts';
import type { Address } from '../model/address.ts';
import { isPasswordOf, parseBasicCredentials } from './client-credentials.ts';
import { createAccount, isReservedAddress, validateNewAccount } from './new-account.ts';
import { hashForName, passwordHashesOf, passwordLengthMax } from './password-hashes.ts';

const tom = 'tom@example.com' as Address;
const hashes = passwordHashesOf('tom-secret', tom, systemHashes);

describe('password hashes', () => {
  it('are H(user:realm:password) for both names of the account', () => {
    const { hash } = systemHashes;
    expect(hashForName(hashes, 'md5', 'tom', tom)).toBe(hash('md5', 'tom:example.com:tom-secret'));
    expect(hashForName(hashes, 'sha-256', 'tom', tom)).toBe(hash('sha-256', 'tom:example.com:tom-secret'));
    expect(hashForName(hashes, 'md5', tom, tom)).toBe(hash('md5', 'tom@example.com:example.com:tom-secret'));
    expect(hashForName(hashes, 'sha-256', tom, tom)).toBe(hash('sha-256', 'tom@example.com:example.com:tom-secret'));
  });

  it('know no other name, and only one where only one was kept', () => {
    expect(hashForName(hashes, 'md5', 'mary', tom)).toBeUndefined();
    expect(hashForName(hashes, 'md5', 'Tom', tom)).toBeUndefined();
    expect(hashForName({ md5: hashes.md5.slice(0, 32), sha256: '' }, 'md5', tom, tom)).toBeUndefined();
  });
});

describe('Basic credentials', () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

  it('are an address and a password, which may hold colons and any letters', () => {
    expect(parseBasicCredentials(basic('Tom@Example.com:a:b ü'))).toEqual({ address: tom, password: 'a:b ü' });
    expect(parseBasicCredentials(basic('tom@example.com:').replace('Basic', 'BASIC'))?.password).toBe('');
  });

  it.each([
    'Bearer abc',
    'Basic',
    'Basic ????',
    basic('tom@example.com'),
    basic('tom:secret'),
    basic(':secret'),
    `Basic ${Buffer.from([0x74, 0x40, 0x65, 0x3a, 0xff]).toString('base64')}`,
    basic(`tom@example.com:${'x'.repeat(passwordLengthMax + 1)}`),
    basic(`tom@example.com:${'x'.repeat(10_000)}`),
  ])('are not "%.30s"', (value) => {
    expect(parseBasicCredentials(value)).toBeUndefined();
  });

  it('are checked against what is kept, and nobody has a password', () => {
    expect(isPasswordOf({ address: tom, password: 'tom-secret' }, hashes, systemHashes)).toBe(true);
    expect(isPasswordOf({ address: tom, password: 'tom-secreT' }, hashes, systemHashes)).toBe(false);
    expect(isPasswordOf({ address: tom, password: 'tom-secret' }, undefined, systemHashes)).toBe(false);
  });
});

describe('a new account', () => {
  const domains = ['example.com', 'localhost'];

  it('has an address of a served domain, in lower case', () => {
    const account = { address: 'sip:Tom@Example.com', password: 'x', isOperator: false };
    expect(validateNewAccount(account, domains)).toEqual({ ok: true, value: tom });
  });

  it.each([
    ['inbox@example.com', 'x', 'reserved'],
    ['Deferred@localhost', 'x', 'reserved'],
    ['tom@example.net', 'x', 'domains served'],
    ['tom', 'x', 'user@domain'],
    ['tom@example.com', '', 'at least one'],
    ['tom@example.com', 'a\nb', 'control'],
    ['tom@example.com', 'x'.repeat(passwordLengthMax + 1), 'at most'],
  ])('is not %s with %.5s', (address, password, word) => {
    const fault = validateNewAccount({ address, password, isOperator: false }, domains);
    expect(fault).toMatchObject({ ok: false, error: expect.stringContaining(word) });
  });

  it('takes the longest password', () => {
    const account = { address: tom, password: 'x'.repeat(passwordLengthMax), isOperator: false };
    expect(validateNewAccount(account, domains).ok).toBe(true);
  });

  it('is stored with hashes and without the password', () => {
    const making = { address: tom, password: 'tom-secret', isOperator: true, id: 'i1', createdAt: 5 };
    const account = createAccount(making, systemHashes);
    expect(account).toEqual({ address: tom, id: 'i1', isOperator: true, createdAt: 5, passwords: hashes });
    expect(isReservedAddress(tom)).toBe(false);
  });
});
