/** Sessions: many conversations at once that exchange small messages, both legs through the server. */
import type { BenchRow } from '../bench-row.ts';
import type { SessionAgent } from '../../session-agent/session-agent.ts';
import type { Stage } from '../stages/stage.ts';
import { CrowdOfPairs, type PairsReport } from './crowd-of-pairs.ts';
import { agentOf } from './large.ts';
import { watchMemory, type Watched } from './memory-watch.ts';

/** Setting up at once. */
const joinWidth = 16;
const warmMs = 1000;
const talkMsMax = 3000;

export const sessions: Stage = async (site, { sessions: count, seconds }) => {
  const wish = { name: 'sessions', users: 2 * count, transport: 'udp', isTrusted: true } as const;
  return site.withRig(wish, async (rig) => {
    const agents: SessionAgent[] = [];
    const crowd = new CrowdOfPairs();
    try {
      site.progress.step(`sessions: ${count} begin`, () => crowd.size / count);
      const startedAt = performance.now();
      const began = await watchMemory(rig.server, () =>
        inLanes(count, joinWidth, async (at) => {
          const [inviting, invited] = [await agentOf(rig, 2 * at), await agentOf(rig, 2 * at + 1)];
          agents.push(inviting, invited);
          await invited.register();
          await crowd.join(inviting, invited);
        }),
      );
      const joinSeconds = (performance.now() - startedAt) / 1000;
      site.progress.step('sessions: warming up');
      await crowd.talk(warmMs);
      site.progress.step('sessions: all talk at once');
      const talked = await watchMemory(rig.server, () => crowd.talk(Math.min(seconds * 1000, talkMsMax)));
      return [rowOfBeginning(count, joinSeconds, began), rowOfTalk(count, talked)];
    } finally {
      await crowd.leave();
      await Promise.all(agents.map((agent) => agent.stop()));
    }
  });
};

async function inLanes(count: number, width: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}

function rowOfBeginning(count: number, seconds: number, { growthBytes, cpuSeconds }: Watched<void>): BenchRow {
  const remark =
    growthBytes === undefined ? {} : { remark: `held: ${(growthBytes / 1024 / count).toFixed(1)} KiB each` };
  return {
    stage: 'sessions',
    name: 'sessions begin',
    count,
    perSecond: count / seconds,
    ...(cpuSeconds === undefined ? {} : { serverCpuSecondsPer10k: (cpuSeconds / count) * 10_000 }),
    ...remark,
    faults: [],
    details: { seconds, growthBytes },
  };
}

function rowOfTalk(sessionCount: number, { result, cpuSeconds, growthBytes }: Watched<PairsReport>): BenchRow {
  const { count, failed, seconds, latency } = result;
  return {
    stage: 'sessions',
    name: `messages in ${sessionCount} sessions`,
    count,
    perSecond: count / seconds,
    ...(latency === undefined ? {} : { p50Ms: latency.p50Ms, p99Ms: latency.p99Ms }),
    ...(cpuSeconds === undefined || count === 0 ? {} : { serverCpuSecondsPer10k: (cpuSeconds / count) * 10_000 }),
    faults: failed === 0 ? [] : [`${failed} sessions lost a message`],
    details: { seconds, failed, growthBytes, maxMs: latency?.maxMs },
  };
}
