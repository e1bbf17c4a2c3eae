/** CSP documents as XML (of which they use little): elements, the attribute xmlns, character data. Anything else is an error. */
import { node, withNamespace, type CspNode } from './csp-node.ts';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export function writeXml(root: CspNode): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${writeNode(root)}`;
}

function writeNode({ name, children, text, xmlns }: CspNode): string {
  const head = xmlns === undefined ? name : `${name} xmlns="${escapeText(xmlns)}"`;
  const inner = escapeText(text) + children.map(writeNode).join('');
  return inner === '' ? `<${head}/>` : `<${head}>${inner}</${name}>`;
}

function escapeText(text: string): string {
  return text.replaceAll(/[&<>"]/g, (sign) => escapes[sign] ?? sign).replaceAll('\r', '&#13;');
}

interface OpenNode {
  readonly name: string;
  readonly xmlns: string | undefined;
  readonly children: CspNode[];
  text: string;
}

const tokens =
  /<\?[^>]*\?>|<!--[\s\S]*?-->|<!DOCTYPE[^>[]*>|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([\w.:-]+)\s*>|<([\w.:-]+)([^<>]*?)(\/?)>|([^<]+)/gy;

/** Throws on what is not well-formed; a peer that writes it has failed. */
export function readXml(source: string): CspNode {
  const top: OpenNode = { name: '', xmlns: undefined, children: [], text: '' };
  const open: OpenNode[] = [top];
  tokens.lastIndex = 0;
  let at = 0;
  while (at < source.length) {
    const [whole, data, closing, opening, attributes = '', isEmpty, text] = tokens.exec(source) ?? [];
    if (whole === undefined) throw new Error(`no XML at ${at}: ${source.slice(at, at + 40)}`);
    at = tokens.lastIndex;
    const last = open.at(-1) ?? top;
    if (data !== undefined) last.text += data;
    else if (text !== undefined) last.text += unescapeText(text);
    else if (closing !== undefined) close(open, closing);
    else if (opening !== undefined) {
      open.push({ name: opening, xmlns: namespaceOf(attributes), children: [], text: '' });
      if (isEmpty === '/') close(open, opening);
    }
  }
  const [root] = top.children;
  if (open.length !== 1 || root === undefined || top.children.length !== 1 || top.text.trim() !== '') {
    throw new Error('not one whole document');
  }
  return root;
}

function close(open: OpenNode[], name: string): void {
  const done = open.pop();
  const parent = open.at(-1);
  if (done === undefined || parent === undefined || done.name !== name) throw new Error(`</${name}> ends nothing`);
  const isLeaf = done.children.length === 0;
  if (!isLeaf && done.text.trim() !== '') throw new Error(`text between the elements of ${name}: ${done.text}`);
  const made = node(name, isLeaf ? done.text : done.children);
  parent.children.push(done.xmlns === undefined ? made : withNamespace(done.xmlns, made));
}

function namespaceOf(attributes: string): string | undefined {
  const found = /^\s+xmlns\s*=\s*(?:"([^"]*)"|'([^']*)')\s*$/.exec(attributes);
  if (found !== null) return unescapeText(found[1] ?? found[2] ?? '');
  if (attributes.trim() === '') return undefined;
  throw new Error(`attributes that CSP does not have: ${attributes}`);
}

function unescapeText(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w*));?/g,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      const sign = named[name ?? ''];
      if (sign === undefined || !whole.endsWith(';')) throw new Error(`an entity that XML does not have: ${whole}`);
      return sign;
    },
  );
}
