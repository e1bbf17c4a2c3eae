import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCspDocument, parseCspDocument } from './csp-document.ts';
import { childOf, type CspElement, cspLimits, leaf, node } from './csp-element.ts';
import {
  type CspSyntax,
  type CspVersion,
  cspVersions,
  mediaTypeOf,
  namespaceOf,
  syntaxOfMediaType,
} from './csp-version.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function read(bytes: Uint8Array | string, syntax: CspSyntax = 'wbxml'): CspElement {
  const document = parseCspDocument(typeof bytes === 'string' ? octets(bytes) : bytes, syntax);
  if (!document.ok) throw new Error(document.error.words);
  return document.value.root;
}

function faultOf(bytes: Uint8Array | string, syntax: CspSyntax = 'wbxml'): string {
  const document = parseCspDocument(typeof bytes === 'string' ? octets(bytes) : bytes, syntax);
  return document.ok ? '' : `${document.error.kind}: ${document.error.words}`;
}

/** The same tree in hexadecimal and in XML. */
const header = { '1.1': '03106a00', '1.2': '03116a00', '1.3': '03126a00' } as const;
const root = { '1.1': 'c90503312e310001', '1.2': 'c90803312e320001', '1.3': 'c90b03312e330001' } as const;
const session = {
  '1.1': namespaceOf('1.1', 'session'),
  '1.2': namespaceOf('1.2', 'session'),
  '1.3': namespaceOf('1.3', 'session'),
};

const vectors: readonly (readonly [what: string, version: CspVersion, hex: string, xml: string])[] = [
  ['words by token', '1.1', '70 8019 01', '<SessionType>Outband</SessionType>'],
  ['tokens of two octets', '1.2', '0003 50 808125 01', '<SupportedCIRMethod>SHTTP</SupportedCIRMethod>'],
  [
    'pages there and back',
    '1.2',
    '0001 5e 0000 4a 03 61 00 01 01',
    '<Login-Response><ClientID>a</ClientID></Login-Response>',
  ],
  ['an empty element', '1.1', '75 01', '<TransactionID/>'],
  [
    'integers of one octet to four',
    '1.1',
    '4bc301c801 4fc304ffffffff01 5ac3010001',
    '<Code>200</Code><ContentSize>4294967295</ContentSize><MessageCount>0</MessageCount>',
  ],
  [
    'numbers that are none',
    '1.1',
    '4b03303032303000 01 4f0334323934393637323936 00 01',
    '<Code>00200</Code><ContentSize>4294967296</ContentSize>',
  ],
  ['numbers that stay strings', '1.1', '4a033935323700 01', '<ClientID>9527</ClientID>'],
  ['a date', '1.1', '51 c3061f46730ebb5a 01', '<DateTime>20010925T165859Z</DateTime>'],
  ['a date without a zone', '1.1', '51 c3061f4672da0d00 01', '<DateTime>20010925T134013</DateTime>'],
  [
    'a date that stays a string',
    '1.1',
    '51 03 32303031303932355431333430 5a 00 01',
    '<DateTime>20010925T1340Z</DateTime>',
  ],
  [
    'what a person wrote, never by token',
    '1.1',
    '4d 03 494d 00 01 7a 03 54 00 01',
    '<ContentData>IM</ContentData><UserID>T</UserID>',
  ],
  ['a name that 1.3 gives another', '1.3', '0003 54 01', '<CIRHTTPAddress/>'],
];

describe('WBXML and XML of one tree', () => {
  it.each(vectors)('%s', (_what, version, hex, xml) => {
    const bytes = octets(`${header[version]}${root[version]}${hex}01`);
    const fromXml = read(encode(`<WV-CSP-Message xmlns="${session[version]}">${xml}</WV-CSP-Message>`), 'xml');
    expect(read(bytes)).toEqual(fromXml);
    expect(hexOf(formatCspDocument(fromXml, 'wbxml', version))).toBe(hexOf(bytes));
    expect(read(formatCspDocument(fromXml, 'xml', version), 'xml')).toEqual(fromXml);
  });

  it('literal tags by a string table', () => {
    const tree = node('WV-CSP-Message', [node('ExtBlock', [leaf('DeliveryCondition', 'online')])], session['1.2']);
    const written = formatCspDocument(tree, 'wbxml', '1.2');
    expect(hexOf(written)).toBe(
      hexOf(
        octets(
          `03116a12 ${Buffer.from('DeliveryCondition\0').toString('hex')} ${root['1.2']} 0009 47 4400 03 6f6e6c696e65 00 01 01 01`,
        ),
      ),
    );
    expect(read(written)).toEqual(tree);
  });
});

