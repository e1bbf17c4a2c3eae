/** Why a change of a document is refused (RFC 4825 11): the conflict document of a 409. */
import { escapeXml, xmlElement } from '../../../formats/xml-writer.ts';

export const xcapErrorContentType = 'application/xcap-error+xml';
const errorNamespace = 'urn:ietf:params:xml:ns:xcap-error';

export interface XcapConflict {
  readonly kind:
    | 'not-well-formed'
    | 'not-xml-frag'
    | 'no-parent'
    | 'schema-validation-error'
    | 'not-xml-att-value'
    | 'cannot-insert'
    | 'cannot-delete'
    | 'uniqueness-failure'
    | 'constraint-failure'
    | 'not-utf-8';
  readonly words: string;
  /** Where there is a parent, for no-parent. */
  readonly ancestor?: string;
  /** What there was already, for uniqueness-failure. */
  readonly field?: string;
}

/** Thrown where a document is changed; answered with 409. */
export class XcapFault extends Error {
  override readonly name = 'XcapFault';
  readonly conflict: XcapConflict;

  constructor(conflict: XcapConflict) {
    super(conflict.words);
    this.conflict = conflict;
  }
}

export function formatConflict({ kind, words, ancestor, field }: XcapConflict): string {
  let content = '';
  if (kind === 'no-parent' && ancestor !== undefined) content = xmlElement('ancestor', escapeXml(ancestor));
  if (kind === 'uniqueness-failure') content = xmlElement('exists', '', { field: field ?? '' });
  const error = xmlElement(kind, content, { phrase: words });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xmlElement('xcap-error', error, { xmlns: errorNamespace })}\n`;
}
