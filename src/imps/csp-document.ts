/** The door of the codec: octets of either syntax to a tree with its version, and back. A fault is a value, with words. */
import { err, ok, type Result } from '../base/result.ts';
import { type CspDocumentFault, type CspElement, type CspLimits, cspLimits, CspReadFault } from './csp-element.ts';
import { type CspSyntax, type CspVersion, findVersion, type VersionFound } from './csp-version.ts';
import { readWbxml } from './wbxml/read-wbxml.ts';
import { writeWbxml } from './wbxml/write-wbxml.ts';
import { readCspXml } from './xml/read-csp-xml.ts';
import { writeCspXml } from './xml/write-csp-xml.ts';

export interface CspDocument extends VersionFound {
  readonly root: CspElement;
}

/** The hint is the version that the media type belongs to; the document knows better. */
export function parseCspDocument(
  bytes: Uint8Array,
  syntax: CspSyntax,
  limits: CspLimits = cspLimits,
  hint?: CspVersion,
): Result<CspDocument, CspDocumentFault> {
  try {
    if (syntax === 'wbxml') {
      const { root, hint: named } = readWbxml(bytes, limits);
      return ok({ root, ...findVersion(root, named ?? hint) });
    }
    const root = readCspXml(bytes, limits);
    return ok({ root, ...findVersion(root, hint) });
  } catch (error) {
    if (error instanceof CspReadFault) return err({ kind: error.kind, words: error.message });
    throw error;
  }
}

export function formatCspDocument(root: CspElement, syntax: CspSyntax, version: CspVersion): Uint8Array {
  return syntax === 'wbxml' ? writeWbxml(root, version) : writeCspXml(root);
}
