/** Writes a message: its text, when it should arrive, and a draft that outlives the page. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { conditionOfArrival, presetOf, type Arrival } from '../../conditions/arrival.ts';
import { now } from '../../parts/clock.ts';
import { Icon } from '../../parts/icon.tsx';
import { notify } from '../../parts/notices.tsx';
import { nameOf } from '../../words/names.ts';
import { personalSentence } from '../../words/sentences.ts';
import type { Person } from '../state/person.ts';
import { ArrivalPanel } from './arrival-panel.tsx';
import { useCheck, type Check } from './use-check.ts';
import { useDraft, type Writing } from './use-draft.ts';

const linesMax = 10;

interface ComposerProps {
  readonly person: Person;
  readonly peer: string;
}

export function Composer({ person, peer }: ComposerProps) {
  const draft = useDraft(person, peer);
  const { text, arrival } = draft;
  const [isOpen, setOpen] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const bytesMax = person.capabilities.value?.limits.bodyBytes ?? Infinity;
  const isTooLong = text.length * 3 > bytesMax && new TextEncoder().encode(text).length > bytesMax;
  const isWritten = text.trim() !== '' && !isTooLong;
  const { check, write, choose, send } = useOutgoing({ person, peer }, draft, (isSent) => {
    setOpen(!isSent);
    if (isSent) field.current?.focus();
  });
  useGrowth(field, text);
  useEffect(() => {
    if (matchMedia('(min-width: 50rem) and (pointer: fine)').matches) field.current?.focus();
  }, []);
  return (
    <form
      class="composer"
      aria-label={`Write to ${nameOf(peer)}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (isWritten) send();
      }}
    >
      {isOpen && <ArrivalPanel person={person} peer={peer} arrival={arrival} check={check} onChange={choose} />}
      {isTooLong && <p class="field-fault">It is too long: at most {bytesMax.toLocaleString()} bytes.</p>}
      <ArrivalButton peer={peer} arrival={arrival} check={check} isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />
      <div class="composer-line">
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          aria-label={`Message to ${nameOf(peer)}`}
          placeholder={`Write to ${nameOf(peer)}`}
          value={text}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing || matchMedia('(pointer: coarse)').matches)
              return;
            event.preventDefault();
            if (isWritten) send();
          }}
        />
        <button type="submit" class="send" disabled={!isWritten || isBad(check)} aria-label="Send">
          <Icon name={arrival.preset === 'now' ? 'send' : 'hold'} />
        </button>
      </div>
    </form>
  );
}

/** Sends what is written, at once or as soon as its condition has been looked at. `onTried`: it went out, or must not. */
function useOutgoing({ person, peer }: ComposerProps, draft: Writing, onTried: (isSent: boolean) => void) {
  const { arrival } = draft;
  const [isWanted, want] = useState(false);
  const condition = conditionOfArrival(arrival);
  const check = useCheck(person, peer, condition);
  const send = (): void => {
    want(check.kind === 'checking');
    if (check.kind === 'checking') return;
    onTried(maySend(check));
    // What is typed from now on is another message.
    const taken = maySend(check) ? draft.take() : undefined;
    if (taken === undefined || taken.text.trim() === '') return;
    const deliverWhen = condition.kind === 'condition' ? condition.text : undefined;
    const sentence = check.kind === 'good' ? check.sentence : undefined;
    person.sending.send(peer, taken.text, { deliverWhen, sentence, expiresIn: arrival.validFor }).catch(() => {
      draft.putBack(taken);
      notify('This browser has no room to keep what you write. It was not sent.', true);
    });
  };
  useEffect(() => {
    if (isWanted) send();
  }, [isWanted, check]);
  const write = (text: string): void => {
    want(false);
    draft.write(text);
  };
  const choose = (chosen: Arrival): void => {
    want(false);
    draft.choose(chosen);
  };
  return { check, write, choose, send };
}

interface ArrivalButtonProps {
  readonly peer: string;
  readonly arrival: Arrival;
  readonly check: Check;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function ArrivalButton({ peer, arrival, check, isOpen, onToggle }: ArrivalButtonProps) {
  return (
    <div class="arrival-line">
      <button
        type="button"
        class={`arrival-button${arrival.preset === 'now' ? '' : ' arrival-chosen'}${isBad(check) ? ' arrival-bad' : ''}`}
        aria-expanded={isOpen}
        onClick={onToggle}
      >
        <Icon name={arrival.preset === 'now' ? 'clock' : 'hold'} />
        <span>
          <span class="visually-hidden">When should it arrive? </span>
          {presetOf(arrival).short}
        </span>
      </button>
      {!isOpen && check.kind === 'checking' && <span class="quiet arrival-sentence">Checking…</span>}
      {!isOpen && check.kind === 'good' && (
        <span class="quiet one-line arrival-sentence">{personalSentence(check.sentence, peer, now.value)}</span>
      )}
    </div>
  );
}

function isBad({ kind }: Check): boolean {
  return kind === 'bad' || kind === 'incomplete';
}

function maySend({ kind }: Check): boolean {
  return kind === 'none' || kind === 'good' || kind === 'unasked';
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
