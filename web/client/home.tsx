/** The frame: the list of conversations at one side, the place that was chosen at the other; one of both on a phone. */
import { useEffect, useRef } from 'preact/hooks';
import { nameOf } from '../words/names.ts';
import { Conversation } from './conversation/conversation.tsx';
import { ConnectionBar } from './connection-bar.tsx';
import { InboxPlace } from './places/inbox-place.tsx';
import { PrivacyPlace } from './places/privacy-place.tsx';
import { SentPlace } from './places/sent-place.tsx';
import { SettingsPlace } from './places/settings-place.tsx';
import { route, type Route } from './route.ts';
import { Sidebar } from './sidebar.tsx';
import type { Person } from './state/person.ts';

interface HomeProps {
  readonly person: Person;
  readonly onSignOut: () => void;
}

export function Home({ person, onSignOut }: HomeProps) {
  const shown = route.value;
  const pane = useRef<HTMLDivElement>(null);
  useTitle(person, shown);
  const place = shown.place === 'with' ? `with ${shown.peer}` : shown.place;
  const isFirst = useRef(true);
  useEffect(() => {
    // Who came by a link or by going back hears where they are; a page that just opened keeps its focus.
    if (!isFirst.current && shown.place !== 'with') pane.current?.querySelector('h1')?.focus();
    isFirst.current = false;
  }, [place]);
  return (
    <main class={`home home-${shown.place === 'home' ? 'list' : 'pane'}`}>
      <a class="skip" href="#pane" onClick={(event) => skipTo(event, pane.current)}>
        Skip to the conversation
      </a>
      <Sidebar person={person} />
      <div ref={pane} id="pane" class="pane" tabIndex={-1}>
        <ConnectionBar person={person} />
        <Place person={person} shown={shown} onSignOut={onSignOut} />
      </div>
    </main>
  );
}

function Place({ person, shown, onSignOut }: HomeProps & { readonly shown: Route }) {
  switch (shown.place) {
    case 'with':
      return <Conversation key={shown.peer} person={person} peer={shown.peer} />;
    case 'inbox':
      return <InboxPlace person={person} />;
    case 'sent':
      return <SentPlace person={person} />;
    case 'privacy':
      return <PrivacyPlace person={person} />;
    case 'settings':
      return <SettingsPlace person={person} onSignOut={onSignOut} />;
    case 'home':
      return (
        <div class="nothing-chosen">
          <img src="/favicon.svg" alt="" width={72} height={72} />
          <h2>Choose somebody to write to</h2>
          <p class="quiet">A message can wait here until its moment comes. Only you know what it waits for.</p>
        </div>
      );
    default:
      return shown satisfies never;
  }
}

function useTitle(person: Person, shown: Route): void {
  const unread = person.unread.value + (person.ready.value?.length ?? 0);
  const where = shown.place === 'with' ? `${nameOf(shown.peer)} · ` : '';
  useEffect(() => {
    document.title = `${unread === 0 ? '' : `(${unread}) `}${where}Restante`;
  }, [unread, where]);
}

/** The address after `#` is the place that is shown, so the focus is moved by hand. */
function skipTo(event: Event, pane: HTMLElement | null): void {
  event.preventDefault();
  pane?.focus();
}
