// Finds the word that was meant: "--retrys" is most like "--retries".

/**
 * Returns the word of the list that is nearest to the given one.
 *
 * @returns undefined if none is near: more than a third of the letters, and more than two, would have to change.
 */
export function nearest(given: string, words: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(given.length / 3)) + 1;
  for (const word of words) {
    const away = distance(given, word);
    if (away < least) [best, least] = [word, away];
  }
  return best;
}

/** Counts insertions, deletions and changes (Levenshtein), one row of the table at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
