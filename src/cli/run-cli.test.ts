import { describe, expect, it } from 'vitest';
import { recordedIo, runCommand } from '../../test/recorded-io.ts';
import { settings } from '../config/settings.ts';
import { memoryStores } from '../stores/memory/memory-stores.ts';

const run = (...args: string[]): ReturnType<typeof runCommand> => runCommand(args, memoryStores());

describe('help', () => {
  it('names every command, its arguments and the exit codes', async () => {
    const { code, out, err } = await run('--help');
    expect([code, err]).toEqual([0, '']);
    for (const words of [
      'serve',
      'bench',
      'user',
      'allow OWNER WATCHER ATTRIBUTE…',
      'check CONDITION…',
      'queue',
      'explain ID',
    ]) {
      expect(out).toContain(`  ${words} `);
    }
    expect(out).toContain('Exit codes:');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('of serve shows every setting that this version has, with its default, and no other', async () => {
    const { code, out } = await run('serve', '--help');
    expect(code).toBe(0);
    const flat = out.replaceAll(/\s+/g, ' ');
    const shown = settings.filter(({ name }) => out.includes(`--${name} `)).map(({ name }) => name);
    expect(shown).toEqual(
      settings
        .filter(({ isUnavailable, isSecret }) => isUnavailable !== true && isSecret !== true)
        .map(({ name }) => name),
    );
    for (const { fallback, placeholder, isUnavailable } of settings) {
      const isShown = placeholder !== undefined && fallback !== undefined && isUnavailable !== true;
      expect(flat.includes(`[${fallback}]`) || !isShown).toBe(true);
    }
  });

  it('of serve names the settings that this version does not have', async () => {
    const { out } = await run('serve', '--help');
    expect(out).toMatch(/^Not in this version, and refused when set: --store\.$/m);
  });

  it('is the same for `help COMMAND` as for `COMMAND --help`, of two words too', async () => {
    for (const words of [[], ['serve'], ['user'], ['user', 'add']]) {
      expect(await run('help', ...words)).toEqual(await run(...words, '--help'));
    }
  });

  it('without a command goes to standard error, as misuse', async () => {
    const { code, out, err } = await run();
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('Usage: restante');
  });

  it('is coloured on a terminal only, and not against NO_COLOR', async () => {
    const stores = memoryStores();
    const escape = '\u001b[';
    expect((await runCommand(['--help'], stores)).out).not.toContain(escape);
    expect((await runCommand(['--help'], stores, { isTerminal: true })).out).toContain(escape);
    const plain = await runCommand(['--help'], stores, { isTerminal: true, env: { NO_COLOR: '1' } });
    expect(plain.out).not.toContain(escape);
  });

  it('knows the version of the package', async () => {
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('mistakes are one line on standard error and exit code 2', () => {
  it.each<[args: string[], line: string]>([
    [['serv'], "unknown command 'serv' (did you mean serve?)"],
    [['dance'], "unknown command 'dance'"],
    [['help', 'serv'], "unknown command 'serv' (did you mean serve?)"],
    [['help', 'user', 'dance'], "unknown command 'dance'"],
    [['user', 'ad'], "unknown command 'ad' (did you mean add?)"],
    [['serve', '--domian', 'x'], "unknown option '--domian' (did you mean --domain?)"],
    [['serve', '--sip'], "option '--sip <HOST:PORT>' argument missing"],
    [['serve', 'now'], "too many arguments for 'serve'. Expected 0 arguments but got 1: now."],
    [['serve', '--sip', '5060'], '--sip: "5060" is not HOST:PORT, such as 127.0.0.1:5060 or [::1]:5060'],
    [['serve', '--msrps', '127.0.0.1:2855'], '--msrps: needs --tls-cert and --tls-key'],
    [['serve', '--config', '/nowhere/x.toml'], '--config: /nowhere/x.toml cannot be read (there is no such file)'],
    [['serve', '--config', '/'], '--config: / cannot be read (it is a folder)'],
    [['user', 'add'], "missing required argument 'ADDRESS'"],
    [['user', 'add', 'tom', '--password', 'x'], 'tom: an address has the form user@domain'],
    [['allow', 'a@b', 'c@d'], "missing required argument 'ATTRIBUTE'"],
    [
      ['queue', '--state', 'lost'],
      "option '--state <STATE>' argument 'lost' is invalid. Allowed choices are held, waiting, delivered, displayed, rejected, recalled, expired, failed.",
    ],
  ])('%j', async (args, line) => {
    expect(await run(...args)).toEqual({ code: 2, out: '', err: `restante: ${line}\n` });
  });

  it('the environment counts as well', async () => {
    const { code, err } = await runCommand(['user', 'list'], memoryStores(), { env: { RESTANTE_DATAA: 'x' } });
    expect([code, err]).toEqual([2, 'restante: there is no variable RESTANTE_DATAA (did you mean RESTANTE_DATA?)\n']);
    const named = await runCommand(['user', 'list'], memoryStores(), { env: { RESTANTE_CONFIG: '/nowhere/x.toml' } });
    expect(named.err).toBe('restante: RESTANTE_CONFIG: /nowhere/x.toml cannot be read (there is no such file)\n');
  });
});

describe('recordedIo', () => {
  it('keeps the two streams apart', () => {
    const io = recordedIo();
    io.stdout.write('a');
    io.stderr.write('b');
    expect([io.out(), io.err()]).toEqual(['a', 'b']);
  });
});
