/** The known word that was probably meant by an unknown one: few typing errors apart, counted as Damerau and Levenshtein. */

const DISTANCE_MAX = 3;

/** The nearest of the known words; undefined when none is near for its length. */
export function suggestWord(word: string, known: readonly string[]): string | undefined {
  const allowed = Math.min(DISTANCE_MAX, Math.floor(word.length / 2.5));
  let best: string | undefined;
  let bestDistance = allowed + 1;
  for (const candidate of known) {
    const distance = countEdits(word.toLowerCase().replaceAll('_', '-'), candidate.toLowerCase().replaceAll('_', '-'));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** ` (did you mean X?)`, or nothing; to be put behind a complaint. */
export function formatSuggestion(word: string, known: readonly string[]): string {
  const meant = suggestWord(word, known);
  return meant === undefined ? '' : ` (did you mean ${meant}?)`;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function countEdits(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      let edits = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
      );
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwap) edits = Math.min(edits, (beforeLast[column - 2] ?? 0) + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
