import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../model/address.ts';
import { canonicalWord, type PresenceState } from '../../model/presence-state.ts';
import { parseXml } from '../xml-reader.ts';
import { passedOnMax } from './foreign-elements.ts';
import { formatPidf } from './format-pidf.ts';
import { activityWords, moodWords, placeWords } from './names.ts';
import { parsePidf } from './parse-pidf.ts';

const mary = 'mary@example.com' as Address;
const now = Date.UTC(2026, 10, 21, 9);
const text = (document: Uint8Array): string => new TextDecoder().decode(document);
const state = (entries: Record<string, string[]>): PresenceState => new Map(Object.entries(entries));
const read = (document: Uint8Array): Record<string, readonly string[]> => {
  const parsed = parsePidf(document, now);
  if (!parsed.ok) throw new Error(parsed.error);
  return Object.fromEntries(parsed.value.state);
};

const rich = {
  availability: ['discreet'],
  mood: ['in-love', 'angry', 'brooding <&>'],
  activity: ['meeting', 'other', 'dnd'],
  'place-type': ['office', 'bus-station'],
  'place-is': ['audio-noisy', 'text-ok'],
  privacy: ['audio', 'text'],
  sphere: ['work'],
  'user-input': ['idle'],
  willingness: ['closed'],
  'status-text': ['one', 'two'],
  'status-icon': ['http://example.com/a?b&c'],
  'time-offset': ['-240'],
  class: ['calendar'],
  relationship: ['assistant'],
  'service-class': ['electronic'],
  language: ['de'],
  'client-type': ['MOBILE_PHONE'],
  'x-location-text': ['at "home"'],
};

describe('formatPidf', () => {
  it('writes a tuple for online and a person for the rest', () => {
    expect(text(formatPidf(mary, state({ online: ['true'], availability: ['available'], mood: ['happy'] })))).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" ' +
        'xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:mary@example.com">' +
        '<tuple id="im"><status><basic>open</basic></status><contact>sip:mary@example.com</contact></tuple>' +
        '<dm:person id="person"><availability xmlns="urn:restante:presence">available</availability>' +
        '<rpid:mood><rpid:happy/></rpid:mood></dm:person></presence>\n',
    );
  });

  it('closes the tuple of somebody offline, and says nothing of what is not in the state', () => {
    expect(text(formatPidf(mary, state({ online: ['false'] })))).toContain('<basic>closed</basic>');
    expect(text(formatPidf(mary, state({ availability: ['available'] })))).not.toContain('tuple');
    expect(text(formatPidf(mary, new Map()))).toMatch(/entity="sip:mary@example.com"><\/presence>/);
  });

  it('escapes the address', () => {
    const parsed = parseXml(formatPidf('m\u00e4ry#1@example.com' as Address, new Map()));
    expect(parsed.ok && parsed.value.attributes.get('entity')).toBe('sip:m%C3%A4ry%231@example.com');
    expect(parsePidf(formatPidf('m\u00e4ry#1@example.com' as Address, new Map()), now)).toMatchObject({
      value: { presentity: 'm\u00e4ry#1@example.com' },
    });
  });

  it('is undone by reading, apart from online and spelling', () => {
    const canonical = (entries: Record<string, readonly string[]>): unknown =>
      Object.fromEntries(Object.entries(entries).map(([name, values]) => [name, values.map(canonicalWord).toSorted()]));
    expect(canonical(read(formatPidf(mary, state(rich))))).toEqual(canonical(rich));
    const value = fc
      .oneof(
        fc.constantFrom(...activityWords.keys(), ...moodWords.keys(), ...placeWords.keys(), 'audio', 'audio-noisy'),
        fc.constantFrom('work', 'idle', 'open', '-240', 'urn:x', 'self', 'unknown', 'other', 'note', 'true'),
        fc.string({ unit: 'grapheme' }),
      )
      .filter((word) => word === word.trim() && word !== '' && !/[\p{Cc}\p{Co}\p{Cs}\ufffe\uffff]/u.test(word));
    const values = fc.uniqueArray(value, { minLength: 1, maxLength: 3, selector: canonicalWord });
    const names = [
      ...Object.keys(rich).filter((name) => !['availability', 'willingness'].includes(name)),
      'x-a',
      'aura',
    ];
    const states = fc.dictionary(fc.constantFrom(...names), values, { maxKeys: 6 });
    fc.assert(
      fc.property(states, (entries) => {
        const whole = { ...entries, availability: ['discreet'] };
        expect(canonical(read(formatPidf(mary, state(whole))))).toEqual(canonical(whole));
      }),
      { numRuns: 300 },
    );
  });
});

