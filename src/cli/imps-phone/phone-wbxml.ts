/** CSP documents as WBXML 1.3: as a phone writes them, and every way in which a server may write them. */
import { node, withNamespace, type CspNode } from './csp-node.ts';
import { OctetReader, writeNumber } from './octet-reader.ts';
import { tagPages, valueTokens } from './phone-tokens.ts';

export type PhoneVersion = '1.1' | '1.2' | '1.3';

const SWITCH_PAGE = 0x00;
const END = 0x01;
const ENTITY = 0x02;
const STR_I = 0x03;
const LITERAL = 0x04;
const EXT_T_0 = 0x80;
const STR_T = 0x83;
const OPAQUE = 0xc3;
const hasContent = 0x40;
const hasAttributes = 0x80;
const utf8 = 0x6a;

const publicIds: Readonly<Record<PhoneVersion, number>> = { '1.1': 0x10, '1.2': 0x11, '1.3': 0x12 };
/** In the order of their numbers, from 5. */
const namespaceStarts = [
  'http://www.wireless-village.org/CSP',
  'http://www.wireless-village.org/PA',
  'http://www.wireless-village.org/TRC',
  'http://www.openmobilealliance.org/DTD/WV-CSP',
  'http://www.openmobilealliance.org/DTD/WV-PA',
  'http://www.openmobilealliance.org/DTD/WV-TRC',
  'http://www.openmobilealliance.org/DTD/IMPS-CSP',
  'http://www.openmobilealliance.org/DTD/IMPS-PA',
  'http://www.openmobilealliance.org/DTD/IMPS-TRC',
];
const integers = new Set(
  (
    'Code ContentSize MessageCount Validity KeepAliveTime SearchFindings SearchIndex SearchLimit TimeToLive MultiTrans ParserSize ' +
    'ServerPollMin TCPPort UDPPort AcceptedCharSet AcceptedContentLength HistoryPeriod MaxWatcherList AcceptedPullLength ' +
    'AcceptedPushLength AcceptedRichContentLength AcceptedTextContentLength MultiTransPerMessage PlainTextCharset SessionPriority ' +
    'UserSessionLimit MessageTotalCount TryAgainTimeout WatcherCount'
  ).split(' '),
);
const dates = new Set(['DateTime', 'DeliveryTime']);

interface Tables {
  readonly names: ReadonlyMap<number, string>;
  readonly numbers: ReadonlyMap<string, number>;
}

const tables = Object.fromEntries(
  (['1.1', '1.2', '1.3'] as const).map((version) => [
    version,
    { tags: makeTables(tagPages, version), values: makeTables([valueTokens], version) },
  ]),
) as Readonly<Record<PhoneVersion, { readonly tags: Tables; readonly values: Tables }>>;

/** Numbers are page and token together; of two the lower is written and both are read. */
function makeTables(pages: readonly string[], version: PhoneVersion): Tables {
  const names = new Map<number, string>();
  const numbers = new Map<string, number>();
  for (const [page, text] of pages.entries()) {
    for (const entry of text.trim().split(/\s+/)) {
      const [, hex = '', name = '', versions = '123'] = /^(\w+)=([^@]+)(?:@(\d+))?$/.exec(entry) ?? [];
      if (!versions.includes(version.slice(2))) continue;
      const number = page * 256 + Number.parseInt(hex, 16);
      names.set(number, name);
      if (!numbers.has(name)) numbers.set(name, number);
    }
  }
  return { names, numbers };
}

export interface WbxmlHabits {
  /** Every value as a string, as the protocol allows; else numbers, dates and known words have their short forms. */
  readonly isPlain?: boolean;
}

export function writeWbxml(root: CspNode, version: PhoneVersion, habits: WbxmlHabits = {}): Uint8Array {
  const strings: number[] = [];
  const body: number[] = [];
  let page = 0;
  const write = (each: CspNode): void => {
    const number = tables[version].tags.numbers.get(each.name);
    const bits = (each.xmlns === undefined ? 0 : hasAttributes) | (isEmpty(each) ? 0 : hasContent);
    if (number === undefined) {
      body.push(LITERAL | bits, ...writeNumber(strings.length));
      strings.push(...Buffer.from(`${each.name}\0`));
    } else {
      const wanted = number >> 8;
      if (wanted !== page) body.push(SWITCH_PAGE, wanted);
      page = wanted;
      body.push((number & 0x3f) | bits);
    }
    if (each.xmlns !== undefined) body.push(...writeNamespace(each.xmlns));
    if (isEmpty(each)) return;
    if (each.text !== '') body.push(...(habits.isPlain === true ? inline(each.text) : writeValue(each, version)));
    for (const child of each.children) write(child);
    body.push(END);
  };
  write(root);
  const head = [3, ...writeNumber(publicIds[version]), utf8, ...writeNumber(strings.length)];
  return Uint8Array.from([...head, ...strings, ...body]);
}

function isEmpty({ text, children }: CspNode): boolean {
  return text === '' && children.length === 0;
}

function writeNamespace(xmlns: string): number[] {
  const at = namespaceStarts.findIndex((start) => xmlns.startsWith(start));
  const start = namespaceStarts[at];
  if (start === undefined) throw new Error(`no number for the namespace ${xmlns}`);
  return [at + 5, ...inline(xmlns.slice(start.length)), END];
}

function inline(text: string): number[] {
  return [STR_I, ...Buffer.from(text.replaceAll('\0', '')), 0];
}

