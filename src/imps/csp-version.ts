/**
 * The versions of the CSP and how a document tells its own: by the namespace of its root (never by the public identifier
 * alone, which clients write wrongly). Also the media types of both syntaxes.
 */
import { type CspElement, childOf } from './csp-element.ts';

export type CspVersion = '1.1' | '1.2' | '1.3';
export type CspSyntax = 'xml' | 'wbxml';

export const cspVersions: readonly CspVersion[] = ['1.1', '1.2', '1.3'];

/** Beginnings of the namespaces of session, transaction and presence; the number follows. */
interface NamespaceFamily {
  readonly session: string;
  readonly transaction: string;
  readonly presence: string;
}

const wirelessVillage = 'http://www.wireless-village.org';
const openMobileAlliance = 'http://www.openmobilealliance.org/DTD';

export const namespaceFamilies: Readonly<Record<CspVersion, NamespaceFamily>> = {
  '1.1': {
    session: `${wirelessVillage}/CSP`,
    transaction: `${wirelessVillage}/TRC`,
    presence: `${wirelessVillage}/PA`,
  },
  '1.2': {
    session: `${openMobileAlliance}/WV-CSP`,
    transaction: `${openMobileAlliance}/WV-TRC`,
    presence: `${openMobileAlliance}/WV-PA`,
  },
  '1.3': {
    session: `${openMobileAlliance}/IMPS-CSP`,
    transaction: `${openMobileAlliance}/IMPS-TRC`,
    presence: `${openMobileAlliance}/IMPS-PA`,
  },
};

export function namespaceOf(version: CspVersion, part: keyof NamespaceFamily): string {
  return namespaceFamilies[version][part] + version;
}

/** `isSpoken` false: the document is of another version, and this is the nearest to answer in. */
export interface VersionFound {
  readonly version: CspVersion;
  readonly isSpoken: boolean;
}

/** Without a namespace the hint counts (the public identifier, the media type), and without one 1.2. */
export function findVersion(root: CspElement, hint?: CspVersion): VersionFound {
  const session = root.namespace ?? '';
  if (session === '') {
    const content = findContentNamespace(root);
    return {
      version: (content === undefined ? undefined : versionOf(content, 'transaction')) ?? hint ?? '1.2',
      isSpoken: true,
    };
  }
  const spoken = versionOf(session, 'session');
  if (spoken !== undefined) return { version: spoken, isSpoken: true };
  const nearest = cspVersions.find((version) => session.startsWith(namespaceFamilies[version].session));
  return { version: nearest ?? hint ?? '1.2', isSpoken: false };
}

function versionOf(namespace: string, part: keyof NamespaceFamily): CspVersion | undefined {
  return cspVersions.find((version) => namespaceOf(version, part) === namespace);
}

function findContentNamespace(root: CspElement): string | undefined {
  const session = childOf(root, 'Session');
  const transaction = session === undefined ? undefined : childOf(session, 'Transaction');
  return transaction === undefined ? undefined : childOf(transaction, 'TransactionContent')?.namespace;
}

const wbxmlType = /^application\/(?:vnd\.wv\.csp[.+]wbxml|vnd\.wap\.wbxml)$/;
const xmlType = /^(?:application\/(?:vnd\.wv\.csp[.+]xml|xml)|text\/xml)$/;

/** By a media type without parameters, in lower case; undefined for one that carries no CSP. */
export function syntaxOfMediaType(mediaType: string): CspSyntax | undefined {
  if (wbxmlType.test(mediaType)) return 'wbxml';
  return xmlType.test(mediaType) ? 'xml' : undefined;
}

/** As each version registered it. */
export function mediaTypeOf(version: CspVersion, syntax: CspSyntax): string {
  return `application/vnd.wv.csp${version === '1.3' ? '+' : '.'}${syntax}`;
}
