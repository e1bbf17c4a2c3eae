/** What this is, in three lines, and the way in. */
import type { Session } from '../api/session.ts';
import { SignInForm } from '../parts/sign-in-form.tsx';
import { Brand } from './brand.tsx';

interface SignInProps {
  readonly address: string;
  readonly why?: string | undefined;
  readonly onSignedIn: (session: Session) => void;
}

export function SignIn({ address, why, onSignedIn }: SignInProps) {
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <Brand />
        <h1>Messages that arrive at the right moment</h1>
        <p class="quiet">At once, when they come online, or when they are available, calm, or free.</p>
        <SignInForm address={address} why={why} onSignedIn={onSignedIn} areDemoAccountsOffered />
      </div>
    </main>
  );
}