describe('parseCspDocument of WBXML', () => {
  const content = (hex: string, before = '03106a00'): CspElement => read(`${before}4d${hex}01`);

  it.each([
    ['strings in pieces', '0341 00 0342 00', 'AB'],
    ['entities', '0341 00 028120 0342 00', 'A\u00a0B'],
    ['the last character there is', '02c3ff7f', '\u{10ffff}'],
    ['a beginning by token', '8027 0368746d6c 00', 'text/html'],
    ['opaque text', 'c305 48656c6c6f', 'Hello'],
    ['nothing', '', ''],
  ])('reads %s', (_what, hex, text) => {
    expect(content(hex)).toEqual(leaf('ContentData', text));
  });

  it('reads strings of the table, the last also without its end', () => {
    expect(content('8300 8302', '03106a03 61 00 62').text).toBe('ab');
  });

  it('keeps octets that are no text', () => {
    expect(content('c303 ff00fe')).toEqual(leaf('ContentData', Uint8Array.of(0xff, 0, 0xfe)));
    expect(hexOf(formatCspDocument(leaf('ContentData', Uint8Array.of(0xff, 0)), 'wbxml', '1.1'))).toBe(
      '03106a004dc302ff0001',
    );
  });

  it('writes a NUL of somebody’s content as it is, and nobody else’s', () => {
    const nul = leaf('ContentData', 'a\0b');
    expect(read(formatCspDocument(nul, 'wbxml', '1.1'))).toEqual(nul);
    expect(read(formatCspDocument(leaf('Description', 'a\0b'), 'wbxml', '1.1')).text).toBe('a\ufffdb');
    expect(read(formatCspDocument(nul, 'xml', '1.1'), 'xml').text).toBe('a\ufffdb');
  });

  it('reads the integers that only some encoders write', () => {
    expect(read('03106a00 000166c30423829381 01').text).toBe('595760001');
    expect(read('03106a00 4bc30001').text).toBe('0');
  });

  it('reads tokens of another version than its own, and names what nobody knows', () => {
    expect(read(`${header['1.1']}${root['1.1']} 0004 5e 802c 01 01`).children).toEqual([leaf('AutoSubscribe', 'T')]);
    expect(read(`${header['1.1']}${root['1.1']} 0006 7f 01 01`).children).toEqual([leaf('Unknown-06-3F')]);
  });

  it.each([
    ['UTF-8', '6a', 'c3a9', 'é'],
    ['ISO-8859-1', '04', 'e9', 'é'],
    ['no named set', '00', 'c3a9', 'é'],
  ])('reads %s', (_what, charset, hex, text) => {
    expect(read(`0310${charset}00 4d 03 ${hex} 00 01`).text).toBe(text);
  });

  it('takes a page switched before the end', () => {
    expect(read('03106a00 49 6d 0001 01 0000 01')).toEqual(node('WV-CSP-Message', [leaf('Session')]));
  });

  it.each([
    ['nothing', '', 'ends early'],
    ['another version of WBXML', '04106a00 49', 'not WBXML'],
    ['another character set', '03108f7700 49', 'character set 2039'],
    ['a number beyond 32 bits', '0390808080 8000', '32 bits'],
    ['a number of 33 bits', '03 9f ffffff 7f', '32 bits'],
    ['a table that is cut', '03106a05 41', 'ends early'],
    ['a string without an end', '03106a00 49 0341', 'does not end'],
    ['an element without an end', '03106a00 49 6d', 'ends early'],
    ['something behind it', '03106a00 09 09', 'behind'],
    ['an entity beyond Unicode', '03106a00 49 02c48000 01', '110000 is no character'],
    ['an entity that is half a pair', '03106a00 49 0283b000 01', 'no character'],
    ['an entity of NUL', '03106a00 49 0200 01', 'no character'],
    ['a string outside of the table', '03106a00 49 8300 01', 'outside'],
    ['a value that nobody knows', '03106a00 49 808200 01', 'no value'],
    ['another extension', '03106a00 49 8100 01', 'stands where an element begins'],
    ['a processing instruction', '03106a00 49 43 00 01', 'stands where an element begins'],
    ['an attribute that nobody knows', '03106a00 c9 0e 01 01', 'no attribute'],
    ['a literal that is no name', '03106a03 61 20 00 44 00 01', 'no name'],
    ['five octets for an integer', '03106a00 4b c305 0102030405 01', 'four octets'],
    ['text beside octets', '03106a00 4d 0341 00 c301 ff 01', 'beside octets'],
    ['what is not UTF-8', '03106a00 4d 03 c3 00 01', 'not UTF-8'],
  ])('refuses %s', (_what, hex, words) => {
    expect(faultOf(hex)).toContain(words);
    expect(faultOf(hex)).toMatch(/^malformed: /);
  });
});

