/**
 * Trees as WBXML 1.3 in UTF-8, in one form only: tags by token where the version has one, else literal with a string table;
 * words of the protocol by value token, integers and dates as opaque data, all else as inline strings.
 */
import { carriesContent, type CspElement } from '../csp-element.ts';
import type { CspVersion } from '../csp-version.ts';
import { OctetWriter } from './octet-writer.ts';
import { formatOpaqueDate, formatOpaqueInteger, isDate, isWrittenAsInteger } from './opaque-values.ts';
import { attributePrefixes, publicIdentifiers, tokenTables, type TokenTables } from './token-tables.ts';
import * as tokens from './wbxml-tokens.ts';

export function writeWbxml(root: CspElement, version: CspVersion): Uint8Array {
  return new WbxmlWriter(version).write(root);
}

class WbxmlWriter {
  readonly #version: CspVersion;
  readonly #tables: TokenTables;
  readonly #out = new OctetWriter();
  readonly #literals = new Map<string, number>();
  readonly #stringTable = new OctetWriter();
  #tagPage = 0;

  constructor(version: CspVersion) {
    this.#version = version;
    this.#tables = tokenTables(version);
  }

  write(root: CspElement): Uint8Array {
    const out = this.#out;
    this.#gatherLiterals(root);
    const table = this.#stringTable.finish();
    out.octet(0x03);
    out.multiByte(publicIdentifiers[this.#version]);
    out.multiByte(tokens.charsets.utf8);
    out.multiByte(table.length);
    out.octets(table);
    this.#writeElement(root);
    return out.finish();
  }

  #gatherLiterals(element: CspElement): void {
    if (this.#tables.tagToken(element.name) === undefined) this.#gather(element.name);
    const { namespace } = element;
    if (namespace !== undefined && findPrefix(namespace) === undefined) this.#gather('xmlns');
    for (const child of element.children) this.#gatherLiterals(child);
  }

  #gather(name: string): void {
    if (this.#literals.has(name)) return;
    this.#literals.set(name, this.#stringTable.length);
    this.#stringTable.text(name);
    this.#stringTable.octet(0);
  }

  #writeElement(element: CspElement): void {
    const { name, namespace, children } = element;
    const bits = tokens.hasContent | (namespace === undefined ? 0 : tokens.hasAttributes);
    const tag = this.#tables.tagToken(name);
    if (tag === undefined) {
      this.#out.octet(tokens.literal | bits);
      this.#out.multiByte(this.#literals.get(name) ?? 0);
    } else {
      this.#switchTo(tag.page);
      this.#out.octet(tag.token | bits);
    }
    if (namespace !== undefined) this.#writeNamespace(namespace);
    if (children.length === 0) this.#writeValue(element);
    for (const child of children) this.#writeElement(child);
    this.#out.octet(tokens.end);
  }

  #switchTo(page: number): void {
    if (page === this.#tagPage) return;
    this.#out.octet(tokens.switchPage);
    this.#out.octet(page);
    this.#tagPage = page;
  }

  #writeNamespace(namespace: string): void {
    const prefix = findPrefix(namespace);
    if (prefix === undefined) {
      this.#out.octet(tokens.literal);
      this.#out.multiByte(this.#literals.get('xmlns') ?? 0);
    } else this.#out.octet(prefix.token);
    const rest = namespace.slice(prefix?.text.length ?? 0);
    if (rest !== '') this.#writeString(rest);
    this.#out.octet(tokens.end);
  }

  #writeValue({ name, text, octets }: CspElement): void {
    const opaque = octets ?? this.#opaqueOf(name, text);
    if (opaque !== undefined) this.#writeOpaque(opaque);
    else if (text !== '') this.#writeText(name, text);
  }

  #opaqueOf(name: string, text: string): Uint8Array | undefined {
    if (isWrittenAsInteger(name, this.#version)) return formatOpaqueInteger(text);
    if (isDate(name)) return formatOpaqueDate(text);
    // An inline string cannot hold a NUL.
    return carriesContent(name) && text.includes('\0') ? encoder.encode(text) : undefined;
  }

  #writeText(name: string, text: string): void {
    const index = wordElements.has(name) ? this.#tables.valueIndex(text) : undefined;
    if (index === undefined) {
      this.#writeString(text);
      return;
    }
    this.#out.octet(tokens.valueToken);
    this.#out.multiByte(index);
  }

  #writeString(text: string): void {
    this.#out.octet(tokens.inlineString);
    this.#out.text(text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text);
    this.#out.octet(0);
  }

  #writeOpaque(octets: Uint8Array): void {
    this.#out.octet(tokens.opaque);
    this.#out.multiByte(octets.length);
    this.#out.octets(octets);
  }
}

const encoder = new TextEncoder();

/** Elements whose values are words of the protocol, or may be. What a person writes as content or address is never a token. */
const wordElements: ReadonlySet<string> = new Set(
  [
    'Acceptance AcceptedContentType AcceptedTransferEncoding AllFunctionsRequest AnyContent AutoSubscribe BlockListInUse',
    'Cap CapabilityRequest CIR ClientType CompletionFlag ContentEncoding ContentType DefaultList DeliveryMethod DeliveryReport',
    'GrantListInUse InitialDeliveryMethod InUse InviteType JoinedRequest JoinGroup Name Poll PrefC PresenceValue Qualifier',
    'ReactiveAuthState ReceiveList SearchElement SessionType SubscribeNotification SubscribeType SupportedBearer',
    'SupportedCIRMethod SupportedOfflineBearer TransactionMode Value WatcherStatus',
  ].flatMap((row) => row.split(' ')),
);

function findPrefix(namespace: string): { readonly token: number; readonly text: string } | undefined {
  for (const [token, text] of attributePrefixes) if (namespace.startsWith(text)) return { token, text };
  return undefined;
}
