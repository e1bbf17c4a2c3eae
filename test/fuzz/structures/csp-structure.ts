/** CSP documents in both syntaxes: elements in nearly the right places, tokens that are nearly right. */
import fc from 'fast-check';
import { junk, mostly, oneOf, type Texts, word } from './pieces.ts';

const names = oneOf(
  'Session',
  'Transaction',
  'MessageInfo',
  'UserID',
  'Code',
  'ContentData',
  'DateTime',
  'Qualifier',
  'Odd',
  'constructor',
  'WVCSPFeat',
  'IMFeat',
);
const values: Texts = mostly(
  fc.oneof(word, oneOf('T', '200', '4294967296', '20260925T134013Z', ' x ', '', '&#65;', '<![CDATA[<]]>', '&amp;')),
  oneOf('&nbsp;', '<', ']]>', '&#0;'),
  junk,
);
const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .tuple(
      names,
      oneOf('', '', '', ' xmlns="http://www.wireless-village.org/PA1.1"', ' a="1"'),
      fc.oneof(
        { maxDepth: 5 },
        values,
        fc.array(tie('element'), { maxLength: 4 }).map((all) => all.join('')),
      ),
    )
    .map(([name, more, content]) => `<${name}${more}>${content}</${name}>`),
}));
const heads = mostly(
  oneOf('', '<?xml version="1.0"?>', '<!DOCTYPE WV-CSP-Message PUBLIC "-//OMA//DTD WV-CSP 1.1//EN" "http://x">'),
  oneOf('<!DOCTYPE x [<!ENTITY a "b">]>', '\u{feff}', ' '),
);

export const cspXmlDocuments: Texts = fc
  .tuple(heads, oneOf('1.1', '1.0', ''), fc.array(element, { maxLength: 4 }), mostly(oneOf(''), oneOf('x', '<a/>')))
  .map(([head, version, content, tail]) => {
    const namespace = `http://www.wireless-village.org/CSP${version}`;
    return `${head}<WV-CSP-Message xmlns="${namespace}">${content.join('')}</WV-CSP-Message>${tail}`;
  });

/** Pieces of WBXML in hexadecimal. */
const pieces = mostly(
  oneOf(
    ...'4b 4d 6d 6e 51 4f 7a 75 0b 01 01 01 0001 0005 0006 0000 0009 034100 03c3a900 8300 8303 028120 802c'.split(' '),
    ...'808125 c301c8 c3061f46730ebb5a c302ff00 c300 4400 4403 e30a03312e320001 c4000403830001 66 64'.split(' '),
  ),
  oneOf(...'03ff00 02c48000 80ff7f 8290 43 c3ffffffff7f c4 000c 7f 00ff 40 8100 83ff7f'.split(' ')),
);
const frames = oneOf(
  '03116a06 616200636400 c90803312e320001',
  '01106a03616200 49',
  '030002040761006200000000 49',
  '03126a00 09',
);

export const cspWbxmlDocuments: fc.Arbitrary<Uint8Array> = fc
  .tuple(frames, fc.array(pieces, { maxLength: 24 }), fc.nat(8))
  .map(([frame, content, ends]) => {
    const hex = frame + content.join('') + '01'.repeat(ends);
    return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  });
