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
import type { Primitive } from '../../imps/primitives/primitive.ts';
import { makeStatus } from '../../imps/primitives/results.ts';
import { formatCir } from '../../imps/session/cir-connection.ts';
import { isPreparing } from '../../imps/session/negotiation.ts';
import type { RequestOutput } from '../../imps/session/session-events.ts';
import type { Address } from '../../model/address.ts';
import type { WatcherSource } from '../../presence/watchers/watcher.ts';
import type { ImpsSurroundings } from './imps-surroundings.ts';
import { CallChannel } from './calling/call-channel.ts';
import { Services } from './services/services.ts';
import { LiveSession, type SessionAnswer, type SessionResponse } from './session/live-session.ts';
import type { SessionDetails } from './session/session-details.ts';
import { SessionTable } from './session/session-table.ts';
import { LogIns } from './log-ins.ts';

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

const runBits = 24;
/** What is kept changes with these. */
const keeping: ReadonlySet<string> = new Set([
  'Service-Request',
  'ClientCapability-Request',
  'KeepAlive-Request',
  'SetDeliveryMethod-Request',
  'SubscribePresence-Request',
  'UnsubscribePresence-Request',
]);

export class ImpsEndpoint {
  /** Over connections of their own. */
  readonly calls: CallChannel;
  readonly #surroundings: ImpsSurroundings;
  readonly #sessions: SessionTable;
  readonly #logIns: LogIns;
  readonly #services: Services;
  /** Of this run: before the ids of the server's transactions. */
  readonly #run: string;
  #kept: readonly SessionDetails[] = [];

