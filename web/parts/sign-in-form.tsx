/** Address and password, and on a server for trying things out the people one can be. */
import { useEffect, useState } from 'preact/hooks';
import { ApiClient, signIn } from '../api/call.ts';
import type { Session } from '../api/session.ts';
import type { Welcome } from '../api/shapes.ts';
import { addressOf, nameOf } from '../words/names.ts';
import { factsOf, problemWords } from '../words/problem-words.ts';
import { Face } from './face.tsx';

interface SignInProps {
  readonly address: string;
  /** Why somebody who was signed in is asked again. */
  readonly why?: string | undefined;
  readonly onSignedIn: (session: Session) => void;
  readonly areDemoAccountsOffered: boolean;
}

export function SignInForm({ address: before, why, onSignedIn, areDemoAccountsOffered }: SignInProps) {
  const [address, setAddress] = useState(before);
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const welcome = useWelcome(setFault);
  const domain = welcome?.domains[0] ?? 'localhost';
  const enter = async (typed: string, secret: string): Promise<void> => {
    const whole = addressOf(typed, domain);
    if (whole === undefined) {
      setFault('An address looks like mary@example.com.');
      return;
    }
    setBusy(true);
    setFault(undefined);
    try {
      onSignedIn({ address: whole, token: (await signIn(whole, secret)).token });
    } catch (problem) {
      const facts = factsOf(problem);
      setFault(facts.kind === 'unauthorised' ? 'Address or password is wrong.' : problemWords(facts));
      setBusy(false);
    }
  };
  return (
    <>
      {why !== undefined && <p class="hint-box">{why}</p>}
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void enter(address, password);
        }}
      >
        <label class="field">
          <span>Address</span>
          <input
            name="address"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            placeholder={`you@${domain}`}
            value={address}
            onInput={(event) => setAddress(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>Password</span>
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <p class="field-fault" role="alert">
          {fault}
        </p>
        <button type="submit" class="button button-main" disabled={isBusy}>
          {isBusy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      {areDemoAccountsOffered && <DemoAccounts welcome={welcome} isBusy={isBusy} onChosen={enter} />}
    </>
  );
}

interface DemoProps {
  readonly welcome: Welcome | undefined;
  readonly isBusy: boolean;
  readonly onChosen: (address: string, password: string) => Promise<void>;
}

function DemoAccounts({ welcome, isBusy, onChosen }: DemoProps) {
  const demo = welcome?.demo ?? [];
  if (demo.length === 0) return null;
  return (
    <section class="demo-accounts" aria-labelledby="demo-heading">
      <h2 id="demo-heading">Try it as</h2>
      <ul>
        {demo.map(({ address, password }) => (
          <li key={address}>
            <button type="button" disabled={isBusy} onClick={() => void onChosen(address, password)}>
              <Face address={address} />
              <span>{nameOf(address)}</span>
            </button>
          </li>
        ))}
      </ul>
      <p class="quiet">
        This server runs with <code>--demo</code>. Open a second, private window to be two people at once.
      </p>
    </section>
  );
}

function useWelcome(onFault: (fault: string | undefined) => void): Welcome | undefined {
  const [welcome, setWelcome] = useState<Welcome>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isGone = false;
    const ask = async (): Promise<void> => {
      try {
        const answer = await new ApiClient(undefined).call<Welcome>('GET', '/v1/welcome');
        if (isGone) return;
        setWelcome(answer);
        onFault(undefined);
      } catch (problem) {
        if (isGone) return;
        onFault(problemWords(factsOf(problem)));
        timer = setTimeout(() => void ask(), 3000);
      }
    };
    void ask();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, []);
  return welcome;
}
