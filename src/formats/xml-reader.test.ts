import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childElements, parseXml, textOf, xmlLimits, type XmlElement } from './xml-reader.ts';
import { escapeXml, formatXml, xmlElement } from './xml-writer.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): XmlElement => {
  const parsed = parseXml(bytes(text));
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};
const fault = (text: string | Uint8Array): string => {
  const parsed = parseXml(typeof text === 'string' ? bytes(text) : text);
  return parsed.ok ? '' : parsed.error;
};

describe('parseXml', () => {
  it('reads names, namespaces, attributes and text', () => {
    const root = parse('<?xml version="1.0"?><a:r xmlns:a="urn:a" xmlns="urn:d" x="1" a:y="2"> t<!--c-->u <k/></a:r>');
    expect(root).toMatchObject({ namespace: 'urn:a', name: 'r' });
    expect([...root.attributes]).toEqual([
      ['x', '1'],
      ['{urn:a}y', '2'],
    ]);
    expect(textOf(root)).toBe('tu');
    expect(childElements(root)).toMatchObject([{ namespace: 'urn:d', name: 'k' }]);
  });

  it('takes a byte order mark, the five entities, character references and CDATA', () => {
    expect(textOf(parse('\ufeff<r>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;<![CDATA[<&>]]></r>'))).toBe(`<&>"'AB<&>`);
  });

  it.each([
    ['an entity bomb', '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><r>&b;</r>', 'document type'],
    ['an external entity', '<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>', 'document type'],
    ['an unknown entity', '<r>&nbsp;</r>', 'undefined entity'],
    ['an unbound prefix', '<a:r/>', 'unbound namespace prefix'],
    ['an unbound prefix of an attribute', '<r b:x="1"/>', 'unbound namespace prefix'],
    ['an attribute twice', '<r x="1" x="2"/>', 'duplicate attribute'],
    ['an attribute twice by namespace', '<r xmlns:a="u" xmlns:b="u" a:x="1" b:x="2"/>', 'duplicate attribute'],
    ['an open document', '<r><k></r>', 'unexpected close tag'],
    ['an unclosed document', '<r><k>', 'unclosed tag'],
    ['a second root', '<r/><r/>', 'only one root'],
    ['nothing', '', 'root element'],
    ['text', 'hello', 'outside of root'],
    ['a NUL', '<r>\0</r>', 'disallowed character'],
    ['another encoding', '<?xml version="1.0" encoding="ISO-8859-1"?><r/>', 'encoding ISO-8859-1'],
    ['a name that is none behind its prefix', '<r xmlns:a="u"><a:.k/></r>', '.k is not a name'],
    ['an attribute that is none behind its prefix', '<r xmlns:a="u" a:9="1"/>', '9 is not a name'],
    ['a reference to no character', '<r>&#x110000;</r>', 'malformed character entity'],
  ])('refuses %s', (_what, document, words) => {
    expect(fault(document)).toContain(words);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(fault(Uint8Array.of(0x3c, 0x72, 0x3e, 0xc3, 0x28, 0x3c, 0x2f, 0x72, 0x3e))).toBe(
      'the document is not UTF-8',
    );
    expect(fault(Uint8Array.of(0xff, 0xfe, 0x3c, 0, 0x72, 0, 0x2f, 0, 0x3e, 0))).toBe('the document is not UTF-8');
  });

  it('keeps its limits, at each and one past it', () => {
    const { depthMax, attributesMax, elementsMax, bytesMax } = xmlLimits;
    const deep = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
    const wide = (count: number): string =>
      `<r ${Array.from({ length: count }, (_, index) => `a${index}="1"`).join(' ')}/>`;
    const many = (count: number): string => `<r>${'<a/>'.repeat(count - 1)}</r>`;
    const long = (length: number): string => `<r>${'a'.repeat(length - 7)}</r>`;
    expect([deep(depthMax), wide(attributesMax), many(elementsMax), long(bytesMax)].map(fault)).toEqual([
      '',
      '',
      '',
      '',
    ]);
    expect(fault(deep(depthMax + 1))).toContain('nested deeper');
    expect(fault(wide(attributesMax + 1))).toContain('attributes');
    expect(fault(many(elementsMax + 1))).toContain('elements');
    expect(fault(long(bytesMax + 1))).toContain('bytes');
    expect(fault(`<r ${'xmlns:a="u" '.repeat(attributesMax + 1)}/>`)).not.toBe('');
    expect(fault('a'.repeat(1_048_576))).toContain('bytes');
  });

  it('says in a line what is wrong, however long the name is that is', () => {
    expect(fault(`<r><${'z'.repeat(50_000)}:a/></r>`)).toMatch(/^.*unbound namespace prefix: "z{100,}$/);
    expect(fault(`<r><${'z'.repeat(50_000)}:a/></r>`).length).toBeLessThanOrEqual(200);
  });

  it('refuses 10,000 levels in no time', () => {
    const before = process.cpuUsage();
    fault('<a>'.repeat(10_000));
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(1000);
  });
});

describe('writing', () => {
  it('escapes what XML cannot carry', () => {
    expect(escapeXml('a<b>&"\n\u0001\ud800\ufffe\u{1f600}')).toBe(
      'a&lt;b&gt;&amp;&quot;&#10;\ufffd\ufffd\ufffd\u{1f600}',
    );
    expect(xmlElement('a', '', { b: '"' })).toBe('<a b="&quot;"/>');
  });

  const names = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9._-]{0,8}$/);
  const namespaces = fc.constantFrom('urn:a', 'urn:b"<&', 'urn:c}d');
  const texts = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => escapeXml(text).indexOf('\ufffd') < 0);
  const attributeKeys = fc.oneof(
    names,
    fc.tuple(namespaces, names).map(([namespace, name]) => `{${namespace}}${name}`),
    fc.constant('{http://www.w3.org/XML/1998/namespace}lang'),
  );
  const { element } = fc.letrec<{ element: XmlElement }>((tie) => ({
    element: fc.record({
      namespace: fc.oneof(namespaces, fc.constant('')),
      name: names,
      attributes: fc
        .uniqueArray(fc.tuple(attributeKeys, texts), { maxLength: 4, selector: ([key]) => key })
        .map((entries) => new Map(entries.filter(([key]) => !/^xml/i.test(key)))),
      content: fc
        .array(fc.oneof({ maxDepth: 3 }, texts, tie('element')), { maxLength: 4 })
        .filter((parts) =>
          parts.every((part, index) => typeof part !== 'string' || typeof parts[index - 1] !== 'string'),
        ),
    }),
  }));

  it('is undone by reading', () => {
    fc.assert(
      fc.property(element, (tree) => {
        expect(parse(formatXml(tree))).toEqual(tree);
      }),
      { numRuns: 200 },
    );
  });
});
