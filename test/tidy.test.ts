/** Sizes, names, READMEs and leftovers hold in the whole project, and the reader that says so finds planted breaches. */
import { describe, expect, it } from 'vitest';
import { formatViolations, listFiles, readSource } from './house/source-file.ts';
import * as tidy from './house/tidy-rules.ts';

/** Everything is read: of a machine that is busy that is much to ask. */
const readingMsMax = 120_000;

const isCode = (path: string): boolean => /\.(?:tsx?|js|mjs)$/.test(path);
const isText = (path: string): boolean => /\.(?:md|json|sql|sh|xml|html|css|webmanifest)$/.test(path);

const folders = ['bin', 'docs', 'scripts', 'src', 'test', 'web'];
const paths = listFiles(folders);
const rootTexts = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'knip.json', 'vitest.config.ts', '.ci/run'];

describe('the house is tidy', () => {
  it(
    'in every file of code',
    () => {
      const code = paths.filter(isCode);
      expect(code).toContain('src/base/time/clock.ts');
      expect(formatViolations(code.flatMap((path) => tidy.findTidyViolations(readSource(path))))).toBe('');
    },
    readingMsMax,
  );

  it(
    'in every other text',
    () => {
      const texts = [...paths.filter(isText), ...rootTexts];
      expect(formatViolations(texts.flatMap((path) => tidy.findTextViolations(readSource(path))))).toBe('');
    },
    readingMsMax,
  );

  it('in every folder', () => {
    const readmes = paths.filter((path) => /^(?:src|web)\/.*README\.md$/.test(path));
    const found = [
      ...tidy.findFolderViolations(paths),
      ...readmes.flatMap((path) => tidy.findReadmeViolations(readSource(path))),
    ];
    expect(formatViolations(found)).toBe('');
  });
});

const lines = (count: number): string => 'a();\n'.repeat(count);
const head = '/** What it is. */\n';

/** What is planted, the text, and the rules that it breaks. */
const planted: readonly (readonly [name: string, text: string, ...rules: string[]])[] = [
  ['a file at the limit', head + lines(tidy.fileLinesMax - 1)],
  ['a file one line too long', head + lines(tidy.fileLinesMax), 'file-lines'],
  ['a function at the limit', `${head}function f() {\n${lines(tidy.functionLinesMax - 2)}}\n`],
  ['a function one line too long', `${head}function f() {\n${lines(tidy.functionLinesMax - 1)}}\n`, 'function-lines'],
  ['a long method', `${head}class A {\n  f() {\n${lines(tidy.functionLinesMax - 1)}  }\n}\n`, 'function-lines'],
  ['a long arrow', `${head}const f = () => {\n${lines(tidy.functionLinesMax - 1)}};\n`, 'function-lines'],
  ['a long suite', `${head}describe('x', () => {\n${lines(tidy.functionLinesMax)}});\n`],
  ['a long table of suites', `${head}describe.each([1])('x', () => {\n${lines(tidy.functionLinesMax)}});\n`],
  ['four parameters', `${head}function f(a: A, b: B, c: C, d: D) {}\n`],
  ['five parameters', `${head}function f(a: A, b: B, c: C, d: D, e: E) {}\n`, 'parameters'],
  ['no head', "import { a } from './a.ts';\n", 'file-head'],
  ['a head after the interpreter', `#!/usr/bin/env node\n${head}a();\n`],
  ['any', `${head}let a: any;\n`, 'no-any'],
  ['any in a cast', `${head}f(a as any);\n`, 'no-any'],
  ['any in a sentence', `${head}// any word will do\n`],
  ['a leftover', `${head}// ${tidy.spell('FIX', 'ME')} later\n`, 'leftover'],
  ['a leftover of another kind', `${head}throw new Error('not ${tidy.spell('imple', 'mented')}');\n`, 'leftover'],
  ['a focused test', `${head}it.${tidy.spell('on', 'ly')}('x', f);\n`, 'leftover'],
  ['a test that is left out', `${head}it.${tidy.spell('sk', 'ip')}('x', f);\n`, 'leftover'],
  ['a test that is left out visibly', `${head}it.skipIf(true)('x', f);\n`],
  ['a silenced checker', `${head}// @${tidy.spell('ts-ign', 'ore')}\n`, 'leftover'],
  ['a path of a machine', `${head}const a = '/${tidy.spell('ro', 'ot')}/x';\n`, 'machine-path'],
  ['a path in an address', `${head}const a = 'http://host/xcap/${tidy.spell('ro', 'ot')}/x';\n`],
];

describe('findTidyViolations', () => {
  it.each(planted)('%s', (_name, text, ...rules) => {
    expect(tidy.findTidyViolations({ path: 'src/base/a.ts', text }).map(({ rule }) => rule)).toEqual(rules);
  });

  it('does not ask a test for a head', () => {
    expect(tidy.findTidyViolations({ path: 'src/base/a.test.ts', text: 'a();\n' })).toEqual([]);
  });

  it('names the line', () => {
    expect(tidy.findTidyViolations({ path: 'src/a.ts', text: `${head}\nlet a: any;\n` })).toMatchObject([{ line: 3 }]);
  });
});

describe('findNameViolations', () => {
  it.each([
    ['src/sip/message/parse-uri.ts', 0],
    ['src/base/README.md', 0],
    ['test/fuzz/crashers/0001.bin', 0],
    ['src/sip/parseUri.ts', 1],
    ['src/sip/parse_uri.ts', 1],
    ['src/Sip/uri.ts', 1],
    ['src/sip/utils/uri.ts', 1],
    ['src/sip/uri-helper.ts', 1],
    ['src/delivery/mailbox-manager.ts', 1],
    ['src/sip/common.ts', 1],
  ])('%s', (path, count) => {
    expect(tidy.findNameViolations(path)).toHaveLength(count);
  });
});

describe('findFolderViolations', () => {
  const folder = (count: number): string[] => Array.from({ length: count }, (_, at) => `src/base/f${at}.ts`);
  const rulesFor = (files: string[]): string[] => tidy.findFolderViolations(files).map(({ rule }) => rule);

  it('takes a folder at the limit, tests not counted', () => {
    expect(rulesFor(['src/base/README.md', 'src/base/f0.test.ts', ...folder(tidy.filesPerFolderMax)])).toEqual([]);
  });

  it('refuses one file more', () => {
    expect(rulesFor(['src/base/README.md', ...folder(tidy.filesPerFolderMax + 1)])).toEqual(['folder-files']);
  });

  it('asks for a README', () => {
    expect(rulesFor(folder(1))).toEqual(['folder-readme']);
  });
});

describe('findReadmeViolations', () => {
  it.each([
    [tidy.readmeLinesMax, 0],
    [tidy.readmeLinesMax + 1, 1],
  ])('of %i lines', (count, violations) => {
    expect(tidy.findReadmeViolations({ path: 'src/base/README.md', text: lines(count) })).toHaveLength(violations);
  });
});
