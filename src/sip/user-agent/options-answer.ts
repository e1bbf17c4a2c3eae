/** The answer to OPTIONS (RFC 3261 11.2): what this server can do. What that is comes in as values. */
import type { HeaderRow } from '../message/sip-headers.ts';
import type { SipRequest } from '../message/sip-message.ts';
import type { SipUri } from '../message/sip-uri.ts';
import type { Refusal } from './request-checks.ts';
import type { RequestContext } from './request-context.ts';
import type { RequestHandler } from './server-core.ts';

export interface OptionsAnswer {
  readonly allow: () => string;
  /** Media types. */
  readonly accept: readonly string[];
  readonly acceptLanguage: readonly string[];
  /** Option tags. */
  readonly supported: readonly string[];
  /** Event packages. */
  readonly allowEvents: readonly string[];
  /** Such as Feature-Caps. */
  readonly more: readonly HeaderRow[];
  /** What an INVITE would get too where there is no such user or domain here (RFC 3261 11.2); undefined where there is. */
  readonly findAbsence: (uri: SipUri) => Refusal | undefined | Promise<Refusal | undefined>;
  /** Whether a request with a To tag belongs to a dialog; else 481. */
  readonly hasDialog: (request: SipRequest) => boolean;
}

export function answerOptions(answer: OptionsAnswer): RequestHandler {
  return (context) => {
    const { request } = context;
    if (request.to.tag !== undefined && !answer.hasDialog(request)) {
      context.respond(481, { warning: 'no such dialog' });
      return undefined;
    }
    const absence = answer.findAbsence(request.uri);
    if (!(absence instanceof Promise)) return respond(context, absence, answer);
    return absence.then((found) => respond(context, found, answer));
  };
}

function respond(context: RequestContext, absence: Refusal | undefined, answer: OptionsAnswer): undefined {
  if (absence === undefined) context.respond(200, { headers: [...capabilityRows(answer), ...answer.more] });
  else context.respond(absence.status, absence);
  return undefined;
}

function capabilityRows(answer: OptionsAnswer): HeaderRow[] {
  const rows: HeaderRow[] = [
    ['Allow', answer.allow()],
    ['Accept', answer.accept.join(', ')],
    ['Accept-Encoding', 'identity'],
    ['Accept-Language', answer.acceptLanguage.join(', ')],
    ['Supported', answer.supported.join(', ')],
  ];
  if (answer.allowEvents.length > 0) rows.push(['Allow-Events', answer.allowEvents.join(', ')]);
  return rows;
}
