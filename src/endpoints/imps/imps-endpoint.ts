/**
 * CSP over HTTP: octets and a media type in, octets and a media type out. Every fault of a client is a Status; a document that
 * cannot be read, a version that is not spoken, a session that is not there too.
 */
import { StoreFault } from '../../base/store-fault.ts';
import { formatCspDocument, parseCspDocument } from '../../imps/csp-document.ts';
import { cspLimits } from '../../imps/csp-element.ts';
import { type CspSyntax, type CspVersion, mediaTypeOf, syntaxOfMediaType } from '../../imps/csp-version.ts';
import {
  formatCspMessage,
  type IncomingMessage,
  type IncomingTransaction,
  type OutgoingTransaction,
  parseCspMessage,
} from '../../imps/message/csp-message.ts';
import { type Primitive, type PrimitiveName } from '../../imps/primitives/primitive.ts';
import { makeResult, makeStatus } from '../../imps/primitives/results.ts';
import { clientKey, type LoginRequest } from '../../imps/session/login.ts';
import { grantKeepAlive } from '../../imps/session/session-limits.ts';
import type { SessionEnd, RequestOutput } from '../../imps/session/session-events.ts';
import type { Address } from '../../model/address.ts';
import type { Watcher } from '../../presence/watchers/watcher.ts';
import type { ImpsSurroundings } from './imps-surroundings.ts';
import { Authorisation } from './services/authorisation.ts';
import { Messaging } from './services/messaging.ts';
import { negotiationHandlers } from './services/negotiation.ts';
import { People } from './services/people.ts';
import { SenderReports } from './services/reports.ts';
import type { Handlers, ServiceRequest } from './services/service.ts';
import { Watching } from './services/watching.ts';
import { LiveSession, type SessionResponse } from './session/live-session.ts';
import { sessionsPerPrincipalMax, SessionTable } from './session/session-table.ts';
import { userIdOf } from './words/user-ids.ts';
import { SignIn } from './sign-in.ts';

export interface ImpsRequest {
  /** As the client named it, without parameters, in lower case. */
  readonly mediaType: string;
  readonly body: Uint8Array;
  /** The address that it came from, for the guessing of passwords. */
  readonly source: string;
}

export interface ImpsResponse {
  readonly mediaType: string;
  /** Empty: there is nothing to say. */
  readonly body: Uint8Array;
}

/** How a request was written, which is how it is answered. */
interface Form {
  readonly syntax: CspSyntax;
  readonly version: CspVersion;
  readonly mediaType: string;
}

/** Bits of randomness; 26 characters. */
const sessionIdBits = 128;
/** Requests of a client before which nothing is sent to it. */
const preparing: ReadonlySet<string> = new Set(['ClientCapability-Request', 'Service-Request', 'KeepAlive-Request']);

export class ImpsEndpoint {
  readonly #surroundings: ImpsSurroundings;
  readonly #sessions = new SessionTable();
  readonly #signIn: SignIn;
  readonly #watching: Watching;
  readonly #reports: SenderReports;
  readonly #handlers: Handlers;

