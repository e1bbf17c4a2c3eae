/**
 * What one run of the load generator is asked, and what it answers: plain values, because they cross the border of a
 * thread. Users have numbers from 0; each number is one address of the domain of the bench.
 */
import type { Quantiles } from './latencies.ts';

export type LoadTransport = 'udp' | 'tcp';

export interface SessionPlan {
  readonly transport: LoadTransport;
  readonly host: string;
  readonly port: number;
  readonly domain: string;
  /** How many numbers there are. */
  readonly users: number;
}

/**
 * `message`: one MESSAGE, done with its answer. `register`: one REGISTER that is not challenged. `login`: one that is,
 * and is sent again with digest. `relogin`: one that answers the challenge before it comes, as a refreshing phone does.
 * `publish`: one PUBLISH of a mood. `subscribe`: one SUBSCRIBE to presence, as `watching` says.
 */
export type LoadKind = 'message' | 'register' | 'login' | 'relogin' | 'publish' | 'subscribe';

/**
 * Of a subscribe plan: user 0 watches the user whose turn it is, or this one watches user 0, or the next user. A server may
 * bound what one watcher watches and by how many one user is watched.
 */
export type Watching = 'one-of-all' | 'all-of-one' | 'neighbour';

export interface LoadPlan {
  readonly kind: LoadKind;
  /** The first of the users whose turn it is, one after the other. */
  readonly firstUser: number;
  readonly users: number;
  /** Requests altogether; each user's follow each other, the next when the one before is answered. */
  readonly total: number;
  /** Lanes: requests under way at once. */
  readonly width: number;
  /** No request is started after this time; in seconds. */
  readonly secondsMax: number;
  /** The final answer that is wanted; any other is a failure. */
  readonly wantedStatus: number;
  /** `one-of-all` when absent. */
  readonly watching?: Watching;
  /** Of a publish plan: RPID moods, which a user takes in turn. */
  readonly moods?: readonly string[];
  /** MESSAGEs and NOTIFYs that are to arrive at the callee before the run is over; waited for at most `arriveWithinMs`. */
  readonly arrivals?: number;
  readonly arriveWithinMs?: number;
  /** A request counts as done when a MESSAGE for its user or a NOTIFY about them has arrived as well. */
  readonly awaitsArrival?: boolean;
  /** What the callee has seen so far is forgotten, so that the numbering of messages may begin again. */
  readonly forgetsArrivals?: boolean;
}

export interface LoadReport {
  readonly started: number;
  readonly ok: number;
  readonly failed: number;
  /** Final answers by status, and `timeout`. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly retransmissions: number;
  /** From the first request to the last final answer. */
  readonly seconds: number;
  /** From the first sending of a request to its final answer. */
  readonly latency: Quantiles | undefined;
  readonly arrivals: ArrivalReport;
  /** What the generator itself cost. */
  readonly generatorCpuSeconds: number;
}

export interface ArrivalReport {
  /** Messages, each counted once. */
  readonly count: number;
  /** Messages that came again as a new attempt after they had been answered 200. */
  readonly twice: number;
  /** Messages that came before one that was accepted earlier. */
  readonly disordered: number;
  /** From the first request to the last arrival. */
  readonly seconds: number;
  /** From the request of a user to each MESSAGE that arrives for them. */
  readonly latency: Quantiles | undefined;
}

/** The place of a lane in a branch has three hexadecimal digits. */
export const widthMax = 4096;