function writeValue({ name, text }: CspNode, version: PhoneVersion): number[] {
  if (integers.has(name) && /^\d{1,10}$/.test(text) && Number(text) <= 0xffff_ffff) {
    const hex = Number(text).toString(16);
    return opaque(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
  }
  const date = dates.has(name) ? packDate(text) : undefined;
  if (date !== undefined) return opaque(date);
  const word = tables[version].values.numbers.get(text);
  return word === undefined ? inline(text) : [EXT_T_0, ...writeNumber(word)];
}

function opaque(octets: Uint8Array): number[] {
  return [OPAQUE, ...writeNumber(octets.length), ...octets];
}

/** 12 bits of year, 4 of month, 5 of day, 5 of hour, 6 of minute, 6 of second, after two that are 0; then the zone. */
function packDate(text: string): Uint8Array | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)$/.exec(text);
  if (found === null) return undefined;
  const widths = [12, 4, 5, 5, 6, 6];
  const bits = widths.reduce((sum, width, at) => sum * 2 ** width + Number(found[at + 1]), 0);
  const octets = Buffer.alloc(6);
  octets.writeUIntBE(bits, 0, 5);
  octets[5] = found[7] === 'Z' ? 0x5a : 0;
  return octets;
}

function unpackDate(octets: Uint8Array): string {
  if (octets.length !== 6) throw new Error(`a date of ${octets.length} octets`);
  const bits = Buffer.from(octets).readUIntBE(0, 5).toString(2).padStart(40, '0').slice(2);
  const fields: string[] = [];
  let at = 0;
  for (const [width, digits] of [
    [12, 4],
    [4, 2],
    [5, 2],
    [5, 2],
    [6, 2],
    [6, 2],
  ] as const) {
    fields.push(
      Number.parseInt(bits.slice(at, at + width), 2)
        .toString()
        .padStart(digits, '0'),
    );
    at += width;
  }
  const zone = octets[5] ?? 0;
  return `${fields.slice(0, 3).join('')}T${fields.slice(3).join('')}${zone === 0 ? '' : String.fromCodePoint(zone)}`;
}

/** Throws on what is no such document; `version` is that of the conversation. */
export function readWbxml(octets: Uint8Array, version: PhoneVersion): CspNode {
  return new WbxmlDocument(octets, version).read();
}

class WbxmlDocument {
  readonly #in: OctetReader;
  readonly #version: PhoneVersion;
  readonly #strings: Uint8Array;
  #page = 0;

  constructor(octets: Uint8Array, version: PhoneVersion) {
    this.#in = new OctetReader(octets);
    this.#version = version;
    const wbxmlVersion = this.#in.octet();
    if (wbxmlVersion < 1 || wbxmlVersion > 3) throw new Error(`WBXML of version ${wbxmlVersion}`);
    if (this.#in.number() === 0) this.#in.number();
    const charset = this.#in.number();
    if (charset !== utf8) throw new Error(`charset ${charset}`);
    this.#strings = this.#in.take(this.#in.number());
  }

  read(): CspNode {
    const root = this.#element(this.#in.octet());
    if (!this.#in.isAtEnd) throw new Error(`octets behind the end, at ${this.#in.at}`);
    return root;
  }

  #element(first: number): CspNode {
    let tag = first;
    while (tag === SWITCH_PAGE) {
      this.#page = this.#in.octet();
      tag = this.#in.octet();
    }
    const name = this.#nameOf(tag);
    const xmlns = (tag & hasAttributes) === 0 ? undefined : this.#namespace();
    const made = (tag & hasContent) === 0 ? node(name) : this.#content(name);
    return xmlns === undefined ? made : withNamespace(xmlns, made);
  }

  #nameOf(tag: number): string {
    const token = tag & 0x3f;
    if (token === LITERAL) return this.#string(this.#in.number());
    const name = tables[this.#version].tags.names.get(this.#page * 256 + token);
    if (name === undefined) throw new Error(`no tag ${token.toString(16)} on page ${this.#page} in ${this.#version}`);
    return name;
  }

  #content(name: string): CspNode {
    const children: CspNode[] = [];
    let text = '';
    for (;;) {
      const token = this.#in.octet();
      if (token === END) break;
      const piece = this.#piece(token, name);
      if (piece === undefined) children.push(this.#element(token));
      else text += piece;
    }
    if (children.length > 0 && text !== '') throw new Error(`text between the elements of ${name}: ${text}`);
    return node(name, text, children);
  }

  #piece(token: number, name: string): string | undefined {
    if (token === STR_I) return this.#in.text();
    if (token === STR_T) return this.#string(this.#in.number());
    if (token === ENTITY) return String.fromCodePoint(this.#in.number());
    if (token === EXT_T_0) return this.#word(this.#in.number());
    if (token === OPAQUE) return readOpaque(name, this.#in.take(this.#in.number()));
    return undefined;
  }

  #word(number: number): string {
    const word = tables[this.#version].values.names.get(number);
    if (word === undefined) throw new Error(`no value ${number.toString(16)} in ${this.#version}`);
    return word;
  }

  #string(at: number): string {
    return new OctetReader(this.#strings.subarray(at)).text();
  }

  #namespace(): string {
    let value = '';
    for (let token = this.#in.octet(); token !== END; token = this.#in.octet()) {
      const start = namespaceStarts[token - 5];
      const piece = start ?? this.#piece(token, 'xmlns');
      if (piece === undefined) throw new Error(`no attribute ${token.toString(16)}`);
      value += piece;
    }
    return value;
  }
}

function readOpaque(name: string, octets: Uint8Array): string {
  if (dates.has(name)) return unpackDate(octets);
  if (!integers.has(name)) return Buffer.from(octets).toString('utf8');
  if (octets.length > 4) throw new Error(`a number of ${octets.length} octets in ${name}`);
  return octets.length === 0 ? '0' : String(Buffer.from(octets).readUIntBE(0, octets.length));
}
