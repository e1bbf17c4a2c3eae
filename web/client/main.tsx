/** The page at `/`: somebody is signed in, or is asked to. */
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { keepSession, onSessionElsewhere, readSession, type Session } from '../api/session.ts';
import { Notices } from '../parts/notices.tsx';
import { showTheme } from '../parts/theme.ts';
import '../styles/base.css';
import '../styles/client.css';
import { Home } from './home.tsx';
import { SignIn } from './sign-in.tsx';
import { Person } from './state/person.ts';

const sessionKey = 'restante.session';

type Standing =
  | { readonly kind: 'out'; readonly address: string; readonly why?: string }
  | { readonly kind: 'opening' }
  | { readonly kind: 'in'; readonly person: Person }
  | { readonly kind: 'no-room'; readonly why: string };

function App() {
  const [session, setSession] = useState(() => readSession(sessionKey));
  const [expired, setExpired] = useState<string>();
  useEffect(() => onSessionElsewhere(sessionKey, () => setSession(readSession(sessionKey))), []);
  const standing = useStanding(session, (ended) => {
    // Another tab may have signed in again meanwhile.
    const kept = readSession(sessionKey);
    if (kept !== undefined && kept.token !== ended.token) {
      setSession(kept);
      return;
    }
    setExpired(ended.address);
    keepSession(sessionKey, undefined);
    setSession(undefined);
  });
  const enter = (entered: Session | undefined): void => {
    setExpired(undefined);
    keepSession(sessionKey, entered);
    setSession(entered);
  };
  return (
    <>
      <Shown standing={standing} expired={expired} onChanged={enter} />
      <Notices />
    </>
  );
}

interface ShownProps {
  readonly standing: Standing;
  readonly expired: string | undefined;
  readonly onChanged: (session: Session | undefined) => void;
}

function Shown({ standing, expired, onChanged }: ShownProps) {
  switch (standing.kind) {
    case 'in':
      return <Home key={standing.person.address} person={standing.person} onSignOut={() => onChanged(undefined)} />;
    case 'opening':
      return <main class="splash" aria-busy="true" />;
    case 'no-room':
      return (
        <main class="splash">
          <h1>This browser keeps nothing for pages</h1>
          <p>
            Messages are kept in the browser, since the server keeps none that were delivered. A private window of some
            browsers, or a full disk, does not allow that. ({standing.why})
          </p>
        </main>
      );
    case 'out': {
      const why = 'Your sign-in has ended. Sign in again to go on; what you wrote is still there.';
      return (
        <SignIn
          address={expired ?? standing.address}
          why={expired === undefined ? undefined : why}
          onSignedIn={onChanged}
        />
      );
    }
    default:
      return standing satisfies never;
  }
}

/** Opens what is kept of whoever is signed in, and closes it when they are not any more. */
function useStanding(session: Session | undefined, onExpired: (ended: Session) => void): Standing {
  const [standing, setStanding] = useState<Standing>({ kind: session === undefined ? 'out' : 'opening', address: '' });
  useEffect(() => {
    if (session === undefined) {
      setStanding({ kind: 'out', address: '' });
      return undefined;
    }
    let person: Person | undefined;
    let isGone = false;
    Person.open(session, () => onExpired(session))
      .then((opened) => {
        person = opened;
        if (isGone) opened.close();
        else setStanding({ kind: 'in', person: opened });
      })
      .catch((fault: unknown) => {
        if (!isGone) setStanding({ kind: 'no-room', why: String(fault) });
      });
    return () => {
      isGone = true;
      person?.close();
    };
  }, [session?.address, session?.token]);
  return standing;
}

showTheme();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
