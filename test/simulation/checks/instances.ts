/** What one acceptance of a letter is, from which request it comes, and how long the server must know it again. */
import type { Letter } from '../model/letter.ts';
import { mayBeRefusedUnheard, type Books, type Instance, type Submission } from './books.ts';

/** 64*T1: an attempt that is not answered by then is over (RFC 3261 17.1.2.2). */
export const transactionMs = 32_000;

export function newInstance(
  books: Books,
  id: string,
  submission: Submission,
  rest: Pick<Instance, 'expiresAt'> & Partial<Pick<Instance, 'memories'>>,
): Instance {
  const { letter, arrivedAt, arrivedWall } = submission;
  if (letter === undefined) throw new Error('only a letter is accepted');
  return {
    id,
    letter,
    submission,
    arrivedAt,
    arrivedWall,
    life: books.life,
    place: undefined,
    rowAt: Number.POSITIVE_INFINITY,
    acceptedState: '',
    expiresAt: rest.expiresAt,
    expiresEarliest: rest.expiresAt - Math.abs(books.time.wall() - arrivedWall),
    acceptedAt: 0,
    end: undefined,
    endedWall: 0,
    keptToldIn: undefined,
    isMarkedEarly: false,
    isClosed: false,
    delivered: undefined,
    datedFrom: Math.min(books.time.wall(), arrivedWall),
    datedBy: Math.max(books.time.wall(), arrivedWall),
    asked: { taken: false, shown: false, turnedAway: false, recalled: false },
    hasBeenShown: false,
    mayHoldUntil: Number.POSITIVE_INFINITY,
    readyAt: Number.POSITIVE_INFINITY,
    holdsSince: Number.POSITIVE_INFINITY,
    triedAt: Number.NEGATIVE_INFINITY,
    isTurnedDown: submission.isTurnedDown,
    wasRelayed: false,
    underWaySince: arrivedAt,
    isPaused: false,
    poisonings: 0,
    refusedBy: new Map(),
    attempts: [],
    memories: rest.memories ?? [],
  };
}

/** The oldest request with this letter that is not answered. */
export function submissionOf(books: Books, number: number): Submission | undefined {
  for (const submission of books.submissions.values()) {
    if (submission.letter?.number === number && submission.status === 0) return submission;
  }
  return undefined;
}

export function validityMsOf(books: Books, seconds: number | undefined): number {
  const { validityDefaultMs, validityMaxMs } = books.config;
  return Math.min(seconds === undefined ? validityDefaultMs : seconds * 1000, validityMaxMs);
}

/** Of what its recipient turned away the contract says neither that it is known again nor that it is new. */
export function mayBeKnown({ end }: Instance): boolean {
  return end === 'rejected';
}

/** The same letter again must be known by this: held, waiting, delivered within a day, or relayed just now. */
export function isRemembered(books: Books, instance: Instance): boolean {
  const { time, life } = books;
  if (instance.letter.way === 'http' && instance.letter.key === undefined) return false;
  if (instance.place !== undefined) {
    if (instance.end === undefined) return true;
    const hasTaken = instance.end === 'delivered' || instance.end === 'displayed';
    return hasTaken && time.wall() < instance.endedWall + 24 * 3_600_000;
  }
  if (instance.life !== life || instance.isClosed || mayBeRefusedUnheard(books, instance)) return false;
  const { delivered } = instance;
  return delivered === undefined || time.monotonic() < delivered.at + transactionMs;
}

/** Other messages that their sender named by the same key. */
export function rivalsOf({ letters }: Books, letter: Letter): Letter[] {
  const { key, sender } = letter;
  if (key === undefined) return [];
  return [...letters.values()].filter((other) => other !== letter && other.key === key && other.sender === sender);
}
