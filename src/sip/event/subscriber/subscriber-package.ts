/** What an event package (RFC 6665 5) tells the subscriber, and what whoever subscribed hears. They live with what they speak of. */
import type { Millis } from '../../../base/time/clock.ts';
import type { Result } from '../../../base/result.ts';

export interface SubscriberPackage<Document> {
  /** As in Event, in lower case: `presence`, `reg`. */
  readonly name: string;
  /** Media types that it reads, the best first; named in Accept. */
  readonly contentTypes: readonly string[];
  /** Seconds that are asked for. */
  readonly expires: number;
  /** Reads a body before anything changes. The error is for a 400, and then the whole NOTIFY counts for nothing. */
  read(resource: string, body: Uint8Array): Result<Document, string>;
}

/** Of one resource the calls come in the order of what happened. */
export interface SubscriberListener<Document> {
  /** What a NOTIFY says; it holds for `expiresMs` unless it is prolonged. Without a document nothing is known. */
  told(resource: string, document: Document | undefined, expiresMs: Millis): void;
  /** What was told last holds for `expiresMs` from now. */
  prolonged(resource: string, expiresMs: Millis): void;
  /** What was told does not hold any more. */
  lost(resource: string): void;
}
