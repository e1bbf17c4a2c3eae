/**
 * Trees as XML 1.0 in UTF-8: no document type, no prefixes, no white space between elements. Well-formed whatever the values
 * hold: what XML cannot carry (2.2) becomes U+FFFD; so do octets that are no text, which a writer of values never makes.
 */
import type { CspElement } from '../csp-element.ts';

export function writeCspXml(root: CspElement): Uint8Array {
  return encoder.encode(`<?xml version="1.0" encoding="UTF-8"?>${format(root)}`);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function format({ name, namespace, text, octets, children }: CspElement): string {
  const declaration = namespace === undefined ? '' : ` xmlns="${escape(namespace).replace(lineSigns, reference)}"`;
  let content = escape(octets === undefined ? text : decoder.decode(octets));
  for (const child of children) content += format(child);
  return content === '' ? `<${name}${declaration}/>` : `<${name}${declaration}>${content}</${name}>`;
}

function escape(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return /[&<>"\u0000-\u001f\ud800-\udfff\ufffe\uffff]/.test(text) ? text.replace(escapable, escapeSign) : text;
}

// With the u flag a surrogate matches only when it stands alone.
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const escapable = /[&<>"\u0000-\u0008\u000b-\u001f\ud800-\udfff\ufffe\uffff]/gu;

/** A reader turns plain ones in an attribute into spaces (XML 1.0, 3.3.3). */
const lineSigns = /[\t\n]/g;

function reference(sign: string): string {
  return `&#${sign.charCodeAt(0)};`;
}

function escapeSign(sign: string): string {
  switch (sign) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '"':
      return '&quot;';
    case '\r':
      // As a reference, since a reader turns a plain one into a line feed (XML 1.0, 2.11).
      return '&#13;';
    default:
      return '\ufffd';
  }
}
