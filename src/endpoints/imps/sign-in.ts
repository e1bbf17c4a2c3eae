/** Login with a password (contract section 2), and what becomes of digests: no account here has what they need. */
import { isPasswordOf } from '../../accounts/client-credentials.ts';
import { passwordLengthMax } from '../../accounts/password-hashes.ts';
import { LoginChallenges, type LoginRequest } from '../../imps/session/login.ts';
import type { StatusCode } from '../../imps/status-codes.ts';
import type { Address } from '../../model/address.ts';
import type { ImpsSurroundings } from './imps-surroundings.ts';
import { addressOf } from './words/user-ids.ts';

export type SignInOutcome =
  | { readonly kind: 'signed-in'; readonly address: Address }
  | { readonly kind: 'refused'; readonly code: StatusCode };

export class SignIn {
  readonly #surroundings: ImpsSurroundings;
  readonly #challenges = new LoginChallenges();

  constructor(surroundings: ImpsSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Whoever does not exist hears what a wrong password hears. Rejects with `StoreFault`. */
  async check(request: LoginRequest, source: string): Promise<SignInOutcome> {
    const { clock, settings, guesses, directory, hasher } = this.#surroundings;
    const step = this.#challenges.nextStep(request, clock.monotonic());
    if (step.kind === 'challenge' || step.kind === 'no-common-schema') return { kind: 'refused', code: 543 };
    const address = addressOf(request.userId, settings.domains);
    const isTried = step.kind === 'check-password' && step.password.length <= passwordLengthMax && address.ok;
    if (!isTried || !guesses.mayTry(address.value, source)) return wrongPassword;
    const account = await directory.find(address.value);
    if (!isPasswordOf({ address: address.value, password: step.password }, account?.passwords, hasher)) {
      guesses.failed(address.value, source);
      return wrongPassword;
    }
    guesses.succeeded(address.value, source);
    return { kind: 'signed-in', address: address.value };
  }
}

const wrongPassword: SignInOutcome = { kind: 'refused', code: 409 };
