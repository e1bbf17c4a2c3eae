/**
 * Large: one message of many megabytes to a user who is there, and one to a user who is away, beside a plain TCP copy of as many
 * octets to a synced file in the same minutes.
 */
import { join } from 'node:path';
import { SessionAgent } from '../../session-agent/session-agent.ts';
import { userOf, formatUserNumber } from '../load/wire/request-texts.ts';
import type { BenchRow } from '../bench-row.ts';
import { benchDomain, type BenchSite, type Rig } from '../bench-site.ts';
import type { Stage } from '../stages/stage.ts';
import { watchMemory, type Watched } from './memory-watch.ts';
import { copyPlainly } from './plain-copy.ts';
import { takeOne, transfer, type Transfer } from './transfer.ts';

const megabyte = 1_000_000;
/** Goes before each and is not counted, so that the code of the server is compiled and its memory as warm as it gets. */
const warmMegabytes = 8;
const stage = 'large';

export const large: Stage = async (site, { large: megabytes }) => {
  const bytes = megabytes * megabyte;
  const piece = Buffer.alloc(65_536, 'a large message of the bench, again and again\r\n');
  const seconds = await copy(site, bytes, piece);
  const plain = plainRow(bytes, seconds);
  const flags = ['--max-large', String(Math.max(bytes, 100 * 1024 ** 2))];
  const wish = { name: 'large', users: 3, transport: 'udp', isTrusted: true, flags } as const;
  const rows = await site.withRig(wish, async (rig) => {
    const [tom, mary, john] = [await agentOf(rig, 0), await agentOf(rig, 1), await agentOf(rig, 2)];
    try {
      await mary.register();
      const through = (size: number): Promise<Transfer> => transfer(tom, mary.address, { bytes: size, piece }, mary);
      const stored = (size: number): Promise<Transfer> => transfer(tom, john.address, { bytes: size, piece });
      await through(warmMegabytes * megabyte);
      await stored(warmMegabytes * megabyte);
      site.progress.step('large: through the server');
      const first = rowOf('large, through', bytes, await watchMemory(rig.server, () => through(bytes)), seconds);
      site.progress.step('large: into the store');
      const second = rowOf('large, stored', bytes, await watchMemory(rig.server, () => stored(bytes)), seconds);
      site.progress.step('large: out of the store');
      return [first, second, await fetchStored(rig, john, { bytes, piece }, seconds)];
    } finally {
      for (const agent of [tom, mary, john]) await agent.stop();
    }
  });
  return [plain, ...rows];
};

async function copy(site: BenchSite, bytes: number, piece: Buffer): Promise<number> {
  site.progress.step('large: a plain copy');
  return copyPlainly(join(site.folder, 'plain-copy'), bytes, piece);
}

export function agentOf(rig: Rig, user: number): Promise<SessionAgent> {
  const server = { host: rig.server.host, port: rig.server.ports.sip };
  return SessionAgent.start({ server, address: `${userOf(formatUserNumber(user))}@${benchDomain}`, listens: false });
}

/** Both that wait for the user: the one of the warming up goes first and is not counted. */
async function fetchStored(
  rig: Rig,
  john: SessionAgent,
  content: { readonly bytes: number; readonly piece: Buffer },
  plainSeconds: number,
): Promise<BenchRow> {
  const warm = takeOne(john, { ...content, bytes: warmMegabytes * megabyte });
  await john.register();
  const warmFaults = await warm;
  const watched = await watchMemory(rig.server, async () => {
    const startedAt = performance.now();
    const faults = await takeOne(john, content);
    return { seconds: (performance.now() - startedAt) / 1000, faults: [...warmFaults, ...faults] };
  });
  return rowOf('large, out of the store', content.bytes, watched, plainSeconds);
}

function plainRow(bytes: number, seconds: number): BenchRow {
  const perSecond = bytes / megabyte / seconds;
  return {
    stage,
    name: 'plain copy, synced',
    count: 1,
    remark: `${perSecond.toFixed(0)} MB/s`,
    faults: [],
    details: { bytes, seconds, megabytesPerSecond: perSecond },
  };
}

function rowOf(name: string, bytes: number, watched: Watched<Transfer>, plainSeconds: number): BenchRow {
  const { result, growthBytes, cpuSeconds } = watched;
  const perSecond = bytes / megabyte / result.seconds;
  const grown = growthBytes === undefined ? '' : `, ${(growthBytes / 1024 ** 2).toFixed(0)} MiB above idle`;
  return {
    stage,
    name,
    count: 1,
    remark: `${perSecond.toFixed(0)} MB/s, ${(plainSeconds / result.seconds).toFixed(2)} of the plain copy${grown}`,
    faults: result.faults,
    details: {
      bytes,
      seconds: result.seconds,
      megabytesPerSecond: perSecond,
      growthBytes,
      serverCpuSeconds: cpuSeconds,
    },
  };
}
