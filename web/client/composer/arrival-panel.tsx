/** When a message should arrive: presets, one's own condition, a time after which nothing else counts, a validity. */
import { Fragment } from 'preact';
import { useId } from 'preact/hooks';
import { mayFallBack, presetsFor, type Arrival, type PresetName } from '../../conditions/arrival.ts';
import { localInput } from '../../conditions/condition-rows.ts';
import { wordsOf } from '../../conditions/attribute-words.ts';
import { Icon } from '../../parts/icon.tsx';
import { now } from '../../parts/clock.ts';
import { nameOf } from '../../words/names.ts';
import { personalSentence } from '../../words/sentences.ts';
import { duration } from '../../words/times.ts';
import type { Person } from '../state/person.ts';
import { ConditionBuilder } from './condition-builder.tsx';
import type { Check } from './use-check.ts';

interface ArrivalPanelProps {
  readonly person: Person;
  readonly peer: string;
  readonly arrival: Arrival;
  readonly check: Check;
  readonly onChange: (arrival: Arrival) => void;
}

export function ArrivalPanel(props: ArrivalPanelProps) {
  const { person, peer, arrival, check, onChange } = props;
  const isConditional = person.capabilities.value?.conditional !== false;
  return (
    <>
      <div class="arrival-panel">
        {isConditional ? (
          <Presets {...props} />
        ) : (
          <p class="quiet">This server does not hold messages for a condition.</p>
        )}
        {arrival.preset === 'time' && (
          <label class="field">
            <span>Not before</span>
            <input
              type="datetime-local"
              value={arrival.at}
              min={localInput(Date.now())}
              onInput={(event) => onChange({ ...arrival, at: event.currentTarget.value })}
            />
          </label>
        )}
        {arrival.preset === 'own' && (
          <ConditionBuilder person={person} peer={peer} arrival={arrival} onChange={onChange} />
        )}
        <div class="arrival-more">
          {mayFallBack(arrival) && isConditional && <Fallback arrival={arrival} onChange={onChange} />}
          <Validity person={person} arrival={arrival} onChange={onChange} />
        </div>
      </div>
      <Sentence check={check} peer={peer} />
    </>
  );
}

function Presets({ person, peer, arrival, onChange }: ArrivalPanelProps) {
  const visible = person.presence.visibleOf(peer);
  const group = useId();
  const choose = (preset: PresetName): void => {
    const at = preset === 'time' && arrival.at === '' ? localInput(Date.now() + 3_600_000) : arrival.at;
    onChange({ ...arrival, preset, at });
  };
  return (
    <fieldset class="presets" aria-busy={visible === undefined}>
      <legend>When should it arrive?</legend>
      {presetsFor(visible ?? [], arrival.preset).map(({ name, label }) => (
        <Fragment key={name}>
          {name === 'time' && visible === undefined && (
            <p class="preset quiet">Finding out what else {nameOf(peer)} lets you wait for…</p>
          )}
          <label class="preset">
            <input type="radio" name={group} checked={arrival.preset === name} onChange={() => choose(name)} />
            <span>{label.replace('{name}', nameOf(peer))}</span>
          </label>
        </Fragment>
      ))}
      <p class="quiet small">
        {nameOf(peer)} never sees what a message waited for.{' '}
        {visible !== undefined && mayAskAbout(nameOf(peer), visible)}
      </p>
    </fieldset>
  );
}

function mayAskAbout(name: string, visible: readonly string[]): string {
  const words = visible.map((each) => wordsOf(each).label);
  return `You can ask about what ${name} lets you see${words.length === 0 ? ', which is nothing yet.' : `: ${words.join(', ')}.`}`;
}

type PartProps = Pick<ArrivalPanelProps, 'arrival' | 'onChange'>;

function Fallback({ arrival, onChange }: PartProps) {
  const isOn = arrival.fallbackAt !== '';
  return (
    <div class="field">
      <label class="check">
        <input
          type="checkbox"
          checked={isOn}
          onChange={() => onChange({ ...arrival, fallbackAt: isOn ? '' : localInput(Date.now() + 86_400_000) })}
        />
        <span>In any case after a time</span>
      </label>
      {isOn && (
        <input
          type="datetime-local"
          aria-label="In any case after"
          value={arrival.fallbackAt}
          onInput={(event) => onChange({ ...arrival, fallbackAt: event.currentTarget.value })}
        />
      )}
    </div>
  );
}

const hour = 3600;
const validities: readonly number[] = [hour, 4 * hour, 24 * hour, 72 * hour, 168 * hour, 720 * hour];

function Validity({ person, arrival, onChange }: PartProps & { readonly person: Person }) {
  const limits = person.capabilities.value?.limits;
  const usual = limits === undefined ? '' : ` (${duration(limits.validityDefaultSeconds * 1000)})`;
  const offered = validities.filter((seconds) => seconds <= (limits?.validitySeconds ?? Infinity));
  const { validFor } = arrival;
  const isOwn = validFor !== undefined && !offered.includes(validFor);
  return (
    <label class="field">
      <span>Give up after</span>
      <select
        value={validFor === undefined ? '' : String(validFor)}
        onChange={(event) => {
          const { value } = event.currentTarget;
          onChange({ ...arrival, validFor: value === '' ? undefined : Number(value) });
        }}
      >
        <option value="">the usual time{usual}</option>
        {isOwn && <option value={String(validFor)}>{duration(validFor * 1000)}</option>}
        {offered.map((seconds) => (
          <option key={seconds} value={String(seconds)}>
            {duration(seconds * 1000)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What will happen, in the server's own words; said as it changes. */
function Sentence({ check, peer }: { readonly check: Check; readonly peer: string }) {
  return (
    <p class={`sentence sentence-${check.kind}`} role="status" aria-live="polite">
      <Icon name={check.kind === 'bad' ? 'warning' : check.kind === 'good' ? 'hold' : 'info'} />
      <span>{sentenceText(check, peer)}</span>
    </p>
  );
}

function sentenceText(check: Check, peer: string): string {
  switch (check.kind) {
    case 'none':
      return `It arrives at once, or as soon as ${nameOf(peer)} can be reached.`;
    case 'incomplete':
      return 'Something is still missing.';
    case 'checking':
      return 'Checking…';
    case 'good':
      return personalSentence(check.sentence, peer, now.value);
    case 'bad':
    case 'unasked':
      return check.reason;
    default:
      return check satisfies never;
  }
}
