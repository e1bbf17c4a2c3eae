/** What became of a message of mine, and what may still be done about it: recall, change, write it again. */
import { useState } from 'preact/hooks';
import type { SentRecord } from '../../history/records.ts';
import { now } from '../../parts/clock.ts';
import { Icon, type IconName } from '../../parts/icon.tsx';
import { notify } from '../../parts/notices.tsx';
import { nameOf } from '../../words/names.ts';
import { factsOf, problemWords } from '../../words/problem-words.ts';
import { waitingSentence } from '../../words/sentences.ts';
import { clockTime, shortTime } from '../../words/times.ts';
import { isOpen, stateWords, type SentState } from '../../words/state-words.ts';
import { ChangeDialog } from '../composer/change-dialog.tsx';
import { writeAgain } from '../composer/write-again.ts';
import type { Person } from '../state/person.ts';
import { StoryDialog } from './message-story.tsx';

const icons: Readonly<Record<SentState, IconName>> = {
  sending: 'clock',
  held: 'hold',
  waiting: 'envelope',
  delivered: 'check',
  displayed: 'checks',
  rejected: 'close',
  recalled: 'undo',
  expired: 'warning',
  failed: 'warning',
  refused: 'warning',
};

interface SentLineProps {
  readonly person: Person;
  readonly message: SentRecord;
}

export function SentLine({ person, message }: SentLineProps) {
  const { state, at } = message;
  return (
    <>
      {isOpen(state) && <p class="waits-for">{waitsFor(message)}</p>}
      {message.problem !== undefined && state === 'refused' && <p class="waits-for">{message.problem}</p>}
      <p class="below">
        <time>{clockTime(at)}</time>
        <State person={person} message={message} />
        <Acts person={person} message={message} />
      </p>
    </>
  );
}

/** The word for it; who wants to know more opens its story. */
function State({ person, message }: SentLineProps) {
  const [isShown, show] = useState(false);
  const { state, id } = message;
  const { word, tone } = stateWords(state);
  const shown = (
    <>
      <Icon name={icons[state]} /> {word}
    </>
  );
  if (id === undefined) return <span class={`state state-${tone}`}>{shown}</span>;
  return (
    <>
      <button type="button" class={`act state state-${tone}`} onClick={() => show(true)}>
        {shown}
        <span class="visually-hidden">: show its story</span>
      </button>
      {isShown && <StoryDialog person={person} message={message} onClose={() => show(false)} />}
    </>
  );
}

function Acts({ person, message }: SentLineProps) {
  const [isChanging, setChanging] = useState(false);
  const { state } = message;
  const recall = (): void => {
    person.sending
      .recall(message)
      .then(() => notify(state === 'sending' ? 'It was not sent.' : 'Recalled. They will not get it.'))
      .catch((fault: unknown) => notify(problemWords(factsOf(fault), message.peer), true));
  };
  return (
    <span class="acts">
      {isOpen(state) && <Act label="Change" icon="edit" onClick={() => setChanging(true)} />}
      {(isOpen(state) || state === 'sending') && <Act label="Recall" icon="undo" onClick={recall} />}
      {(state === 'refused' || state === 'recalled' || state === 'expired' || state === 'failed') && (
        <Act label="Write again" icon="edit" onClick={() => void writeAgain(person, message)} />
      )}
      {isChanging && <ChangeDialog person={person} message={message} onClose={() => setChanging(false)} />}
    </span>
  );
}

function Act({ label, icon, onClick }: { label: string; icon: IconName; onClick: () => void }) {
  return (
    <button type="button" class="act" onClick={onClick}>
      <Icon name={icon} /> {label}
    </button>
  );
}

/** In words; what it waits for besides a client is in the sentence that the server made of the condition. */
function waitsFor({ state, sentence, deliverWhen, expiresAt, peer }: SentRecord): string {
  const until = expiresAt === undefined ? '' : ` Kept until ${shortTime(expiresAt, now.value)}.`;
  if (state === 'waiting' || deliverWhen === undefined) return `Waits until ${nameOf(peer)} can be reached.${until}`;
  return `${waitingSentence(sentence ?? `Wait until: ${deliverWhen}.`, peer, now.value)}${until}`;
}
