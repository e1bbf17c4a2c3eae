/** My presence, the conversations, and the way to every other place. */
import { useState } from 'preact/hooks';
import type { PeerRecord } from '../history/records.ts';
import { now } from '../parts/clock.ts';
import { Face } from '../parts/face.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { addressOf, nameOf } from '../words/names.ts';
import { listTime } from '../words/times.ts';
import { Brand } from './brand.tsx';
import { MyPresence } from './my-presence.tsx';
import { go, hrefOf, route, type Route } from './route.ts';
import type { Person } from './state/person.ts';
import { presenceLine, standingOf } from './state/presence-words.ts';

export function Sidebar({ person }: { readonly person: Person }) {
  const [typed, setTyped] = useState('');
  const peers = [...person.peers.value.values()]
    .filter(({ address }) => address.includes(typed.trim().toLowerCase()))
    .toSorted((a, b) => b.lastOrder - a.lastOrder);
  return (
    <div class="sidebar">
      <header class="sidebar-head">
        <Brand isHeading={route.value.place === 'home'} />
      </header>
      <MyPresence person={person} />
      <nav class="conversations" aria-label="Conversations">
        <NewConversation person={person} typed={typed} onTyped={setTyped} />
        <ul>
          {peers.map((peer) => (
            <PeerRow key={peer.address} person={person} peer={peer} />
          ))}
        </ul>
        {peers.length === 0 && typed === '' && (
          <p class="empty small">Nobody yet. Type an address above to begin a conversation.</p>
        )}
      </nav>
      <Places person={person} />
    </div>
  );
}

interface NewProps {
  readonly person: Person;
  readonly typed: string;
  readonly onTyped: (typed: string) => void;
}

function NewConversation({ person, typed, onTyped }: NewProps) {
  const [fault, setFault] = useState<string>();
  const begin = async (): Promise<void> => {
    const address = addressOf(typed, person.address.split('@')[1] ?? '');
    if (address === undefined) {
      setFault('An address looks like mary@example.com.');
      return;
    }
    await person.meet(address);
    onTyped('');
    setFault(undefined);
    go({ place: 'with', peer: address });
  };
  return (
    <form
      class="new-conversation"
      onSubmit={(event) => {
        event.preventDefault();
        void begin();
      }}
    >
      <input
        aria-label="Find somebody, or an address to write to"
        placeholder="Find, or write to an address"
        autocapitalize="none"
        autocomplete="off"
        spellcheck={false}
        value={typed}
        onInput={(event) => onTyped(event.currentTarget.value)}
      />
      <button type="submit" class="icon-button" aria-label="Begin a conversation" disabled={typed.trim() === ''}>
        <Icon name="plus" />
      </button>
      <p class="field-fault" role="alert">
        {fault}
      </p>
    </form>
  );
}

function PeerRow({ person, peer }: { readonly person: Person; readonly peer: PeerRecord }) {
  const { address, lastText, lastOrder, lastDirection, unread, draft } = peer;
  const shown = person.presence.of(address);
  const here = route.value;
  const isHere = here.place === 'with' && here.peer === address;
  const hasDraft = draft !== undefined && draft.text !== '' && !isHere;
  const line = hasDraft ? draft.text : lastText;
  return (
    <li>
      <a class="peer" href={hrefOf({ place: 'with', peer: address })} aria-current={isHere ? 'page' : undefined}>
        <Face address={address} standing={standingOf(shown)} />
        <span class="peer-lines">
          <span class="peer-name">
            <strong class="one-line">{nameOf(address)}</strong>
            {lastOrder > 0 && <time class="quiet small">{listTime(lastOrder, now.value)}</time>}
          </span>
          <span class="peer-last one-line">
            {hasDraft && <em class="draft-mark">Draft </em>}
            {!hasDraft && lastDirection === 'out' && 'You: '}
            <bdi>{line === '' ? presenceLine(shown) || address : line}</bdi>
          </span>
        </span>
        {unread > 0 && (
          <span class="badge">
            {unread}
            <span class="visually-hidden"> new</span>
          </span>
        )}
        <span class="visually-hidden">{presenceLine(shown)}</span>
      </a>
    </li>
  );
}

interface PlaceLink {
  readonly place: Exclude<Route['place'], 'with' | 'home'>;
  readonly label: string;
  readonly icon: IconName;
  readonly count: number;
}

function Places({ person }: { readonly person: Person }) {
  const places: readonly PlaceLink[] = [
    { place: 'inbox', label: 'Inbox', icon: 'inbox', count: person.ready.value?.length ?? 0 },
    { place: 'sent', label: 'Waiting', icon: 'hold', count: 0 },
    { place: 'privacy', label: 'Privacy', icon: 'shield', count: person.asking.value?.length ?? 0 },
    { place: 'settings', label: 'Settings', icon: 'gear', count: 0 },
  ];
  return (
    <nav class="places" aria-label="Places">
      {places.map(({ place, label, icon, count }) => (
        <a key={place} href={hrefOf({ place })} aria-current={route.value.place === place ? 'page' : undefined}>
          <Icon name={icon} />
          <span>{label}</span>
          {count > 0 && (
            <span class="badge">
              {count}
              <span class="visually-hidden"> new</span>
            </span>
          )}
        </a>
      ))}
    </nav>
  );
}
