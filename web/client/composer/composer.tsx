/** Writes a message: its text, when it should arrive, and a draft that outlives the page. */
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { atOnce, conditionOfArrival, presetOf, type Arrival } from '../../conditions/arrival.ts';
import type { Draft } from '../../history/records.ts';
import { now } from '../../parts/clock.ts';
import { Icon } from '../../parts/icon.tsx';
import { notify } from '../../parts/notices.tsx';
import { nameOf } from '../../words/names.ts';
import { personalSentence } from '../../words/sentences.ts';
import type { Person } from '../state/person.ts';
import { ArrivalPanel } from './arrival-panel.tsx';
import { useCheck, type Check } from './use-check.ts';

const draftAfterMs = 300;
const linesMax = 10;

/** Somebody wants this to be written again. */
export const wanted = signal<{ readonly peer: string; readonly draft: Draft } | undefined>(undefined);

interface ComposerProps {
  readonly person: Person;
  readonly peer: string;
}

export function Composer({ person, peer }: ComposerProps) {
  const { text, arrival, write, choose, clear } = useDraft(person, peer);
  const [isOpen, setOpen] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const condition = conditionOfArrival(arrival);
  const check = useCheck(person, peer, condition);
  const bytesMax = person.capabilities.value?.limits.bodyBytes ?? Infinity;
  const isTooLong = text.length * 3 > bytesMax && new TextEncoder().encode(text).length > bytesMax;
  const isReady = text.trim() !== '' && !isTooLong && maySend(check);
  useGrowth(field, text);
  useEffect(() => {
    if (matchMedia('(min-width: 50rem) and (pointer: fine)').matches) field.current?.focus();
  }, []);
  const send = (): void => {
    if (!isReady) {
      if (text.trim() !== '' && arrival.preset !== 'now') setOpen(true);
      return;
    }
    const deliverWhen = condition.kind === 'condition' ? condition.text : undefined;
    const sentence = check.kind === 'good' ? check.sentence : undefined;
    person.sending
      .send(peer, text, { deliverWhen, sentence, expiresIn: arrival.validFor })
      .then(clear)
      .catch(() => notify('This browser has no room to keep what you write. It was not sent.', true));
    setOpen(false);
    field.current?.focus();
  };
  return (
    <form
      class="composer"
      aria-label={`Write to ${nameOf(peer)}`}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {isOpen && <ArrivalPanel person={person} peer={peer} arrival={arrival} check={check} onChange={choose} />}
      {isTooLong && <p class="field-fault">It is too long: at most {bytesMax.toLocaleString()} bytes.</p>}
      <ArrivalButton peer={peer} arrival={arrival} check={check} isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />
      <div class="composer-line">
        <textarea
          ref={field}
          rows={1}
          aria-label={`Message to ${nameOf(peer)}`}
          placeholder={`Write to ${nameOf(peer)}`}
          value={text}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing || matchMedia('(pointer: coarse)').matches)
              return;
            event.preventDefault();
            send();
          }}
        />
        <button type="submit" class="send" disabled={!isReady} aria-label="Send">
          <Icon name={arrival.preset === 'now' ? 'send' : 'hold'} />
        </button>
      </div>
    </form>
  );
}

interface ArrivalButtonProps {
  readonly peer: string;
  readonly arrival: Arrival;
  readonly check: Check;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function ArrivalButton({ peer, arrival, check, isOpen, onToggle }: ArrivalButtonProps) {
  const isBad = check.kind === 'bad' || check.kind === 'incomplete';
  return (
    <div class="arrival-line">
      <button
        type="button"
        class={`arrival-button${arrival.preset === 'now' ? '' : ' arrival-chosen'}${isBad ? ' arrival-bad' : ''}`}
        aria-expanded={isOpen}
        onClick={onToggle}
      >
        <Icon name={arrival.preset === 'now' ? 'clock' : 'hold'} />
        <span>
          <span class="visually-hidden">When should it arrive? </span>
          {presetOf(arrival).short}
        </span>
      </button>
      {!isOpen && check.kind === 'good' && (
        <span class="quiet one-line arrival-sentence">{personalSentence(check.sentence, peer, now.value)}</span>
      )}
    </div>
  );
}

function maySend({ kind }: Check): boolean {
  return kind === 'none' || kind === 'good' || kind === 'unasked';
}

/** Kept as one types, also when the page goes away before the moment is over. */
function useDraft(person: Person, peer: string) {
  const [draft, setDraft] = useState<Draft>({ text: '', arrival: atOnce });
  const latest = useRef<Draft | undefined>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const keep = (): void => {
    clearTimeout(timer.current);
    const { current } = latest;
    latest.current = undefined;
    if (current === undefined) return;
    const isEmpty = current.text === '' && current.arrival === atOnce;
    void person.history.keepDraft(peer, isEmpty ? undefined : current).catch(() => undefined);
  };
  const change = (next: Draft): void => {
    setDraft(next);
    latest.current = next;
    clearTimeout(timer.current);
    timer.current = setTimeout(keep, draftAfterMs);
  };
  useEffect(() => {
    // What was typed before the draft was read stays.
    void person.history.peer(peer).then((known) => {
      if (known?.draft !== undefined && latest.current === undefined) setDraft(known.draft);
    });
    window.addEventListener('pagehide', keep);
    return () => {
      window.removeEventListener('pagehide', keep);
      keep();
    };
  }, []);
  const again = wanted.value;
  useEffect(() => {
    if (again?.peer !== peer) return;
    wanted.value = undefined;
    change(again.draft);
  }, [again]);
  const clear = (): void => {
    clearTimeout(timer.current);
    latest.current = undefined;
    setDraft({ text: '', arrival: atOnce });
  };
  return {
    ...draft,
    write: (text: string) => change({ ...draft, text }),
    choose: (arrival: Arrival) => change({ ...draft, arrival }),
    clear,
  };
}

function useGrowth(field: { readonly current: HTMLTextAreaElement | null }, text: string): void {
  useEffect(() => {
    const { current } = field;
    if (current === null) return;
    current.rows = 1;
    const lineHeight = parseFloat(getComputedStyle(current).lineHeight) || 24;
    const padding = current.offsetHeight - lineHeight;
    current.rows = Math.max(1, Math.min(linesMax, Math.round((current.scrollHeight - padding) / lineHeight)));
  }, [text]);
}
