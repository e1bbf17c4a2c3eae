/** One seed from its beginning to its end, and, where a promise was broken, once more for its story. */
import { World } from './world/world.ts';

export interface SeedOutcome {
  readonly seed: number;
  /** Undefined when every promise was kept. */
  readonly broken?: { readonly step: number; readonly promise: string; readonly words: string };
  readonly story: readonly string[];
  readonly letters: number;
  readonly lives: number;
}

/** What nobody caught: our own faults, which must not happen. */
const faults: string[] = [];
process.on('unhandledRejection', (fault) => {
  faults.push(wordsOf(fault));
});

function wordsOf(fault: unknown): string {
  return fault instanceof Error ? (fault.stack ?? fault.message) : JSON.stringify(fault);
}

export async function playSeed(seed: number, isTold = false): Promise<SeedOutcome> {
  faults.length = 0;
  const world = new World(seed, isTold);
  const crashed = await world.play().then(
    () => undefined,
    (fault: unknown) => fault,
  );
  // Only now are rejections counted that nobody handled.
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
  const fault = crashed ?? faults[0];
  if (fault !== undefined) {
    world.books.fail('nothing is thrown', wordsOf(fault));
  }
  const { broken, letters, life } = world.books;
  return {
    seed,
    story: world.story.lines,
    letters: letters.size,
    lives: life + 1,
    ...(broken === undefined ? {} : { broken: { ...broken, step: world.step } }),
  };
}

/** For a person: which seed, which promise, and the story that leads there. */
export async function tellSeed(seed: number): Promise<string> {
  const { broken, story } = await playSeed(seed, true);
  const head = broken === undefined ? 'keeps every promise' : `step ${broken.step} breaks a promise: ${broken.promise}`;
  return [`seed ${seed}: ${head}`, broken?.words ?? '', '', ...story].join('\n');
}
