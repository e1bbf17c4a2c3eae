/** A person's client, as processes beside a server: contract section 1, `send` to `blocks`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChildProgram } from '../processes/child-program.ts';
import { sourceProgram } from '../processes/server-process.ts';
import { openStage, type Stage, startMsMax } from './stage.ts';

const testMsMax = 180_000;
const comesMsMax = 60_000;
const program = fileURLToPath(sourceProgram);
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
}, startMsMax);

afterAll(() => stage.close(), startMsMax);

function environmentOf(name: string, password = `${name}-secret`): Record<string, string> {
  const { PATH = '' } = process.env;
  return {
    PATH,
    RESTANTE_SERVER: stage.server.http,
    RESTANTE_ADDRESS: `${name}@localhost`,
    RESTANTE_PASSWORD: password,
  };
}

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(env: Record<string, string>, words: readonly string[], input = ''): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], { encoding: 'utf8', env, input });
  return { code: status, out: stdout, err: stderr };
}

const as = (name: string, ...words: string[]): Run => run(environmentOf(name), words);
const jsonOf = ({ code, out, err }: Run): Record<string, unknown> => {
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as Record<string, unknown>;
};

describe('a message', { timeout: testMsMax }, () => {
  it('waits for its condition, comes to whoever watches, and is in the outbox', async () => {
    expect(as('mary', 'presence', 'set', 'availability=not-available').code).toBe(0);
    const watch = new ChildProgram(process.execPath, [program, 'inbox', '--watch'], { env: environmentOf('mary') });
    const held = jsonOf(
      as('tom', 'send', '--to', 'mary@localhost', '--when', 'availability is available', '--json', 'call', 'me'),
    );
    expect(held).toMatchObject({ state: 'held', to: 'mary@localhost', deliverWhen: 'availability is available' });
    expect(as('mary', 'presence', 'set', 'availability=available').code).toBe(0);
    await watch.waitForOutput(/from tom@localhost, .*\ncall me\n/, comesMsMax);
    await watch.stop();
    const items = jsonOf(as('tom', 'outbox', '--to', 'mary@localhost', '--json'))['items'];
    expect(items).toMatchObject([{ id: held['id'], state: 'delivered' }]);
  });

  it('is listed, read once, and then gone', () => {
    const { id } = jsonOf(as('tom', 'send', '--to', 'peter@localhost', '--expires', '2h', '--json', 'hello'));
    expect(as('peter', 'inbox').out).toContain(String(id));
    expect(as('peter', 'get', String(id)).out).toMatch(/^from tom@localhost, .*\nhello\n$/);
    expect(as('peter', 'inbox')).toEqual({ code: 0, out: 'nothing\n', err: '' });
    const twice = as('tom', 'recall', String(id));
    expect([twice.code, twice.out]).toEqual([1, '']);
  });

  it('is recalled, and then nobody finds it', () => {
    const { id } = jsonOf(as('tom', 'send', '--to', 'peter@localhost', '--json', 'forget it'));
    expect(as('tom', 'recall', String(id))).toEqual({ code: 0, out: `recalled ${String(id)}\n`, err: '' });
    expect(as('peter', 'get', String(id))).toEqual({ code: 1, out: '', err: 'restante: No such message\n' });
  });

  it('with a key is sent once', () => {
    const once = as('tom', 'send', '--to', 'john@localhost', '--key', 'k-1', '--json', 'once');
    expect(as('tom', 'send', '--to', 'john@localhost', '--key', 'k-1', '--json', 'once').out).toBe(once.out);
    expect(jsonOf(as('tom', 'outbox', '--to', 'john@localhost', '--json'))['items']).toHaveLength(1);
  });
});

describe('a file', { timeout: testMsMax }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'restante-files-'));
  const [sent, got] = [join(folder, 'photo.JPG'), join(folder, 'got')];
  const content = Buffer.from(Uint8Array.from({ length: 5_000_000 }, (_, at) => (at * 31) % 251));
  writeFileSync(sent, content);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is sent and saved whole, however large, and delivered when it is saved', () => {
    const words = ['--to', 'peter@localhost', '--when', 'not online', '--subject', 'Holiday', '--json'];
    const { id } = jsonOf(as('tom', 'send', '--file', sent, ...words));
    expect(as('peter', 'inbox').out).toMatch(/ 5000000 +image\/jpeg +Holiday\n$/);
    // What was not read is not delivered.
    expect(as('peter', 'get', String(id)).out).toContain(
      `(image/jpeg, 5000000 bytes: restante get ${String(id)} --output FILE)`,
    );
    expect(as('peter', 'get', String(id), '--output', got)).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(got).equals(content)).toBe(true);
    expect(readdirSync(folder)).toEqual(['got', 'photo.JPG']);
    expect(jsonOf(as('tom', 'outbox', '--to', 'peter@localhost', '--state', 'delivered', '--json'))['items']).toEqual(
      expect.arrayContaining([expect.objectContaining({ id, contentType: 'image/jpeg', size: 5_000_000 })]),
    );
  });

  it('is an answer of the server where it may not be sent, and one line where it is none', () => {
    const refused = as('tom', 'send', '--file', sent, '--to', 'nobody@localhost');
    expect(refused).toEqual({ code: 1, out: '', err: 'restante: No such recipient\n' });
    const to = ['--to', 'peter@localhost'];
    expect(as('tom', 'send', '--file', folder, ...to)).toEqual({
      code: 2,
      out: '',
      err: `restante: ${folder} is no file\n`,
    });
    expect(as('tom', 'send', '--file', join(folder, 'none'), ...to).err).toMatch(/^restante: .*none: ENOENT.*\n$/);
    expect(as('tom', 'send', ...to).err).toMatch(/^restante: what is to be sent\?.*\n$/);
    expect(as('tom', 'send', '--file', sent, 'and text', ...to).err).toMatch(/^restante: what is to be sent\?.*\n$/);
  });
});

describe('rules and blocks', { timeout: testMsMax }, () => {
  it('say who sees what and who is not heard', () => {
    const rules = JSON.stringify([{ watchers: ['tom@localhost'], action: 'allow', attributes: ['mood'] }]);
    expect(run(environmentOf('mary'), ['rules', 'set', '-'], rules).code).toBe(0);
    expect(as('mary', 'presence', 'set', 'mood=happy').code).toBe(0);
    expect(as('tom', 'presence', 'show', 'mary@localhost').out).toContain('mood: happy');
    expect(as('john', 'presence', 'show', 'mary@localhost').out).not.toContain('mood: happy');
    expect(as('mary', 'rules', 'get').out).toContain('tom@localhost');
    expect(as('mary', 'blocks', 'add', 'john@localhost').code).toBe(0);
    expect(as('mary', 'blocks', 'list').out).toBe('john@localhost\n');
    const refused = as('john', 'send', '--to', 'mary@localhost', 'may I?');
    expect(refused).toEqual({ code: 1, out: '', err: 'restante: Recipient blocked the sender\n' });
    expect(as('mary', 'blocks', 'remove', 'john@localhost').code).toBe(0);
    expect(as('john', 'send', '--to', 'mary@localhost', 'may I now?').code).toBe(0);
  });
});

describe('what goes wrong', { timeout: testMsMax }, () => {
  it('is pointed at in a condition', () => {
    const { code, out, err } = as('tom', 'send', '--to', 'mary@localhost', '--when', 'online and moood is happy', 'x');
    expect([code, out]).toEqual([1, '']);
    expect(err).toBe(
      'online and moood is happy\n           ^\n"moood" is not an attribute; did you mean "mood"? (character 12)\n',
    );
  });

  it.each([
    ['a wrong password', () => run(environmentOf('tom', 'guess'), ['inbox']), 1, /Wrong or missing credentials/],
    ['nobody named', () => run({ ...environmentOf('tom'), RESTANTE_ADDRESS: '' }, ['inbox']), 2, /who are you\?/],
    ['a server that is not there', () => as('tom', 'inbox', '--server', 'http://127.0.0.1:9'), 2, /does not answer/],
    ['no recipient', () => as('tom', 'send', 'x'), 2, /--to/],
    ['an address that is none', () => as('tom', 'send', '--to', 'mary', 'x'), 1, /Malformed address: to: /],
    [
      'a time that is none',
      () => as('tom', 'send', '--to', 'mary@localhost', '--expires', 'soon', 'x'),
      2,
      /--expires: soon/,
    ],
    ['rules that are none', () => run(environmentOf('mary'), ['rules', 'set', '-'], '{'), 2, /JSON/],
    ['an attribute that is none', () => as('mary', 'presence', 'set', 'moood=happy'), 1, /moood/],
  ])('%s', (_what, attempt, code, words) => {
    const got = attempt();
    expect([got.code, got.out]).toEqual([code, '']);
    expect(got.err).toMatch(words);
    expect(got.err.trim().split('\n')).toHaveLength(1);
  });

  it('is JSON too for a program', () => {
    const { code, out } = as('tom', 'send', '--to', 'mary@localhost', '--when', 'moood is x', '--json', 'x');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ type: 'urn:restante:problem:malformed-condition', position: 0 });
  });
});
