/**
 * Vectors and samples of others, from ../shared where they are: byte for byte, and round trips through both syntaxes. Our own
 * vectors on the same ground are in csp-document.test.ts.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { formatCspDocument, parseCspDocument } from './csp-document.ts';
import type { CspElement } from './csp-element.ts';
import { type CspSyntax, cspVersions } from './csp-version.ts';
import { formatCspMessage, type OutgoingTransaction, parseCspMessage } from './message/csp-message.ts';
import { functions } from './primitives/service-functions.ts';
import { parseCspDate } from './shapes/csp-date.ts';
import { tokenTables } from './wbxml/token-tables.ts';

const reference = findReference(dirname(fileURLToPath(import.meta.url)));
const isThere = reference !== undefined;
const samples = join(reference ?? '', 'imps-samples/wv-csp-1.1');

interface Vector {
  readonly name: string;
  readonly expect: 'accept' | 'reject';
  readonly xml: string | null;
  readonly wbxml_hex: string;
}

/** Where a vector has a form that we read but do not write, and what we write in its place. */
const otherForms: Readonly<Record<string, readonly (readonly [theirs: string, ours: string])[]>> = {
  big_entity: [['02c3ff7f', '03f48fbfbf00']],
  sendmsgreq1: [
    ['03106a', '03116a'],
    ['033230303730363235543035353635325a00', 'c3061f5db25e345a'],
    ['03546f646179200002812003546f64617900', '03546f64617920c2a0546f64617900'],
  ],
  loginresponse: [['4b0334303100', '4bc3020191']],
  simple_nocontent: [['890503312e310001', 'c90503312e31000101']],
  contentdata_opaque: [['c30548656c6c6f', '0348656c6c6f00']],
  literal: [
    [
      '29736f6d6574616700736f6d654d6f7265546167006d65746167006174747200746167006d6f76696500',
      '1e736f6d6574616700736f6d654d6f7265546167006d657461670074616700',
    ],
    ['44006d040801018414041a830001841f0423037472616e73666f726d6572000101', '44006d4408010101441401441a0101'],
  ],
};

describe.skipIf(!isThere)('vectors (skipped without ../shared/reference)', () => {
  it.each(isThere ? readVectors() : [])('$name', ({ name, expect: verdict, xml, wbxml_hex: hex }) => {
    const octets = Buffer.from(hex, 'hex');
    const decoded = parseCspDocument(octets, 'wbxml');
    expect(decoded.ok).toBe(verdict === 'accept');
    if (!decoded.ok) return;
    const { root, version } = decoded.value;
    expect(xml === null ? root : rootOf(Buffer.from(xml), 'xml')).toEqual(root);
    const ours = (otherForms[name] ?? []).reduce((text, [from, to]) => text.replace(from, to), hex);
    expect(Buffer.from(formatCspDocument(root, 'wbxml', version)).toString('hex')).toBe(ours);
  });
});

describe.skipIf(!isThere)('samples of CSP 1.1 (skipped without ../shared/reference)', () => {
  const files = isThere ? readdirSync(samples).filter((name) => name.endsWith('.xml')) : [];
  const encodings: Readonly<Record<string, string>> = isThere
    ? (readJson(join(samples, 'libwbxml-0.11.8-encodings.json')) as { encodings: Record<string, string> }).encodings
    : {};

  it.each(files)('%s goes round through both syntaxes and every version', (file) => {
    const root = rootOf(readFileSync(join(samples, file)), 'xml');
    for (const version of cspVersions) {
      expect(rootOf(formatCspDocument(root, 'wbxml', version), 'wbxml')).toEqual(root);
      expect(rootOf(formatCspDocument(root, 'xml', version), 'xml')).toEqual(root);
    }
  });

  it.each(files)('%s is read as a message, and written as it was', (file) => {
    const document = parseCspDocument(readFileSync(join(samples, file)), 'xml');
    const message = document.ok ? parseCspMessage(document.value.root, document.value.version) : document;
    if (!document.ok || !message.ok) throw new Error('it is refused');
    const outgoing: OutgoingTransaction[] = [];
    for (const { mode, id, primitive } of message.value.transactions) {
      if (primitive.ok) outgoing.push({ mode, id, primitive: primitive.value });
    }
    expect(outgoing.length).toBe(unspoken.has(file) ? 0 : 1);
    const poll = /<Poll>T|<Poll>F/.exec(readFileSync(join(samples, file), 'utf8'))?.[0];
    const written = formatCspMessage({
      ...message.value,
      transactions: outgoing,
      ...(poll === undefined ? {} : { poll: poll.endsWith('T') }),
    });
    expect(outgoing.length === 0 ? [] : linesOf(written)).toEqual(
      outgoing.length === 0 ? [] : linesOf(document.value.root),
    );
  });

  it.each(files)('%s is what libwbxml made of it', (file) => {
    const theirs = rootOf(Buffer.from(encodings[file] ?? '', 'hex'), 'wbxml');
    const ours = rootOf(readFileSync(join(samples, file)), 'xml');
    expect(normal(theirs)).toEqual(normal(ours));
  });
});

