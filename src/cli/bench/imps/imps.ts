/** IMPS: the codec beside JSON, messages that are kept, and sessions that have nothing to hear and poll every ten seconds. */
import { benchDomain, type BenchSite, type Rig } from '../bench-site.ts';
import type { BenchRow } from '../bench-row.ts';
import type { BenchSizes } from '../bench-sizes.ts';
import { Latencies } from '../load/latencies.ts';
import type { Stage } from '../stages/stage.ts';
import { measureCodec } from './codec.ts';
import { Gateway } from './gateway.ts';
import { PollingPhone } from './polling-phone.ts';

/** Connections, and phones that send at once. */
const width = 64;
const pollEveryMs = 10_000;

export const imps: Stage = async (site, sizes) => {
  site.progress.step('imps: codec');
  const codec = measureCodec(Math.ceil(sizes.messages / 2));
  const users = width + sizes.users + sizes.phones;
  const others = await withGateway(site, users, async (rig, gateway) => [
    await sending(rig, gateway, sizes),
    ...(await polling(site, { rig, gateway, first: width + sizes.users, count: sizes.phones })),
  ]);
  return [...codec, ...others];
};

async function sending(rig: Rig, gateway: Gateway, { users, messages, seconds }: BenchSizes): Promise<BenchRow> {
  const phones = await logIn(gateway, width);
  const total = Math.ceil(messages / 4);
  const run = (count: number): Promise<Counted> =>
    inTurns(count, seconds * 1000, async (at, lane) => (await phones[lane]?.send(width + (at % users))) === '201');
  await run(Math.ceil(total / 2));
  const { cpuSeconds, result } = await costOf(rig, () => run(total));
  return rowOf('SendMessage, stored', result, { cpuSeconds, remark: 'durable, WBXML, 64 sessions' });
}

interface PollingPlan {
  readonly rig: Rig;
  readonly gateway: Gateway;
  readonly first: number;
  readonly count: number;
}

async function polling(site: BenchSite, { rig, gateway, first, count }: PollingPlan): Promise<BenchRow[]> {
  const before = await rig.server.figures();
  site.progress.step('IMPS sessions: logging in');
  const all = Array.from({ length: count }, (_, at) => new PollingPhone(gateway, benchDomain, first + at));
  const logins = await inTurns(count, Number.POSITIVE_INFINITY, async (at) => (await all[at]?.login()) === true);
  const after = await rig.server.figures();
  const bytes = before && after && Math.round((after.memoryBytes - before.memoryBytes) / count);
  site.progress.step('IMPS sessions: polling');
  const { cpuSeconds, result } = await costOf(rig, () => pollInPace(all));
  const share = cpuSeconds === undefined ? undefined : cpuSeconds / result.seconds;
  return [
    {
      ...rowOf('IMPS logins', logins, {}),
      remark: bytes === undefined ? 'held' : `held: ${(bytes / 1024).toFixed(1)} KiB each`,
    },
    rowOf(`${count} sessions poll every 10 s`, result, {
      cpuSeconds,
      remark: share === undefined ? '' : `${(share * 100).toFixed(1)} % of one core`,
    }),
  ];
}

function withGateway<T>(site: BenchSite, users: number, use: (rig: Rig, gateway: Gateway) => Promise<T>): Promise<T> {
  return site.withRig({ name: 'imps', users, transport: 'udp', isTrusted: false }, async (rig) => {
    const gateway = await Gateway.open({ host: rig.server.host, port: rig.server.ports.http }, width);
    try {
      return await rig.server.during(use(rig, gateway));
    } finally {
      gateway.close();
    }
  });
}

async function logIn(gateway: Gateway, count: number): Promise<readonly PollingPhone[]> {
  const phones = Array.from({ length: count }, (_, at) => new PollingPhone(gateway, benchDomain, at));
  const { failed } = await inTurns(count, Number.POSITIVE_INFINITY, async (at) => (await phones[at]?.login()) === true);
  if (failed > 0) throw new Error(`${failed} phones could not log in`);
  return phones;
}

interface Counted {
  readonly ok: number;
  readonly failed: number;
  readonly seconds: number;
  readonly latencies: Latencies;
}

async function inTurns(
  count: number,
  msMax: number,
  work: (at: number, lane: number) => Promise<boolean>,
): Promise<Counted> {
  const latencies = new Latencies(count);
  const startedAt = performance.now();
  let [next, ok, failed] = [0, 0, 0];
  const goOn = async (lane: number): Promise<void> => {
    while (next < count && performance.now() - startedAt < msMax) {
      const at = next;
      next += 1;
      const sentAt = performance.now();
      const isOk = await work(at, lane).catch(() => false);
      latencies.add(performance.now() - sentAt);
      if (isOk) ok += 1;
      else failed += 1;
    }
  };
  await Promise.all(Array.from({ length: width }, (_, lane) => goOn(lane)));
  return { ok, failed, seconds: (performance.now() - startedAt) / 1000, latencies };
}

/** Each polls once, at its own moment of the ten seconds. */
async function pollInPace(phones: readonly PollingPhone[]): Promise<Counted> {
  const latencies = new Latencies(phones.length);
  const startedAt = performance.now();
  let [ok, failed] = [0, 0];
  const polls: Promise<void>[] = [];
  for (const [at, phone] of phones.entries()) {
    const waitMs = startedAt + (at * pollEveryMs) / phones.length - performance.now();
    if (waitMs > 0) await pause(waitMs);
    const sentAt = performance.now();
    polls.push(
      phone.poll().then(
        (isEmpty) => {
          latencies.add(performance.now() - sentAt);
          if (isEmpty) ok += 1;
          else failed += 1;
        },
        () => {
          failed += 1;
        },
      ),
    );
  }
  await Promise.all(polls);
  return { ok, failed, seconds: (performance.now() - startedAt) / 1000, latencies };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function costOf<T>(rig: Rig, work: () => Promise<T>) {
  const before = await rig.server.figures();
  const result = await work();
  const after = await rig.server.figures();
  return { result, cpuSeconds: before && after && after.cpuSeconds - before.cpuSeconds };
}

interface RowWords {
  readonly cpuSeconds?: number | undefined;
  readonly remark?: string;
}

function rowOf(name: string, { ok, failed, seconds, latencies }: Counted, { cpuSeconds, remark }: RowWords): BenchRow {
  const quantiles = latencies.quantiles();
  return {
    stage: 'imps',
    name,
    count: ok,
    ...(ok > 0 ? { perSecond: ok / seconds } : {}),
    ...(quantiles === undefined ? {} : { p50Ms: quantiles.p50Ms, p99Ms: quantiles.p99Ms }),
    ...(cpuSeconds === undefined || ok === 0 ? {} : { serverCpuSecondsPer10k: (cpuSeconds / ok) * 10_000 }),
    ...(remark === undefined ? {} : { remark }),
    faults: failed === 0 ? [] : [`${failed} were not answered as they should be`],
    details: { seconds, failed, cpuSeconds },
  };
}
