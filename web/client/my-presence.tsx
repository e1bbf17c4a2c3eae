/** How I am, one tap away: availability at once, mood, activity and a line of text behind one more. */
import { useState } from 'preact/hooks';
import type { Presence } from '../api/shapes.ts';
import { valueLabel, wordsOf } from '../conditions/attribute-words.ts';
import { Choice } from '../parts/choice.tsx';
import { Face } from '../parts/face.tsx';
import { Icon } from '../parts/icon.tsx';
import { Modal } from '../parts/modal.tsx';
import { notify } from '../parts/notices.tsx';
import { nameOf } from '../words/names.ts';
import { factsOf, problemWords } from '../words/problem-words.ts';
import type { Person } from './state/person.ts';
import { presenceLine, standingOf, valuesOf } from './state/presence-words.ts';

const availabilities = ['available', 'not-available', 'discreet'] as const;
type Availability = (typeof availabilities)[number];

export function MyPresence({ person }: { readonly person: Person }) {
  const [isMore, setMore] = useState(false);
  const shown = person.presence.value.get(person.address);
  const availability = availabilities.find((each) => each === shown?.['availability']) ?? 'available';
  return (
    <section class="my-presence" aria-label="How I am">
      <button type="button" class="me" onClick={() => setMore(true)}>
        <Face address={person.address} standing={standingOf(shown)} />
        <span class="peer-lines">
          <strong class="one-line">{nameOf(person.address)}</strong>
          <span class="quiet small one-line">{presenceLine(shown) || person.address}</span>
        </span>
        <Icon name="edit" />
        <span class="visually-hidden">: say more about how I am</span>
      </button>
      <Choice<Availability>
        label="My availability"
        isLabelHidden
        value={availability}
        options={[
          { value: 'available', label: 'Available' },
          { value: 'not-available', label: 'Busy' },
          { value: 'discreet', label: 'Discreet' },
        ]}
        onChange={(value) => void publish(person, { availability: value })}
      />
      {isMore && <PresenceDialog person={person} shown={shown} onClose={() => setMore(false)} />}
    </section>
  );
}

interface DialogProps {
  readonly person: Person;
  readonly shown: Presence | undefined;
  readonly onClose: () => void;
}

function PresenceDialog({ person, shown, onClose }: DialogProps) {
  const [mood, setMood] = useState(valuesOf(shown?.['mood'])[0] ?? '');
  const [activity, setActivity] = useState(valuesOf(shown?.['activity'])[0] ?? '');
  const [note, setNote] = useState(valuesOf(shown?.['statusText'])[0] ?? '');
  const save = async (): Promise<void> => {
    const words = { mood: mood || null, activity: activity || null, statusText: note.trim() || null };
    if (await publish(person, words)) onClose();
  };
  return (
    <Modal title="How I am" onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Words label="Mood" attribute="mood" value={mood} onChange={setMood} />
        <Words label="Activity" attribute="activity" value={activity} onChange={setActivity} />
        <label class="field">
          <span>In my own words</span>
          <input
            maxLength={256}
            placeholder="Back at four"
            value={note}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </label>
        <p class="quiet small">Who sees this, and may wait for it, you decide under Privacy.</p>
        <button type="submit" class="button button-main">
          Say so
        </button>
      </form>
    </Modal>
  );
}

interface WordsProps {
  readonly label: string;
  readonly attribute: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** The usual ones as buttons; another that was published by some other client stays among them. */
function Words({ label, attribute, value, onChange }: WordsProps) {
  const { values } = wordsOf(attribute);
  const offered = value === '' || values.includes(value) ? values : [value, ...values];
  return (
    <fieldset class="words">
      <legend>{label}</legend>
      <div class="word-list">
        {['', ...offered].map((each) => (
          <label key={each} class="word">
            <input type="radio" name={attribute} checked={each === value} onChange={() => onChange(each)} />
            <span>{each === '' ? 'none' : valueLabel(each)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

type Said = Readonly<Record<string, string | null>>;

async function publish(person: Person, body: Said): Promise<boolean> {
  try {
    person.showPresence(await person.api.call<Presence>('PUT', '/v1/presence', { body }));
    return true;
  } catch (fault) {
    notify(problemWords(factsOf(fault)), true);
    return false;
  }
}
