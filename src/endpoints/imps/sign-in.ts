/**
 * Login with a password (contract section 2), or in four steps with a digest of it, for accounts whose password is kept so that
 * it can be read again. All others are told to come with the password.
 */
import { isPasswordOf } from '../../accounts/client-credentials.ts';
import { passwordLengthMax } from '../../accounts/password-hashes.ts';
import type { Account } from '../../accounts/ports.ts';
import { type Challenge, type DigestSchema, LoginChallenges, type LoginRequest } from '../../imps/session/login.ts';
import type { StatusCode } from '../../imps/status-codes.ts';
import type { Address } from '../../model/address.ts';
import type { ImpsSurroundings } from './imps-surroundings.ts';
import { addressOf } from './words/user-ids.ts';

export type SignInOutcome =
  | { readonly kind: 'signed-in'; readonly address: Address }
  | { readonly kind: 'challenged'; readonly challenge: Challenge }
  | { readonly kind: 'refused'; readonly code: StatusCode };

const nonceBits = 128;

export class SignIn {
  readonly #surroundings: ImpsSurroundings;
  readonly #challenges = new LoginChallenges();
  /** What the operator was told last, so that a key that is missing is not told at every login. */
  #toldFault: string | undefined;

  constructor(surroundings: ImpsSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Whoever does not exist hears what an account hears that has the usual. Rejects with `StoreFault`. */
  async check(request: LoginRequest, source: string): Promise<SignInOutcome> {
    const { clock, settings, guesses, directory, hasher } = this.#surroundings;
    const step = this.#challenges.nextStep(request, clock.monotonic());
    if (step.kind === 'no-common-schema') return noDigest;
    const named = addressOf(request.userId, settings.domains);
    if (!named.ok || !guesses.mayTry(named.value, source)) return wrongPassword;
    const address = named.value;
    const isTooLong = step.kind === 'check-password' && step.password.length > passwordLengthMax;
    const account = isTooLong ? undefined : await directory.find(address);
    if (step.kind === 'challenge') return this.#challenge(request, account, step.schema);
    const isRight =
      step.kind === 'check-password'
        ? isPasswordOf({ address, password: step.password }, account?.passwords, hasher)
        : await this.#isDigestOf(step.digest, step.challenge, account);
    if (isRight === undefined) return noDigest;
    // Others that were looked up beside it may have used up what was left.
    if (!guesses.mayTry(address, source)) return wrongPassword;
    if (!isRight) {
      guesses.failed(address, source);
      return wrongPassword;
    }
    guesses.succeeded(address, source);
    return { kind: 'signed-in', address };
  }

  async #challenge(request: LoginRequest, account: Account | undefined, schema: DigestSchema): Promise<SignInOutcome> {
    // Looked at before anybody is asked for a digest that could not be checked.
    if ((await this.#passwordOf(account)) === undefined) return noDigest;
    const { ids, clock } = this.#surroundings;
    const challenge = { nonce: ids.randomToken(nonceBits), schema };
    this.#challenges.remember(request, challenge, clock.monotonic());
    return { kind: 'challenged', challenge };
  }

  /** Undefined where there is nothing to check it with. */
  async #isDigestOf(
    digest: string,
    { nonce, schema }: Challenge,
    account: Account | undefined,
  ): Promise<boolean | undefined> {
    const password = await this.#passwordOf(account);
    if (password === undefined) return undefined;
    const surroundings = this.#surroundings;
    const given = unpadded(digest);
    const rights = spellingsOf(nonce + password).map((octets) => unpadded(surroundings.digestOf(schema, octets)));
    return rights.map((right) => surroundings.hasher.isEqual(given, right)).includes(true);
  }

  async #passwordOf(account: Account | undefined): Promise<string | undefined> {
    if (account?.sealedPassword === undefined) return undefined;
    const { passwordSeal, counters, log } = this.#surroundings;
    const opened = await passwordSeal.open(account.sealedPassword, account.address);
    if (opened.ok) {
      this.#toldFault = undefined;
      return opened.value;
    }
    counters.add('restante_imps_digest_faults_total');
    if (this.#toldFault !== opened.error) log.error({ reason: opened.error }, 'a login by digest is not possible');
    this.#toldFault = opened.error;
    return undefined;
  }
}

const wrongPassword: SignInOutcome = { kind: 'refused', code: 409 };
const noDigest: SignInOutcome = { kind: 'refused', code: 543 };

/** Clients write Latin-1 where the text can be written so, some of them UTF-8. */
function spellingsOf(text: string): Uint8Array[] {
  const utf8 = new TextEncoder().encode(text);
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return units.some((unit) => unit > 0xff) ? [utf8] : [Uint8Array.from(units), utf8];
}

function unpadded(base64: string): string {
  return base64.trim().replace(/=+$/, '');
}
