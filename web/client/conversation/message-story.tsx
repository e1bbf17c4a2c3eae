/** The timeline of one sent message, as far as its sender may know it. */
import { useEffect, useState } from 'preact/hooks';
import type { SentStory } from '../../api/shapes.ts';
import type { SentRecord } from '../../history/records.ts';
import { Modal } from '../../parts/modal.tsx';
import { nameOf } from '../../words/names.ts';
import { factsOf, problemWords } from '../../words/problem-words.ts';
import { wholeTime } from '../../words/times.ts';
import { stateWords } from '../../words/state-words.ts';
import type { Person } from '../state/person.ts';

interface StoryProps {
  readonly person: Person;
  readonly message: SentRecord;
  readonly onClose: () => void;
}

export function StoryDialog({ person, message, onClose }: StoryProps) {
  const [story, setStory] = useState<SentStory>();
  const [fault, setFault] = useState<string>();
  useEffect(() => {
    person.api
      .call<SentStory>('GET', `/v1/messages/${message.id ?? ''}`)
      .then(setStory)
      .catch((problem: unknown) => setFault(problemWords(factsOf(problem))));
  }, []);
  return (
    <Modal title={`To ${nameOf(message.peer)}`} onClose={onClose}>
      <blockquote class="quoted" dir="auto">
        {message.text}
      </blockquote>
      {fault !== undefined && <p class="field-fault">{fault}</p>}
      <ol class="timeline" aria-busy={story === undefined && fault === undefined}>
        <li>
          <strong>Written</strong>
          <time>{wholeTime(message.at)}</time>
        </li>
        {story?.timeline.map(({ state, at }) => (
          <li key={`${state} ${at}`} class={`tone-${stateWords(state).tone}`}>
            <strong>{stateWords(state).word}</strong>
            <time>{wholeTime(Date.parse(at))}</time>
            <span class="quiet">{stateWords(state).sentence}</span>
          </li>
        ))}
      </ol>
      {message.deliverWhen !== undefined && (
        <p class="quiet">
          Condition, which {nameOf(message.peer)} never sees: <code>{message.deliverWhen}</code>
        </p>
      )}
      {story !== undefined && <p class="quiet">Valid until {wholeTime(Date.parse(story.expiresAt))}.</p>}
    </Modal>
  );
}
