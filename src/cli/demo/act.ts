/** What an act is, and how it says that a promise held. */
import { BrokenPromise, type Stage } from './stage.ts';

export interface Act {
  readonly number: number;
  /** A second scene of the act before it, with other people. */
  readonly isSequel?: true;
  readonly title: string;
  /** The columns of the ladder; the first stands to the left of the server. */
  readonly cast: readonly string[];
  play(stage: Stage, keep: Keep): Promise<void>;
}

/** Says a promise in words; throws `BrokenPromise` when it does not hold. */
export type Keep = (words: string, holds: boolean, seen?: string) => void;

export function keepingPromises(say: (words: string) => void): Keep {
  return (words, holds, seen) => {
    if (!holds) throw new BrokenPromise(seen === undefined ? words : `${words} (seen: ${seen})`);
    say(words);
  };
}
