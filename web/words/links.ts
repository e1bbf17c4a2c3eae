/** Where a text names pages of the web. Only http and https: whatever else looks like a link stays text. */

export interface TextPart {
  readonly text: string;
  /** Undefined where it is no link. */
  readonly href?: string;
}

const linkForm = /https?:\/\/[^\s<>"'`]+/gi;
/** What ends a sentence is not part of a link. */
const trailing = /[.,;:!?)\]}]+$/;

export function splitLinks(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(linkForm)) {
    const link = match[0].replace(trailing, '');
    if (!URL.canParse(link)) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: link, href: link });
    end = match.index + link.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}
