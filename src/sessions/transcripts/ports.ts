/** What transcripts need from outside: a durable place for each account that keeps them. */
import type { Millis } from '../../base/time/clock.ts';
import type { Address } from '../../model/address.ts';

/** Of one owner; one more is not kept. */
export const transcriptsMax = 1_000;

/** Times are wall times. */
export interface TranscriptSummary {
  /** Later ids sort after earlier ones. */
  readonly id: string;
  readonly owner: Address;
  /** Who was at the other side. */
  readonly other: Address;
  readonly startedAt: Millis;
  readonly endedAt: Millis;
  /** They were called and did not answer. */
  readonly isMissed: boolean;
  /** How many messages there were. */
  readonly messages: number;
}

export interface Transcript extends TranscriptSummary {
  readonly lines: readonly TranscriptLine[];
}

export interface TranscriptLine {
  readonly at: Millis;
  /** The owner wrote it. */
  readonly isOwn: boolean;
  readonly contentType: string;
  readonly bytes: number;
  /** Absent for what is no text, or is too long. */
  readonly text?: string;
}

export interface TranscriptPage {
  /** The id that the page before ended with. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Writes resolve when durable; rejects with `StoreFault`. Everything goes with its owner's account. */
export interface TranscriptStore {
  isKept(owner: Address): Promise<boolean>;
  /** False where there is no such account. */
  setKept(owner: Address, isKept: boolean): Promise<boolean>;
  /** `not-kept`: its owner keeps none (any more). `full`: as many as may be. */
  add(transcript: Transcript): Promise<'added' | 'not-kept' | 'full'>;
  /** The newest first. */
  list(owner: Address, page: TranscriptPage): Promise<TranscriptSummary[]>;
  read(owner: Address, id: string): Promise<Transcript | undefined>;
  /** False where there is none. */
  remove(owner: Address, id: string): Promise<boolean>;
}
