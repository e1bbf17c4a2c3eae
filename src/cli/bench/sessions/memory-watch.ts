/** The most resident memory of a process while something goes on, looked at often: its peak of old tells nothing of now. */
import type { ProcessFigures } from '../../own-server/process-figures.ts';

const lookAgainMs = 10;

export interface Watched<T> {
  readonly result: T;
  /** Above what it had when the work began; undefined where memory is not told. */
  readonly growthBytes?: number;
  readonly cpuSeconds?: number;
}

export async function watchMemory<T>(
  worker: { figures(): Promise<ProcessFigures | undefined> },
  work: () => Promise<T>,
): Promise<Watched<T>> {
  const before = await worker.figures();
  let most = 0;
  const look = async (): Promise<void> => {
    most = Math.max(most, (await worker.figures())?.memoryBytes ?? 0);
  };
  const timer = setInterval(() => void look(), lookAgainMs);
  try {
    const result = await work();
    const after = await worker.figures();
    if (before === undefined || after === undefined) return { result };
    const growthBytes = Math.max(most, after.memoryBytes) - before.memoryBytes;
    return { result, growthBytes, cpuSeconds: after.cpuSeconds - before.cpuSeconds };
  } finally {
    clearInterval(timer);
  }
}
