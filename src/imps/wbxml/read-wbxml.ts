/**
 * WBXML documents (WBXML 1.3, WV-CSP-WBXML) as trees, behind caps. Takes versions 1.1 to 1.3 of WBXML, string tables, literal
 * tags and attributes, strings in pieces, entities, value tokens, opaque data; refuses what the CSP does not use (processing
 * instructions, extensions other than EXT_T_0).
 */
import { carriesContent, type CspElement, type CspLimits, CspReadFault, readElement } from '../csp-element.ts';
import { type CspVersion, findVersion } from '../csp-version.ts';
import { OctetCursor, decodeUtf8 } from './octet-cursor.ts';
import { isDate, isReadAsInteger, parseOpaqueDate, parseOpaqueInteger } from './opaque-values.ts';
import { attributePrefixes, tokenTables, type TokenTables, versionOfPublicId } from './token-tables.ts';
import * as tokens from './wbxml-tokens.ts';

/** What a document says of itself before it is read; `hint` is the version of its public identifier. */
export interface WbxmlDocument {
  readonly root: CspElement;
  readonly hint: CspVersion | undefined;
}

/** Throws a `CspReadFault`. */
export function readWbxml(bytes: Uint8Array, limits: CspLimits): WbxmlDocument {
  if (bytes.length > limits.bytesMax) {
    throw new CspReadFault(`the document has more than ${limits.bytesMax} bytes`, 'too-large');
  }
  return new WbxmlReader(bytes, limits).read();
}

class WbxmlReader {
  readonly #cursor: OctetCursor;
  readonly #limits: CspLimits;
  #stringTable: Uint8Array = new Uint8Array();
  readonly #tableStrings = new Map<number, string>();
  /** That of the latest namespace, or of the public identifier: the root may say better. */
  #tables: TokenTables = tokenTables('1.2');
  #tagPage = 0;
  #depth = 0;
  #elements = 0;
  #textCharacters = 0;

  constructor(bytes: Uint8Array, limits: CspLimits) {
    this.#cursor = new OctetCursor(bytes);
    this.#limits = limits;
  }

  read(): WbxmlDocument {
    const hint = this.#readHeader();
    this.#tables = tokenTables(hint ?? '1.2');
    const root = this.#readElement(hint, '');
    if (!this.#cursor.isAtEnd) throw new CspReadFault('something stands behind the document');
    return { root, hint };
  }

  #readHeader(): CspVersion | undefined {
    const cursor = this.#cursor;
    const version = cursor.octet();
    if (version < 0x01 || version > 0x03) throw new CspReadFault('this is not WBXML 1.1, 1.2 or 1.3');
    const publicId = cursor.multiByte();
    const nameAt = publicId === 0 ? cursor.multiByte() : undefined;
    cursor.useCharset(cursor.multiByte());
    this.#stringTable = cursor.take(cursor.multiByte());
    return versionOfPublicId(nameAt === undefined ? publicId : this.#tableString(nameAt));
  }

  #readElement(hint: CspVersion | undefined, inherited: string): CspElement {
    const { depthMax, elementsMax } = this.#limits;
    if (++this.#elements > elementsMax)
      throw new CspReadFault(`there are more than ${elementsMax} elements`, 'too-large');
    if (++this.#depth > depthMax) throw new CspReadFault(`elements are nested deeper than ${depthMax}`, 'too-large');
    this.#switchTagPages();
    const tag = this.#cursor.octet();
    const name = this.#tagName(tag);
    const declared = (tag & tokens.hasAttributes) === 0 ? undefined : this.#readAttributes();
    const namespace = declared === undefined || declared === inherited ? undefined : declared;
    if (this.#elements === 1 && namespace !== undefined) {
      this.#tables = tokenTables(findVersion({ name, namespace, text: '', children: [] }, hint).version);
    }
    const content = (tag & tokens.hasContent) === 0 ? noContent : this.#readContent(name, namespace ?? inherited);
    this.#depth -= 1;
    return readElement({ name, namespace, ...content });
  }

  /** A page may be switched before a tag, twice, or where no tag follows. */
  #switchTagPages(): void {
    while (this.#cursor.peek() === tokens.switchPage) {
      this.#cursor.octet();
      this.#tagPage = this.#cursor.octet();
    }
  }

  #tagName(tag: number): string {
    const token = tag & tokens.tokenBits;
    if (token === tokens.literal) return this.#literalName();
    if (token < tokens.literal) throw new CspReadFault(`token ${hex(tag)} stands where an element begins`);
    return this.#tables.tagName(this.#tagPage, token) ?? `Unknown-${hex(this.#tagPage)}-${hex(token)}`;
  }

