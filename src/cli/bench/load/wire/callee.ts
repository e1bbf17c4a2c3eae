/**
 * Whoever is called: answers every request 200 and checks of each MESSAGE of the bench that it comes once, in the order in
 * which it was accepted. A retransmission is no second message (RFC 3261 17.2.2). A NOTIFY only tells of whom it is.
 */
import { bodyMark } from './request-texts.ts';
import type { Wire } from './wires.ts';
import { bodyStartOf, formatOkAnswer, hashOfBranch, headerOf, readDecimal } from './wire-bytes.ts';

export type Arrived = (user: number) => void;

const userDigits = 7;
const roundDigits = 7;
const firstByteOfMark = bodyMark.charCodeAt(0);
/** No other request that comes here begins with it. */
const firstByteOfNotify = 'N'.charCodeAt(0);
const userInUri = /sip:u(\d{7})@/;

export class Callee {
  readonly #arrived: Arrived;
  /** By user: the round that is expected next, and the branch of the newest message. */
  readonly #nextRounds: Int32Array;
  readonly #branches: Int32Array;
  #count = 0;
  #twice = 0;
  #disordered = 0;

  /** `arrived` is called for each message once. */
  constructor(users: number, arrived: Arrived) {
    this.#arrived = arrived;
    this.#nextRounds = new Int32Array(users);
    this.#branches = new Int32Array(users);
  }

  get count(): number {
    return this.#count;
  }

  get twice(): number {
    return this.#twice;
  }

  get disordered(): number {
    return this.#disordered;
  }

  forget(): void {
    this.#nextRounds.fill(0);
    this.#branches.fill(0);
    this.#count = 0;
    this.#twice = 0;
    this.#disordered = 0;
  }

  take(request: Buffer, wire: Wire): void {
    wire.send(formatOkAnswer(request));
    if (request[0] === firstByteOfNotify) {
      this.#noteNotify(request);
      return;
    }
    const start = bodyStartOf(request);
    // Anything but a message of the bench is only answered.
    if (request[start] !== firstByteOfMark || request.length < start + bodyMark.length + userDigits + 1 + roundDigits)
      return;
    const user = readDecimal(request, start + bodyMark.length, userDigits);
    const round = readDecimal(request, start + bodyMark.length + userDigits + 1, roundDigits);
    if (user < this.#nextRounds.length) this.#note(user, round, hashOfBranch(request));
  }

  #noteNotify(request: Buffer): void {
    const user = userIn(headerOf(request, 'from'));
    const watcher = userIn(headerOf(request, 'to'));
    const users = this.#branches.length;
    if (user < 0 || user >= users || watcher < 0) return;
    // One watches all, or all watch one: the sum tells their subscriptions apart.
    const subscription = (user + watcher) % users;
    const branch = hashOfBranch(request);
    if (this.#branches[subscription] === branch) return;
    this.#branches[subscription] = branch;
    this.#count += 1;
    this.#arrived(user);
  }

  #note(user: number, round: number, branch: number): void {
    const expected = this.#nextRounds[user] ?? 0;
    if (round < expected) {
      if (this.#branches[user] !== branch) this.#twice += 1;
      return;
    }
    // One that was passed over is either missing or still to come; both are seen at the end.
    if (round > expected) this.#disordered += round - expected;
    this.#nextRounds[user] = round + 1;
    this.#branches[user] = branch;
    this.#count += 1;
    this.#arrived(user);
  }
}

/** -1 where it names none of the bench. */
function userIn(value: string | undefined): number {
  const digits = userInUri.exec(value ?? '')?.[1];
  return digits === undefined ? -1 : Number(digits);
}
