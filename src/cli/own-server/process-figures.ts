/** What Linux tells of a process below /proc (proc(5)): CPU time and memory. Elsewhere nothing is known. */
import { readFile } from 'node:fs/promises';

export interface ProcessFigures {
  /** User and system time of all threads since the start. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** The highest that `memoryBytes` ever was. */
  readonly peakMemoryBytes: number;
}

/** Linux shows times in these to every program, whatever the kernel counts in. */
const ticksPerSecond = 100;
const kibibyte = 1024;

/** Undefined where there is no /proc, or no such process. */
export async function readProcessFigures(pid: number): Promise<ProcessFigures | undefined> {
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ]);
    return parseProcessFigures(stat, status);
  } catch {
    return undefined;
  }
}

/** Undefined where a figure is missing, as of a process that has ended. */
export function parseProcessFigures(stat: string, status: string): ProcessFigures | undefined {
  // The name of the program stands in parentheses and may contain anything, so fields are counted behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const memory = kibibytesOf(status, 'VmRSS');
  const peak = kibibytesOf(status, 'VmHWM');
  if (!Number.isFinite(ticks) || memory === undefined || peak === undefined) return undefined;
  return { cpuSeconds: ticks / ticksPerSecond, memoryBytes: memory * kibibyte, peakMemoryBytes: peak * kibibyte };
}

function kibibytesOf(status: string, name: string): number | undefined {
  const match = new RegExp(String.raw`^${name}:\s+(\d+) kB$`, 'm').exec(status);
  return match === null ? undefined : Number(match[1]);
}
