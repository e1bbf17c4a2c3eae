/**
 * Writing XML (XML 1.0): escaping, one element, and a tree as it was read. What is written is well-formed whatever the
 * values hold; names are the caller's affair.
 */
import type { XmlElement } from './xml-reader.ts';

/** For text and for attribute values in double quotes. What XML 1.0 (2.2) cannot carry becomes U+FFFD. */
export function escapeXml(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return /[&<>"\u0000-\u001f\ud800-\udfff\ufffe\uffff]/.test(text) ? text.replace(escapable, escapeSign) : text;
}

/** An element around `content`, which is XML already; attribute values are escaped here. */
export function xmlElement(name: string, content = '', attributes: Readonly<Record<string, string>> = {}): string {
  let tag = name;
  for (const key in attributes) tag += ` ${key}="${escapeXml(attributes[key] ?? '')}"`;
  return content === '' ? `<${tag}/>` : `<${tag}>${content}</${name}>`;
}

/**
 * A tree as XML that stands on its own wherever it is put: each element declares its namespace where it differs from its
 * parent's. Prefixes are new, so values that refer to one (`xsi:type`) lose their meaning.
 */
export function formatXml(element: XmlElement, inheritedNamespace?: string): string {
  let tag = element.name;
  if (element.namespace !== inheritedNamespace) tag += ` xmlns="${escapeXml(element.namespace)}"`;
  let prefixes = 0;
  for (const [key, value] of element.attributes) {
    const end = key.lastIndexOf('}');
    const namespace = key.slice(1, Math.max(end, 1));
    let name = key.slice(end + 1);
    if (namespace === xmlNamespace) name = `xml:${name}`;
    else if (end >= 0) {
      const prefix = `a${++prefixes}`;
      tag += ` xmlns:${prefix}="${escapeXml(namespace)}"`;
      name = `${prefix}:${name}`;
    }
    tag += ` ${name}="${escapeXml(value)}"`;
  }
  let content = '';
  for (const part of element.content) {
    content += typeof part === 'string' ? escapeXml(part) : formatXml(part, element.namespace);
  }
  return content === '' ? `<${tag}/>` : `<${tag}>${content}</${element.name}>`;
}

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';

// With the u flag a surrogate matches only when it stands alone.
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const escapable = /[&<>"\u0000-\u001f\ud800-\udfff\ufffe\uffff]/gu;

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
    case '\t':
    case '\n':
    case '\r':
      // As references, since a reader turns plain ones into spaces or line feeds (XML 1.0 2.11, 3.3.3).
      return `&#${sign.charCodeAt(0)};`;
    default:
      return '\ufffd';
  }
}
