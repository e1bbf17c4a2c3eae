/**
 * Whose turn it is in each lane. A user belongs to one lane, so that the messages to one user follow each other and their
 * order of acceptance is known; lanes do not wait for each other.
 */

export interface ScheduleSize {
  readonly firstUser: number;
  readonly users: number;
  /** Jobs altogether. */
  readonly total: number;
  readonly width: number;
}

export class LaneSchedule {
  /** By lane: the user and the round, from 0, of the job that it was given last. */
  readonly users: Int32Array;
  readonly rounds: Int32Array;
  readonly #size: ScheduleSize;
  readonly #turns: Int32Array;
  #given = 0;

  constructor(size: ScheduleSize) {
    this.#size = size;
    this.users = new Int32Array(size.width);
    this.rounds = new Int32Array(size.width);
    this.#turns = new Int32Array(size.width);
  }

  get given(): number {
    return this.#given;
  }

  /** False when there is nothing left for this lane. */
  next(lane: number): boolean {
    const { firstUser, users, total, width } = this.#size;
    if (this.#given >= total || lane >= users) return false;
    const usersOfLane = Math.ceil((users - lane) / width);
    const turn = this.#turns[lane] ?? 0;
    const round = Math.floor(turn / usersOfLane);
    // No lane runs ahead into a round that the total does not have for it.
    const user = lane + (turn % usersOfLane) * width;
    if (round * users + user >= total) return false;
    this.#turns[lane] = turn + 1;
    this.#given += 1;
    this.users[lane] = firstUser + user;
    this.rounds[lane] = round;
    return true;
  }
}
