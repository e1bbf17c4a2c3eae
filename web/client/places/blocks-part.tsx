/** Whom I block: they cannot write to me. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Page } from '../../api/shapes.ts';
import { Face } from '../../parts/face.tsx';
import { notify } from '../../parts/notices.tsx';
import { Reading } from '../../parts/reading.ts';
import { addressOf, nameOf } from '../../words/names.ts';
import { factsOf, problemWords } from '../../words/problem-words.ts';
import type { Person } from '../state/person.ts';

export function BlocksPart({ person }: { readonly person: Person }) {
  const blocks = useMemo(() => new Reading<readonly string[]>(), [person]);
  const blocked = blocks.value;
  const [typed, setTyped] = useState('');
  const load = (): Promise<void> =>
    blocks.load(async () => (await person.api.call<Page<string>>('GET', '/v1/blocks')).items);
  const act = async (method: 'PUT' | 'DELETE', address: string): Promise<void> => {
    try {
      await person.api.call(method, `/v1/blocks/${encodeURIComponent(address)}`);
      await load();
    } catch (fault) {
      notify(problemWords(factsOf(fault)), true);
    }
  };
  useEffect(() => void load().catch((fault: unknown) => notify(problemWords(factsOf(fault)), true)), [person]);
  const address = addressOf(typed, person.address.split('@')[1] ?? '');
  return (
    <section class="panel stack" aria-labelledby="blocks-heading">
      <h2 id="blocks-heading">Whom you block</h2>
      {blocked === undefined && (
        <p class="quiet" aria-busy="true">
          Looking…
        </p>
      )}
      {blocked?.length === 0 && <p class="quiet">Nobody. Who is blocked cannot write to you, nor see how you are.</p>}
      <ul class="cards">
        {blocked?.map((each) => (
          <li key={each} class="card">
            <Face address={each} />
            <span class="card-lines">
              <strong>{nameOf(each)}</strong>
              <span class="quiet small">{each}</span>
            </span>
            <button type="button" class="button small-button" onClick={() => void act('DELETE', each)}>
              Unblock
            </button>
          </li>
        ))}
      </ul>
      <form
        class="inline-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (address === undefined) return;
          setTyped('');
          void act('PUT', address);
        }}
      >
        <input
          aria-label="Address to block"
          placeholder="eve@example.com"
          autocapitalize="none"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="submit" class="button" disabled={address === undefined}>
          Block
        </button>
      </form>
    </section>
  );
}
