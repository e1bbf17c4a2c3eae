/** What is ready for me and was not fetched: for who wants to be told of messages, or looks by themself. */
import { useEffect, useState } from 'preact/hooks';
import type { InboxItem } from '../../api/shapes.ts';
import { now } from '../../parts/clock.ts';
import { Face } from '../../parts/face.tsx';
import { Icon } from '../../parts/icon.tsx';
import { notify } from '../../parts/notices.tsx';
import { addressOf, nameOf } from '../../words/names.ts';
import { factsOf, problemWords } from '../../words/problem-words.ts';
import { shortTime } from '../../words/times.ts';
import { go } from '../route.ts';
import type { Person } from '../state/person.ts';
import { fetchAllOf } from './fetch-all.ts';
import { PlaceFrame } from './place-frame.tsx';

export function InboxPlace({ person }: { readonly person: Person }) {
  const [isBusy, setBusy] = useState(false);
  const items = person.ready.value;
  const method = person.method.value;
  const act = async (work: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    try {
      await work();
    } catch (fault) {
      notify(problemWords(factsOf(fault)), true);
    }
    setBusy(false);
  };
  useEffect(() => void act(() => person.loadReady()), [method]);
  const fetchOne = (item: InboxItem): Promise<void> =>
    act(async () => {
      await person.fetch(item.id);
      go({ place: 'with', peer: item.from });
    });
  return (
    <PlaceFrame
      title="Inbox"
      acts={
        <button
          type="button"
          class="icon-button"
          aria-label="Look again"
          disabled={isBusy}
          onClick={() => void act(() => person.loadReady())}
        >
          <Icon name="refresh" />
        </button>
      }
    >
      <p class="quiet">{method !== undefined && methodWords[method]}</p>
      {items === undefined && (
        <p class="empty" aria-busy="true">
          Looking…
        </p>
      )}
      {items?.length === 0 && <p class="empty">Nothing is waiting to be fetched.</p>}
      <ul class="cards">
        {items?.map((item) => (
          <ReadyCard
            key={item.id}
            item={item}
            isBusy={isBusy}
            onGet={() => void fetchOne(item)}
            onTurnAway={() => void act(() => person.turnAway(item.id))}
          />
        ))}
      </ul>
      <EverythingOf person={person} isBusy={isBusy} onAct={act} />
    </PlaceFrame>
  );
}

interface ReadyCardProps {
  readonly item: InboxItem;
  readonly isBusy: boolean;
  readonly onGet: () => void;
  readonly onTurnAway: () => void;
}

function ReadyCard({ item, isBusy, onGet, onTurnAway }: ReadyCardProps) {
  return (
    <li class="card">
      <Face address={item.from} />
      <span class="card-lines">
        <strong>{nameOf(item.from)}</strong>
        <span class="quiet small">
          written {shortTime(Date.parse(item.at), now.value)}
          {item.subject !== undefined && ` · ${item.subject}`}
        </span>
      </span>
      <button type="button" class="button small-button" disabled={isBusy} onClick={onGet}>
        Get
      </button>
      <button type="button" class="button small-button" disabled={isBusy} onClick={onTurnAway}>
        Turn away
      </button>
    </li>
  );
}

const methodWords = {
  push: 'Messages come to you by themselves, so there is seldom anything here. You can change that under Settings.',
  notify: 'You are told of each message here, and get it when you want it.',
  pull: 'You look here yourself whenever you like; nothing comes on its own.',
} as const;

interface EverythingProps {
  readonly person: Person;
  readonly isBusy: boolean;
  readonly onAct: (work: () => Promise<unknown>) => Promise<void>;
}

function EverythingOf({ person, isBusy, onAct }: EverythingProps) {
  const [typed, setTyped] = useState('');
  return (
    <form
      class="panel stack"
      onSubmit={(event) => {
        event.preventDefault();
        const sender = addressOf(typed, person.address.split('@')[1] ?? '');
        if (sender !== undefined) void onAct(async () => notify(await fetchAllOf(person, sender)));
      }}
    >
      <h2>Everything of one sender</h2>
      <p class="quiet small">Gets what somebody has left for you, also what would come later.</p>
      <div class="inline-form">
        <input
          aria-label="Address of the sender"
          placeholder="tom@example.com"
          autocapitalize="none"
          list="known-senders"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <datalist id="known-senders">
          {[...person.peers.value.keys()].map((address) => (
            <option key={address} value={address} />
          ))}
        </datalist>
        <button type="submit" class="button" disabled={isBusy || typed.trim() === ''}>
          Get everything
        </button>
      </div>
    </form>
  );
}
