/** The fields of one test in the builder of conditions. */
import { useId } from 'preact/hooks';
import { valueLabel, wordsOf } from '../../conditions/attribute-words.ts';
import {
  relations,
  type AttributeRow,
  type Days,
  type Relation,
  type Row,
  type TimeRow,
  type WindowRow,
} from '../../conditions/condition-rows.ts';

interface FieldsProps<R extends Row> {
  readonly row: R;
  /** Which test of the condition this is, for screen readers. */
  readonly number: number;
  /** Attributes that may be asked about. */
  readonly visible: readonly string[];
  readonly onChange: (row: Row) => void;
}

export function RowFields({ row, ...rest }: FieldsProps<Row>) {
  switch (row.kind) {
    case 'attribute':
      return <AttributeFields row={row} {...rest} />;
    case 'time':
      return <TimeFields row={row} {...rest} />;
    case 'window':
      return <WindowFields row={row} {...rest} />;
    default:
      return row satisfies never;
  }
}

function AttributeFields({ row, number, visible, onChange }: FieldsProps<AttributeRow>) {
  const { attribute, relation } = row;
  return (
    <div class="row-fields">
      <select
        aria-label={`Test ${number}: what about them`}
        value={attribute}
        onChange={(event) => onChange({ ...row, attribute: event.currentTarget.value, values: [] })}
      >
        {[...(visible.includes(attribute) ? [] : [attribute]), ...visible].map((name) => (
          <option key={name} value={name}>
            {wordsOf(name).label}
          </option>
        ))}
      </select>
      <select
        aria-label={`Test ${number}: how`}
        value={relation}
        onChange={(event) => onChange({ ...row, relation: event.currentTarget.value as Relation })}
      >
        {relations.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
      {!relation.endsWith('known') && <ValueField row={row} number={number} onChange={onChange} />}
    </div>
  );
}

function ValueField({ row, number, onChange }: Omit<FieldsProps<AttributeRow>, 'visible'>) {
  const { attribute, relation, values } = row;
  const list = useId();
  const { values: usual, isClosed } = wordsOf(attribute);
  const label = `Test ${number}: value`;
  const isMany = relation === 'is one of' || relation === 'is not one of';
  if (isClosed === true && !isMany) {
    return (
      <select
        aria-label={label}
        value={values[0] ?? ''}
        onChange={(event) => onChange({ ...row, values: [event.currentTarget.value] })}
      >
        <option value="" disabled>
          choose
        </option>
        {usual.map((value) => (
          <option key={value} value={value}>
            {valueLabel(value)}
          </option>
        ))}
      </select>
    );
  }
  return (
    <>
      <input
        aria-label={label}
        list={isMany ? undefined : list}
        placeholder={isMany ? usual.slice(0, 2).join(', ') || 'one, two' : (usual[0] ?? 'value')}
        autocapitalize="none"
        spellcheck={false}
        value={values.join(isMany ? ', ' : '')}
        onInput={(event) => {
          const text = event.currentTarget.value;
          onChange({ ...row, values: isMany ? text.split(',').map((each) => each.trimStart()) : [text] });
        }}
      />
      <datalist id={list}>
        {usual.map((value) => (
          <option key={value} value={value} />
        ))}
      </datalist>
    </>
  );
}

function TimeFields({ row, number, onChange }: FieldsProps<TimeRow>) {
  return (
    <div class="row-fields">
      <select
        aria-label={`Test ${number}: after or before`}
        value={row.relation}
        onChange={(event) => onChange({ ...row, relation: event.currentTarget.value as TimeRow['relation'] })}
      >
        <option value="after">after</option>
        <option value="before">before</option>
      </select>
      <input
        type="datetime-local"
        aria-label={`Test ${number}: time`}
        value={row.at}
        onInput={(event) => onChange({ ...row, at: event.currentTarget.value })}
      />
    </div>
  );
}

function WindowFields({ row, number, onChange }: FieldsProps<WindowRow>) {
  return (
    <div class="row-fields">
      <span>between</span>
      <input
        type="time"
        aria-label={`Test ${number}: from`}
        value={row.from}
        onInput={(event) => onChange({ ...row, from: event.currentTarget.value })}
      />
      <span>and</span>
      <input
        type="time"
        aria-label={`Test ${number}: to`}
        value={row.to}
        onInput={(event) => onChange({ ...row, to: event.currentTarget.value })}
      />
      <select
        aria-label={`Test ${number}: days`}
        value={row.days}
        onChange={(event) => onChange({ ...row, days: event.currentTarget.value as Days })}
      >
        <option value="every day">every day</option>
        <option value="mon-fri">Monday to Friday</option>
        <option value="sat-sun">at the weekend</option>
      </select>
    </div>
  );
}
