/**
 * A Login-Request from its check to an open session. A session is durable before its client hears of it, and none opens for an
 * account that went, or got another password, while it was checked.
 */
import { StoreFault } from '../../base/store-fault.ts';
import type { CspVersion } from '../../imps/csp-version.ts';
import type { Primitive } from '../../imps/primitives/primitive.ts';
import { makeResult } from '../../imps/primitives/results.ts';
import { clientKey, type LoginRequest } from '../../imps/session/login.ts';
import { grantKeepAlive } from '../../imps/session/session-limits.ts';
import type { StatusCode } from '../../imps/status-codes.ts';
import type { Address } from '../../model/address.ts';
import type { ImpsSurroundings } from './imps-surroundings.ts';
import { initialTerms, type SessionDetails, sessionIdBits } from './session/session-details.ts';
import type { SessionTable } from './session/session-table.ts';
import { SignIn } from './sign-in.ts';

export interface LogInForm {
  readonly version: CspVersion;
  readonly hasExtension: boolean;
}

const targetIdBits = 64;

export class LogIns {
  readonly #surroundings: ImpsSurroundings;
  readonly #sessions: SessionTable;
  readonly #signIn: SignIn;
  readonly #begin: (details: SessionDetails) => Promise<void>;
  /** For each login that is under way, whose sessions ended meanwhile. */
  readonly #underWay = new Set<Set<Address>>();

  /** `begin` opens the session, at once. */
  constructor(
    surroundings: ImpsSurroundings,
    sessions: SessionTable,
    begin: (details: SessionDetails) => Promise<void>,
  ) {
    this.#surroundings = surroundings;
    this.#sessions = sessions;
    this.#signIn = new SignIn(surroundings);
    this.#begin = begin;
  }

  /** What was checked of it before does not count any more. */
  endOf(owner: Address): void {
    for (const ended of this.#underWay) ended.add(owner);
  }

  async answer(request: LoginRequest, form: LogInForm, source: string): Promise<Primitive> {
    const ended = new Set<Address>();
    this.#underWay.add(ended);
    try {
      return await this.#answer(request, { form, source, ended });
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      return refusal(request, 503);
    } finally {
      this.#underWay.delete(ended);
    }
  }

  async #answer(request: LoginRequest, { form, source, ended }: UnderWay): Promise<Primitive> {
    const outcome = await this.#signIn.check(request, source);
    if (outcome.kind === 'refused') return refusal(request, outcome.code);
    if (outcome.kind === 'challenged') {
      const { nonce, schema: digestSchema } = outcome.challenge;
      const value = { ...knownOf(request), result: makeResult(401), nonce, digestSchema, capabilityRequest: false };
      return { name: 'Login-Response', value };
    }
    const owner = outcome.address;
    const id = this.#surroundings.ids.randomToken(sessionIdBits);
    const details = this.#detailsOf(owner, request, { form, idHash: this.#sessions.hashOf(id) });
    await this.#sessions.keep(details);
    // Only now, and in one step with its beginning: others may have logged in meanwhile.
    const refused = this.#whyNot(details, ended);
    if (refused !== undefined) {
      await this.#sessions.forget(details.idHash);
      return refusal(request, refused.code, refused.words);
    }
    await this.#begin(details);
    const result = makeResult(200, 'Successfully logged in.');
    const { keepAliveS: keepAliveTime } = details;
    const value = { ...knownOf(request), result, sessionId: id, keepAliveTime, capabilityRequest: true };
    return { name: 'Login-Response', value };
  }

  #whyNot({ owner, clientKey: key }: SessionDetails, ended: ReadonlySet<Address>): Refusal | undefined {
    if (ended.has(owner)) return { code: 409 };
    const hasRoom = this.#sessions.makeRoom(owner, key, this.#surroundings.clock.monotonic());
    return hasRoom ? undefined : { code: 503, words: 'Too many sessions' };
  }

  #detailsOf(
    owner: Address,
    request: LoginRequest,
    { form, idHash }: { readonly form: LogInForm; readonly idHash: string },
  ): SessionDetails {
    return {
      idHash,
      owner,
      clientKey: clientKey(request.clientId),
      targetId: this.#surroundings.ids.randomToken(targetIdBits),
      cookie: request.sessionCookie,
      keepAliveS: grantKeepAlive(request.timeToLive),
      version: form.version,
      terms: { ...initialTerms, knowsExtensions: form.hasExtension },
      watched: [],
      watchedLists: [],
    };
  }
}

interface UnderWay {
  readonly form: LogInForm;
  readonly source: string;
  readonly ended: ReadonlySet<Address>;
}

interface Refusal {
  readonly code: StatusCode;
  readonly words?: string;
}

function refusal(request: LoginRequest, code: StatusCode, words?: string): Primitive {
  return { name: 'Login-Response', value: { ...knownOf(request), result: makeResult(code, words) } };
}

function knownOf({ clientId }: LoginRequest): Pick<LoginRequest, 'clientId'> {
  return clientId === undefined ? {} : { clientId };
}
