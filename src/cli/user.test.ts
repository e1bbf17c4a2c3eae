import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCommand, type CommandOutcome, type IoOptions } from '../../test/recorded-io.ts';
import { passwordHashesOf } from '../accounts/password-hashes.ts';
import { systemHashes } from '../base/system-hash.ts';
import { StoreFault } from '../base/store-fault.ts';
import type { Address } from '../model/address.ts';
import { keyFileName, passwordSeal } from '../stores/files/password-seal.ts';
import { memoryStores, type MemoryStores } from '../stores/memory/memory-stores.ts';

let stores: MemoryStores;
const tom = 'tom@localhost' as Address;

beforeEach(() => {
  stores = memoryStores();
});

function run(words: string, options?: IoOptions): Promise<CommandOutcome> {
  return runCommand(words.split(' '), stores, options);
}

async function passwordOf(address: Address, password: string): Promise<boolean> {
  const account = await stores.accounts.find(address);
  return account?.passwords.sha256 === passwordHashesOf(password, address, systemHashes).sha256;
}

describe('user add', () => {
  it('adds an account with the password of the flag', async () => {
    expect(await run('user add sip:Tom@localhost --password secret')).toEqual({
      code: 0,
      out: 'added tom@localhost\n',
      err: '',
    });
    expect(await passwordOf(tom, 'secret')).toBe(true);
    expect((await stores.accounts.find(tom))?.isOperator).toBe(false);
  });

  it('reads the password from standard input', async () => {
    expect((await run('user add tom@localhost', { input: 'secret\n' })).code).toBe(0);
    expect(await passwordOf(tom, 'secret')).toBe(true);
  });

  it('adds an operator', async () => {
    expect((await run('user add tom@localhost --operator --password x')).out).toBe(
      'added tom@localhost, an operator\n',
    );
    expect((await stores.accounts.find(tom))?.isOperator).toBe(true);
  });

  it('takes any domain, and says so when no server of this configuration serves it', async () => {
    const { code, err } = await run('user add tom@example.com --password x');
    const note = 'note: this configuration serves localhost; a server for it needs --domain example.com\n';
    expect([code, err]).toEqual([0, note]);
    expect((await run('user add ann@example.com --password x --domain example.com')).err).toBe('');
  });

  it('leaves one that exists as it was', async () => {
    await run('user add tom@localhost --password old');
    const { code, out, err } = await run('user add TOM@localhost --password new');
    expect([code, out]).toEqual([1, '']);
    expect(err).toBe('restante: tom@localhost exists already; `restante user password` gives it another password\n');
    // Nobody is asked for a password in vain: standard input has none here.
    expect((await run('user add tom@localhost')).err).toBe(err);
    expect(await passwordOf(tom, 'old')).toBe(true);
  });

  it.each([
    ['user add tom --password x', '', 'tom: an address has the form user@domain'],
    ['user add inbox@localhost --password x', '', 'inbox@localhost: inbox is reserved for the server itself'],
    ['user add tom@localhost', '', 'there is no password on standard input'],
    ['user add tom@localhost', 'a\tb\n', 'tom@localhost: a password has no control characters'],
  ])('refuses %s', async (words, input, line) => {
    expect(await run(words, { input })).toEqual({ code: 2, out: '', err: `restante: ${line}\n` });
    expect(await stores.accounts.list(undefined, 10)).toEqual([]);
  });
});

describe('user list', () => {
  it('shows every account, over many pages', async () => {
    const names = Array.from({ length: 2001 }, (_, at) => `u${String(at).padStart(4, '0')}@localhost`);
    const lines = names.map((name) => `${name},x`).join('\n');
    await run('user import -', { input: lines });
    await run('user add zoe@localhost --password x --operator');
    expect((await run('user list')).out).toBe(`${names.join('\n')}\nzoe@localhost operator\n`);
  });

  it('shows nothing where there is nobody', async () => {
    expect(await run('user list')).toEqual({ code: 0, out: '', err: '' });
  });
});

describe('user remove', () => {
  it('removes an account', async () => {
    await run('user add tom@localhost --password x');
    const out = 'removed tom@localhost; what waits for it fails\n';
    expect(await run('user remove tom@localhost')).toEqual({ code: 0, out, err: '' });
    expect(await stores.accounts.find(tom)).toBeUndefined();
  });

  it('says when there is none', async () => {
    const err = 'restante: there is no account tom@localhost\n';
    expect(await run('user remove tom@localhost')).toEqual({ code: 1, out: '', err });
  });
});

describe('user password', () => {
  it('gives an account another password', async () => {
    await run('user add tom@localhost --password old');
    expect((await run('user password tom@localhost', { input: 'new\n' })).out).toBe(
      'tom@localhost has a new password\n',
    );
    expect(await passwordOf(tom, 'new')).toBe(true);
  });

  it.each([
    ['user password ann@localhost --password x', 1, 'there is no account ann@localhost'],
    ['user password ann --password x', 2, 'ann: an address has the form user@domain'],
  ])('refuses %s', async (words, code, line) => {
    expect(await run(words)).toEqual({ code, out: '', err: `restante: ${line}\n` });
  });

  it('refuses a password that is none', async () => {
    await run('user add tom@localhost --password old');
    const { code, err } = await runCommand(['user', 'password', tom, '--password', ''], stores);
    expect([code, err]).toEqual([2, 'restante: the password: a password has at least one character\n']);
  });
});

