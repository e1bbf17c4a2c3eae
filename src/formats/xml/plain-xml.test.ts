import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseXmlText, xmlLimits, type XmlElement } from '../xml-reader.ts';
import { readPlainXml } from './plain-xml.ts';

const limits = { bytesMax: 65_536, depthMax: 4, attributesMax: 3, elementsMax: 12 };

/** As the library reads it, or why it does not. */
function libraryReads(text: string): XmlElement | string {
  const read = parseXmlText(text, limits);
  return read.ok ? read.value.root : read.error.words;
}

/** Pieces of documents, right ones and wrong ones, in any order. */
const piece = fc.constantFrom(
  '<a>',
  '</a>',
  '<a/>',
  '<b x="1">',
  '</b>',
  '<p:a xmlns:p="urn:p">',
  '</p:a>',
  '<p:c/>',
  '<a xmlns="urn:d">',
  '</a >',

  "<b y='<'>",
  '<b x="1" x="2"/>',
  '<b x="1"y="2"/>',
  '<b p:x="1" q:x="2" xmlns:p="u" xmlns:q="u"/>',
  '<a xml:lang="en"/>',

  '<a xmlns=""/>',
  '<a xmlns:p=""/>',
  '<p:a.b-c_1 xmlns:p="u"/>',
  '<1a/>',
  '<a:1 xmlns:a="u"/>',
  '<a b="&amp;"/>',
  '<a b="\t"/>',

  'text',
  ' ',
  '\r\n',
  '\r',
  '&lt;',
  '&x;',
  ']]>',
  '>',
  'ä',
  '\u{1f600}',
  '\u0001',
  '\uffff',
  '<',
  '<!--c-->',
  '<?p i?>',

  '<![CDATA[x]]>',
  '<!DOCTYPE a>',
  '<?xml version="1.0"?>',
  '<?xml version="1.0" encoding="UTF-8"?>',
  '<a',
  '"',
  '<b x=1/>',

  '<xml:a/>',
  '<a xmlns:xml="http://www.w3.org/XML/1998/namespace"/>',
  '<a xmlns:p="u" xmlns:p="v"/>',
  '<b  x = "1"/>',

  '<a b="1" c="2" d="3" e="4"/>',
  '<a xmlns=" urn:d "/>',
  '<xmlns:a/>',
  '<a:b:c/>',
  '<:a/>',
  '<a:/>',
  '< a/>',
  '</ a>',
);

const plainName = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9._-]{0,6}$/).filter((name) => !/^xml/i.test(name));
const plainText = fc.stringMatching(/^[ -%'-;=?-~äß\r\n]{1,12}$/).filter((text) => !text.includes(']]>'));

interface Tree {
  readonly name: string;
  readonly prefix: boolean;
  readonly value: string;
  readonly children: readonly (Tree | string)[];
}
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    name: plainName,
    prefix: fc.boolean(),
    value: fc.stringMatching(/^[ !#-%'-;=?-~ä]{0,8}$/),
    children: fc.array(fc.oneof({ depthSize: 'small' }, plainText, tie('tree')), { maxLength: 3 }),
  }),
}));

function write({ name, prefix, value, children }: Tree): string {
  const tag = prefix ? `p:${name}` : name;
  const content = children.map((child) => (typeof child === 'string' ? child : write(child))).join('');
  const start = `${tag} xmlns:p="urn:p" ${prefix ? 'p:' : ''}k="${value}"`;
  return content === '' ? `<${start}/>` : `<${start}>${content}</${tag}>`;
}

describe('readPlainXml', () => {
  it('reads nothing in another way than the library', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const plain = readPlainXml(text, limits);
        expect(plain ?? libraryReads(text)).toEqual(libraryReads(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it('reads whatever a program writes without references, as the library does', () => {
    fc.assert(
      fc.property(tree, (root) => {
        const text = `<?xml version="1.0" encoding="UTF-8"?>\r\n${write(root)}\n`;
        const read = parseXmlText(text, xmlLimits);
        expect(readPlainXml(text, xmlLimits)).toEqual(read.ok ? read.value.root : read.error);
      }),
    );
  });

  it.each([
    ['depth', '<a><a><a><a/></a></a></a>', '<a><a><a><a><a/></a></a></a></a>'],
    ['attributes', '<a xmlns:p="u" b="1" c="2"/>', '<a xmlns:p="u" b="1" c="2" d="3"/>'],
    ['elements', `<a>${'<b/>'.repeat(11)}</a>`, `<a>${'<b/>'.repeat(12)}</a>`],
  ])('leaves what is past the limit of %s to be refused', (_what, most, more) => {
    expect(readPlainXml(most, limits)).toEqual(libraryReads(most));
    expect(readPlainXml(more, limits)).toBeUndefined();
    expect(typeof libraryReads(more)).toBe('string');
  });
});
