/** Many pairs in conversation at once: each has one message on its way all the time, and who gets it writes the next. */
import type { SessionAgent, StandingSession } from '../../session-agent/session-agent.ts';
import { Latencies, type Quantiles } from '../load/latencies.ts';

export interface PairsReport {
  readonly count: number;
  readonly failed: number;
  readonly seconds: number;
  readonly latency: Quantiles | undefined;
}

interface Pair {
  readonly ends: readonly [StandingSession, StandingSession];
}

const latenciesMax = 2_000_000;
const withinMs = 30_000;
const text = 'The quick brown fox jumps over the lazy dog while the server under test carries this line of chat.';

export class CrowdOfPairs {
  readonly #pairs: Pair[] = [];

  get size(): number {
    return this.#pairs.length;
  }

  /** One invites, the other takes it. */
  async join(inviting: SessionAgent, invited: SessionAgent): Promise<void> {
    const both = await Promise.all([inviting.inviteForTalk(invited.address), invited.takeInvite(withinMs)]);
    this.#pairs.push({ ends: both });
  }

  /** All talk for so long; a message counts when it arrived whole, its time is from its sender's to its reader's hands. */
  async talk(forMs: number): Promise<PairsReport> {
    const latencies = new Latencies(latenciesMax);
    const startedAt = performance.now();
    const endsAt = startedAt + forMs;
    let failed = 0;
    const talkOne = async ({ ends }: Pair): Promise<void> => {
      for (let turn = 0; performance.now() < endsAt; turn += 1) {
        const [from, to] = turn % 2 === 0 ? ends : [ends[1], ends[0]];
        const sentAt = performance.now();
        const body = `${turn} ${text}`;
        const sent = from.msrp.send({ contentType: 'text/plain', body });
        const got = await to.msrp.nextMessage(withinMs).catch(() => undefined);
        const isRight = got?.text === body && (await sent.finished) === 200;
        if (isRight) latencies.add(performance.now() - sentAt);
        else failed += 1;
        if (!isRight) return;
      }
    };
    await Promise.all(this.#pairs.map(talkOne));
    const seconds = (performance.now() - startedAt) / 1000;
    return { count: latencies.count, failed, seconds, latency: latencies.quantiles() };
  }

  async leave(): Promise<void> {
    for (const { ends } of this.#pairs) for (const { msrp } of ends) msrp.connection?.destroy();
  }
}
