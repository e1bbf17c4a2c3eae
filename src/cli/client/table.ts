/** Rows under a head, as wide as they need, for a person. */
import { paint, type CliIo } from '../cli-io.ts';

export function formatTable(head: readonly string[], rows: readonly (readonly string[])[], io: CliIo): string {
  if (rows.length === 0) return 'nothing\n';
  const cells = [head, ...rows];
  const widths = head.map((_title, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return lines.map((line, at) => `${at === 0 ? paint(io, io.stdout, 'bold', line) : line}\n`).join('');
}
