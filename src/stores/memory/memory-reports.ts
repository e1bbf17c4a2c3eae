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
        const kept = state.reports.get(`${owner} ${protocol}`)?.list ?? [];
        const chosen = kept.filter((one) => (after === undefined ? !one.isTold : one.number > after));
        return chosen.slice(0, limit).map(({ isTold: _isTold, ...report }) => report);
      }),
    add: (reports) => calls.write('reports.add', () => addReports(state, reports)),
    owners: (protocol, after, limit) =>
      calls.read('reports.owners', () =>
        [...state.reports.values()]
          .flatMap(({ list }) => list.find((one) => one.protocol === protocol && !one.isTold)?.owner ?? [])
          .filter((owner) => owner > (after ?? ''))
          .sort()
          .slice(0, limit),
      ),
    told: (owner, protocol, number) =>
      calls.write('reports.told', () => {
        const kept = state.reports.get(`${owner} ${protocol}`);
        if (kept === undefined) return;
        const told = kept.list.map((one) => (one.number <= number ? { ...one, isTold: true } : one));
        kept.list = told.filter((one) => one.number > number - reportsToldMax);
      }),
  };
}

export function addReports(state: MemoryState, reports: readonly NewReport[] = []): void {
  for (const report of reports) {
    const key = `${report.owner} ${report.protocol}`;
    const kept = state.reports.get(key) ?? { lastNumber: 0, list: [] };
    if (kept.list.filter((one) => !one.isTold).length >= reportsMax) continue;
    kept.lastNumber += 1;
    kept.list.push({ ...report, number: kept.lastNumber, isTold: false });
    state.reports.set(key, kept);
  }
}

export function sweepReports(state: MemoryState, now: Millis): void {
  for (const kept of state.reports.values()) kept.list = kept.list.filter((one) => one.at + reportKeptMs > now);
}
