/** What a stage is, and how a run of the load generator becomes a row of the table. */
import type { ServerProcess } from '../../own-server/server-process.ts';
import type { BenchRow } from '../bench-row.ts';
import type { BenchSite, Rig } from '../bench-site.ts';
import type { BenchSizes, StageName } from '../bench-sizes.ts';
import type { LoadPlan, LoadReport } from '../load/load-plan.ts';
import type { Quantiles } from '../load/latencies.ts';

export type Stage = (site: BenchSite, sizes: BenchSizes) => Promise<BenchRow[]>;

/** A run with what the server spent on it. */
export interface MeasuredRun {
  readonly report: LoadReport;
  readonly serverCpuSeconds?: number;
  readonly peakMemoryBytes?: number;
}

export function measure(rig: Rig, words: string, plan: LoadPlan): Promise<MeasuredRun> {
  return measureWork(rig.server, () => rig.run(words, plan));
}

/** `worker` is the process that does it. */
export async function measureWork(
  worker: Pick<ServerProcess, 'figures'>,
  work: () => Promise<LoadReport>,
): Promise<MeasuredRun> {
  const before = await worker.figures();
  const report = await work();
  const after = await worker.figures();
  if (before === undefined || after === undefined) return { report };
  const { peakMemoryBytes } = after;
  return { report, serverCpuSeconds: after.cpuSeconds - before.cpuSeconds, peakMemoryBytes };
}

export interface RowNames {
  readonly stage: StageName;
  readonly name: string;
  readonly remark?: string;
}

/** A row about requests: those that were answered as wanted, from the first to the last answer. */
export function rowOfAnswers(names: RowNames, run: MeasuredRun): BenchRow {
  const { ok, seconds, latency } = run.report;
  return makeRow(names, run, { count: ok, seconds, latency });
}

/** A row about messages that arrive: from the first request to the last arrival. */
export function rowOfArrivals(names: RowNames, run: MeasuredRun, wanted: number): BenchRow {
  const { count, seconds, latency } = run.report.arrivals;
  const row = makeRow(names, run, { count, seconds, latency });
  return count === wanted ? row : { ...row, faults: [...row.faults, `${wanted - count} of ${wanted} did not arrive`] };
}

/** What must be true of every run; in words. */
export function findFaults({ failed, outcomes, arrivals }: LoadReport): string[] {
  const faults: string[] = [];
  if (failed > 0) {
    const told = Object.entries(outcomes).map(([outcome, count]) => `${outcome}: ${count}`);
    faults.push(`${failed} failed (${told.join(', ')})`);
  }
  if (arrivals.twice > 0) faults.push(`${arrivals.twice} arrived twice`);
  if (arrivals.disordered > 0) faults.push(`${arrivals.disordered} out of order`);
  return faults;
}

/** Half as many go before each rate and are not counted, so that the code of the server is compiled when it counts. */
export function warmUpOf<T extends { readonly total: number }>(plan: T): T {
  return { ...plan, total: Math.ceil(plan.total / 2) };
}

interface Counted {
  readonly count: number;
  readonly seconds: number;
  readonly latency: Quantiles | undefined;
}

function makeRow(names: RowNames, run: MeasuredRun, { count, seconds, latency }: Counted): BenchRow {
  const { report, serverCpuSeconds, peakMemoryBytes } = run;
  const { started, failed, outcomes, retransmissions, generatorCpuSeconds } = report;
  return {
    ...names,
    count,
    ...(count > 0 && seconds > 0 ? { perSecond: count / seconds } : {}),
    ...(latency === undefined ? {} : { p50Ms: latency.p50Ms, p99Ms: latency.p99Ms }),
    ...(serverCpuSeconds === undefined || count === 0
      ? {}
      : { serverCpuSecondsPer10k: (serverCpuSeconds / count) * 10_000 }),
    ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
    faults: findFaults(report),
    details: {
      seconds,
      started,
      failed,
      outcomes,
      retransmissions,
      maxMs: latency?.maxMs,
      serverCpuSeconds,
      generatorCpuSeconds,
    },
  };
}
