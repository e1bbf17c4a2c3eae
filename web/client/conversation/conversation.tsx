/** One conversation: who it is with and how they are, the messages, and the composer. */
import { useEffect, useState } from 'preact/hooks';
import { wordsOf } from '../../conditions/attribute-words.ts';
import { Face } from '../../parts/face.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Modal } from '../../parts/modal.tsx';
import { notify } from '../../parts/notices.tsx';
import { nameOf } from '../../words/names.ts';
import { factsOf, problemWords } from '../../words/problem-words.ts';
import { Composer } from '../composer/composer.tsx';
import { go } from '../route.ts';
import type { Person } from '../state/person.ts';
import { presenceLine, standingOf } from '../state/presence-words.ts';
import { fetchAllOf } from '../places/fetch-all.ts';
import { MessageList } from './message-list.tsx';

interface ConversationProps {
  readonly person: Person;
  readonly peer: string;
}

export function Conversation({ person, peer }: ConversationProps) {
  useEffect(() => {
    void person.presence.look(peer);
  }, [peer]);
  return (
    <section class="conversation" aria-label={`Conversation with ${nameOf(peer)}`}>
      <ConversationHead person={person} peer={peer} />
      <MessageList key={peer} person={person} peer={peer} />
      <Composer key={`composer ${peer}`} person={person} peer={peer} />
    </section>
  );
}

function ConversationHead({ person, peer }: ConversationProps) {
  const [isMore, setMore] = useState(false);
  const shown = person.presence.of(peer);
  const isStranger = person.presence.strangers.value.has(peer) && !isAssistant(peer);
  const line = isStranger ? 'nobody of this address is known here' : presenceLine(shown);
  return (
    <header class="pane-head">
      <a class="icon-button back" href="#/" aria-label="All conversations">
        <Icon name="back" />
      </a>
      <Face address={peer} standing={standingOf(shown)} />
      <div class="pane-title">
        <h1 class="one-line" tabIndex={-1}>
          {nameOf(peer)}
        </h1>
        <p class="quiet one-line">
          {peer}
          {line !== '' && <span class="presence-line"> · {line}</span>}
        </p>
      </div>
      <button type="button" class="icon-button" aria-label={`More about ${nameOf(peer)}`} onClick={() => setMore(true)}>
        <Icon name="info" />
      </button>
      {isMore && <PeerDialog person={person} peer={peer} onClose={() => setMore(false)} />}
    </header>
  );
}

/** Reserved for it on every server; it answers texts, and has no presence. */
function isAssistant(peer: string): boolean {
  return peer.startsWith('inbox@');
}

function visibilityLine(peer: string, visible: readonly string[] | undefined): string {
  if (visible === undefined) return `What ${nameOf(peer)} lets you see is being found out.`;
  return visible.length === 0
    ? `${nameOf(peer)} lets you see nothing so far. Messages can still wait until they come online.`
    : `You may see, and wait for: ${visible.map((name) => wordsOf(name).label).join(', ')}.`;
}

function PeerDialog({ person, peer, onClose }: ConversationProps & { readonly onClose: () => void }) {
  const visible = person.presence.visibleOf(peer);
  const act = async (work: () => Promise<string>): Promise<void> => {
    try {
      notify(await work());
    } catch (fault) {
      notify(problemWords(factsOf(fault), peer), true);
    }
    onClose();
  };
  return (
    <Modal title={nameOf(peer)} onClose={onClose}>
      <p>
        <code>{peer}</code>
      </p>
      <p class="quiet">{visibilityLine(peer, visible)}</p>
      <div class="stack">
        <button type="button" class="button" onClick={() => void act(() => fetchAllOf(person, peer))}>
          <Icon name="inbox" /> Get everything that {nameOf(peer)} has left for me
        </button>
        <button
          type="button"
          class="button"
          onClick={() =>
            void act(async () => {
              await person.api.call('PUT', `/v1/blocks/${encodeURIComponent(peer)}`);
              return `${nameOf(peer)} is blocked. You find that under Privacy.`;
            })
          }
        >
          <Icon name="shield" /> Block
        </button>
        <button
          type="button"
          class="button button-bad"
          onClick={() =>
            void act(async () => {
              await person.forget(peer);
              go({ place: 'home' });
              return 'The conversation was removed from this browser.';
            })
          }
        >
          <Icon name="trash" /> Remove from this browser
        </button>
      </div>
    </Modal>
  );
}
