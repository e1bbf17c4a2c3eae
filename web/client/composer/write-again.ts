/** The text of a message that did not arrive goes back into the composer. */
import { arrivalOf } from '../../conditions/arrival.ts';
import type { SentRecord } from '../../history/records.ts';
import type { Person } from '../state/person.ts';
import { go } from '../route.ts';
import { wanted } from './use-draft.ts';

export async function writeAgain(person: Person, { peer, text, deliverWhen, expiresIn }: SentRecord): Promise<void> {
  const draft = { text, arrival: { ...arrivalOf(deliverWhen), validFor: expiresIn } };
  await person.history.keepDraft(peer, draft).catch(() => undefined);
  wanted.value = { peer, draft };
  go({ place: 'with', peer });
}