  #literalName(): string {
    const name = this.#tableString(this.#cursor.multiByte());
    if (name.length > this.#limits.nameCharactersMax) {
      throw new CspReadFault(`a name is longer than ${this.#limits.nameCharactersMax} characters`, 'too-large');
    }
    if (!nameNotation.test(name)) throw new CspReadFault('a literal is no name');
    return name;
  }

  /** The value of xmlns, the only attribute that means something. */
  #readAttributes(): string | undefined {
    const cursor = this.#cursor;
    let namespace: string | undefined;
    for (let count = 0; cursor.peek() !== tokens.end; count += 1) {
      if (count >= this.#limits.attributesMax) {
        throw new CspReadFault(`an element has more than ${this.#limits.attributesMax} attributes`, 'too-large');
      }
      const start = this.#skipAttributePages();
      const prefix = attributePrefixes.get(start);
      if (start !== tokens.literal && prefix === undefined) throw new CspReadFault(`no attribute ${hex(start)}`);
      const isNamespace = start === tokens.literal ? this.#literalName() === 'xmlns' : true;
      const value = (prefix ?? '') + this.#readAttributeValue();
      // As the XML library does.
      if (isNamespace) namespace = value.trim();
    }
    cursor.octet();
    return namespace;
  }

  /** Only page 0 has attributes; a switch is of no effect on them. */
  #skipAttributePages(): number {
    let start = this.#cursor.octet();
    while (start === tokens.switchPage) {
      this.#cursor.octet();
      start = this.#cursor.octet();
    }
    return start;
  }

  #readAttributeValue(): string {
    let value = '';
    for (let next = this.#cursor.peek(); next !== undefined && isString(next); next = this.#cursor.peek()) {
      value += this.#readString(this.#cursor.octet());
    }
    return value;
  }

  #readContent(name: string, namespace: string): Content {
    const children: CspElement[] = [];
    let text = '';
    let octets: Uint8Array | undefined;
    for (;;) {
      this.#switchTagPages();
      const next = this.#cursor.peek();
      if (next === tokens.end) break;
      if (next === tokens.opaque) {
        this.#cursor.octet();
        const value = this.#readOpaque(name);
        if (typeof value === 'string') text += value;
        else octets = value;
      } else if (next !== undefined && isString(next)) text += this.#readString(this.#cursor.octet());
      else children.push(this.#readElement(undefined, namespace));
    }
    this.#cursor.octet();
    if (octets !== undefined && text !== '') throw new CspReadFault(`${name} holds text beside octets`);
    return { text, octets, children };
  }

  #readString(token: number): string {
    return this.#count(this.#stringOf(token));
  }

  #stringOf(token: number): string {
    const cursor = this.#cursor;
    switch (token) {
      case tokens.inlineString:
        return cursor.string();
      case tokens.tableString:
        return this.#tableString(cursor.multiByte());
      case tokens.entity:
        return characterOf(cursor.multiByte());
      default: {
        const index = cursor.multiByte();
        const word = this.#tables.value(index);
        if (word === undefined) throw new CspReadFault(`no value ${hex(index)}`);
        return word;
      }
    }
  }

  #readOpaque(name: string): string | Uint8Array {
    const octets = this.#cursor.take(this.#cursor.multiByte());
    if (isReadAsInteger(name)) {
      const number = parseOpaqueInteger(octets);
      if (number === undefined) throw new CspReadFault(`${name} has more than four octets`);
      return this.#count(number);
    }
    const date = isDate(name) ? parseOpaqueDate(octets) : undefined;
    const decoded = date ?? decodeUtf8(octets);
    const text = decoded?.includes('\0') === true && !carriesContent(name) ? undefined : decoded;
    // A copy that does not keep the document in memory.
    return text === undefined ? Uint8Array.from(octets) : this.#count(text);
  }

  #count(text: string): string {
    this.#textCharacters += text.length;
    const { textCharactersMax } = this.#limits;
    if (this.#textCharacters > textCharactersMax) {
      throw new CspReadFault(`there are more than ${textCharactersMax} characters of text`, 'too-large');
    }
    return text;
  }

  #tableString(offset: number): string {
    const known = this.#tableStrings.get(offset);
    if (known !== undefined) return known;
    const ends = this.#stringTable.indexOf(0, offset);
    if (offset >= this.#stringTable.length) throw new CspReadFault('a string lies outside of the string table');
    // The last string of a table may go without its NUL.
    const text = this.#cursor.decode(this.#stringTable.subarray(offset, ends < 0 ? undefined : ends));
    if (this.#tableStrings.size < tableStringsMax) this.#tableStrings.set(offset, text);
    return text;
  }
}

interface Content {
  readonly text: string;
  readonly octets: Uint8Array | undefined;
  readonly children: readonly CspElement[];
}

const noContent: Content = { text: '', octets: undefined, children: [] };

/** A name without a colon, as XML has it (XML 1.0, 2.3). */
const nameStart =
  'A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f' +
  '\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\u{10000}-\\u{effff}';
const nameNotation = new RegExp(`^[${nameStart}][${nameStart}\\-.0-9\\u00b7\\u0300-\\u036f\\u203f\\u2040]*$`, 'u');

/** Remembered; what lies behind is decoded again. */
const tableStringsMax = 256;

function isString(token: number): boolean {
  const { inlineString, tableString, entity, valueToken } = tokens;
  return token === inlineString || token === tableString || token === entity || token === valueToken;
}

/** Refuses what is no character of XML (XML 1.0, 2.2). */
function characterOf(code: number): string {
  const isCharacter =
    code === 0x09 ||
    code === 0x0a ||
    code === 0x0d ||
    (code >= 0x20 && code < 0xd800) ||
    (code >= 0xe000 && code < 0xfffe) ||
    (code >= 0x10000 && code <= 0x10ffff);
  if (!isCharacter) throw new CspReadFault(`entity ${hex(code)} is no character`);
  return String.fromCodePoint(code);
}

function hex(number: number): string {
  return number.toString(16).toUpperCase().padStart(2, '0');
}