describe('passing on', () => {
  const document = (content: string): Uint8Array =>
    new TextEncoder().encode(
      `<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:e="urn:e"
      xmlns:op="urn:oma:xml:prs:pidf:oma-pres">${content}</presence>`,
    );

  it('keeps foreign elements of all levels, the newest of each name', () => {
    const older = document('<e:a>old</e:a><e:b x="1"><e:c/></e:b>');
    const newer = document('<tuple id="t"><status><basic>open</basic><e:a>new</e:a></status></tuple>');
    expect(text(formatPidf(mary, new Map(), [newer, older]))).toContain(
      '<dm:person id="person"><a xmlns="urn:e">new</a><b xmlns="urn:e" x="1"><c/></b></dm:person>',
    );
  });

  it('leaves out what is known, where devices are, and what cannot be read', () => {
    const known = document(
      '<tuple id="t"><status><basic>open</basic></status><op:willingness><op:basic>open</op:basic></op:willingness>' +
        '<contact>sip:1.2.3.4</contact></tuple><dm:person id="p"><dm:note>n</dm:note></dm:person>',
    );
    expect(text(formatPidf(mary, new Map(), [known, new TextEncoder().encode('<')]))).toMatch(/"><\/presence>/);
  });

  it('keeps its limit, at it and one past it', () => {
    const element = (length: number): string => `<e:a>${'a'.repeat(length - '<a xmlns="urn:e"></a>'.length)}</e:a>`;
    expect(text(formatPidf(mary, new Map(), [document(element(passedOnMax))]))).toContain('aaa');
    expect(text(formatPidf(mary, new Map(), [document(element(passedOnMax + 1))]))).not.toContain('aaa');
  });

  it('keeps its limit over several documents', () => {
    const half = (name: string, length: number): Uint8Array =>
      document(`<e:${name}>${name.repeat(length - `<${name} xmlns="urn:e"></${name}>`.length)}</e:${name}>`);
    const passed = (rest: number): string =>
      text(formatPidf(mary, new Map(), [half('a', passedOnMax - 100), half('b', rest), half('c', 50)]));
    expect(passed(100)).toContain('bbb');
    expect(passed(101)).not.toMatch(/bbb|ccc/);
    expect(passed(101)).toContain('aaa');
  });

  it('reads a document once, however many watchers are told', () => {
    const bytes = document('<e:a>once</e:a>');
    const first = text(formatPidf(mary, new Map(), [bytes]));
    bytes.fill(0x20);
    expect(text(formatPidf(mary, new Map(), [bytes]))).toBe(first);
    expect(first).toContain('once');
  });
});

const schemas = new URL('../../../../shared/reference/samples/schemas/', import.meta.url);
const hasXmllint = spawnSync('xmllint', ['--version']).status === 0;

describe('the schemas of the RFCs', () => {
  it.skipIf(!existsSync(schemas) || !hasXmllint)(
    'take what is written (needs xmllint, and ../shared/reference/samples beside the project)',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'pidf-'));
      try {
        writeSchemas(folder);
        const document = text(formatPidf(mary, state({ ...rich, online: ['true'] })));
        const check = (xml: string): { status: number | null; stderr: string } => {
          const options = { cwd: folder, input: xml, encoding: 'utf8' } as const;
          return spawnSync('xmllint', ['--noout', '--nonet', '--schema', 'all.xsd', '-'], options);
        };
        expect(check(document)).toMatchObject({ status: 0, stderr: '- validates\n' });
        expect(check(document.replace('<rpid:angry/>', '<rpid:hangry/>')).status).not.toBe(0);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

/** One schema that brings all together, with the repairs that the README of the samples names. */
function writeSchemas(folder: string): void {
  const copy = (name: string, repair: (schema: string) => string): void => {
    writeFileSync(join(folder, name), repair(readFileSync(new URL(name, schemas), 'utf8')));
  };
  const xml =
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/XML/1998/namespace">' +
    '<xs:attribute name="lang" type="xs:language"/></xs:schema>';
  writeFileSync(join(folder, 'xml.xsd'), xml);
  const local = (schema: string): string => schema.replace('http://www.w3.org/2001/xml.xsd', 'xml.xsd');
  const importXml = '<xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="xml.xsd"/>';
  copy('pidf.xsd', local);
  copy('common-schema.xsd', local);
  copy('data-model.xsd', local);
  copy('rpid.xsd', (schema) =>
    schema.replace(/(<xs:schema[^>]*>)/, '$1<xs:include schemaLocation="common-schema.xsd"/>'),
  );
  copy('location-type.xsd', (schema) =>
    local(schema.includes('xml.xsd') ? schema : schema.replace(/(<xs:schema[^>]*>)/, `$1${importXml}`)),
  );
  const imports = [
    ['urn:ietf:params:xml:ns:pidf', 'pidf'],
    ['urn:ietf:params:xml:ns:pidf:data-model', 'data-model'],
    ['urn:ietf:params:xml:ns:pidf:rpid', 'rpid'],
    ['urn:ietf:params:xml:ns:location-type', 'location-type'],
  ].map(([namespace, name]) => `<xs:import namespace="${namespace}" schemaLocation="${name}.xsd"/>`);
  const all = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">${imports.join('')}</xs:schema>`;
  writeFileSync(join(folder, 'all.xsd'), all);
}