describe('parseCspDocument of XML', () => {
  const xml = (text: string): string => faultOf(encode(text), 'xml');

  it('takes a document type without an internal subset, prefixes, references and CDATA', () => {
    const text = `\ufeff<?xml version="1.0"?><!DOCTYPE WV-CSP-Message PUBLIC "-//OMA//DTD WV-CSP 1.1//EN" "http://x/y.XML">
      <w:WV-CSP-Message xmlns:w="${session['1.1']}"><w:Session><w:Poll> T\n</w:Poll>
      <w:ContentData> a&lt;<![CDATA[<b]]>&#233; </w:ContentData></w:Session></w:WV-CSP-Message>`;
    expect(read(encode(text), 'xml')).toEqual(
      node('WV-CSP-Message', [node('Session', [leaf('Poll', 'T'), leaf('ContentData', ' a<<bé ')])], session['1.1']),
    );
  });

  it('lays text beside elements aside, and spells names in one way', () => {
    expect(read(encode('<a>x<b/>y</a>'), 'xml')).toEqual(node('a', [leaf('b')]));
    expect(read(encode('<BlockUser-Request/>'), 'xml').name).toBe('BlockEntity-Request');
  });

  it.each([
    ['an entity bomb', '<!DOCTYPE r [<!ENTITY a "aaaa">]><r>&a;</r>', 'internal subset'],
    ['an entity', '<!DOCTYPE r SYSTEM "file:///etc/passwd"><r>&x;</r>', 'undefined entity'],
    ['an open document', '<r><k></r>', 'unexpected close tag'],
    ['nothing', '', 'root element'],
    ['a NUL', '<r>\0</r>', 'disallowed character'],
    ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><r/>', 'says that it is UTF-16'],
    ['an unbound prefix', '<a:r/>', 'unbound'],
  ])('refuses %s', (_what, text, words) => {
    expect(xml(text)).toContain(words);
    expect(xml(text)).toMatch(/^malformed: /);
  });

  it('reads UTF-16 by its mark and Latin-1 that is declared', () => {
    const said = (encoding: string): string => `<?xml version="1.0" encoding="${encoding}"?><a>é €</a>`;
    const little = Buffer.from(`\ufeff${said('UTF-16')}`, 'utf16le');
    const big = Buffer.from(little).swap16();
    for (const bytes of [little, big, Buffer.from('\ufeff<a>é €</a>', 'utf16le')]) {
      expect(read(bytes, 'xml').text).toBe('é €');
    }
    for (const encoding of ['ISO-8859-1', 'iso-8859-1', 'latin1']) {
      const text = `<?xml version='1.0' encoding='${encoding}'?><a>é</a>`;
      expect(read(Buffer.from(text, 'latin1'), 'xml').text).toBe('é');
    }
    expect(faultOf(Buffer.from(`\ufeff${said('UTF-8')}`, 'utf16le'), 'xml')).toContain('is not read so');
    expect(faultOf(Buffer.from('\ufeff<a>\ud800</a>', 'utf16le'), 'xml')).toBe(
      'malformed: the document is not UTF-16LE',
    );
    expect(faultOf(Buffer.from(said('ISO-8859-15')), 'xml')).toContain('ISO-8859-15');
  });

  it('refuses what is not UTF-8', () => {
    expect(faultOf(octets('3c613ec33c2f613e'), 'xml')).toBe('malformed: the document is not UTF-8');
  });
});

