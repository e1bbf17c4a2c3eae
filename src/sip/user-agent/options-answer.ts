/** The answer to OPTIONS (RFC 3261 11.2): what this server can do. What that is comes in as values. */
import type { HeaderRow } from '../message/sip-headers.ts';
import type { SipUri } from '../message/sip-uri.ts';
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
  /** Whether there is such a user or domain here; else 404, as an INVITE would get. */
  readonly isServed: (uri: SipUri) => boolean;
  /** Whether the To tag belongs to a dialog; else 481. */
  readonly hasDialog: (callId: string, localTag: string, remoteTag: string | undefined) => boolean;
}

export function answerOptions(answer: OptionsAnswer): RequestHandler {
  return (context) => {
    const { request } = context;
    const { tag } = request.to;
    if (tag !== undefined && !answer.hasDialog(request.callId, tag, request.from.tag)) {
      context.respond(481);
      return;
    }
    if (!answer.isServed(request.uri)) {
      context.respond(404);
      return;
    }
    context.respond(200, { headers: [...capabilityRows(answer), ...answer.more] });
  };
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
