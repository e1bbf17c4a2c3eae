/** Many users with a WebSocket each, so many of them busy at once. Counts what did not go as it should. */
import { Latencies } from '../load/latencies.ts';
import type { Quantiles } from '../load/latencies.ts';
import { CrowdMember, type CrowdPlace } from './crowd-member.ts';

export interface CrowdReport {
  readonly ok: number;
  readonly failed: number;
  readonly seconds: number;
  readonly latency: Quantiles | undefined;
}

export class Crowd {
  readonly #members: CrowdMember[] = [];

  get size(): number {
    return this.#members.length;
  }

  /** Each opens a WebSocket and signs in; `width` at once. */
  join(
    place: CrowdPlace,
    users: { readonly first: number; readonly count: number },
    width: number,
  ): Promise<CrowdReport> {
    return inTurns(users.count, width, async (at) => {
      const member = await CrowdMember.open(place, users.first + at);
      this.#members.push(member);
      return (await member.register()) === 200;
    });
  }

  /** Everybody registers once more, without the credentials of before. */
  registerAgain(width: number): Promise<CrowdReport> {
    return inTurns(this.#members.length, width, async (at) => (await this.#members[at]?.register()) === 200);
  }

  /** Again and again, until `isOver`: whoever is measured beside it has it beside them all the time. */
  async keepRegistering(width: number, isOver: () => boolean): Promise<CrowdReport> {
    const startedAt = performance.now();
    let [ok, failed] = [0, 0];
    while (!isOver()) {
      const round = await inTurns(
        this.#members.length,
        width,
        async (at) => (await this.#members[at]?.register()) === 200,
        isOver,
      );
      ok += round.ok;
      failed += round.failed;
    }
    return { ok, failed, seconds: (performance.now() - startedAt) / 1000, latency: undefined };
  }

  leave(): void {
    for (const member of this.#members) member.close();
  }
}

async function inTurns(
  count: number,
  width: number,
  work: (at: number) => Promise<boolean>,
  isOver = () => false,
): Promise<CrowdReport> {
  const latencies = new Latencies(count);
  const startedAt = performance.now();
  let next = 0;
  let ok = 0;
  let failed = 0;
  const lane = async (): Promise<void> => {
    while (next < count && !isOver()) {
      const at = next;
      next += 1;
      const sentAt = performance.now();
      const isOk = await work(at).catch(() => false);
      latencies.add(performance.now() - sentAt);
      if (isOk) ok += 1;
      else failed += 1;
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return { ok, failed, seconds: (performance.now() - startedAt) / 1000, latency: latencies.quantiles() };
}
