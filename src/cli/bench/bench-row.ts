/** One line of the table: what was measured, the figures, and what went wrong. Figures that nobody knows are left out. */
import type { StageName } from './bench-sizes.ts';

export interface BenchRow {
  readonly stage: StageName;
  /** What was measured, in a few words. */
  readonly name: string;
  /** How often. */
  readonly count: number;
  readonly perSecond?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly serverCpuSecondsPer10k?: number;
  readonly peakMemoryBytes?: number;
  /** A figure that has no column of its own, in words. */
  readonly remark?: string;
  /** Promises that were not kept; each makes the run end with 1. */
  readonly faults: readonly string[];
  /** What only the JSON tells. */
  readonly details: Readonly<Record<string, unknown>>;
}
