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
  const content = {
    bytes: megabytes * megabyte,
    piece: Buffer.alloc(65_536, 'a large message of the bench, again\r\n'),
  };
  const seconds = await copy(site, content);
  const through = await onServer(site, content, (rig, tom, mary) => sendThrough(rig, tom, { mary, content, seconds }));
  const stored = await onServer(site, content, (rig, tom, mary) => storeAndFetch(rig, tom, { mary, content, seconds }));
  return [plainRow(content.bytes, seconds), ...through, ...stored];
};

interface Content {
  readonly bytes: number;
  readonly piece: Buffer;
}

interface Task {
  readonly mary: SessionAgent;
  readonly content: Content;
  /** What the plain copy took. */
  readonly seconds: number;
}

/** Each on a server of its own, whose memory tells of nothing else. */
async function onServer(
  site: BenchSite,
  { bytes }: Content,
  work: (rig: Rig, tom: SessionAgent, mary: SessionAgent) => Promise<BenchRow[]>,
): Promise<BenchRow[]> {
  const flags = ['--max-large', String(Math.max(bytes, 100 * 1024 ** 2))];
  const wish = { name: 'large', users: 2, transport: 'udp', isTrusted: true, flags } as const;
  return site.withRig(wish, async (rig) => {
    const [tom, mary] = [await agentOf(rig, 0), await agentOf(rig, 1)];
    try {
      return await work(rig, tom, mary);
    } finally {
      await tom.stop();
      await mary.stop();
    }
  });
}

async function sendThrough(rig: Rig, tom: SessionAgent, { mary, content, seconds }: Task): Promise<BenchRow[]> {
  await mary.register();
  const send = (bytes: number): Promise<Transfer> => transfer(tom, mary.address, { ...content, bytes }, mary);
  await send(warmMegabytes * megabyte);
  rig.step('large: through the server');
  return [rowOf('large, through', content.bytes, await watchMemory(rig.server, () => send(content.bytes)), seconds)];
}

/** Both that wait for her are played: the one of the warming up goes first and is not counted. */
async function storeAndFetch(rig: Rig, tom: SessionAgent, { mary, content, seconds }: Task): Promise<BenchRow[]> {
  const warm = { ...content, bytes: warmMegabytes * megabyte };
  const send = (each: Content): Promise<Transfer> => transfer(tom, mary.address, each);
  const warmFaults = (await send(warm)).faults;
  rig.step('large: into the store');
  const stored = rowOf('large, stored', content.bytes, await watchMemory(rig.server, () => send(content)), seconds);
  const taken = takeOne(mary, warm);
  await mary.register();
  warmFaults.push(...(await taken));
  rig.step('large: out of the store');
  const fetched = await watchMemory(rig.server, async () => {
    const startedAt = performance.now();
    const faults = await takeOne(mary, content);
    return { seconds: (performance.now() - startedAt) / 1000, faults: [...warmFaults, ...faults] };
  });
  return [stored, rowOf('large, out of the store', content.bytes, fetched, seconds)];
}

async function copy(site: BenchSite, { bytes, piece }: Content): Promise<number> {
  site.progress.step('large: a plain copy');
  return copyPlainly(join(site.folder, 'plain-copy'), bytes, piece);
}

export function agentOf(rig: Rig, user: number): Promise<SessionAgent> {
  const server = { host: rig.server.host, port: rig.server.ports.sip };
  return SessionAgent.start({ server, address: `${userOf(formatUserNumber(user))}@${benchDomain}`, listens: false });
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
  const cpu = cpuSeconds === undefined ? '' : `, ${cpuSeconds.toFixed(2)} s of CPU`;
  const grown = growthBytes === undefined ? '' : `, ${(growthBytes / 1024 ** 2).toFixed(0)} MiB above idle`;
  return {
    stage,
    name,
    count: 1,
    remark: `${perSecond.toFixed(0)} MB/s, ${(plainSeconds / result.seconds).toFixed(2)} of the plain copy${cpu}${grown}`,
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
