/** Whether a message was made by a program, as its headers say (RFC 3834 2 and 5), so that no other program answers it. */
import type { SipHeaders } from '../../../sip/message/sip-headers.ts';

export interface AutomaticOrigin {
  /** The keyword of Auto-Submitted, where it is not `no`; one that none should be counts as `auto-generated`. */
  readonly autoSubmitted?: string;
  /** For that reason, or because it went to a list. */
  readonly isAutomatic: boolean;
}

const listPrecedences = new Set(['list', 'bulk', 'junk']);

export function automaticOrigin(headers: SipHeaders): AutomaticOrigin {
  const submitted =
    headers
      .get('Auto-Submitted')
      ?.replace(/[;(].*/s, '')
      .trim()
      .toLowerCase() ?? 'no';
  if (submitted !== 'no' && submitted !== '') {
    return { autoSubmitted: /^auto-[a-z]+$/.test(submitted) ? submitted : 'auto-generated', isAutomatic: true };
  }
  const precedence = headers.get('Precedence')?.trim().toLowerCase() ?? '';
  return { isAutomatic: listPrecedences.has(precedence) || headers.has('List-Id') };
}
