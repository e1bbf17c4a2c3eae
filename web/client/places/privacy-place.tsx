/** Who may see, and wait for, what about me; who asks; whom I block. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Rule } from '../../api/shapes.ts';
import { attributeNames } from '../../conditions/attribute-words.ts';
import { Face } from '../../parts/face.tsx';
import { notify } from '../../parts/notices.tsx';
import { Reading } from '../../parts/reading.ts';
import { nameOf } from '../../words/names.ts';
import { factsOf, problemWords } from '../../words/problem-words.ts';
import type { Person } from '../state/person.ts';
import { AttributePicker } from './attribute-picker.tsx';
import { BlocksPart } from './blocks-part.tsx';
import { PlaceFrame } from './place-frame.tsx';
import { RulesPart } from './rules-part.tsx';

export function PrivacyPlace({ person }: { readonly person: Person }) {
  const { rules, put, load } = useRules(person);
  useEffect(() => void person.loadAsking().catch(() => undefined), []);
  return (
    <PlaceFrame title="Privacy">
      <p class="quiet">
        Whoever may see something about you may also let a message wait for it. They never learn more than that, and you
        never learn what a message waited for.
      </p>
      <Asking person={person} onAnswered={load} />
      <RulesPart person={person} rules={rules} onPut={put} />
      <BlocksPart person={person} />
    </PlaceFrame>
  );
}

function Asking({ person, onAnswered }: { readonly person: Person; readonly onAnswered: () => Promise<void> }) {
  const asking = person.asking.value;
  const usual = person.capabilities.value?.visibleByDefault ?? [];
  return (
    <section class="panel stack" aria-labelledby="asking-heading">
      <h2 id="asking-heading">Who asks to see how you are</h2>
      {asking === undefined && (
        <p class="quiet" aria-busy="true">
          Looking…
        </p>
      )}
      {asking?.length === 0 && <p class="quiet">Nobody at the moment.</p>}
      <ul class="cards">
        {asking?.map((address) => (
          <AskingRow
            key={address}
            person={person}
            address={address}
            usual={usual === '*' ? attributeNames : usual}
            onAnswered={onAnswered}
          />
        ))}
      </ul>
    </section>
  );
}

interface AskingRowProps {
  readonly person: Person;
  readonly address: string;
  readonly usual: readonly string[];
  readonly onAnswered: () => Promise<void>;
}

function AskingRow({ person, address, usual, onAnswered }: AskingRowProps) {
  const [chosen, choose] = useState<readonly string[]>();
  const attributes = chosen ?? (usual.length === 0 ? ['online', 'availability'] : usual);
  const answer = async (allow: boolean): Promise<void> => {
    try {
      const body = allow ? { allow, attributes } : { allow };
      await person.api.call('POST', `/v1/rules/requests/${encodeURIComponent(address)}`, { body });
      await person.loadAsking();
      person.rulesChanged();
      await onAnswered();
    } catch (fault) {
      notify(problemWords(factsOf(fault)), true);
    }
  };
  return (
    <li class="card card-tall">
      <Face address={address} />
      <div class="card-lines stack">
        <strong>
          {nameOf(address)} <span class="quiet small">{address}</span>
        </strong>
        <AttributePicker label={`What ${nameOf(address)} may see`} chosen={attributes} onChange={choose} />
        <div class="inline-form">
          <button
            type="button"
            class="button button-main small-button"
            disabled={attributes.length === 0}
            onClick={() => void answer(true)}
          >
            Allow
          </button>
          <button type="button" class="button small-button" onClick={() => void answer(false)}>
            Refuse
          </button>
        </div>
      </div>
    </li>
  );
}

type Kept = { readonly rules: readonly Rule[]; readonly etag: string | undefined };

/** With the tag of what was read, so that what another client changed meanwhile is not undone. */
function useRules(person: Person) {
  const kept = useMemo(() => new Reading<Kept>(), [person]);
  const line = useRef<Promise<void>>(Promise.resolve());
  const load = (): Promise<void> =>
    kept
      .load(async () => {
        const { value, etag } = await person.api.callWithTag<readonly Rule[]>('GET', '/v1/rules');
        return { rules: value, etag };
      })
      .catch((fault: unknown) => notify(problemWords(factsOf(fault)), true));
  useEffect(() => void load(), [person]);
  const change = async (to: (rules: readonly Rule[]) => readonly Rule[]): Promise<void> => {
    if (kept.value === undefined) return;
    const { rules, etag: known } = kept.value;
    const options = { body: to(rules), headers: known === undefined ? {} : { 'if-match': known } };
    try {
      const { value, etag } = await person.api.callWithTag<readonly Rule[]>('PUT', '/v1/rules', options);
      kept.change(() => ({ rules: value, etag }));
      person.rulesChanged();
    } catch (fault) {
      notify(problemWords(factsOf(fault)), true);
      await load();
    }
  };
  /** One change after the other, each of what the one before has left. */
  const put = (to: (rules: readonly Rule[]) => readonly Rule[]): void => {
    line.current = line.current.then(() => change(to));
  };
  return { rules: kept.value?.rules, put, load };
}
