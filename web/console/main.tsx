/** The page at `/console`: an operator is signed in, or is asked to. */
import { render } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiClient } from '../api/call.ts';
import { keepSession, readSession, type Session } from '../api/session.ts';
import { Icon } from '../parts/icon.tsx';
import { Notices } from '../parts/notices.tsx';
import { SignInForm } from '../parts/sign-in-form.tsx';
import { showTheme } from '../parts/theme.ts';
import '../styles/base.css';
import '../styles/console.css';
import { Overview } from './overview.tsx';
import { QueuePlace } from './queue-place.tsx';
import { StatusFeed } from './status-feed.ts';

const sessionKey = 'restante.console';
type Place = 'overview' | 'queue';

function App() {
  const [session, setSession] = useState(() => readSession(sessionKey));
  const [why, setWhy] = useState<string>();
  const enter = (entered: Session | undefined, reason?: string): void => {
    keepSession(sessionKey, entered);
    setSession(entered);
    setWhy(reason);
  };
  return (
    <>
      {session === undefined ? (
        <main class="sign-in">
          <div class="sign-in-card">
            <p class="brand">
              <img src="/favicon.svg" alt="" width={28} height={28} />
              Restante
            </p>
            <h1>Console</h1>
            <p class="quiet">
              For operator accounts: <code>restante user add boss@localhost --operator</code>
            </p>
            <SignInForm address="" why={why} areDemoAccountsOffered={false} onSignedIn={(entered) => enter(entered)} />
          </div>
        </main>
      ) : (
        <Console key={session.token} session={session} onEnd={(reason) => enter(undefined, reason)} />
      )}
      <Notices />
    </>
  );
}

interface ConsoleProps {
  readonly session: Session;
  readonly onEnd: (why?: string) => void;
}

function Console({ session, onEnd }: ConsoleProps) {
  const [place, setPlace] = useState<Place>('overview');
  const api = useMemo(() => new ApiClient(session.token, () => onEnd('Your sign-in has ended.')), []);
  const feed = useMemo(() => new StatusFeed(api), []);
  useEffect(() => () => feed.stop(), []);
  const fault = feed.fault.value;
  useEffect(() => {
    if (fault?.kind === 'not-an-operator') onEnd(`${session.address} is no operator.`);
  }, [fault]);
  return (
    <div class="console">
      <header class="console-head">
        <p class="brand">
          <img src="/favicon.svg" alt="" width={28} height={28} />
          Restante <span class="quiet">console</span>
        </p>
        <nav aria-label="Places">
          {(['overview', 'queue'] as const).map((each) => (
            <button
              key={each}
              type="button"
              class="tab"
              aria-current={each === place ? 'page' : undefined}
              onClick={() => setPlace(each)}
            >
              {each === 'overview' ? 'Overview' : 'Messages'}
            </button>
          ))}
        </nav>
        <span class="quiet one-line console-who">{session.address}</span>
        <button
          type="button"
          class="icon-button"
          aria-label="Sign out"
          onClick={() => {
            void api.call('DELETE', '/v1/tokens').catch(() => undefined);
            onEnd();
          }}
        >
          <Icon name="out" />
        </button>
      </header>
      <div role="status">
        {fault !== undefined && fault.status !== 403 && (
          <p class="hint-box">The server does not answer. What you see is from before; it is asked again.</p>
        )}
      </div>
      <main class="console-body">{place === 'overview' ? <Overview feed={feed} /> : <QueuePlace api={api} />}</main>
    </div>
  );
}

showTheme();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
