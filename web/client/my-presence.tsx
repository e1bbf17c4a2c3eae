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
  const shown = person.presence.of(person.address);
  // Who can be reached and says nothing counts as available.
  const availability = availabilities.find((each) => each === shown?.['availability']) ?? (shown && 'available');
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
        onChange={(value) => publish(person, { availability: value })}
      />
      {isMore && <PresenceDialog person={person} shown={shown} onClose={() => setMore(false)} />}
    </section>
  );
}

type SaidName = 'mood' | 'activity' | 'statusText';

interface DialogProps {
  readonly person: Person;
  readonly shown: Presence | undefined;
  readonly onClose: () => void;
}

function PresenceDialog({ person, shown, onClose }: DialogProps) {
  // What was not touched stays as it is, also where that is not known yet.
  const [said, say] = useState<Partial<Record<SaidName, string>>>({});
  const wordOf = (name: SaidName): string => said[name] ?? valuesOf(shown?.[name])[0] ?? '';
  const save = async (): Promise<void> => {
    const words = Object.entries(said).map(([name, word]) => [name, word.trim() || null] as const);
    if (words.length === 0 || (await publish(person, Object.fromEntries(words)))) onClose();
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
        <Words label="Mood" attribute="mood" value={wordOf('mood')} onChange={(mood) => say({ ...said, mood })} />
        <Words
          label="Activity"
          attribute="activity"
          value={wordOf('activity')}
          onChange={(activity) => say({ ...said, activity })}
        />
        <label class="field">
          <span>In my own words</span>
          <input
            maxLength={256}
            dir="auto"
            placeholder="Back at four"
            value={wordOf('statusText')}
            onInput={(event) => say({ ...said, statusText: event.currentTarget.value })}
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
    await person.say(body);
    return true;
  } catch (fault) {
    notify(problemWords(factsOf(fault)), true);
    return false;
  }
}
