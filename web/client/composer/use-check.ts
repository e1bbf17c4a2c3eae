/** What the server makes of a condition while it is being written: its sentence, its fault, or what may not be asked about. */
import { useEffect, useState } from 'preact/hooks';
import type { ConditionAnswer } from '../../api/shapes.ts';
import type { ArrivalCondition } from '../../conditions/arrival.ts';
import { wordsOf } from '../../conditions/attribute-words.ts';
import { nameOf } from '../../words/names.ts';
import { factsOf, problemWords } from '../../words/problem-words.ts';
import type { Person } from '../state/person.ts';

/** As one types, a moment after the last letter. */
const patienceMs = 220;

export type Check =
  | { readonly kind: 'none' | 'incomplete' | 'checking' }
  | { readonly kind: 'good'; readonly sentence: string }
  | { readonly kind: 'bad'; readonly reason: string; readonly position?: number }
  /** The server cannot be asked now; it will check what is sent. */
  | { readonly kind: 'unasked'; readonly reason: string };

export function useCheck(person: Person, peer: string, condition: ArrivalCondition): Check {
  const text = condition.kind === 'condition' ? condition.text : undefined;
  // What somebody lets me see may change while I write.
  const asked = `${person.presence.visibleOf(peer)?.join() ?? ''} ${text ?? ''}`;
  const [answered, setAnswered] = useState<{ asked: string; check: Check }>();
  useEffect(() => {
    if (text === undefined) return undefined;
    let isOld = false;
    const timer = setTimeout(() => {
      void askAbout(person, peer, text).then((answer) => {
        if (!isOld) setAnswered({ asked, check: answer });
      });
    }, patienceMs);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [person, peer, asked]);
  if (condition.kind !== 'condition') return { kind: condition.kind };
  return answered?.asked === asked ? answered.check : { kind: 'checking' };
}

async function askAbout(person: Person, to: string, condition: string): Promise<Check> {
  try {
    const answer = await person.api.call<ConditionAnswer>('POST', '/v1/conditions/check', { body: { condition, to } });
    return checkOf(answer, to);
  } catch (fault) {
    const facts = factsOf(fault);
    const reason = problemWords(facts, to);
    return facts.kind === 'unreachable' ? { kind: 'unasked', reason } : { kind: 'bad', reason };
  }
}

function checkOf({ valid, sentence = '', reason, position, notAuthorised = [] }: ConditionAnswer, to: string): Check {
  if (!valid)
    return { kind: 'bad', reason: reason ?? 'is not a condition', ...(position === undefined ? {} : { position }) };
  if (notAuthorised.length > 0) {
    const names = notAuthorised.map((each) => wordsOf(each).label).join(', ');
    return { kind: 'bad', reason: `${nameOf(to)} does not let you ask about: ${names}.` };
  }
  return { kind: 'good', sentence };
}