describe('user import', () => {
  let folder: string;
  let file: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'restante-import-'));
    file = join(folder, 'people.csv');
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('adds everybody and leaves those who exist as they were', async () => {
    await run('user add tom@localhost --password old');
    writeFileSync(file, '\uFEFFtom@localhost,new\r\n\r\nmary@localhost, with, commas \n');
    const { code, out } = await run(`user import ${file}`);
    expect([code, out]).toEqual([0, 'added 1, left 1 as they were because they exist already\n']);
    expect(await passwordOf(tom, 'old')).toBe(true);
    expect(await passwordOf('mary@localhost' as Address, ' with, commas ')).toBe(true);
  });

  it('reads standard input, and notes a domain once', async () => {
    const { out, err } = await run('user import -', { input: 'a@example.com,x\nb@example.com,y' });
    expect(out).toBe('added 2\n');
    expect(err.split('\n')).toHaveLength(2);
  });

  it('adds nobody from a file with a faulty line, and names the lines', async () => {
    writeFileSync(file, `tom@localhost,x\nmary\n@localhost,x\nann@localhost,\n`);
    const { code, out, err } = await run(`user import ${file}`);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(`restante: ${file}: line 2: is not ADDRESS,PASSWORD\n`);
    expect(err).toContain(`${file}: line 3: `);
    expect(err).toContain(`${file}: line 4: a password has at least one character\n`);
    expect(err).toContain('nobody was added');
    expect(await stores.accounts.list(undefined, 10)).toEqual([]);
  });

  it('names ten faulty lines and counts the others', async () => {
    const { err } = await run('user import -', { input: 'x\n'.repeat(12) });
    expect(err).toContain('line 10: ');
    expect(err).not.toContain('line 11: ');
    expect(err).toContain('2 more faulty lines');
  });

  it('says when there is no file', async () => {
    const { code, err } = await run('user import /nowhere/people.csv');
    expect([code, err]).toEqual([2, 'restante: /nowhere/people.csv cannot be read (there is no such file)\n']);
  });
});

describe('a store that fails', () => {
  it('is one line and exit code 1', async () => {
    stores = memoryStores({
      beforeCall: () => {
        throw new StoreFault('the disk is full', true);
      },
    });
    expect(await run('user list')).toEqual({ code: 1, out: '', err: 'restante: the disk is full\n' });
  });
});

describe('--imps-digest', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'restante-digest-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const runHere = (words: string): Promise<CommandOutcome> => run(`${words} --data ${folder}`);
  const keptOf = async (address: Address): Promise<string | undefined> => {
    const sealed = (await stores.accounts.find(address))?.sealedPassword;
    if (sealed === undefined) return undefined;
    const opened = await passwordSeal(folder).open(sealed, address);
    return opened.ok ? opened.value : opened.error;
  };

  it('keeps the password of a new account, and the list tells no more than that', async () => {
    const { code, out } = await runHere('user add tom@localhost --password secret --imps-digest --operator');
    expect([code, out]).toEqual([0, 'added tom@localhost, an operator, and IMPS clients log in by digest\n']);
    expect(await keptOf(tom)).toBe('secret');
    await runHere('user add ann@localhost --password secret');
    expect(await keptOf('ann@localhost' as Address)).toBeUndefined();
    expect((await runHere('user list')).out).toBe('ann@localhost\ntom@localhost operator imps-digest\n');
  });

  it('keeps another password where it is said again, and none where it is not', async () => {
    await runHere('user add tom@localhost --password secret --imps-digest');
    await runHere('user password tom@localhost --password second --imps-digest');
    expect(await keptOf(tom)).toBe('second');
    const { code, err } = await runHere('user password tom@localhost --password third');
    const note = 'note: IMPS clients log in with the password from now on; --imps-digest keeps their login by digest\n';
    expect([code, err]).toEqual([0, note]);
    expect(await keptOf(tom)).toBeUndefined();
  });

  it('keeps the passwords of many who are imported with it, each its own, and of none without', async () => {
    const file = join(folder, 'people.csv');
    writeFileSync(file, 'ann@localhost,a,1\ntom@localhost,b\n');
    await runHere('user add tom@localhost --password old');
    const { code, out } = await runHere(`user import ${file} --imps-digest`);
    const rest = ', left 1 as they were because they exist already\n';
    expect([code, out]).toEqual([0, `added 1, and IMPS clients log in by digest${rest}`]);
    expect(await keptOf('ann@localhost' as Address)).toBe('a,1');
    expect(await keptOf(tom)).toBeUndefined();
    writeFileSync(file, 'eve@localhost,c\nada@localhost,d\n');
    expect((await runHere(`user import ${file}`)).out).toBe('added 2\n');
    expect(await keptOf('eve@localhost' as Address)).toBeUndefined();
    const key = join(folder, keyFileName);
    rmSync(key);
    writeFileSync(file, 'joe@localhost,c\n');
    expect(await runHere(`user import ${file} --imps-digest`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('put it back') as unknown,
    });
    expect(await stores.accounts.find('joe@localhost' as Address)).toBeUndefined();
  });

  it('does nothing without the key that others are kept under', async () => {
    await runHere('user add tom@localhost --password secret --imps-digest');
    const key = join(folder, keyFileName);
    rmSync(key);
    const line = `restante: the key file ${key} is missing, and passwords are sealed under it: put it back\n`;
    for (const words of ['user add ann@localhost', 'user password tom@localhost']) {
      const outcome = await runHere(`${words} --password x --imps-digest`);
      expect(outcome).toEqual({ code: 1, out: '', err: line });
    }
    expect(await stores.accounts.find('ann@localhost' as Address)).toBeUndefined();
    expect(await passwordOf(tom, 'secret')).toBe(true);
    // Whoever has lost it for good takes the digest away first.
    await runHere('user password tom@localhost --password x');
    expect((await runHere('user password tom@localhost --password x --imps-digest')).code).toBe(0);
  });
});