describe('limits', () => {
  const { bytesMax, depthMax, elementsMax, attributesMax, nameCharactersMax } = cspLimits;
  const xml = (text: string): string => faultOf(encode(text), 'xml');
  const padded = (bytes: number, frame: number): string => 'a'.repeat(bytes - frame);
  const deepXml = (levels: number): string => `${'<a>'.repeat(levels)}${'</a>'.repeat(levels)}`;
  const wide = (elements: number): string => `<r>${'<a/>'.repeat(elements - 1)}</r>`;
  const named = (length: number): string => `<${'n'.repeat(length)}/>`;
  const attributed = (count: number): string =>
    `<r ${Array.from({ length: count }, (_, at) => `a${at}="1"`).join(' ')}/>`;

  it('are held in XML', () => {
    for (const [make, max, words] of [
      [(size: number) => `<a>${padded(size, 7)}</a>`, bytesMax, 'bytes'],
      [deepXml, depthMax, 'deeper'],
      [wide, elementsMax, 'elements'],
      [named, nameCharactersMax, 'name'],
      [attributed, attributesMax, 'attributes'],
    ] as const) {
      expect(xml(make(max))).toBe('');
      expect(xml(make(max + 1))).toContain(words);
      expect(xml(make(max + 1))).toMatch(/^too-large: /);
    }
  });

  it('are held in WBXML', () => {
    const table = (text: string): string =>
      `03106a${hexOf(lengthOf(text.length + 1))}${Buffer.from(`${text}\0`).toString('hex')}`;
    for (const [make, max, words] of [
      [(size: number) => `03106a00 4d03${'61'.repeat(size - 8)} 0001`, bytesMax, 'bytes'],
      [(levels: number) => `03106a00 ${'6d'.repeat(levels)}${'01'.repeat(levels)}`, depthMax, 'deeper'],
      [(elements: number) => `03106a00 49 ${'2d'.repeat(elements - 1)} 01`, elementsMax, 'elements'],
      [(length: number) => `${table('n'.repeat(length))} 0400`, nameCharactersMax, 'name'],
      [(count: number) => `${table('a')} 89 ${'0400'.repeat(count)} 01`, attributesMax, 'attributes'],
    ] as const) {
      expect(faultOf(make(max))).toBe('');
      expect(faultOf(make(max + 1))).toContain(words);
      expect(faultOf(make(max + 1))).toMatch(/^too-large: /);
    }
  });

  it('count the text that a string table stands for', () => {
    const limits = { ...cspLimits, textCharactersMax: 40 };
    const bomb = (times: number): Uint8Array => octets(`03106a0b 6161616161616161616100 4d ${'8300'.repeat(times)} 01`);
    expect(parseCspDocument(bomb(4), 'wbxml', limits).ok).toBe(true);
    expect(parseCspDocument(bomb(5), 'wbxml', limits)).toMatchObject({ ok: false, error: { kind: 'too-large' } });
  });
});

function lengthOf(length: number): Uint8Array {
  return length < 128 ? Uint8Array.of(length) : Uint8Array.of(0x80 | (length >> 7), length & 0x7f);
}

