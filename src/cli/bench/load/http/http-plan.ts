/** What one run over HTTP is asked; plain values, because they cross the border of a thread. Users have numbers from 0. */

/**
 * `hello`: GET / without credentials. `post`: a message for the next user, from the one before them. `deliver`: the same
 * for users who have a stream open and acknowledge what comes. `inbox`: the first user lists theirs. `stream`: the next user
 * opens a stream of events, which stays open as long as the generator.
 */
export type HttpKind = 'hello' | 'post' | 'deliver' | 'inbox' | 'stream';

export interface HttpPlan {
  readonly kind: HttpKind;
  readonly host: string;
  readonly port: number;
  readonly domain: string;
  /** The first of the users whose turn it is, one after the other. */
  readonly firstUser: number;
  /** Of a `deliver` plan, as many as its width: each lane writes to a user of its own. */
  readonly users: number;
  readonly total: number;
  /** Connections, with one request under way on each. */
  readonly width: number;
  /** No request is started after this time; in seconds. */
  readonly secondsMax: number;
  /** The answer that is wanted; any other is a failure. */
  readonly wantedStatus: number;
}

/** Messages of one page of an inbox that is listed. */
export const inboxPageLimit = 20;
