/** Delivery reports in a map: lists by owner and protocol, numbered in the order in which they were made. */
import type { Millis } from '../../base/time/clock.ts';
import { reportKeptMs, reportsMax, reportsToldMax, type ReportStore } from '../../delivery/ports.ts';
import type { NewReport } from '../../model/delivery-report.ts';
import type { MemoryCalls } from './memory-calls.ts';
import type { MemoryState } from './memory-state.ts';

export function memoryReports(state: MemoryState, calls: MemoryCalls): ReportStore {
  return {
    reports: ({ owner, protocol, after, limit }) =>
      calls.read('reports.reports', () => {
        const kept = state.reports.get(`${owner} ${protocol}`) ?? [];
        const chosen = kept.filter((one) => (after === undefined ? !one.isTold : one.number > after));
        return chosen.slice(0, limit).map(({ isTold: _isTold, ...report }) => report);
      }),
    told: (owner, protocol, number) =>
      calls.write('reports.told', () => {
        const key = `${owner} ${protocol}`;
        const kept = state.reports.get(key) ?? [];
        const told = kept.map((one) => (one.number <= number ? { ...one, isTold: true } : one));
        const left = told.filter((one) => one.number > number - reportsToldMax || one === told.at(-1));
        if (left.length > 0) state.reports.set(key, left);
      }),
  };
}

export function addReports(state: MemoryState, reports: readonly NewReport[] = []): void {
  for (const report of reports) {
    const key = `${report.owner} ${report.protocol}`;
    const kept = state.reports.get(key) ?? [];
    if (kept.filter((one) => !one.isTold).length >= reportsMax) continue;
    kept.push({ ...report, number: (kept.at(-1)?.number ?? 0) + 1, isTold: false });
    state.reports.set(key, kept);
  }
}

/** The newest of an owner stays, since the next number follows from it. */
export function sweepReports(state: MemoryState, now: Millis): void {
  for (const [key, kept] of state.reports) {
    const last = kept.at(-1);
    const left = kept.filter((one) => one === last || one.at + reportKeptMs > now);
    const isLate = last !== undefined && last.at + reportKeptMs <= now;
    state.reports.set(key, isLate ? left.map((one) => ({ ...one, isTold: true })) : left);
  }
}
