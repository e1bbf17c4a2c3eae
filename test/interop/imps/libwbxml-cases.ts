/**
 * libwbxml as the second opinion on WBXML: every element and every word of CSP 1.1 and 1.2 goes from our writer through its
 * reader, and from its writer through our reader. It drops namespaces when it writes, and knows no 1.3.
 */
import { spawnSync } from 'node:child_process';
import { formatCspDocument, parseCspDocument } from '../../../src/imps/csp-document.ts';
import { type CspElement, leaf, node } from '../../../src/imps/csp-element.ts';
import { type CspSyntax, type CspVersion, namespaceOf } from '../../../src/imps/csp-version.ts';
import { tagPages } from '../../../src/imps/wbxml/tag-pages.ts';
import { isReadAsInteger } from '../../../src/imps/wbxml/opaque-values.ts';
import { tokenTables } from '../../../src/imps/wbxml/token-tables.ts';
import { type InteropCase, expectSame } from '../interop-case.ts';

const versions = ['1.1', '1.2'] as const;

export const libwbxmlCases: readonly InteropCase[] = [
  {
    name: 'libwbxml: reads every element and word that we write as WBXML',
    tool: 'wbxml2xml',
    async play() {
      for (const version of versions) {
        for (const tree of documentsOf(version)) {
          const language = version === '1.1' ? 'CSP11' : 'CSP12';
          const xml = convert('wbxml2xml', ['-m', '0', '-l', language], formatCspDocument(tree, 'wbxml', version));
          expectTree(version, read(xml, 'xml'), tree);
        }
      }
    },
  },
  {
    name: 'libwbxml: what it writes as WBXML we read as the same',
    tool: 'xml2wbxml',
    async play() {
      for (const version of versions) {
        for (const tree of documentsOf(version)) {
          const name = `"-//OMA//DTD WV-CSP ${version}//EN" "http://www.openmobilealliance.org/DTD/WV-CSP.DTD"`;
          const xml = new TextDecoder().decode(formatCspDocument(tree, 'xml', version));
          const spelt = spellings.reduce((text, [ours, theirs]) => text.replaceAll(`${ours}>`, `${theirs}>`), xml);
          const typed = spelt.replace('?>', `?><!DOCTYPE WV-CSP-Message PUBLIC ${name}>`);
          const wbxml = convert('xml2wbxml', ['-v', '1.3'], new TextEncoder().encode(typed));
          expectTree(version, read(wbxml, 'wbxml'), tree);
        }
      }
    },
  },
];

/** As it spells them; we take both. */
const spellings: readonly (readonly [ours: string, theirs: string])[] = [
  ['AcceptedCharSet', 'AcceptedCharset'],
  ['ReferredContent', 'PreferredContent'],
  ['ReferredvCard', 'PreferredvCard'],
  ['AutoSubscribe', 'Auto-Subscribe'],
  ['ExtendedData', 'Extended-Data'],
];

/** What it has no token for. */
const unknownThere: readonly string[] = ['CIRURL'];
const unknownWords: readonly string[] = ['SSMS', 'SHTTP'];

function* documentsOf(version: CspVersion): Generator<CspElement> {
  const tables = tokenTables(version);
  const names = tagPages
    .flatMap((_row, page) => Array.from({ length: 0x3b }, (_, at) => tables.tagName(page, at + 5)))
    .filter((name) => name !== undefined && tables.tagToken(name) !== undefined && !unknownThere.includes(name));
  const words = Array.from({ length: 0xc1 }, (_, at) => tables.value(at)).filter(
    (word) => word !== undefined && tables.valueIndex(word) !== undefined && !unknownWords.includes(word),
  );
  yield documentOf(
    version,
    [...new Set(names)].map((name) => leaf(name ?? '', valueOf(name ?? ''))),
  );
  yield documentOf(
    version,
    words.map((word) => leaf('PresenceValue', word)),
  );
}

function documentOf(version: CspVersion, content: readonly CspElement[]): CspElement {
  return node('WV-CSP-Message', [node('Session', content)], namespaceOf(version, 'session'));
}

function valueOf(name: string): string {
  if (name === 'DateTime' || name === 'DeliveryTime') return '20260925T134059Z';
  return isReadAsInteger(name) ? '70000' : `${name} é&<`;
}

function convert(tool: string, words: readonly string[], input: Uint8Array): Uint8Array {
  const { status, stdout, stderr } = spawnSync(tool, [...words, '-o', '-', '-'], { input });
  if (status !== 0) throw new Error(`${tool}: ${String(stderr)}${String(stdout)}`);
  return stdout;
}

function read(bytes: Uint8Array, syntax: CspSyntax): CspElement {
  const document = parseCspDocument(bytes, syntax);
  if (!document.ok) throw new Error(`${document.error.words}: ${Buffer.from(bytes).toString('latin1').slice(0, 400)}`);
  return document.value.root;
}

/** Namespaces apart. */
function expectTree(version: CspVersion, actual: CspElement, expected: CspElement): void {
  expectSame(`CSP ${version}`, actual.name, expected.name);
  expectSame(`CSP ${version}, ${actual.name}`, actual.text, expected.text);
  for (const [index, child] of expected.children.entries()) {
    expectTree(version, actual.children[index] ?? leaf('nothing'), child);
  }
  expectSame(`CSP ${version}, children of ${actual.name}`, actual.children.length, expected.children.length);
}
