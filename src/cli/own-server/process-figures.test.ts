import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseProcessFigures, readProcessFigures } from './process-figures.ts';

const stat = '4242 (node (a) b) S 1 2 3 4 5 6 7 8 9 10 150 25 0 0 20 0 11 0 12345 1000 2000';
const status = 'Name:\tnode\nVmPeak:\t 9000 kB\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\nThreads:\t11\n';

describe('the figures of a process', () => {
  it('are read behind a name that looks like fields', () => {
    expect(parseProcessFigures(stat, status)).toEqual({
      cpuSeconds: 1.75,
      memoryBytes: 1024 ** 2,
      peakMemoryBytes: 2 * 1024 ** 2,
    });
  });

  it('are unknown when one is missing', () => {
    expect(parseProcessFigures(stat, 'Name:\tnode\n')).toBeUndefined();
    expect(parseProcessFigures('', status)).toBeUndefined();
  });

  it('are unknown of no process', async () => {
    expect(await readProcessFigures(0)).toBeUndefined();
  });

  const hasProc = existsSync('/proc/self/stat');
  it.skipIf(!hasProc)(`are there for this process${hasProc ? '' : ' (left out: there is no /proc here)'}`, async () => {
    const figures = await readProcessFigures(process.pid);
    expect(figures?.cpuSeconds).toBeGreaterThan(0);
    expect(figures?.peakMemoryBytes).toBeGreaterThanOrEqual(figures?.memoryBytes ?? Number.NaN);
  });
});