describe.skipIf(!isThere)('the token tables (skipped without ../shared/reference)', () => {
  it('are those of the reference', () => {
    const { pages, values_ext_t_0: values } = readJson(join(reference ?? '', 'imps-csp-tokens.json')) as TokenFile;
    for (const [index, version] of cspVersions.entries()) {
      const tables = tokenTables(version);
      for (const [page, { tokens }] of Object.entries(pages)) {
        for (const [token, names] of Object.entries(tokens)) {
          const name = names[index] ?? undefined;
          const place = { page: Number.parseInt(page, 16), token: Number.parseInt(token, 16) };
          expect(tables.tagName(place.page, place.token)).toBe(name ?? tables.tagName(place.page, place.token));
          // Two pages have a ContentType, of which the first is written.
          const written = name === 'ContentType' ? { page: 0, token: 0x10 } : place;
          expect(name === undefined ? written : tables.tagToken(name)).toEqual(written);
        }
      }
      for (const [value, words] of Object.entries(values)) {
        const word = tables.value(Number.parseInt(value, 16));
        expect(word).toBe(words[index] ?? word);
      }
    }
  });
});

interface TokenFile {
  readonly pages: Record<string, { tokens: Record<string, readonly (string | null)[]> }>;
  readonly values_ext_t_0: Record<string, readonly (string | null)[]>;
}

/** Search, invitations and groups, which are not offered, and what only a server says of them. */
const unspoken: ReadonlySet<string> = new Set(
  '020 021 022 023 024 026 028 030 032 034 036 100 102 104 105'.split(' ').map((number) => `wv-${number}.xml`),
);

/** One for each element, as we write it: dates in UTC with seconds, functions by their leaves, nothing that is empty. */
function linesOf(element: CspElement, path = ''): string[] {
  const { name, namespace = '', children } = element;
  if (['Functions', 'AllFunctions'].includes(name)) return [JSON.stringify(functions.read(element, '1.1'))];
  const text = name.endsWith('Time') ? String(parseCspDate(element.text) ?? element.text) : element.text;
  if (name === 'InUse' && text === '') return [];
  return [`${path}/${name}{${namespace}} ${text}`, ...children.flatMap((child) => linesOf(child, `${path}/${name}`))];
}

/** That tool drops namespaces and the white space around content, takes a SearchID for a number, and writes seconds. */
function normal({ name, text, children }: CspElement): unknown {
  let plain = text.trim();
  if (name === 'SearchID' && text.startsWith('0x')) plain = String(Number(text));
  if (name === 'DateTime' && /T\d{4}$/.test(text)) plain += '00';
  return { name, text: plain, children: children.map(normal) };
}

function rootOf(octets: Uint8Array, syntax: CspSyntax): CspElement {
  const document = parseCspDocument(octets, syntax);
  if (!document.ok) throw new Error(document.error.words);
  return document.value.root;
}

function readVectors(): readonly Vector[] {
  const { vectors } = readJson(join(reference ?? '', 'imps-samples/aosp-vectors/vectors.json')) as {
    vectors: Vector[];
  };
  return vectors;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** The folder `shared` stands beside the project, wherever that is checked out. */
function findReference(folder: string): string | undefined {
  const found = join(folder, 'shared/reference');
  if (existsSync(join(found, 'imps-csp-tokens.json'))) return found;
  return dirname(folder) === folder ? undefined : findReference(dirname(folder));
}
