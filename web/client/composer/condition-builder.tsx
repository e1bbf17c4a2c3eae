/** One's own condition: rows of tests joined by and, or by or; or the line of text itself. */
import type { Arrival } from '../../conditions/arrival.ts';
import { conditionOfArrival } from '../../conditions/arrival.ts';
import { localInput, type Row } from '../../conditions/condition-rows.ts';
import { Choice } from '../../parts/choice.tsx';
import { Icon } from '../../parts/icon.tsx';
import type { Person } from '../state/person.ts';
import { RowFields } from './row-fields.tsx';

/** Beyond this one writes text. */
const rowsMax = 12;

interface BuilderProps {
  readonly person: Person;
  readonly peer: string;
  readonly arrival: Arrival;
  readonly onChange: (arrival: Arrival) => void;
}

export function ConditionBuilder(props: BuilderProps) {
  const { arrival, onChange } = props;
  const isText = arrival.text !== undefined;
  return (
    <section class="builder" aria-label="My own condition">
      {isText ? <TextCondition {...props} /> : <Rows {...props} />}
      <button
        type="button"
        class="act"
        onClick={() => {
          const condition = conditionOfArrival({ ...arrival, fallbackAt: '' });
          const text = condition.kind === 'condition' ? condition.text : '';
          onChange({ ...arrival, text: isText ? undefined : text });
        }}
      >
        <Icon name="edit" /> {isText ? 'Put it together from rows' : 'Write it as text'}
      </button>
    </section>
  );
}

function Rows({ person, peer, arrival, onChange }: BuilderProps) {
  const { rows, joint } = arrival;
  const visible = person.presence.visibleOf(peer);
  const put = (changed: readonly Row[]): void => onChange({ ...arrival, rows: changed });
  return (
    <>
      {rows.length > 1 && (
        <Choice
          label="How they belong together"
          isLabelHidden
          value={joint}
          options={[
            { value: 'and', label: 'All of these' },
            { value: 'or', label: 'Any of these' },
          ]}
          onChange={(chosen) => onChange({ ...arrival, joint: chosen })}
        />
      )}
      <ul class="rows">
        {rows.map((row, at) => (
          <li key={at} class="row">
            <RowFields
              row={row}
              number={at + 1}
              visible={visible ?? []}
              onChange={(changed) => put(rows.map((each, place) => (place === at ? changed : each)))}
            />
            <button
              type="button"
              class="icon-button"
              aria-label={`Remove test ${at + 1}`}
              onClick={() => put(rows.filter((_, place) => place !== at))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      {rows.length < rowsMax && <AddRow visible={visible} onAdd={(row) => put([...rows, row])} />}
    </>
  );
}

interface AddProps {
  /** Undefined while it is being found out. */
  readonly visible: readonly string[] | undefined;
  readonly onAdd: (row: Row) => void;
}

function AddRow({ visible, onAdd }: AddProps) {
  const [attribute] = (visible ?? []).filter((name) => name !== 'online');
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <div class="add-row">
      {visible?.length !== 0 && (
        <button
          type="button"
          class="button small-button"
          disabled={visible === undefined}
          onClick={() => onAdd({ kind: 'attribute', attribute: attribute ?? 'online', relation: 'is', values: [] })}
        >
          <Icon name="plus" /> How they are
        </button>
      )}
      <button
        type="button"
        class="button small-button"
        onClick={() => onAdd({ kind: 'time', relation: 'after', at: localInput(Date.now() + 3_600_000) })}
      >
        <Icon name="plus" /> A time
      </button>
      <button
        type="button"
        class="button small-button"
        onClick={() => onAdd({ kind: 'window', from: '09:00', to: '18:00', days: 'mon-fri', zone })}
      >
        <Icon name="plus" /> Hours of the day
      </button>
    </div>
  );
}

function TextCondition({ person, arrival, onChange }: BuilderProps) {
  const lengthMax = person.capabilities.value?.limits.conditionCharacters ?? 1024;
  return (
    <label class="field">
      <span>Condition</span>
      <textarea
        rows={3}
        class="code"
        spellcheck={false}
        autocapitalize="none"
        maxLength={lengthMax}
        placeholder="mood changes from angry or time after 2026-12-01T09:00:00Z"
        value={arrival.text ?? ''}
        onInput={(event) => onChange({ ...arrival, text: event.currentTarget.value.replaceAll('\n', ' ') })}
      />
    </label>
  );
}