  constructor(surroundings: ImpsSurroundings) {
    this.#surroundings = surroundings;
    this.#signIn = new SignIn(surroundings);
    this.#watching = new Watching(surroundings, (presentity, watcher) => this.watcherAsks(presentity, watcher));
    this.#reports = new SenderReports(surroundings, (owner) => this.#sessions.of(owner));
    const isAnswered = (name: PrimitiveName): boolean => this.#handlers[name] !== undefined;
    this.#handlers = {
      ...negotiationHandlers(surroundings, isAnswered),
      ...new Messaging(surroundings, (owner) => this.targetsOf(owner)).handlers,
      ...new People(surroundings, this.#watching).handlers,
      ...new Authorisation(surroundings).handlers,
    };
    surroundings.counters.gauge('restante_imps_sessions', () => this.#sessions.size);
    surroundings.delivery.reports.use('imps', { made: (owner) => this.#reports.tell(owner) });
  }

  /** Undefined for a media type that carries no CSP. */
  async answer({ mediaType, body, source }: ImpsRequest): Promise<ImpsResponse | undefined> {
    const syntax = syntaxOfMediaType(mediaType);
    if (syntax === undefined) return undefined;
    const hint: CspVersion = mediaType.includes('csp+') ? '1.3' : '1.2';
    const document = parseCspDocument(body, syntax, cspLimits, hint);
    if (!document.ok) {
      const { kind, words } = document.error;
      const refusal = makeStatus(kind === 'too-large' ? 402 : 400, words);
      return respond({ syntax, version: hint, mediaType }, { transactions: [answerTo('', refusal)], poll: false });
    }
    const { root, version, isSpoken } = document.value;
    const form: Form = { syntax, version, mediaType };
    const message = parseCspMessage(root, version);
    if (!isSpoken) return respond(form, refuseAll(message.ok ? message.value : undefined, makeStatus(505)));
    if (!message.ok) return respond(form, refuseAll(undefined, makeStatus(message.error.code, message.error.words)));
    return this.#answerMessage(message.value, form, source);
  }

  /** Of the open sessions of somebody, as delivery knows them; the newest first. */
  targetsOf(owner: Address): readonly string[] {
    return this.#sessions.of(owner).flatMap(({ targetId }) => targetId ?? []);
  }

  /** Those who are told of somebody's presence here, or wait to be. */
  watchersOf(owner: Address): readonly Watcher[] {
    return this.#watching.watchersOf(owner);
  }

  /** Somebody asks to see somebody's presence, over whatever protocol, and waits for a decision. */
  watcherAsks(owner: Address, watcher: Address): void {
    for (const session of this.#sessions.of(owner)) ask(session, watcher);
  }

  presenceChanged(presentity: Address): void {
    this.#watching.presenceChanged(presentity);
  }

  /** The account is gone, or its password changed: whoever is logged in has to log in again. */
  endOf(owner: Address): void {
    for (const session of this.#sessions.of(owner)) session.disconnect(601);
  }

  stop(): void {
    for (const session of this.#sessions.all()) session.disconnect(601);
  }

  async #answerMessage(message: IncomingMessage, form: Form, source: string): Promise<ImpsResponse> {
    const { sessionId, transactions } = message;
    if (sessionId === undefined) {
      const answers: OutgoingTransaction[] = [];
      for (const transaction of transactions) {
        answers.push(answerTo(transaction.id, await this.#answerOutside(transaction, form, source)));
      }
      return respond(form, { transactions: answers, poll: false });
    }
    const session = this.#sessions.find(sessionId);
    if (session === undefined) return respond(form, refuseAll(message, makeStatus(this.#sessions.codeFor(sessionId))));
    const isReady = transactions.some(({ name }) => !preparing.has(name));
    if (isReady && !session.hasChosenStyle) session.takeMessages('push', session.taking());
    return respond(form, await session.message(form.version, transactions), sessionId);
  }

  /** What may be asked without a session. */
  async #answerOutside(
    { primitive, hasExtension }: IncomingTransaction,
    form: Form,
    source: string,
  ): Promise<Primitive> {
    if (!primitive.ok) return makeStatus(primitive.error.code, primitive.error.words);
    const { name, value } = primitive.value;
    if (name === 'Login-Request') return this.#logIn(value, { ...form, hasExtension }, source);
    if (name !== 'GetSPInfo-Request') return makeStatus(604);
    return { name: 'GetSPInfo-Response', value: { ...value, name: 'Restante' } };
  }

  async #logIn(
    request: LoginRequest,
    form: Form & { readonly hasExtension: boolean },
    source: string,
  ): Promise<Primitive> {
    const outcome = await this.#guarded(() => this.#signIn.check(request, source));
    const known = request.clientId === undefined ? {} : { clientId: request.clientId };
    if (outcome === undefined || outcome.kind === 'refused') {
      return { name: 'Login-Response', value: { ...known, result: makeResult(outcome?.code ?? 503) } };
    }
    const owner = outcome.address;
    const key = clientKey(request.clientId);
    for (const other of this.#sessions.of(owner)) if (other.clientKey === key) other.disconnect(601);
    if (this.#sessions.of(owner).length >= sessionsPerPrincipalMax) {
      return { name: 'Login-Response', value: { ...known, result: makeResult(503, 'Too many sessions') } };
    }
    const keepAliveS = grantKeepAlive(request.timeToLive);
    const id = this.#surroundings.ids.randomToken(sessionIdBits);
    const { version, syntax, hasExtension: knowsExtensions } = form;
    const plan = { id, owner, clientKey: key, version, syntax, keepAliveS, knowsExtensions };
    const session = new LiveSession(plan, this.#surroundings, {
      serve: (asking, asked) => this.#serve(asking, asked),
      ended: (ended, why) => this.#ended(ended, why),
    });
    this.#sessions.add(session);
    this.#reports.tell(owner);
    for (const watcher of this.#surroundings.watchers.pendingFor(owner)) ask(session, watcher);
    const result = makeResult(200, 'Successfully logged in.');
    const value = { ...known, result, sessionId: id, keepAliveTime: keepAliveS, capabilityRequest: true };
    return { name: 'Login-Response', value };
  }

  async #serve(session: LiveSession, { primitive, extension }: RequestOutput): Promise<Primitive> {
    const { name, value } = primitive;
    const handler = this.#handlers[name] as ((request: unknown) => Primitive | Promise<Primitive>) | undefined;
    if (handler === undefined) return makeStatus(405, `${name} is not offered`);
    const request = { session, value, extension } satisfies Pick<
      ServiceRequest<PrimitiveName>,
      'session' | 'extension'
    > & {
      value: unknown;
    };
    return (await this.#guarded(async () => handler(request))) ?? makeStatus(503);
  }

  #ended(session: LiveSession, why: SessionEnd): void {
    this.#sessions.ended(session, why);
    this.#watching.ended(session);
  }

  /** Undefined where the store cannot answer. */
  async #guarded<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      return undefined;
    }
  }
}

/** Reactive authorisation is gone in 1.3. */
function ask(session: LiveSession, watcher: Address): void {
  if (session.version === '1.3' || !session.uses('PresenceAuth-User')) return;
  const value = { userId: userIdOf(watcher) };
  session.offer({ name: 'PresenceAuth-Request', value }, { replaces: `authorisation ${watcher}` });
}

function respond({ syntax, version, mediaType }: Form, response: SessionResponse, sessionId?: string): ImpsResponse {
  const { transactions, poll } = response;
  // A plain XML type says nothing of the CSP, and is answered as it was asked.
  const type = mediaType.includes('wv.csp') ? mediaType : syntax === 'xml' ? mediaType : mediaTypeOf(version, syntax);
  if (transactions.length === 0) return { mediaType: type, body: new Uint8Array() };
  const message = { version, transactions, poll, ...(sessionId === undefined ? {} : { sessionId }) };
  return { mediaType: type, body: formatCspDocument(formatCspMessage(message), syntax, version) };
}

function refuseAll(message: IncomingMessage | undefined, refusal: Primitive): SessionResponse {
  const ids = message?.transactions.map(({ id }) => id) ?? [''];
  return { transactions: ids.map((id) => answerTo(id, refusal)), poll: false };
}

function answerTo(id: string, primitive: Primitive): OutgoingTransaction {
  return { mode: 'Response', id, primitive };
}