describe('the version', () => {
  const versionOf = (bytes: Uint8Array, syntax: CspSyntax, hint?: CspVersion): unknown => {
    const document = parseCspDocument(bytes, syntax, cspLimits, hint);
    return document.ok ? [document.value.version, document.value.isSpoken] : document.error;
  };

  it('is told by the namespace, whatever the public identifier says', () => {
    for (const version of cspVersions) {
      for (const header of ['0310', '0311', '0312', '0301']) {
        expect(versionOf(octets(`${header}6a00${root[version]}01`), 'wbxml')).toEqual([version, true]);
      }
      expect(versionOf(encode(`<WV-CSP-Message xmlns="${session[version]}"/>`), 'xml')).toEqual([version, true]);
    }
  });

  it('else by the public identifier, also one that is spelt out, the content, the media type; else it is 1.2', () => {
    expect(versionOf(octets('03126a0049 01'), 'wbxml', '1.1')).toEqual(['1.3', true]);
    const name = `${Buffer.from('-//OMA//DTD WV-CSP 1.1//EN').toString('hex')}00`;
    expect(versionOf(octets(`0300006a1b${name}49 01`), 'wbxml')).toEqual(['1.1', true]);
    expect(versionOf(encode('<WV-CSP-Message/>'), 'xml', '1.3')).toEqual(['1.3', true]);
    expect(versionOf(encode('<WV-CSP-Message/>'), 'xml')).toEqual(['1.2', true]);
    const content = `<TransactionContent xmlns="${namespaceOf('1.1', 'transaction')}"/>`;
    const inner = `<Session><Transaction>${content}</Transaction></Session>`;
    expect(versionOf(encode(`<WV-CSP-Message>${inner}</WV-CSP-Message>`), 'xml')).toEqual(['1.1', true]);
  });

  it('is another that is not spoken', () => {
    const other = (namespace: string): unknown => versionOf(encode(`<WV-CSP-Message xmlns="${namespace}"/>`), 'xml');
    expect(other('http://www.wireless-village.org/CSP1.0')).toEqual(['1.1', false]);
    expect(other('http://www.openmobilealliance.org/DTD/IMPS-CSP2.0')).toEqual(['1.3', false]);
    expect(other('urn:x')).toEqual(['1.2', false]);
    expect(versionOf(octets('030f6a00c90503312e30000101'), 'wbxml')).toEqual(['1.1', false]);
  });

  it('has its media types', () => {
    for (const version of cspVersions) {
      for (const syntax of ['xml', 'wbxml'] as const) {
        expect(syntaxOfMediaType(mediaTypeOf(version, syntax))).toBe(syntax);
      }
    }
    expect(mediaTypeOf('1.2', 'wbxml')).toBe('application/vnd.wv.csp.wbxml');
    expect(mediaTypeOf('1.3', 'xml')).toBe('application/vnd.wv.csp+xml');
    expect(['text/xml', 'application/xml', 'text/plain'].map(syntaxOfMediaType)).toEqual(['xml', 'xml', undefined]);
  });
});

describe('any tree', () => {
  const names = fc.constantFrom(
    'Session',
    'Presence',
    'Code',
    'ContentData',
    'Value',
    'DateTime',
    'CIR',
    'x-Odd',
    'AutoSubscribe',
  );
  const words = fc.constantFrom(
    'T',
    'F',
    '200',
    '0',
    '007',
    '4294967296',
    '20010925T165859Z',
    '20011332T250000Z',
    'http://',
    'SHTTP',
  );
  const texts = fc.oneof(
    words,
    fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '').toWellFormed().trim()),
  );
  const { element } = fc.letrec<{ element: CspElement }>((tie) => ({
    element: fc.oneof(
      { maxDepth: 4 },
      fc.tuple(names, texts).map(([name, text]) => leaf(name, text)),
      fc
        .tuple(names, fc.array(tie('element'), { minLength: 1, maxLength: 4 }))
        .map(([name, children]) => node(name, children)),
    ),
  }));

  it('is the same after WBXML, and after XML where XML can carry it', () => {
    fc.assert(
      fc.property(element, fc.constantFrom(...cspVersions), (tree, version) => {
        const rooted = { ...tree, namespace: session[version] };
        expect(read(formatCspDocument(rooted, 'wbxml', version))).toEqual(rooted);
        const xml = formatCspDocument(rooted, 'xml', version);
        const isWhole = !new TextDecoder().decode(xml).includes('\ufffd');
        expect(isWhole ? read(xml, 'xml') : rooted).toEqual(rooted);
      }),
      { numRuns: 300 },
    );
  });

  it('is found by name', () => {
    expect(childOf(node('a', [leaf('b', '1'), leaf('b', '2')]), 'b')?.text).toBe('1');
    expect(childOf(leaf('a'), 'b')).toBeUndefined();
  });
});
