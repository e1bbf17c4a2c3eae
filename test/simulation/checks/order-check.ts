/**
 * Ready messages of one sender to one recipient go out in the order of acceptance, and a new one does not overtake; held
 * ones hold back nothing (contract section 4, Order).
 */
import type { Millis } from '../../../src/base/time/clock.ts';
import type { Client } from '../model/lane.ts';
import { hasTimeTest } from '../model/wish.ts';
import { clockLookMs, mayBeRefusedUnheard, type Books, type Instance } from './books.ts';
import { holding } from './sights.ts';
import type { Sending } from './wire-check.ts';

/** An earlier message that should have gone to this device before this one, when this one leaves. */
export function findOvertaken(books: Books, { instance, device, connection }: Sending): Instance | undefined {
  const { sender, recipient, validitySeconds } = instance.letter;
  // What may not be kept goes now or never.
  if (validitySeconds === 0 || !books.config.isStoreOffline) return undefined;
  // What is at one client goes to another that comes at once.
  if (instance.attempts.some(({ isOpen }) => isOpen)) return undefined;
  // Where it had to wait for a connection, it was on its way when that was asked for.
  const isConnected = connection?.openedByServerIn === books.time.event;
  const sentAt = isConnected ? connection.askedAt : books.time.monotonic();
  const { reorderedAt } = books.person(recipient);
  for (const other of books.open(recipient)) {
    if (other === instance || other.letter.sender !== sender) continue;
    if (other.letter.validitySeconds === 0) continue;
    if (!isEarlier(other, instance) || isOnItsWay(books, other) || !isReadyFor(books, other, device)) continue;
    // It stays in the line in which it stood before it had a row.
    const stoodSince = Math.min(other.readyAt, other.underWaySince);
    if (reorderedAt >= stoodSince || stoodInLineFirst(instance, other)) continue;
    // What was under way when the other became ready keeps its place in the line of a client.
    const startedAt = startOf(books, instance, sentAt);
    if (other.place === undefined || other.readyAt <= startedAt || hasComeTrue(books, other, device, startedAt))
      return other;
  }
  return undefined;
}

function isOnItsWay({ time }: Books, { attempts }: Instance): boolean {
  const now = time.monotonic();
  return attempts.some(({ isOpen, isFailed, endedAt }) => isOpen || (isFailed && endedAt === now));
}

/** What this client's coming made true goes as if it had waited for the client alone, written or not. */
function hasComeTrue(books: Books, { holdsSince, letter }: Instance, device: Client, startedAt: Millis): boolean {
  const lane = [...books.person(letter.recipient).lanes.values()].find((each) => each.device === device);
  if (lane === undefined || lane.state !== 'up' || books.lastFaultAt >= holdsSince) return false;
  // It may have been the clock that made it true, which is looked at now and then.
  if (hasTimeTest(letter.wish) && books.time.monotonic() - books.lastStepAt < clockLookMs) return false;
  return holdsSince <= lane.upSince && lane.upSince <= startedAt;
}

/** A client turned it away while the other was still at that or another one, so that its place in a line is the earlier. */
function stoodInLineFirst({ attempts, triedAt }: Instance, other: Instance): boolean {
  const turnedAt = attempts.at(-1)?.endedAt ?? triedAt;
  return turnedAt > triedAt && other.attempts.some(({ endedAt = 0 }) => endedAt >= turnedAt);
}

/** Since when it has been at the clients, or may have been in their lines, without a break. */
function startOf({ time, people }: Books, instance: Instance, sentAt: Millis): number {
  const { attempts, place, wasRelayed, underWaySince, readyAt, letter } = instance;
  const now = time.monotonic();
  if (place === undefined || (attempts.length === 0 && wasRelayed)) return underWaySince;
  if (attempts.some(({ isOpen, endedAt }) => isOpen || endedAt === now)) return underWaySince;
  // A row stands in line only at a client of a higher q, or with several, while another of them has room.
  const hadChoice = (people.get(letter.recipient)?.hadChoiceUntil ?? 0) >= readyAt;
  return hadChoice ? readyAt : sentAt;
}

/** Accepted, as far as anybody can tell: a row before another, a row before a request came, a request before another. */
function isEarlier(other: Instance, instance: Instance): boolean {
  if (other.place !== undefined && instance.place !== undefined) return other.place < instance.place;
  if (other.place !== undefined) return other.rowAt < instance.arrivedAt;
  return other.arrivedAt < instance.arrivedAt;
}

/** At a client, by all that is known. */
function isTried(books: Books, instance: Instance): boolean {
  return instance.attempts.length > 0 && !mayBeRefusedUnheard(books, instance);
}

function isReadyFor(books: Books, other: Instance, device: Client): boolean {
  const { time } = books;
  if (
    other.isClosed ||
    other.isTurnedDown ||
    other.end !== undefined ||
    other.delivered !== undefined ||
    other.isPaused
  )
    return false;
  if (other.refusedBy.has(device.contact) || time.wall() >= other.expiresAt) return false;
  if (books.person(other.letter.recipient).mayHaveBlocked(other.letter.sender)) return false;
  if (!holding(books, other).must) return false;
  if (other.place === undefined) return other.life === books.life && isTried(books, other);
  const row = books.readRow(other.id);
  if (row === undefined || row.isAside) return false;
  return row.retryAt === undefined || row.retryAt <= time.wall();
}
