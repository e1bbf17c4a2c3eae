/** What is being written to somebody: kept as one types, also when the page goes away before the moment is over. */
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { atOnce, type Arrival } from '../../conditions/arrival.ts';
import type { Draft } from '../../history/records.ts';
import type { Person } from '../state/person.ts';

const keptAfterMs = 300;
const blank: Draft = { text: '', arrival: atOnce };

/** Somebody wants this to be written again. */
export const wanted = signal<{ readonly peer: string; readonly draft: Draft } | undefined>(undefined);

export interface Writing extends Draft {
  readonly write: (text: string) => void;
  readonly choose: (arrival: Arrival) => void;
  /** Takes it away to be sent. */
  readonly take: () => Draft;
  /** What was taken, before what was typed meanwhile. */
  readonly putBack: (taken: Draft) => void;
}

export function useDraft(person: Person, peer: string): Writing {
  const [draft, setDraft] = useState(blank);
  const latest = useRef(blank);
  const isTouched = useRef(false);
  const show = (next: Draft): void => {
    latest.current = next;
    setDraft(next);
  };
  const { keepSoon, keepNow, forget } = useKeeping(person, peer, latest);
  const change = (next: Draft): void => {
    isTouched.current = true;
    show(next);
    keepSoon();
  };
  useEffect(() => {
    // What was typed before the draft was read stays.
    void person.history.peer(peer).then((known) => {
      if (known?.draft !== undefined && !isTouched.current) show(known.draft);
    });
    window.addEventListener('pagehide', keepNow);
    person.keepFirst.add(keepNow);
    return () => {
      window.removeEventListener('pagehide', keepNow);
      person.keepFirst.delete(keepNow);
      keepNow();
    };
  }, []);
  const again = wanted.value;
  useEffect(() => {
    if (again?.peer !== peer) return;
    wanted.value = undefined;
    change(again.draft);
  }, [again]);
  const take = (): Draft => {
    const taken = latest.current;
    isTouched.current = true;
    forget();
    show(blank);
    return taken;
  };
  const putBack = (taken: Draft): void => {
    const { text, arrival } = latest.current;
    change(text === '' ? taken : { text: `${taken.text}\n${text}`, arrival });
  };
  return {
    ...draft,
    write: (text) => change({ ...latest.current, text }),
    choose: (arrival) => change({ ...latest.current, arrival }),
    take,
    putBack,
  };
}

/** A moment after the last letter, or at once when there may be no later. */
function useKeeping(person: Person, peer: string, latest: { readonly current: Draft }) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const forget = (): void => {
    clearTimeout(timer.current);
    timer.current = undefined;
  };
  const keepNow = (): void => {
    if (timer.current === undefined) return;
    forget();
    const { text, arrival } = latest.current;
    const isEmpty = text === '' && arrival === atOnce;
    void person.history.keepDraft(peer, isEmpty ? undefined : { text, arrival }).catch(() => undefined);
  };
  const keepSoon = (): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(keepNow, keptAfterMs);
  };
  return { keepSoon, keepNow, forget };
}
