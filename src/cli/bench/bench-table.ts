/** The rows of a run as one table for people, and as JSON for programs. */
import type { BenchRow } from './bench-row.ts';
import type { BenchSizes } from './bench-sizes.ts';

const heads = ['measured', 'count', 'per second', 'p50 ms', 'p99 ms', 'CPU s/10k', 'peak MB', ''] as const;
const mebibyte = 1024 ** 2;
const unknown = '-';

export function formatTable(rows: readonly BenchRow[]): string {
  const cells = [[...heads], ...rows.map(cellsOf)];
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => row.map((cell, column) => align(cell, column, widths[column] ?? 0)).join('  '));
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

export interface BenchCircumstances {
  readonly version: string;
  readonly node: string;
  readonly processors: number;
  readonly at: string;
}

export function formatJson(rows: readonly BenchRow[], sizes: BenchSizes, circumstances: BenchCircumstances): string {
  const { json: _json, folder: _folder, profile: _profile, ...told } = sizes;
  return `${JSON.stringify({ ...circumstances, sizes: told, rows }, null, 2)}\n`;
}

function cellsOf(row: BenchRow): string[] {
  return [
    row.name,
    formatCount(row.count),
    row.perSecond === undefined ? unknown : formatCount(Math.round(row.perSecond)),
    formatDecimals(row.p50Ms, 2),
    formatDecimals(row.p99Ms, 2),
    formatDecimals(row.serverCpuSecondsPer10k, 2),
    formatDecimals(row.peakMemoryBytes === undefined ? undefined : row.peakMemoryBytes / mebibyte, 0),
    [row.remark ?? '', ...row.faults.map((fault) => `FAULT: ${fault}`)].filter((word) => word !== '').join('; '),
  ];
}

/** The first and the last column are words, the others numbers. */
function align(cell: string, column: number, width: number): string {
  return column === 0 || column === heads.length - 1 ? cell.padEnd(width) : cell.padStart(width);
}

function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

function formatDecimals(value: number | undefined, decimals: number): string {
  return value === undefined ? unknown : value.toFixed(decimals);
}
