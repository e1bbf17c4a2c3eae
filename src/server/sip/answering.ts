/** From a handler's answer to the response: credentials come first, a store that fails is 503, and a promise may not be lost. */
import { StoreFault } from '../../base/store-fault.ts';
import type { Identification, Identifier, Identity } from '../../endpoints/sip/identity.ts';
import { refuse, type SipAnswer } from '../../endpoints/sip/sip-answer.ts';
import { buildResponse } from '../../sip/message/build-response.ts';
import { SipHeaders } from '../../sip/message/sip-headers.ts';
import type { RequestContext } from '../../sip/user-agent/request-context.ts';

/** Seconds after which a client may try again where the store is in the way. */
const storeRetryAfterSeconds = 10;

/** Undefined: it answers by itself. */
export type Answering = (
  context: RequestContext,
  identity: Identity,
) => SipAnswer | undefined | Promise<SipAnswer | undefined>;

/** Nothing is awaited that is known at once: a refresh is answered within the turn that read it. */
export function answerIdentified(
  context: RequestContext,
  identifier: Identifier,
  handle: Answering,
): Promise<void> | undefined {
  const identified = identifier.identify(context.request, context.flow);
  if (!(identified instanceof Promise)) return answerFound(context, identified, handle);
  return identified
    .then((found) => answerFound(context, found, handle))
    .catch((fault: unknown) => refuseFault(context, fault));
}

function answerFound(context: RequestContext, found: Identification, handle: Answering): Promise<void> | undefined {
  if (!found.ok) return respond(context, found.error);
  context.transaction.isForgotten = false;
  const answer = handle(context, found.value);
  if (answer === undefined) return undefined;
  if (!(answer instanceof Promise)) return respond(context, answer);
  return answer.then(
    (later) => (later === undefined ? undefined : respond(context, later)),
    (fault: unknown) => refuseFault(context, fault),
  );
}

/** A store that cannot be read is as one that cannot commit (contract section 5); anything else is our own fault. */
export function refuseFault(context: RequestContext, fault: unknown): void {
  if (!(fault instanceof StoreFault) || context.transaction.isAnswered) throw fault;
  respond(context, refuse(503, 'the store cannot commit', [['Retry-After', String(storeRetryAfterSeconds)]]));
}

export function respond(context: RequestContext, answer: SipAnswer): undefined {
  if (answer.toTag === undefined) {
    context.respond(answer.status, answer);
    return undefined;
  }
  // The notifier made the dialog, so the tag is its own.
  const { transaction, request } = context;
  const { status, toTag, headers } = answer;
  transaction.respond(buildResponse(request, status, answer.reason, { toTag, headers: new SipHeaders(headers) }));
  return undefined;
}
