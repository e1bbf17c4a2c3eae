/**
 * PUBLISH (RFC 3903) for presence: the request's words into a publication, the outcome into an answer. Nobody publishes for
 * somebody else; who asks was authenticated before.
 */
import { unreachable } from '../../../base/assert.ts';
import type { Clock } from '../../../base/time/clock.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { parseContentType } from '../../../formats/content-type.ts';
import { parsePidf, pidfBytesMax, pidfContentType } from '../../../formats/pidf.ts';
import type { Address } from '../../../model/address.ts';
import type { PresenceService } from '../../../presence/presence-service.ts';
import type { PublishedContent } from '../../../presence/publication/publication-state.ts';
import type { PublishOutcome } from '../../../presence/publication/publisher.ts';
import { parseDeltaSeconds, parseEvent, parseTokenList } from '../../../sip/message/header-values.ts';
import type { SipRequest } from '../../../sip/message/sip-message.ts';
import type { Identity } from '../identity.ts';
import { principalAddressOf } from '../principal-address.ts';
import { accept, refuse, type SipAnswer } from '../sip-answer.ts';

const eventPackage = 'presence';

const supported = [
  ['Accept', pidfContentType],
  ['Accept-Encoding', 'identity'],
] as const;
/** The second is a part of the first. */
const charsets: ReadonlySet<string> = new Set(['utf-8', 'us-ascii']);

export class PublishEndpoint {
  readonly #presence: PresenceService;
  readonly #clock: Clock;
  readonly #serves: (address: Address) => boolean | Promise<boolean>;

  constructor(presence: PresenceService, clock: Clock, serves: (address: Address) => boolean | Promise<boolean>) {
    this.#presence = presence;
    this.#clock = clock;
    this.#serves = serves;
  }

  /** Checks in the order of RFC 3903 6. */
  answer(request: SipRequest, identity: Identity): SipAnswer | Promise<SipAnswer> {
    const presentity = principalAddressOf(request.uri);
    const isServed = presentity !== undefined && this.#serves(presentity);
    if (isServed === false) return refuse(404, 'no such presentity');
    if (isServed === true) return this.#take(request, presentity, identity);
    return isServed.then((known) =>
      known ? this.#take(request, presentity, identity) : refuse(404, 'no such presentity'),
    );
  }

  #take(request: SipRequest, presentity: Address, identity: Identity): SipAnswer | Promise<SipAnswer> {
    if (presentity !== identity.principal) return refuse(403, 'nobody publishes for somebody else');
    if (!isForPresence(request)) return refuse(489, 'Event is not presence', [['Allow-Events', eventPackage]]);
    const tag = entityTagOf(request);
    if (!tag.ok) return tag.error;
    const expires = request.headers.get('Expires');
    const seconds = expires === undefined ? undefined : parseDeltaSeconds(expires);
    if (expires !== undefined && seconds === undefined) return refuse(400, `Expires is not a number: ${expires}`);
    const wish = {
      ...(tag.value === undefined ? {} : { entityTag: tag.value }),
      ...(seconds === undefined ? {} : { expires: seconds }),
    };
    const isRemoval = tag.value !== undefined && seconds === 0;
    const content = isRemoval ? ok(undefined) : this.#contentOf(request, presentity);
    if (!content.ok) {
      const refusal = this.#presence.refuseUnread(presentity, wish);
      return refusal === undefined ? content.error : answerOutcome(refusal);
    }
    const publication = content.value === undefined ? {} : { content: content.value };
    return this.#presence
      .publish({ presentity, publisher: identity.principal, ...wish, ...publication })
      .then(answerOutcome);
  }

  #contentOf({ headers, body }: SipRequest, presentity: Address): Result<PublishedContent | undefined, SipAnswer> {
    if (body.length === 0) return ok(undefined);
    const encoding = headers.get('Content-Encoding')?.toLowerCase() ?? 'identity';
    const type = parseContentType(headers.get('Content-Type') ?? '');
    if (type?.type !== pidfContentType || encoding !== 'identity') {
      return err(refuse(415, 'presence is published as application/pidf+xml', supported));
    }
    const charset = type.parameters.get('charset')?.toLowerCase() ?? 'utf-8';
    if (!charsets.has(charset)) return err(refuse(415, 'presence is read in no charset but UTF-8', supported));
    if (body.length > pidfBytesMax) return err(refuse(413, `a presence document has at most ${pidfBytesMax} bytes`));
    // Its own copy, which is what is passed on: so it is read once.
    const document = new Uint8Array(body);
    const parsed = parsePidf(document, this.#clock.wall());
    if (!parsed.ok) return err(refuse(400, `malformed presence document: ${parsed.error}`));
    const { entity, presentity: named, state } = parsed.value;
    if (entity !== undefined && named !== presentity) return err(refuse(403, 'the document is of somebody else'));
    return ok({ state, document });
  }
}

function isForPresence(request: SipRequest): boolean {
  const text = request.headers.get('Event');
  const event = text === undefined ? undefined : parseEvent(text);
  return event?.ok === true && event.value.type.toLowerCase() === eventPackage;
}

function entityTagOf({ headers }: SipRequest): Result<string | undefined, SipAnswer> {
  if (!headers.has('SIP-If-Match')) return ok(undefined);
  const tags = parseTokenList(headers.values('SIP-If-Match'));
  if (!tags.ok) return err(refuse(400, 'SIP-If-Match is not a token'));
  const [tag] = tags.value;
  return tags.value.length === 1 ? ok(tag) : err(refuse(400, 'SIP-If-Match names one tag'));
}

function answerOutcome(outcome: PublishOutcome): SipAnswer {
  switch (outcome.kind) {
    case 'published':
      return accept([
        ['SIP-ETag', outcome.entityTag],
        ['Expires', String(outcome.expires)],
      ]);
    case 'not-allowed':
      return refuse(403, 'nobody publishes for somebody else');
    case 'unknown-tag':
      return refuse(412, 'no publication with this tag');
    case 'too-brief':
      return refuse(423, 'too short a time', [['Min-Expires', String(outcome.minExpires)]]);
    case 'no-content':
      return refuse(400, 'a new publication needs a document');
    case 'too-many':
      return refuse(503, 'too many publications', [['Retry-After', '60']]);
    case 'too-fast':
      return refuse(503, 'too many publications at once', [['Retry-After', '1']]);
    case 'store-unavailable':
      return refuse(503, 'the store cannot commit', [['Retry-After', String(outcome.retryAfter)]]);
    default:
      return unreachable(outcome);
  }
}
