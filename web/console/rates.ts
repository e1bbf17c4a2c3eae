/** Figures out of two looks at a server: how much happened in between, and how long it took. Pure. */
import type { ServerStatus } from '../api/shapes.ts';

/** One point of every chart. */
export interface Sample {
  readonly at: number;
  readonly values: Readonly<Record<string, number>>;
}

/** What is counted into each line of a chart: names of counters, with any labels. */
export const rateLines: Readonly<Record<string, readonly string[]>> = {
  'delivered at once': ['restante_messages_delivered_at_once_total'],
  kept: ['restante_messages_kept_total'],
  'ended after waiting': ['restante_messages_ended_total'],
  refused: ['restante_messages_refused_total'],
  'HTTP calls': ['restante_http_requests_total'],
  'SIP requests': ['restante_sip_requests_total', 'sip_requests'],
  'writes to disk': ['store_commits'],
};

/** What is measured of how long things take, and how people call it. */
export const durationLines: Readonly<Record<string, string>> = {
  restante_sip_answer_seconds: 'SIP answers',
  restante_http_answer_seconds: 'HTTP answers',
  restante_store_commit_seconds: 'writes to disk',
};

/** Undefined where the server was started anew in between. */
export function sampleOf(before: ServerStatus, after: ServerStatus): Sample | undefined {
  const seconds = (Date.parse(after.now) - Date.parse(before.now)) / 1000;
  if (before.startedAt !== after.startedAt || seconds <= 0) return undefined;
  const values: Record<string, number> = {};
  for (const [line, names] of Object.entries(rateLines)) {
    const grown = sumOf(after.counters, names) - sumOf(before.counters, names);
    values[line] = Math.max(0, grown) / seconds;
  }
  for (const [name, line] of Object.entries(durationLines)) {
    const counts = after.durations.counts[name] ?? [];
    const earlier = before.durations.counts[name] ?? [];
    const grown = counts.map((count, step) => count - (earlier[step] ?? 0));
    values[`${line} p50`] = percentile(grown, after.durations.boundsMs, 0.5);
    values[`${line} p99`] = percentile(grown, after.durations.boundsMs, 0.99);
  }
  return { at: Date.parse(after.now), values };
}

/** The upper bound of the step in which that part of all is reached, in milliseconds; 0 of none. */
export function percentile(counts: readonly number[], boundsMs: readonly number[], part: number): number {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all <= 0) return 0;
  let sum = 0;
  for (const [step, count] of counts.entries()) {
    sum += count;
    if (sum >= all * part) return boundsMs[step] ?? boundsMs.at(-1) ?? 0;
  }
  return boundsMs.at(-1) ?? 0;
}

/** Of all counters with one of these names, whatever their labels. */
export function sumOf(counters: Readonly<Record<string, number>>, names: readonly string[]): number {
  let sum = 0;
  for (const [name, value] of Object.entries(counters)) {
    const brace = name.indexOf('{');
    if (names.includes(brace < 0 ? name : name.slice(0, brace))) sum += value;
  }
  return sum;
}

/** `0.4`, `12`, `3.4k`. */
export function figure(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(0)}k`;
  if (value >= 1000) return `${(value / 1000).toFixed(1)}k`;
  if (value >= 10 || Number.isInteger(value)) return value.toFixed(0);
  return value.toFixed(1);
}

/** The next round figure above, for the top of a chart. */
export function roundTop(value: number): number {
  if (value <= 1) return 1;
  const size = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((each) => each * size >= value) ?? 10;
  return step * size;
}
