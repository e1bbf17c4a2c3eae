/** By what the operator looks for messages. */
import { useState } from 'preact/hooks';
import { Choice } from '../parts/choice.tsx';
import type { Grouping } from './queue-groups.ts';

export interface Filters {
  readonly to: string;
  readonly from: string;
  /** Empty: what is held and what waits. */
  readonly state: string;
  readonly condition: string;
  /** Milliseconds. */
  readonly olderThan: number;
}

export const noFilter: Filters = { to: '', from: '', state: '', condition: '', olderThan: 0 };

interface FiltersProps {
  readonly filters: Filters;
  readonly grouping: Grouping;
  readonly onFilters: (filters: Filters) => void;
  readonly onGrouping: (grouping: Grouping) => void;
  readonly onId: (id: string) => void;
}

const states = ['held', 'waiting', 'delivered', 'displayed', 'rejected', 'recalled', 'expired', 'failed'];
const ages = [
  [0, 'any age'],
  [300_000, 'older than 5 minutes'],
  [3_600_000, 'older than an hour'],
  [86_400_000, 'older than a day'],
] as const;

export function QueueFilters({ filters, grouping, onFilters, onGrouping, onId }: FiltersProps) {
  const text = (name: 'to' | 'from' | 'condition', label: string, placeholder: string) => (
    <label class="field">
      <span>{label}</span>
      <input
        placeholder={placeholder}
        autocapitalize="none"
        spellcheck={false}
        value={filters[name]}
        onInput={(event) => onFilters({ ...filters, [name]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <div class="filters panel">
      <div class="filter-fields">
        {text('to', 'Recipient', 'mary@example.com')}
        {text('from', 'Sender', 'tom@example.com')}
        {text('condition', 'Condition contains', 'mood')}
        <label class="field">
          <span>State</span>
          <select
            value={filters.state}
            onChange={(event) => onFilters({ ...filters, state: event.currentTarget.value })}
          >
            <option value="">held and waiting</option>
            {states.map((state) => (
              <option key={state} value={state}>
                {state}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>Age</span>
          <select
            value={String(filters.olderThan)}
            onChange={(event) => onFilters({ ...filters, olderThan: Number(event.currentTarget.value) })}
          >
            {ages.map(([ms, label]) => (
              <option key={ms} value={String(ms)}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <ById onId={onId} />
      </div>
      <Choice<Grouping>
        label="Put together by"
        value={grouping}
        options={[
          { value: 'none', label: 'one by one' },
          { value: 'recipient', label: 'recipient' },
          { value: 'sender', label: 'sender' },
          { value: 'condition', label: 'condition' },
          { value: 'age', label: 'age' },
        ]}
        onChange={onGrouping}
      />
    </div>
  );
}

function ById({ onId }: { readonly onId: (id: string) => void }) {
  const [id, setId] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (id.trim() !== '') onId(id.trim());
      }}
    >
      <label class="field">
        <span>Story of an id</span>
        <input
          placeholder="01a1fdbe-…"
          spellcheck={false}
          value={id}
          onInput={(event) => setId(event.currentTarget.value)}
        />
      </label>
    </form>
  );
}
