/**
 * One header line of a CPIM envelope (RFC 3862 2.2 to 3.5): names with a namespace, parameters, escapes. Names compare
 * with case. Knows no header but `NS`.
 */
import { err, ok, type Result } from '../base/result.ts';

export const cpimHeadersNamespace = 'urn:ietf:params:cpim-headers:';
export const imdnNamespace = 'urn:ietf:params:imdn';

export interface CpimHeader {
  /** As written before the dot; empty for none. */
  readonly prefix: string;
  readonly name: string;
  /** What the prefix stands for at this line; undefined when nothing declared it. */
  readonly namespace: string | undefined;
  /** With their semicolons, as they came: `;lang=fr`. */
  readonly parameters: string;
  /** As it came, escapes included: see `unescapeCpim`. */
  readonly value: string;
}

/** A name with its URI, as `From`, `To`, `cc` and some IMDN headers have it. */
export interface CpimAddress {
  readonly name: string;
  readonly uri: string;
}

/** What has been declared so far: prefix to namespace, the default under the empty prefix. */
export type CpimNamespaces = Map<string, string>;

export function newCpimNamespaces(): CpimNamespaces {
  return new Map([['', cpimHeadersNamespace]]);
}

/** Reads a line without its end and takes note of the namespaces that it declares. */
export function parseCpimHeader(line: string, namespaces: CpimNamespaces): Result<CpimHeader, string> {
  const colon = line.indexOf(':');
  if (colon < 0 || !NAME.test(line.slice(0, colon))) return err(`"${line.slice(0, 40)}" is not a CPIM header`);
  const fullName = line.slice(0, colon);
  const dot = fullName.indexOf('.');
  const prefix = dot < 0 ? '' : fullName.slice(0, dot);
  const start = endOfParameters(line, colon + 1);
  const header = {
    prefix,
    name: fullName.slice(dot + 1),
    namespace: namespaces.get(prefix),
    parameters: line.slice(colon + 1, start),
    value: line.slice(line[start] === ' ' ? start + 1 : start),
  };
  if (header.name === 'NS' && header.namespace === cpimHeadersNamespace) declareNamespace(header.value, namespaces);
  return ok(header);
}

/** RFC 3862 2.3.1; an escape of an unknown sign is that sign. */
export function unescapeCpim(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([\da-fA-F]{4})|(.))/gsu, (_all, hex: string | undefined, sign: string | undefined) =>
    hex === undefined ? (controls[sign ?? ''] ?? sign ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Text that may hold anything as a header value. */
export function escapeCpim(text: string): string {
  return escapeControls(text.replaceAll('\\', String.raw`\\`));
}

/** Only what would break a line: for values that hold escapes already. */
export function escapeControls(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return text.replace(/[\u0000-\u001f\u007f\u2028\u2029]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** `Alice <im:alice@example.com>`, with or without name, quotes and brackets. */
export function parseCpimAddress(value: string): CpimAddress {
  const open = value.lastIndexOf('<');
  const close = value.lastIndexOf('>');
  if (open < 0 || close < open) return { name: '', uri: value.trim() };
  const name = value.slice(0, open).trim();
  const isQuoted = name.length >= 2 && name.startsWith('"') && name.endsWith('"');
  return { name: unescapeCpim(isQuoted ? name.slice(1, -1) : name), uri: value.slice(open + 1, close).trim() };
}

export function formatCpimAddress({ name, uri }: CpimAddress): string {
  const brackets = `<${escapeControls(uri).replace(/[<> ]/g, encodeURIComponent)}>`;
  return name === '' ? brackets : `"${escapeCpim(name).replaceAll('"', String.raw`\"`)}" ${brackets}`;
}

const NAME = /^[!#-'*+^`|~\w-]+(?:\.[!#-'*+^`|~\w-]+)?$/;

const controls: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', r: '\r' };

/** Parameters follow the colon at once and end with the first space outside quotes. */
function endOfParameters(line: string, start: number): number {
  if (line[start] !== ';') return start;
  let isQuoted = false;
  for (let at = start; at < line.length; at++) {
    const sign = line[at];
    if (sign === '"') isQuoted = !isQuoted;
    else if (sign === '\\' && isQuoted) at += 1;
    else if (sign === ' ' && !isQuoted) return at;
  }
  return line.length;
}

/** RFC 3862 4.6: without a prefix it changes the default from here on. */
export function declareNamespace(value: string, namespaces: CpimNamespaces): void {
  const { name, uri } = parseCpimAddress(value);
  namespaces.set(name, uri);
}
