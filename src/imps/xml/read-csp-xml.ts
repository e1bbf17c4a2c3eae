/**
 * XML documents of the CSP as trees, behind caps: in UTF-8, UTF-16 with its mark, or Latin-1 that is declared. A document type declaration without an internal subset is passed over, as
 * the samples of the standard have one; with one it is refused, and with it every entity beyond the five of XML.
 */
import { SaxesParser } from 'saxes';
import { type CspElement, type CspLimits, CspReadFault, readElement } from '../csp-element.ts';

/** Throws a `CspReadFault`. */
export function readCspXml(bytes: Uint8Array, limits: CspLimits): CspElement {
  if (bytes.length > limits.bytesMax) {
    throw new CspReadFault(`the document has more than ${limits.bytesMax} bytes`, 'too-large');
  }
  const encoding = encodingOf(bytes);
  return buildTree(decode(bytes, encoding), encoding, limits);
}

interface OpenElement {
  readonly name: string;
  readonly namespace: string;
  text: string;
  readonly children: CspElement[];
}

function buildTree(document: string, read: XmlEncoding, limits: CspLimits): CspElement {
  const { depthMax, elementsMax, attributesMax, nameCharactersMax } = limits;
  const parser = new StrictParser({ xmlns: true, position: true });
  const open: OpenElement[] = [];
  let root: CspElement | undefined;
  let depth = 0;
  let elements = 0;
  let attributes = 0;
  const addText = (part: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += part;
  };

  parser.on('doctype', (doctype) => {
    if (doctype.includes('[')) throw new CspReadFault('a document type with an internal subset is not accepted');
  });
  // Before its attributes are read and its names are looked up, which is where deep documents become dear.
  parser.on('opentagstart', () => {
    attributes = 0;
    if (++depth > depthMax) tooMuch(`elements are nested deeper than ${depthMax}`);
    if (++elements > elementsMax) tooMuch(`there are more than ${elementsMax} elements`);
  });
  parser.on('attribute', () => {
    if (++attributes > attributesMax) tooMuch(`an element has more than ${attributesMax} attributes`);
  });
  parser.on('opentag', ({ local, uri }) => {
    if (local.length > nameCharactersMax) tooMuch(`a name is longer than ${nameCharactersMax} characters`);
    open.push({ name: local, namespace: uri, text: '', children: [] });
  });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    depth -= 1;
    const closed = open.pop();
    if (closed === undefined) return;
    const parent = open.at(-1);
    const isInherited = closed.namespace === (parent?.namespace ?? '');
    const element = readElement({
      name: closed.name,
      namespace: isInherited ? undefined : closed.namespace,
      text: closed.text,
      octets: undefined,
      children: closed.children,
    });
    if (parent === undefined) root = element;
    else parent.children.push(element);
  });
  parser.write(document);
  const { encoding } = parser.xmlDecl;
  if (encoding !== undefined && !declared[read].test(encoding)) {
    throw new CspReadFault(`the document says that it is ${encoding.slice(0, faultCharactersMax)}, and is not read so`);
  }
  parser.close();
  return root ?? malformed('the document is empty');
}

/** With more than six handlers on its own class the library is four times as slow (measured); a class of its own is not. */
class StrictParser extends SaxesParser<{ xmlns: true; position: boolean }> {
  override fail(message: string): never {
    malformed(this.makeError(message).message.slice(0, faultCharactersMax));
  }
}

/** The library repeats the name it stumbled over, however long it is. */
const faultCharactersMax = 160;

function malformed(words: string): never {
  throw new CspReadFault(words);
}

function tooMuch(words: string): never {
  throw new CspReadFault(words, 'too-large');
}

type XmlEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1';

/** What a document may call itself that is read so. */
const declared: Readonly<Record<XmlEncoding, RegExp>> = {
  'utf-8': /^(?:utf-8|us-ascii)$/i,
  'utf-16le': /^utf-16(?:le)?$/i,
  'utf-16be': /^utf-16(?:be)?$/i,
  latin1: /^(?:iso-8859-1|latin1)$/i,
};

const decoders: Readonly<Record<XmlEncoding, { decode(bytes: Uint8Array): string }>> = {
  'utf-8': new TextDecoder('utf-8', { fatal: true }),
  'utf-16le': new TextDecoder('utf-16le', { fatal: true }),
  'utf-16be': new TextDecoder('utf-16be', { fatal: true }),
  latin1: new TextDecoder('latin1', { fatal: true }),
};

/** By its mark of byte order, or by what it says of itself in ASCII (XML 1.0, appendix F). */
function encodingOf(bytes: Uint8Array): XmlEncoding {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first !== 0x3c || second !== 0x3f) return 'utf-8';
  const head = String.fromCharCode(...bytes.subarray(0, declarationBytes));
  const said = /^<\?xml\s[^>]*?\sencoding\s*=\s*["']([\w.-]+)["']/.exec(head)?.[1] ?? '';
  return declared.latin1.test(said) ? 'latin1' : 'utf-8';
}

const declarationBytes = 128;

function decode(bytes: Uint8Array, encoding: XmlEncoding): string {
  try {
    return decoders[encoding].decode(bytes);
  } catch {
    return malformed(`the document is not ${encoding.toUpperCase()}`);
  }
}
