/** What waits now: filtered, put together by what one looks for, and the way to each message's story. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ApiClient } from '../api/call.ts';
import type { Page, QueuedMessage } from '../api/shapes.ts';
import { now } from '../parts/clock.ts';
import { Icon } from '../parts/icon.tsx';
import { Reading } from '../parts/reading.ts';
import { factsOf, problemWords } from '../words/problem-words.ts';
import { duration } from '../words/times.ts';
import { ageOf, filterQueue, groupQueue, type Grouping } from './queue-groups.ts';
import { noFilter, QueueFilters, type Filters } from './queue-filters.tsx';
import { StoryDialog } from './story-dialog.tsx';

/** Of one look; who wants more filters. */
const loadedMax = 1000;
const pageSize = 100;
/** After the last letter of a filter. */
const patienceMs = 350;
/** What waits changes by itself, also just after somebody was let go. */
const lookAgainMs = 5_000;

export function QueuePlace({ api }: { readonly api: ApiClient }) {
  const [filters, setFilters] = useState<Filters>(noFilter);
  const [grouping, setGrouping] = useState<Grouping>('none');
  const [id, setId] = useState<string>();
  const { found, fault, load } = useQueue(api, filters);
  const olderThan = filters.olderThan;
  const shown = filterQueue(found?.items ?? [], { condition: filters.condition, olderThan }, now.value);
  return (
    <section class="queue" aria-labelledby="queue-heading">
      <header class="queue-head">
        <h1 id="queue-heading">Messages</h1>
        <p class="quiet" role="status">
          {found === undefined ? 'Looking…' : `${shown.length}${found.hasMore ? ' and more' : ''}`}
        </p>
        <button type="button" class="icon-button" aria-label="Look again" onClick={load}>
          <Icon name="refresh" />
        </button>
      </header>
      <QueueFilters
        filters={filters}
        grouping={grouping}
        onFilters={setFilters}
        onGrouping={setGrouping}
        onId={setId}
      />
      {fault !== undefined && <p class="field-fault">{fault}</p>}
      {found !== undefined && shown.length === 0 && <p class="quiet">Nothing.</p>}
      {groupQueue(shown, grouping, now.value).map(({ name, messages }) => (
        <QueueTable key={name} name={name} messages={messages} onChosen={setId} />
      ))}
      {id !== undefined && (
        <StoryDialog
          api={api}
          id={id}
          onClose={() => {
            setId(undefined);
            load();
          }}
        />
      )}
    </section>
  );
}

interface TableProps {
  readonly name: string;
  readonly messages: readonly QueuedMessage[];
  readonly onChosen: (id: string) => void;
}

function QueueTable({ name, messages, onChosen }: TableProps) {
  if (messages.length === 0) return null;
  const table = (
    <div class="scroll-wide" tabIndex={0} role="group" aria-label={name === '' ? 'Messages' : name}>
      <table class="queue-table">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Condition</th>
            <th scope="col">Age</th>
            <th scope="col">Left</th>
            <th scope="col">
              <span class="visually-hidden">Story</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {messages.map((each) => (
            <QueueRow key={each.id} message={each} onChosen={onChosen} />
          ))}
        </tbody>
      </table>
    </div>
  );
  if (name === '') return table;
  return (
    <details class="group">
      <summary>
        <strong>{name}</strong> <span class="badge">{messages.length}</span>
      </summary>
      {table}
    </details>
  );
}

function QueueRow({ message, onChosen }: { readonly message: QueuedMessage; readonly onChosen: (id: string) => void }) {
  const { id, state, from, to, deliverWhen, acceptedAt, expiresAt, setAside, attempts, endedAt } = message;
  return (
    <tr>
      <td>
        <span class={`pill pill-${state}`}>{state}</span>
        {setAside && <span class="quiet small"> set aside</span>}
        {attempts > 0 && <span class="quiet small"> {attempts} tries</span>}
      </td>
      <td>{from}</td>
      <td>{to}</td>
      <td>{deliverWhen === undefined ? <span class="quiet">none</span> : <code>{deliverWhen}</code>}</td>
      <td class="number">{duration(ageOf(acceptedAt, now.value))}</td>
      <td class="number">{endedAt === undefined ? duration(Date.parse(expiresAt) - now.value) : 'ended'}</td>
      <td>
        <button type="button" class="button small-button" aria-label={`Story of ${id}`} onClick={() => onChosen(id)}>
          Story
        </button>
      </td>
    </tr>
  );
}

interface Found {
  readonly items: readonly QueuedMessage[];
  readonly hasMore: boolean;
}

function useQueue(api: ApiClient, { to, from, state }: Filters) {
  const reading = useMemo(() => new Reading<Found>(), [api]);
  const [fault, setFault] = useState<string>();
  const load = (): void => {
    reading
      .load(() => loadQueue(api, { to, from, state }))
      .then(() => setFault(undefined))
      .catch((problem: unknown) => {
        reading.change(() => ({ items: [], hasMore: false }));
        setFault(problemWords(factsOf(problem)));
      });
  };
  useEffect(() => {
    const timer = setTimeout(load, patienceMs);
    const again = setInterval(() => {
      if (!document.hidden) load();
    }, lookAgainMs);
    return () => {
      clearTimeout(timer);
      clearInterval(again);
    };
  }, [to, from, state]);
  return { found: reading.value, fault, load };
}

async function loadQueue(api: ApiClient, filters: Readonly<Record<string, string>>): Promise<Found> {
  const items: QueuedMessage[] = [];
  let after: string | undefined;
  do {
    const query = new URLSearchParams({ limit: String(pageSize) });
    for (const [name, value] of Object.entries(filters)) if (value.trim() !== '') query.set(name, value.trim());
    if (after !== undefined) query.set('after', after);
    const page = await api.call<Page<QueuedMessage>>('GET', `/v1/admin/queue?${query.toString()}`);
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined && items.length < loadedMax);
  return { items, hasMore: after !== undefined };
}
