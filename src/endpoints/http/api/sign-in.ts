/**
 * Who calls: HTTP Basic (RFC 7617) with the whole address as the user name, or a bearer token (RFC 6750). Guessing is
 * limited like everywhere. An account that is gone is nobody, whatever it still holds.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ClientCredentials, isPasswordOf, parseBasicCredentials } from '../../../accounts/client-credentials.ts';
import type { Account } from '../../../accounts/ports.ts';
import type { Address } from '../../../model/address.ts';
import { ProblemFault } from '../problem.ts';
import type { ApiSurroundings } from './api-surroundings.ts';

export interface Caller {
  readonly address: Address;
  readonly isOperator: boolean;
  readonly account: Account;
  /** The secret that the call came with; undefined for a password. */
  readonly token?: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any route under `/v1` that needs it. */
    caller: Caller | undefined;
  }
}

/** The caller of a route that is behind the sign-in. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw new ProblemFault(unauthorised);
  return request.caller;
}

export class SignIn {
  readonly #surroundings: ApiSurroundings;

  constructor(surroundings: ApiSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Before every route behind it; throws the 401. A promise only where the store must be asked; rejects likewise, or with `StoreFault`. */
  check(request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined {
    const { authorization } = request.headers;
    const caller = authorization === undefined ? undefined : this.#callerOf(authorization, request.ip);
    if (caller instanceof Promise) return caller.then((found) => this.#admit(found, request, reply));
    this.#admit(caller, request, reply);
    return undefined;
  }

  #admit(caller: Caller | undefined, request: FastifyRequest, reply: FastifyReply): void {
    request.caller = caller;
    if (caller !== undefined) return;
    const [realm = 'restante'] = this.#surroundings.settings.domains;
    void reply.header('www-authenticate', `Basic realm="${realm}", charset="UTF-8", Bearer realm="${realm}"`);
    const why = request.headers.authorization === undefined ? 'no-credentials' : 'wrong-credentials';
    this.#surroundings.counters.add(`restante_http_challenges_total{why="${why}"}`);
    throw new ProblemFault(unauthorised);
  }

  #callerOf(authorization: string, source: string): Caller | undefined | Promise<Caller | undefined> {
    const bearer = /^bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1];
    if (bearer !== undefined) return this.#bearerOf(bearer, source);
    const credentials = parseBasicCredentials(authorization);
    if (credentials === undefined) return undefined;
    const { directory, guesses } = this.#surroundings;
    const { address } = credentials;
    if (!guesses.mayTry(address, source)) return undefined;
    const account = directory.find(address);
    if (!(account instanceof Promise)) return this.#withPassword(credentials, account, source);
    return account.then((found) => this.#withPassword(credentials, found, source));
  }

  #withPassword(credentials: ClientCredentials, account: Account | undefined, source: string): Caller | undefined {
    const { guesses, hasher } = this.#surroundings;
    const { address } = credentials;
    // Others that were looked up beside it may have used up what was left.
    if (!guesses.mayTry(address, source)) return undefined;
    if (!isPasswordOf(credentials, account?.passwords, hasher) || account === undefined) {
      guesses.failed(address, source);
      return undefined;
    }
    guesses.succeeded(address, source);
    return { address, isOperator: account.isOperator, account };
  }

  async #bearerOf(token: string, source: string): Promise<Caller | undefined> {
    const { directory, guesses, tokens } = this.#surroundings;
    if (!guesses.mayTry('a token', source)) return undefined;
    const address = await tokens.find(token);
    const account = address === undefined ? undefined : await directory.find(address);
    if (!guesses.mayTry('a token', source)) return undefined;
    if (address === undefined || account === undefined) {
      guesses.failed('a token', source);
      return undefined;
    }
    return { address, isOperator: account.isOperator, account, token };
  }
}

const unauthorised = {
  status: 401,
  name: 'unauthorised',
  title: 'Wrong or missing credentials',
  detail: 'sign in with HTTP Basic (the whole address as the user name) or a bearer token of POST /v1/tokens',
};
