/** Everything that one sender has left, ready or not: fetched, kept, and acknowledged one by one. */
import { Problem } from '../../api/call.ts';
import type { InboxItem, Page } from '../../api/shapes.ts';
import { nameOf } from '../../words/names.ts';
import type { Person } from '../state/person.ts';

/** Answers what to say of it. Rejects with `Problem`. */
export async function fetchAllOf(person: Person, sender: string): Promise<string> {
  let count = 0;
  for (;;) {
    // What was fetched is not there any more, so the first page is always the next one.
    const path = `/v1/inbox?from=${encodeURIComponent(sender)}&limit=100`;
    const { items, next } = await person.api.call<Page<InboxItem>>('GET', path);
    let fetched = 0;
    for (const { id } of items) if (await isFetched(person, id)) fetched += 1;
    count += fetched;
    if (next === undefined || fetched === 0) break;
  }
  if (count === 0) return `${nameOf(sender)} has left nothing for you.`;
  return count === 1 ? `One message of ${nameOf(sender)}.` : `${count} messages of ${nameOf(sender)}.`;
}

async function isFetched(person: Person, id: string): Promise<boolean> {
  try {
    await person.fetch(id);
    return true;
  } catch (fault) {
    // It came to its end meanwhile.
    if (fault instanceof Problem && (fault.status === 404 || fault.status === 409)) return false;
    throw fault;
  }
}
