/** Everything that a request of a session may be answered by, put together; what is not here is not offered. */
import type { PrimitiveName } from '../../../imps/primitives/primitive.ts';
import { makeStatus } from '../../../imps/primitives/results.ts';
import type { RequestOutput } from '../../../imps/session/session-events.ts';
import type { Address } from '../../../model/address.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import { AttributeLists } from '../lists/attribute-lists.ts';
import { Authorisation, type OpenSessions } from '../lists/authorisation.ts';
import { ContactBook } from '../lists/contact-book.ts';
import { ContactLists } from '../lists/contact-lists.ts';
import type { LiveSession, SessionAnswer } from '../session/live-session.ts';
import { hasAgreed } from '../session/session-details.ts';
import { Blocking } from './blocking.ts';
import { Collecting } from './collecting.ts';
import { negotiationHandlers } from './negotiation.ts';
import { People } from './people.ts';
import { SenderReports } from './reports.ts';
import { SendingMessages } from './sending.ts';
import type { Handlers, ServiceAnswer, ServiceRequest } from './service.ts';
import { Watching } from './watching.ts';

export class Services {
  readonly watching: Watching;
  readonly reports: SenderReports;
  readonly #authorisation: Authorisation;
  readonly #handlers: Handlers;
  readonly #isAnswered: (name: PrimitiveName) => boolean;

  constructor(surroundings: ImpsSurroundings, sessions: OpenSessions) {
    const { presence, settings, documents } = surroundings;
    const sessionsOf = (owner: Address): readonly LiveSession[] => sessions.of(owner);
    const contacts = new ContactBook(documents);
    this.watching = new Watching(surroundings);
    this.#authorisation = new Authorisation(surroundings, sessions);
    this.reports = new SenderReports(surroundings, sessionsOf);
    const people = new People(surroundings, this.watching, contacts);
    contacts.onChanged(async (owner, change) => {
      for (const session of sessionsOf(owner)) {
        if (await people.listChanged(session, change)) await sessions.keep(session);
      }
    });
    this.#isAnswered = (name) => this.#handlers[name] !== undefined && (settings.isStoreOffline || !fetching.has(name));
    this.#handlers = {
      ...negotiationHandlers(surroundings, this.#isAnswered),
      ...new SendingMessages(surroundings, contacts, (owner) => sessionsOf(owner).flatMap(({ targetIds }) => targetIds))
        .handlers,
      ...new Collecting(surroundings).handlers,
      ...people.handlers,
      ...new Blocking(surroundings).handlers,
      ...new ContactLists(contacts, settings.domains).handlers,
      ...new AttributeLists(presence, contacts, settings.domains).handlers,
      ...this.#authorisation.handlers,
    };
  }

  /** Rejects only as the stores do. */
  async serve(session: LiveSession, { id, primitive, extension }: RequestOutput): Promise<SessionAnswer> {
    const { name, value } = primitive;
    const handler = this.#handlers[name] as Handler | undefined;
    if (handler === undefined || !this.#isAnswered(name))
      return { primitive: makeStatus(405, `${name} is not offered`) };
    const answer = await handler({ session, id, value, extension });
    return 'primitive' in answer ? answer : { primitive: answer };
  }

  /** Its owner is asked whether somebody may watch. */
  askForWatcher(session: LiveSession, watcher: Address): void {
    // Reactive authorisation is gone in 1.3.
    if (session.version === '1.3' || !hasAgreed(session.terms, 'REACT')) return;
    this.#authorisation.ask(session, watcher, this.watching.askedBy(watcher, session.owner));
  }

  /** A session of an earlier run goes on. */
  restored(session: LiveSession): void {
    this.#authorisation.restored(session);
    for (const user of session.details.watched) this.watching.add(session, user);
  }

  /** Somebody's presence is another, or who may see it. */
  presenceChanged(presentity: Address): void {
    this.#authorisation.rulesChanged(presentity);
    this.watching.presenceChanged(presentity);
  }
}

/** Worth asking only where something is kept. */
const fetching: ReadonlySet<PrimitiveName> = new Set([
  'GetMessageList-Request',
  'GetMessage-Request',
  'RejectMessage-Request',
  'ForwardMessage-Request',
]);

type Handler = (
  request: Omit<ServiceRequest<PrimitiveName>, 'value'> & { readonly value: unknown },
) => ServiceAnswer | Promise<ServiceAnswer>;
