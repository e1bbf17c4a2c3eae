/**
 * What the documents say of the code is there: settings with their defaults, metrics, limits with their files, and the paths
 * and names that the tour and the READMEs walk along.
 */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settings } from '../../src/config/settings.ts';
import { listFiles, projectRoot, readSource } from './source-file.ts';

const textOf = (path: string): string => readSource(path).text;
const operations = textOf('docs/operations.md');
const paths = listFiles(['bin', 'docs', 'scripts', 'src', 'test', 'web']);
const isCode = (path: string): boolean => /\.tsx?$/.test(path) && !path.endsWith('.test.ts');
const sources = new Map(
  paths.filter((path) => /\.(?:tsx?|mjs|js|sql)$/.test(path)).map((path) => [path, textOf(path)]),
);

/** The cells of every row of the tables in a text, without the heads. */
function rowsOf(text: string): string[][] {
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  return rows.map((line) => line.slice(2).split(/(?<!\\) \| | \|$/)).filter(([first]) => first?.includes('`') === true);
}

const quotedIn = (text = ''): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
const section = (title: string): string => operations.split(/^(?=## )/m).find((part) => part.startsWith(title)) ?? '';

/** Of a counter or of its metric: `restante_`, `_total` and labels are put around the name of a counter. */
const bareMetric = (name: string): string => name.replace(/^restante_/, '').replace(/_total$/, '');

describe('docs/operations.md', () => {
  const settingRows = rowsOf(section('## 2. Settings'));

  it('has each setting, and no other', () => {
    const there = settings.filter(({ isUnavailable }) => isUnavailable !== true);
    expect(settingRows.flatMap(([names]) => quotedIn(names)).toSorted()).toEqual(
      there.map(({ name }) => name).toSorted(),
    );
  });

  it('has their defaults', () => {
    const told = new Map(settingRows.flatMap(([names, text]) => quotedIn(names).map((name) => [name, text] as const)));
    const shown = settings.filter((each) => each.isUnavailable !== true && each.isSecret !== true);
    const wrong = shown.filter(
      ({ name, fallback }) => fallback !== undefined && told.get(name)?.replaceAll('`', '') !== fallback,
    );
    expect(wrong.map(({ name, fallback }) => `${name}: ${fallback}, not ${told.get(name)}`)).toEqual([]);
  });

  it('has each metric', () => {
    const told = quotedIn(section('## 7. Health and metrics')).map(bareMetric);
    const missing = [...sources].flatMap(([path, text]) => {
      if (!path.startsWith('src/') || path.startsWith('src/cli/') || !isCode(path)) return [];
      const counted = [...text.matchAll(/counters\.(?:add|gauge)\(\s*['`]([a-z0-9_]+)(\$?)/g)];
      const isTold = (name: string, isBeginning: boolean): boolean =>
        told.some((each) => (isBeginning ? each.startsWith(name) : each === name));
      return counted
        .filter(([, name = '', more]) => !isTold(bareMetric(name), more === '$'))
        .map(([, name]) => `${path}: ${name}`);
    });
    expect(missing).toEqual([]);
  });

  it('has limits that stand where it says', () => {
    const wrong: string[] = [];
    let places: string[] = [];
    for (const [names, , place = ''] of rowsOf(section('## 13. Limits'))) {
      if (place !== 'same') places = quotedIn(place).map((path) => `src/${path}`);
      const texts = [...sources]
        .filter(([path]) => places.some((each) => path.startsWith(each)))
        .map(([, text]) => text);
      wrong.push(...places.filter((path) => !existsSync(new URL(path, projectRoot))));
      if (places.length === 0) continue;
      wrong.push(
        ...quotedIn(names).filter((name) => !texts.some((text) => new RegExp(String.raw`\b${name}\b`).test(text))),
      );
    }
    expect(wrong).toEqual([]);
  });
});

describe('what is named', () => {
  const roots = ['', 'src/', 'web/'];
  const documents = [...paths.filter((path) => path.endsWith('.md')), 'README.md', 'ARCHITECTURE.md'];

  it('as a file or a folder is there', () => {
    const wrong = documents.flatMap((document) =>
      quotedIn(textOf(document))
        .filter((word) => isOwnPath(word) && !isThere(word, document))
        .map((word) => `${document}: ${word}`),
    );
    expect(wrong).toEqual([]);
  });

  it('in the README of a folder is every file and folder of it', () => {
    const wrong = folderReadmes().flatMap(([folder, text]) => {
      const words = new Set(text.match(/[\w-]+/g));
      return [...membersOf(folder)].filter((name) => !words.has(name)).map((name) => `${folder}: ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  it('as a class or a function in the tour or in ARCHITECTURE.md is there', () => {
    const words = new Set([...sources.values()].flatMap((text) => text.match(/\w+/g) ?? []));
    const named = ['docs/house-tour.md', 'ARCHITECTURE.md'].flatMap((document) => quotedIn(textOf(document)));
    const names = named.filter((word) => /^[A-Za-z]+[a-z][A-Z]\w*(?:\.\w+)?$|^[A-Z][a-z]+\.[a-z]\w+$/.test(word));
    expect(names.length).toBeGreaterThan(100);
    expect(
      names.filter((name) => name !== 'somethingMax' && !name.split('.').every((part) => words.has(part))),
    ).toEqual([]);
  });

  it('as a class or a function in a comment is there', () => {
    const comment = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;
    const words = new Set([...sources.values()].flatMap((text) => text.replaceAll(comment, '').match(/\w+/g) ?? []));
    const wrong = [...sources].flatMap(([path, text]) => {
      const named = quotedIn(text.match(comment)?.join('\n')).filter((word) =>
        /^[A-Za-z]+[a-z][A-Z]\w*(?:\.\w+)?$/.test(word),
      );
      return named
        .filter((name) => !name.split('.').every((part) => words.has(part)))
        .map((name) => `${path}: ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  function folderReadmes(): [folder: string, text: string][] {
    const readmes = paths.filter((path) => /^(?:src|web)\/.+\/README\.md$/.test(path));
    return readmes.map((path) => [path.slice(0, -'README.md'.length), textOf(path)]);
  }

  /** Without their endings; tests stand beside what they test. */
  function membersOf(folder: string): Set<string> {
    const below = paths.filter((path) => path.startsWith(folder) && isCode(path));
    return new Set(below.map((path) => path.slice(folder.length).replace(/(?:\/.*|\.tsx?)$/, '')));
  }

  /** Code or a document of ours: with its ending, or below a folder of ours. */
  function isOwnPath(word: string): boolean {
    if (/^(?:x|\.\.)[./]|[A-Z]{3,}\./.test(word) || !/^[\w@.-]+(?:\/[\w@.-]+)*\/?$/.test(word)) return false;
    if (/\.(?:ts|tsx|md|mjs|sql|sh|cfg)$/.test(word)) return true;
    const [folder = '', more] = word.split('/');
    return more !== undefined && roots.some((root) => existsSync(new URL(`${root}${folder}/`, projectRoot)));
  }

  /** From the root of the project, of `src` or of `web`, or from where the document lies; code without its ending too. */
  function isThere(word: string, document: string): boolean {
    const here = document.slice(0, document.lastIndexOf('/') + 1);
    const places = [...roots, here, 'src/endpoints/http/', 'src/endpoints/sip/'].map((root) => `${root}${word}`);
    if (places.some((place) => ['', '.ts'].some((end) => existsSync(new URL(place + end, projectRoot))))) return true;
    return paths.some((path) => path.endsWith(`/${word}`));
  }
});
