import { describe, expect, it } from 'vitest';
import { node, outline, withNamespace, type CspNode } from './csp-node.ts';
import { readWbxml, writeWbxml, type PhoneVersion } from './phone-wbxml.ts';
import { readXml, writeXml } from './phone-xml.ts';

function octets(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(/[^\da-f]/gi, ''), 'hex'));
}

function hexOf(root: CspNode, version: PhoneVersion): string {
  return Buffer.from(writeWbxml(root, version)).toString('hex');
}

describe('WBXML', () => {
  it('has the octets that the protocol lays down, and reads them', () => {
    const root = withNamespace(
      'http://www.openmobilealliance.org/DTD/WV-CSP1.2',
      node(
        'WV-CSP-Message',
        node('Result', node('Code', 401), node('Description', 'é')),
        node('ParserSize', 32_767),
        node('SupportedCIRMethod', 'SHTTP'),
        node('DateTime', '20010925T165859Z'),
        node('InUse'),
      ),
    );
    const text =
      '03 11 6A 00  C9 08 03 312E32 00 01  6A 4B C3 02 0191 01  52 03 C3A9 00 01 01  00 03 4D C3 02 7FFF 01' +
      '50 80 8125 01  00 00 51 C3 06 1F46730EBB5A 01  18 01';
    expect(hexOf(root, '1.2')).toBe(Buffer.from(octets(text)).toString('hex'));
    expect(readWbxml(octets(text), '1.2')).toEqual(root);
  });

  it('writes tags that have no number as literals, once for each time', () => {
    const root = node('Transaction', node('ExtBlock', node('DeliveryCondition', 'online')));
    const text = '03 11 6A 12 44656C6976657279436F6E646974696F6E00  72 00 09 47 44 00 03 6F6E6C696E65 00 01 01 01';
    expect(hexOf(root, '1.2')).toBe(Buffer.from(octets(text)).toString('hex'));
    expect(readWbxml(octets(text), '1.2')).toEqual(root);
  });

  it.each([
    ['4B 83 00 01', '401'],
    ['4B C3 00 01', '0'],
    ['4B 02 34 03 3031 00 01', '401'],
    ['50 80 27 03 68746D6C 00 01', 'text/html'],
    ['51 C3 06 1F4672DA0D00 01', '20010925T134013'],
  ])('reads %s as %s', (body, text) => {
    expect(readWbxml(octets(`01 00 00 6A 04 34303100 ${body}`), '1.1').text).toBe(text);
  });

  it.each([
    ['ends too early', '03 11 6A 00 6A 4B 80 2C'],
    ['has more behind its end', '03 11 6A 00 2A 01'],
    ['has a tag that its version does not have', '03 10 6A 00 00 09 07'],
    ['has a string without an end', '03 11 6A 00 4B 03 41'],
    ['has another charset', '03 11 04 00 2A'],
  ])('refuses what %s', (_what, hex) => {
    expect(() => readWbxml(octets(hex), hex.startsWith('03 10') ? '1.1' : '1.2')).toThrow(Error);
  });
});

describe('XML', () => {
  it('is read as it is written', () => {
    const root = withNamespace('urn:x', node('A', node('B', ' <&>"\r\n '), node('C', node('D'))));
    expect(writeXml(root)).toContain('<A xmlns="urn:x"><B> &lt;&amp;&gt;&quot;&#13;\n </B><C><D/></C></A>');
    expect(readXml(writeXml(root))).toEqual(root);
  });

  it('is read with everything that a server may put into it', () => {
    const text = `<?xml version="1.0"?>\n<!DOCTYPE A PUBLIC "x" "y"><A xmlns='u'> <!-- --> <B>a<![CDATA[<]]>&#x41;&amp;</B>\n</A>`;
    expect(outline(readXml(text))).toBe('A(B=a<A&)');
  });

  it.each(['<A>', '<A></B>', '<A/><A/>', '<A>x<B/></A>', '<A b="c"/>', '<A>&nbsp;</A>', 'x<A/>', '<A', ''])(
    'that is %j is refused',
    (text) => {
      expect(() => readXml(text)).toThrow(Error);
    },
  );
});
