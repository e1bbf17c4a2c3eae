/** A notice that a message waits (docs/http-api.md section 4): of what is ready, to whoever wants it so, without its content. */
import type { Books } from '../checks/books.ts';
import type { Client } from '../model/lane.ts';
import { hasTimeTest } from '../model/wish.ts';
import { findNoticeWordsFault } from './message-words.ts';

/** A notice rests on rows, which follow presence with a commit or two, and in the background after a start. */
const rowsLateMs = 3000;
const styleLateMs = 20;

export function findNoticeFault(books: Books, client: Client, text: string): string | undefined {
  const { id } = JSON.parse(text) as { readonly id: string };
  const instance = books.instances.get(id);
  if (instance === undefined) return 'nobody wrote it';
  const { letter, place, mayHoldUntil } = instance;
  if (letter.recipient !== client.owner) return 'it is somebody else’s';
  if (place === undefined) return 'it is not kept';
  const person = books.person(client.owner);
  if (person.hasSurelyBlocked(letter.sender)) return 'its sender is blocked';
  const now = books.time.monotonic();
  const { style, bornAt = now } = person.lanes.get(client.contact) ?? {};
  // What was chosen a moment ago may be in effect a moment later, when what was on its way is there.
  if (bornAt < now - styleLateMs && (style === 'push' || style === 'pull')) return `its reader wants ${style}`;
  const pushed = [...person.lanes.values()].find(
    (lane) => lane.style === 'push' && lane.state === 'up' && !lane.isEnding && lane.upSince < now - styleLateMs,
  );
  if (pushed !== undefined) return `${pushed.device.name} takes messages`;
  const isSteady = Math.max(books.lastFaultAt, books.lastStepAt) < now - rowsLateMs;
  if (isSteady && mayHoldUntil < now - rowsLateMs && !hasTimeTest(letter.wish)) return 'its condition does not hold';
  return findNoticeWordsFault(instance, text);
}
