/**
 * XML documents of the CSP as trees, behind caps. A document type declaration without an internal subset is passed over, as
 * the samples of the standard have one; with one it is refused, and with it every entity beyond the five of XML.
 */
import { SaxesParser } from 'saxes';
import { type CspElement, type CspLimits, CspReadFault, readElement } from '../csp-element.ts';

/** Throws a `CspReadFault`. */
export function readCspXml(bytes: Uint8Array, limits: CspLimits): CspElement {
  if (bytes.length > limits.bytesMax) {
    throw new CspReadFault(`the document has more than ${limits.bytesMax} bytes`, 'too-large');
  }
  return buildTree(decode(bytes), limits);
}

interface OpenElement {
  readonly name: string;
  readonly namespace: string;
  text: string;
  readonly children: CspElement[];
}

function buildTree(document: string, limits: CspLimits): CspElement {
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
  if (encoding !== undefined && !/^(?:utf-8|us-ascii)$/i.test(encoding)) {
    throw new CspReadFault('an encoding other than UTF-8 is not accepted');
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

const decoder = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return malformed('the document is not UTF-8');
  }
}
