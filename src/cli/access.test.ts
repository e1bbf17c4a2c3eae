import { beforeEach, describe, expect, it } from 'vitest';
import { runCommand, type CommandOutcome } from '../../test/recorded-io.ts';
import { blocksPerOwnerMax } from '../accounts/block-lists.ts';
import type { Address } from '../model/address.ts';
import { ruleTriesMax } from './access.ts';
import { memoryStores, type MemoryStores } from '../stores/memory/memory-stores.ts';

let stores: MemoryStores;
const mary = 'mary@localhost' as Address;
const tom = 'tom@localhost' as Address;

beforeEach(async () => {
  stores = memoryStores();
  await run('user', 'add', mary, '--password', 'x');
});

function run(...words: string[]): Promise<CommandOutcome> {
  return runCommand(words, stores);
}

describe('allow and disallow', () => {
  it('build up and take down one rule', async () => {
    expect((await run('allow', mary, tom, 'mood')).out).toBe('mary@localhost lets tom@localhost see mood\n');
    expect((await run('allow', mary, tom, 'Place_Type,mood')).out).toMatch(/see mood, place-type\n$/);
    const rule = { watchers: [tom], attributes: ['mood', 'place-type'], action: 'allow' };
    expect(await stores.rules.rulesOf(mary)).toEqual([rule]);
    expect((await run('disallow', mary, tom, 'mood')).out).toMatch(/see place-type\n$/);
    const nothing = 'mary@localhost has no rule that lets tom@localhost see anything\n';
    expect((await run('disallow', mary, tom)).out).toBe(nothing);
    expect(await stores.rules.rulesOf(mary)).toEqual([]);
  });

  it('take * for everything and for everybody', async () => {
    expect((await run('allow', mary, '*', '*')).out).toBe('mary@localhost lets everybody see everything\n');
    expect(await stores.rules.rulesOf(mary)).toEqual([{ watchers: '*', attributes: '*', action: 'allow' }]);
  });

  it('cannot take a part of everything', async () => {
    await run('allow', mary, tom, '*');
    const { code, err } = await run('disallow', mary, tom, 'mood');
    expect(code).toBe(2);
    expect(err).toMatch(/^restante: mood: tom@localhost may see all attributes; [^\n]*\n$/);
    expect(await stores.rules.rulesOf(mary)).toHaveLength(1);
  });

  it('lose nothing when several are at work at once', async () => {
    const watchers = Array.from({ length: 8 }, (_, at) => `watcher${at}@localhost`);
    await Promise.all(watchers.map((watcher) => run('allow', mary, watcher, 'mood')));
    const rules = await stores.rules.rulesOf(mary);
    expect(rules.flatMap(({ watchers: names }) => (names === '*' ? [] : names)).sort()).toEqual(watchers);
  });

  it('give up when the rules are others each time', async () => {
    let tries = 0;
    const setRules = async (): Promise<boolean> => ((tries += 1), false);
    const rules = { ...stores.rules, setRules };
    const { code, out, err } = await runCommand(['allow', mary, tom, 'mood'], { ...stores, rules });
    expect([code, out, tries]).toEqual([1, '', ruleTriesMax]);
    expect(err).toMatch(
      /^restante: the rules of mary@localhost were changed by others 100 times meanwhile; try again\n$/,
    );
  });

  it('note a block that beats them', async () => {
    await stores.rules.setRules(mary, [{ watchers: [tom], attributes: [], action: 'polite-block' }]);
    const { code, err } = await run('allow', mary, tom, 'mood');
    expect([code, err]).toEqual([0, 'note: a rule blocks tom@localhost, and that beats this one\n']);
  });

  it.each([
    [['allow', 'mary', tom, 'mood'], 2, 'mary: an address has the form user@domain'],
    [['allow', mary, 'tom', 'mood'], 2, 'tom: an address has the form user@domain'],
    [['allow', mary, tom, '1'], 2, '1: "1" is not the name of an attribute; take one such as mood or availability'],
    [['allow', mary, tom, '*', 'mood'], 2, '* mood: "*" means all attributes and stands alone'],
    [['allow', 'ann@localhost', tom, 'mood'], 1, 'there is no account ann@localhost'],
    [['block', 'ann@localhost', tom], 1, 'there is no account ann@localhost'],
    [['block', mary, '*'], 2, '*: an address has the form user@domain'],
    [['unblock', 'mary', tom], 2, 'mary: an address has the form user@domain'],
  ])('refuse %j', async (words, code, line) => {
    expect(await run(...words)).toEqual({ code, out: '', err: `restante: ${line}\n` });
  });
});

describe('block and unblock', () => {
  it('say on standard error that no more can be blocked', async () => {
    for (let n = 0; n < blocksPerOwnerMax; n += 1) await stores.blocks.addBlock(mary, `x${n}@localhost` as Address);
    const line = `restante: ${mary} blocks ${blocksPerOwnerMax} addresses already; unblock one first\n`;
    expect(await run('block', mary, tom)).toEqual({ code: 1, out: '', err: line });
    expect(await run('block', mary, 'x0@localhost')).toMatchObject({
      code: 0,
      out: expect.stringContaining('already'),
    });
  });

  it('say what changed and what was so already', async () => {
    expect((await run('block', mary, tom)).out).toBe('mary@localhost blocks tom@localhost\n');
    expect((await run('block', mary, tom)).out).toBe('mary@localhost blocked tom@localhost already\n');
    expect((await stores.blocks.listsOf(mary)).blocked).toEqual([tom]);
    expect((await run('unblock', mary, tom)).out).toBe('mary@localhost no longer blocks tom@localhost\n');
    expect((await run('unblock', mary, tom)).out).toBe('mary@localhost did not block tom@localhost\n');
    expect((await stores.blocks.listsOf(mary)).blocked).toEqual([]);
  });
});
