/** Namespaces of presence authorisation documents, and which attribute each permission is about (RFC 5025 3.3.2). */
import { knownAttributes, type AttributeName } from '../../model/presence-state.ts';

export const commonPolicyNamespace = 'urn:ietf:params:xml:ns:common-policy';
export const presRulesNamespace = 'urn:ietf:params:xml:ns:pres-rules';
export const presRulesContentType = 'application/auth-policy+xml';
/** Conditions on lists and on who is named by no other rule (OMA XDM); they are refused. */
export const omaPolicyNamespace = 'urn:oma:xml:xdm:common-policy';
/** Permissions of OMA for elements of its own. */
export const omaRulesNamespace = 'urn:oma:xml:prs:pres-rules';

/** Permissions that are true or false, for attributes of the person. */
export const personPermissions: ReadonlyMap<string, AttributeName> = new Map([
  ['provide-activities', 'activity'],
  ['provide-class', 'class'],
  ['provide-mood', 'mood'],
  ['provide-place-is', 'place-is'],
  ['provide-place-type', 'place-type'],
  ['provide-privacy', 'privacy'],
  ['provide-relationship', 'relationship'],
  ['provide-sphere', 'sphere'],
  ['provide-status-icon', 'status-icon'],
  ['provide-time-offset', 'time-offset'],
  ['provide-note', 'status-text'],
]);

/** What comes with the one service that is shown: its status, and what follows from it. */
export const serviceAttributes: readonly AttributeName[] = ['online', 'availability'];

/** What `provide-all-attributes` adds to the service where not everything is provided. */
export const serviceDetails: readonly AttributeName[] = ['willingness', 'language', 'service-class'];

/** What it adds to the person. */
export const personDetails: readonly AttributeName[] = [...personPermissions.values(), 'user-input'];

/** Names that an attribute may have besides `x-NAME`; others come only with everything. */
export const namedAttributes: ReadonlySet<AttributeName> = new Set([
  ...knownAttributes,
  ...personDetails,
  ...serviceDetails,
]);

/** What the one service and the one person that are shown are called there. */
export const serviceOccurrence = 'im';
export const personOccurrence = 'person';

/** xs:ID (XML Schema part 2, 3.3.8). */
export function isRuleName(id: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}\p{M}._-]*$/u.test(id);
}