  constructor(surroundings: ImpsSurroundings) {
    this.#surroundings = surroundings;
    const { sessions: store, hasher, log } = surroundings;
    this.#sessions = new SessionTable({ store, hasher, log });
    this.#logIns = new LogIns(surroundings, this.#sessions, (details) => this.#beginNew(details));
    const { clock, timers, counters, callConnectionsMax: connectionsMax } = surroundings;
    const sessionOf = (id: string): LiveSession | undefined => this.#sessions.find(id);
    this.calls = new CallChannel({ clock, timers, counters, connectionsMax, sessionOf });
    this.#services = new Services(surroundings, {
      of: (owner) => this.#sessions.of(owner),
      keep: (session) => this.#keep(session),
    });
    this.#run = `${surroundings.ids.randomToken(runBits)}-`;
    counters.gauge('restante_imps_sessions', () => this.#sessions.size);
    surroundings.delivery.reports.use('imps', { made: (owner) => void this.#services.reports.tell(owner) });
  }

  /** Who watches whom over this protocol. */
  get watchers(): WatcherSource {
    return this.#services.watching;
  }

  /** Reads what the last run left open. Rejects with `StoreFault`. */
  async load(): Promise<void> {
    this.#kept = await this.#sessions.kept();
  }

  /** Whoever was there before is there again; their time begins anew, since nobody could be reached meanwhile. */
  async open(): Promise<void> {
    const kept = this.#kept;
    this.#kept = [];
    for (const details of kept) {
      const session = this.#begin(details);
      this.#services.restored(session);
      this.#deliverTo(session);
    }
    for (const session of this.#sessions.all()) this.#askAbout(session);
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

  /** What a client reads at the URL of its session: a call where something waits; undefined where there is no session. */
  callAt(name: string): { readonly text?: string } | undefined {
    const session = this.#sessions.ofTarget(name);
    if (session === undefined) return undefined;
    if (!session.isWaiting) return {};
    this.#surroundings.counters.add('restante_imps_calls_total{by="http"}');
    return { text: formatCir(session.version, session.cookie) };
  }

  /** Of the open sessions of somebody, as delivery knows them; the newest first. */
  targetsOf(owner: Address): readonly string[] {
    return this.#sessions.of(owner).flatMap(({ targetIds }) => targetIds);
  }

  presenceChanged(presentity: Address): void {
    this.#services.presenceChanged(presentity);
  }

  /** Somebody asks to watch and was told to wait. */
  watcherAsks(owner: Address, watcher: Address): void {
    for (const session of this.#sessions.of(owner)) this.#services.askForWatcher(session, watcher);
  }

  /** The account is gone, or its password changed: whoever is logged in has to log in again. */
  endOf(owner: Address): void {
    this.#logIns.endOf(owner);
    for (const session of this.#sessions.of(owner)) session.disconnect(601);
  }

  /** The sessions stay, for the next run. */
  stop(): void {
    for (const session of this.#sessions.all()) session.suspend();
    this.calls.stop();
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
    const isReady = transactions.some(({ name }) => !isPreparing(name));
    if (isReady && session.terms.method === undefined) session.agree({ method: 'P' });
    if (transactions.some(({ hasExtension }) => hasExtension)) await this.#noteExtensions(session);
    const response = await session.message(form, transactions);
    const isMissing = session.missesConnection(this.calls.isConnected(session.id));
    return respond(form, { ...response, ...(isMissing ? { cir: false } : {}) }, sessionId);
  }

  /** What may be asked without a session. */
  async #answerOutside(
    { primitive, hasExtension }: IncomingTransaction,
    form: Form,
    source: string,
  ): Promise<Primitive> {
    if (!primitive.ok) return makeStatus(primitive.error.code, primitive.error.words);
    const { name, value } = primitive.value;
    if (name === 'Login-Request') return this.#logIns.answer(value, { version: form.version, hasExtension }, source);
    if (name !== 'GetSPInfo-Request') return makeStatus(604);
    return { name: 'GetSPInfo-Response', value: { ...value, name: 'Restante' } };
  }

  /** Its client is told what waits, reports before messages. */
  async #beginNew(details: SessionDetails): Promise<void> {
    const session = this.#begin(details);
    session.noteHeard();
    this.#deliverTo(session);
    this.#askAbout(session);
  }

  /** Whoever waits for a decision. */
  #askAbout(session: LiveSession): void {
    const { watchers } = this.#surroundings;
    for (const watcher of watchers.pendingFor(session.owner)) this.#services.askForWatcher(session, watcher);
  }

  async #keep(session: LiveSession): Promise<void> {
    if (session.isOpen) await this.#guarded(() => this.#sessions.keep(session.details));
  }

  #begin(details: SessionDetails): LiveSession {
    const session = new LiveSession(details, this.#run, this.#surroundings, {
      serve: (asking, asked) => this.#serve(asking, asked),
      called: (called) => this.calls.call(called),
      ended: (ended, why) => {
        this.#sessions.ended(ended, why);
        this.calls.sessionEnded(ended.id);
        this.#services.watching.ended(ended);
      },
    });
    this.#sessions.add(session);
    return session;
  }

  /** It is there at once, and has the reports that wait before the messages. */
  #deliverTo(session: LiveSession): void {
    session.takeMessages();
    void this.#services.reports.tell(session.owner).then(() => session.reportsOffered());
  }

  async #noteExtensions(session: LiveSession): Promise<void> {
    if (session.terms.knowsExtensions) return;
    session.agree({ knowsExtensions: true });
    await this.#guarded(() => this.#sessions.keep(session.details));
  }

  async #serve(session: LiveSession, request: RequestOutput): Promise<SessionAnswer> {
    const answer = await this.#guarded(async () => {
      const served = await this.#services.serve(session, request);
      // Durable before it is answered, like everything that is promised.
      if (keeping.has(request.primitive.name) && session.isOpen) await this.#sessions.keep(session.details);
      return served;
    });
    return answer ?? { primitive: makeStatus(503) };
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

function respond(
  { syntax, version, mediaType }: Form,
  response: SessionResponse & { readonly cir?: false },
  sessionId?: string,
): ImpsResponse {
  const { transactions, poll, cir } = response;
  // A plain XML type says nothing of the CSP, and is answered as it was asked.
  const type = mediaType.includes('wv.csp') ? mediaType : syntax === 'xml' ? mediaType : mediaTypeOf(version, syntax);
  if (transactions.length === 0) return { mediaType: type, body: new Uint8Array() };
  const message = {
    version,
    transactions,
    poll,
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(cir === undefined ? {} : { cir }),
  };
  return { mediaType: type, body: formatCspDocument(formatCspMessage(message), syntax, version) };
}

function refuseAll(message: IncomingMessage | undefined, refusal: Primitive): SessionResponse {
  const ids = message?.transactions.map(({ id }) => id) ?? [''];
  return { transactions: ids.map((id) => answerTo(id, refusal)), poll: false };
}

function answerTo(id: string, primitive: Primitive): OutgoingTransaction {
  return { mode: 'Response', id, primitive };
}
