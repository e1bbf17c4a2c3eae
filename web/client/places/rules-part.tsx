/** The rules: each as a sentence, a way to remove it, and a form for a new one. */
import { useState } from 'preact/hooks';
import type { Rule } from '../../api/shapes.ts';
import { wordsOf } from '../../conditions/attribute-words.ts';
import { Icon } from '../../parts/icon.tsx';
import { addressOf, nameOf } from '../../words/names.ts';
import type { Person } from '../state/person.ts';
import { AttributePicker } from './attribute-picker.tsx';

interface RulesProps {
  readonly person: Person;
  readonly rules: readonly Rule[] | undefined;
  readonly onPut: (to: (rules: readonly Rule[]) => readonly Rule[]) => void;
}

export function RulesPart({ person, rules, onPut }: RulesProps) {
  const usual = person.capabilities.value?.visibleByDefault;
  return (
    <section class="panel stack" aria-labelledby="rules-heading">
      <h2 id="rules-heading">Who may see what</h2>
      {usual !== undefined && (
        <p class="quiet small">
          Everybody of your domain may see {usual === '*' ? 'everything' : usual.map(label).join(' and ') || 'nothing'},
          unless a rule says otherwise.
        </p>
      )}
      <ul class="cards">
        {rules?.map((rule) => (
          <li key={JSON.stringify(rule)} class="card">
            <span class="card-lines">{ruleSentence(rule)}</span>
            <button
              type="button"
              class="icon-button"
              aria-label={`Remove: ${ruleSentence(rule)}`}
              onClick={() => onPut((all) => all.filter((each) => JSON.stringify(each) !== JSON.stringify(rule)))}
            >
              <Icon name="trash" />
            </button>
          </li>
        ))}
      </ul>
      {rules !== undefined && <NewRule person={person} onAdd={(rule) => onPut((all) => withRule(all, rule))} />}
    </section>
  );
}

type Action = 'allow' | 'polite-block' | 'block';

function NewRule({ person, onAdd }: { readonly person: Person; readonly onAdd: (rule: Rule) => void }) {
  const [watcher, setWatcher] = useState('');
  const [action, setAction] = useState<Action>('allow');
  const [attributes, setAttributes] = useState<readonly string[]>(['online', 'availability', 'mood', 'activity']);
  const address = addressOf(watcher, person.address.split('@')[1] ?? '');
  return (
    <form
      class="stack new-rule"
      onSubmit={(event) => {
        event.preventDefault();
        if (address === undefined) return;
        onAdd({ watchers: [address], action, ...(action === 'allow' ? { attributes } : {}) });
        setWatcher('');
      }}
    >
      <h3>A rule for somebody</h3>
      <div class="inline-form">
        <input
          aria-label="Whom the rule is for"
          placeholder="tom@example.com"
          autocapitalize="none"
          list="rule-people"
          value={watcher}
          onInput={(event) => setWatcher(event.currentTarget.value)}
        />
        <datalist id="rule-people">
          {[...person.peers.value.keys()].map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <select
          aria-label="What the rule does"
          value={action}
          onChange={(event) => setAction(event.currentTarget.value as Action)}
        >
          <option value="allow">may see</option>
          <option value="polite-block">always sees me offline</option>
          <option value="block">is told that they may not see</option>
        </select>
      </div>
      {action === 'allow' && <AttributePicker label="These" chosen={attributes} onChange={setAttributes} />}
      <button
        type="submit"
        class="button"
        disabled={address === undefined || (action === 'allow' && attributes.length === 0)}
      >
        Add the rule
      </button>
    </form>
  );
}

/** In place of the one that is for this watcher alone. */
function withRule(rules: readonly Rule[], rule: Rule): readonly Rule[] {
  const [watcher] = rule.watchers;
  const isForThemAlone = ({ watchers, domains }: Rule): boolean =>
    watchers !== '*' && watchers.length === 1 && watchers[0] === watcher && domains === undefined;
  return [...rules.filter((each) => !isForThemAlone(each)), rule];
}

function ruleSentence({ watchers, domains, attributes = [], action, ...more }: Rule): string {
  const people = watchers === '*' ? ['Everybody'] : watchers.map(nameOf);
  const who = [...people, ...(domains ?? []).map((each) => (each === '*' ? 'everybody' : `everybody of ${each}`))];
  const names = attributes === '*' ? 'everything' : attributes.map(label).join(', ');
  const when = more['spheres'] !== undefined || more['validity'] !== undefined ? ', at certain times' : '';
  return `${who.join(', ')}: ${actionWords(action, names)}${when}`;
}

function actionWords(action: Rule['action'], names: string): string {
  switch (action) {
    case 'allow':
      return `may see ${names}`;
    case 'none':
      return `may see ${names} too, where they may see anything`;
    case 'block':
      return 'may see nothing, and is told so';
    case 'polite-block':
      return 'always sees you offline';
    case 'confirm':
      return 'has to ask first';
    default:
      return action satisfies never;
  }
}

function label(attribute: string): string {
  return wordsOf(attribute).label;
}
