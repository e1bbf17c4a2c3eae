/**
 * Presence: what a PUBLISH costs that nobody watches, what a subscription adds to the resident memory, and one presentity
 * with thousands of watchers, with messages of others sent before it and meanwhile.
 */
import type { BenchRow } from '../bench-row.ts';
import type { BenchSite } from '../bench-site.ts';
import type { BenchSizes } from '../bench-sizes.ts';
import type { LoadPlan, LoadReport } from '../load/load-plan.ts';
import { findFaults, measure, rowOfAnswers, rowOfArrivals, warmUpOf, type Stage } from './stage.ts';

const stage = 'presence';
/** Subscriptions, and messages to relay, before those that count. */
const warmUsers = 1000;
/** Never cut short, since what is missing would look lost. */
const secondsMax = 3600;
const moods = ['calm', 'angry'];

export const presence: Stage = async (site, sizes) => [
  await unwatched(site, sizes),
  await subscriptions(site, sizes),
  ...(await fanOut(site, sizes)),
];

function unwatched(site: BenchSite, { users, messages, width, seconds }: BenchSizes): Promise<BenchRow> {
  const name = 'PUBLISH nobody watches';
  return site.withRig({ name, users, transport: 'udp', isTrusted: true }, async (rig) => {
    const all = { firstUser: 0, users, width, secondsMax: seconds, wantedStatus: 200 } as const;
    const plan: LoadPlan = { ...all, kind: 'publish', total: messages, moods };
    await rig.run('warming up', warmUpOf(plan));
    return rowOfAnswers({ stage, name, remark: 'durable' }, await measure(rig, 'publishing', plan));
  });
}

/** Over TCP, and each of another watcher to another presentity: see the stage `memory`. */
function subscriptions(site: BenchSite, { subscriptions: count, width }: BenchSizes): Promise<BenchRow> {
  const name = 'subscriptions';
  const users = warmUsers + count;
  return site.withRig({ name, users, transport: 'tcp', isTrusted: true }, async (rig) => {
    const all = { kind: 'subscribe', watching: 'neighbour', width, secondsMax, wantedStatus: 200 } as const;
    const warm = { ...all, firstUser: 0, users: warmUsers, total: warmUsers, arrivals: warmUsers };
    await rig.run('warming up', warm);
    const before = await rig.server.figures();
    const plan: LoadPlan = { ...all, firstUser: warmUsers, users: count, total: count, arrivals: count };
    const { report, peakMemoryBytes } = await measure(rig, 'subscribing', plan);
    const after = await rig.server.figures();
    const bytes = before === undefined || after === undefined ? undefined : after.memoryBytes - before.memoryBytes;
    const bytesEach = bytes === undefined ? undefined : Math.round(bytes / count);
    return {
      stage,
      name,
      count: report.ok,
      ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
      ...(bytesEach === undefined ? {} : { remark: `${(bytesEach / 1024).toFixed(1)} KiB each` }),
      faults: findFaults(report),
      details: { bytesEach, memoryBytesBefore: before?.memoryBytes, memoryBytesAfter: after?.memoryBytes },
    };
  });
}

/** The watchers are of one generator, the messages of another. They are told again and again until all messages have gone. */
function fanOut(site: BenchSite, { watchers, users, messages, width }: BenchSizes): Promise<BenchRow[]> {
  const name = `PUBLISH to ${watchers} watchers`;
  const wish = { name, users: Math.max(watchers, users), transport: 'udp', isTrusted: true } as const;
  return site.withRig(wish, async (rig) => {
    const all = { firstUser: 0, secondsMax, wantedStatus: 200, width } as const;
    const subscribing = { ...all, users: watchers, total: watchers, arrivals: watchers } as const;
    await rig.runBeside({ ...subscribing, kind: 'subscribe', watching: 'all-of-one' });
    await rig.run('registering', { ...all, kind: 'register', users, total: users });
    const relay: LoadPlan = { ...all, kind: 'message', users, total: messages, forgetsArrivals: true };
    await rig.run('warming up', warmUpOf(relay));
    const alone = await measure(rig, 'relaying', relay);
    const publish = { ...all, kind: 'publish', users: 1, total: 1, arrivals: watchers, width: 1 } as const;
    const told: LoadReport[] = [];
    const messagesGone = { isSo: false };
    const telling = async (): Promise<void> => {
      do told.push(await rig.runBeside({ ...publish, moods: moods.slice(told.length % 2) }));
      while (!messagesGone.isSo);
    };
    const relayed = measure(rig, 'relaying beside it', relay).finally(() => (messagesGone.isSo = true));
    const [beside] = await Promise.all([relayed, telling()]);
    const slowest = told.reduce((one, other) => (p99Of(other) > p99Of(one) ? other : one));
    const remark = `the slowest of ${told.length}`;
    return [
      rowOfAnswers({ stage, name: 'relay before it' }, alone),
      rowOfAnswers({ stage, name: 'relay meanwhile' }, beside),
      rowOfArrivals({ stage, name, remark }, { report: slowest }, watchers),
    ];
  });
}

function p99Of({ arrivals }: LoadReport): number {
  return arrivals.latency?.p99Ms ?? 0;
}
