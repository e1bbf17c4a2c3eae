/**
 * Where `Deliver-When` and its option tag may stand (contract section 6), whatever the method. What the condition says is
 * for whoever reads the message.
 */
import { parseTokenList } from '../../sip/message/header-values.ts';
import type { SipRequest } from '../../sip/message/sip-message.ts';
import { refuse, type SipAnswer } from './sip-answer.ts';

export const deliverWhenTag = 'deliver-when';

/** 420 for a client that insists on what is switched off, 400 for a condition where nothing is delivered. */
export function refuseCondition(request: SipRequest, isConditional: boolean): SipAnswer | undefined {
  if (!isConditional && isRequired(request)) {
    return refuse(420, 'conditional delivery is not supported', [['Unsupported', deliverWhenTag]]);
  }
  // What an INVITE means is known to whoever takes it.
  if (request.method === 'MESSAGE' || request.method === 'INVITE' || !request.headers.has('Deliver-When'))
    return undefined;
  return refuse(400, `Deliver-When has no meaning in ${request.method}`);
}

function isRequired({ headers }: SipRequest): boolean {
  const tags = parseTokenList([...headers.getAll('Require'), ...headers.getAll('Proxy-Require')]);
  return tags.ok && tags.value.some((tag) => tag.toLowerCase() === deliverWhenTag);
}
