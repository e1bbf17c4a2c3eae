/** What of mine the server keeps now, also what I sent from elsewhere. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ConditionAnswer, Page, SentMessage } from '../../api/shapes.ts';
import type { SentRecord } from '../../history/records.ts';
import { now } from '../../parts/clock.ts';
import { Face } from '../../parts/face.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Reading } from '../../parts/reading.ts';
import { nameOf } from '../../words/names.ts';
import { factsOf, problemWords } from '../../words/problem-words.ts';
import { shortTime } from '../../words/times.ts';
import { SentLine } from '../conversation/sent-state.tsx';
import type { Person } from '../state/person.ts';
import { PlaceFrame } from './place-frame.tsx';

/** Of each state. */
const shownMax = 100;

export function SentPlace({ person }: { readonly person: Person }) {
  const reading = useMemo(() => new Reading<readonly SentRecord[]>(), [person]);
  const kept = reading.value;
  const [fault, setFault] = useState<string>();
  const change = [...person.changes.value.values()].reduce((sum, each) => sum + each, 0);
  const load = (): void => {
    reading
      .load(() => loadKept(person))
      .then(() => setFault(undefined))
      .catch((problem: unknown) => setFault(problemWords(factsOf(problem))));
  };
  useEffect(load, [change]);
  return (
    <PlaceFrame
      title="Waiting"
      acts={
        <button type="button" class="icon-button" aria-label="Look again" onClick={load}>
          <Icon name="refresh" />
        </button>
      }
    >
      <p class="quiet">What you have sent and the server keeps, until its moment comes or its time is over.</p>
      {fault !== undefined && <p class="field-fault">{fault}</p>}
      {kept === undefined && fault === undefined && (
        <p class="empty" aria-busy="true">
          Looking…
        </p>
      )}
      {kept?.length === 0 && <p class="empty">Nothing of yours is waiting.</p>}
      <ul class="cards">
        {kept?.map((message) => (
          <li key={message.key} class="card card-tall">
            <Face address={message.peer} />
            <div class="card-lines">
              <strong>
                To {nameOf(message.peer)} <span class="quiet small">{shortTime(message.at, now.value)}</span>
              </strong>
              <p class="text" dir="auto">
                {message.text === '' ? 'Sent from another place.' : message.text}
              </p>
              <SentLine person={person} message={message} />
            </div>
          </li>
        ))}
      </ul>
    </PlaceFrame>
  );
}

async function loadKept(person: Person): Promise<SentRecord[]> {
  const found: SentRecord[] = [];
  for (const state of ['held', 'waiting'] as const) {
    const { items } = await person.api.call<Page<SentMessage>>('GET', `/v1/messages?state=${state}&limit=${shownMax}`);
    for (const sent of items) found.push(await recordOf(person, sent));
  }
  return found.toSorted((a, b) => b.at - a.at);
}

/** Of a condition that was written elsewhere. */
async function sentenceOf(person: Person, condition: string | undefined): Promise<string | undefined> {
  if (condition === undefined) return undefined;
  const answer = await person.api.call<ConditionAnswer>('POST', '/v1/conditions/check', { body: { condition } });
  return answer.sentence;
}

/** With the text, where it was written in this browser. */
async function recordOf(person: Person, sent: SentMessage): Promise<SentRecord> {
  const { id, to, state, deliverWhen, acceptedAt, expiresAt } = sent;
  const known = await person.history.sentById(id);
  const at = known?.at ?? Date.parse(acceptedAt ?? expiresAt);
  return {
    ...(known ?? { direction: 'out', key: id, peer: to, order: at, text: '' }),
    id,
    at,
    state,
    deliverWhen,
    sentence: known?.deliverWhen === deliverWhen ? known?.sentence : await sentenceOf(person, deliverWhen),
    expiresAt: Date.parse(expiresAt),
  };
}
