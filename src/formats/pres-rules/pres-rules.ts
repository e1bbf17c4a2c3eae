/** The door to this folder: presence authorisation documents (RFC 4745, RFC 5025). */
export { mergePresRules } from './merge-pres-rules.ts';
export { commonPolicyNamespace, isRuleName, presRulesContentType, presRulesNamespace } from './names.ts';
export { parsePresRules } from './parse-pres-rules.ts';
