/** The token tables of each version, made once from the rows in `tag-pages` and `value-words`. */
import { type CspVersion, cspVersions, namespaceFamilies } from '../csp-version.ts';
import { firstTagToken, tagPages } from './tag-pages.ts';
import { valueWords } from './value-words.ts';

export interface TagToken {
  readonly page: number;
  readonly token: number;
}

export interface TokenTables {
  /** By page and token; also what only another version defines, since clients mix them. */
  tagName(page: number, token: number): string | undefined;
  tagToken(name: string): TagToken | undefined;
  value(index: number): string | undefined;
  /** The lowest index where a word has several. */
  valueIndex(word: string): number | undefined;
}

/** What starts an attribute: it is always xmlns, and the token holds the beginning of its value (code page 0). */
export const attributePrefixes: ReadonlyMap<number, string> = new Map(
  cspVersions.flatMap((version, index) => {
    const { session, presence, transaction } = namespaceFamilies[version];
    const first = 0x05 + 3 * index;
    return [[first, session] as const, [first + 1, presence] as const, [first + 2, transaction] as const];
  }),
);

export const publicIdentifiers: Readonly<Record<CspVersion, number>> = { '1.1': 0x10, '1.2': 0x11, '1.3': 0x12 };

const formalIdentifiers: ReadonlyMap<string, CspVersion> = new Map([
  ['-//WIRELESSVILLAGE//DTD CSP 1.1//EN', '1.1'],
  ['-//OMA//DTD WV-CSP 1.1//EN', '1.1'],
  ['-//OMA//DTD WV-CSP 1.2//EN', '1.2'],
  ['-//OMA//DTD IMPS-CSP 1.3//EN', '1.3'],
]);

/** By number, or by name where the document spells it out. */
export function versionOfPublicId(id: number | string): CspVersion | undefined {
  if (typeof id === 'string') return formalIdentifiers.get(id);
  return cspVersions.find((version) => publicIdentifiers[version] === id);
}

export function tokenTables(version: CspVersion): TokenTables {
  return tables[version];
}

/** The names of one token by version. */
type Names = Readonly<Partial<Record<CspVersion, string>>>;

const pages: readonly (readonly Names[])[] = tagPages.map(readRow);
const values = readRow(valueWords);

const tables: Readonly<Record<CspVersion, TokenTables>> = {
  '1.1': makeTables('1.1'),
  '1.2': makeTables('1.2'),
  '1.3': makeTables('1.3'),
};

function makeTables(version: CspVersion): TokenTables {
  const tagTokens = new Map<string, TagToken>();
  for (const [page, row] of pages.entries()) {
    for (const [index, names] of row.entries()) {
      const name = names[version];
      if (name !== undefined && !tagTokens.has(name)) tagTokens.set(name, { page, token: firstTagToken + index });
    }
  }
  const valueIndexes = new Map<string, number>();
  for (const [index, names] of values.entries()) {
    const word = names[version];
    if (word !== undefined && !valueIndexes.has(word)) valueIndexes.set(word, index);
  }
  return {
    tagName: (page, token) => nameIn(pages[page]?.[token - firstTagToken], version),
    tagToken: (name) => tagTokens.get(name),
    value: (index) => nameIn(values[index], version),
    valueIndex: (word) => valueIndexes.get(word),
  };
}

function nameIn(names: Names | undefined, version: CspVersion): string | undefined {
  return names?.[version] ?? names?.['1.2'] ?? names?.['1.3'] ?? names?.['1.1'];
}

function readRow(row: string): Names[] {
  return row.trim().split(/\s+/).map(readMarks);
}

function readMarks(word: string): Names {
  const [, name = '', since = '1.1', gone, lastName] =
    /^([^+~=]+)(?:\+([\d.]+))?(?:~([\d.]+))?(?:=(.+))?$/.exec(word) ?? [];
  if (name === '-') return {};
  const names: Partial<Record<CspVersion, string>> = {};
  for (const version of cspVersions) {
    if (version >= since && (gone === undefined || version < gone)) names[version] = name;
  }
  return lastName === undefined ? names : { ...names, '1.3': lastName };
}
