// shrink: the shortest part of a program that still fails — so that what is printed can be read.

/** As many runs as a reader will wait for. */
const MOST_RUNS = 150;

/**
 * Leaves steps out for as long as the rest still fails.
 *
 * @param fails Runs a part and answers what did not hold, or undefined.
 * @returns The part, and what did not hold in it.
 */
export async function shrink<T>(
  steps: readonly T[],
  failure: string,
  fails: (part: readonly T[]) => Promise<string | undefined>,
): Promise<{ part: readonly T[]; failure: string }> {
  let [part, why] = [steps, failure];
  let runs = 0;
  for (let size = Math.ceil(part.length / 2); size >= 1; ) {
    let isShorter = false;
    // From the end: what failed stands as far behind as it was needed.
    for (let end = part.length; end > 0 && runs < MOST_RUNS; end -= size) {
      const rest = [...part.slice(0, Math.max(0, end - size)), ...part.slice(end)];
      runs++;
      const still = await fails(rest);
      if (still === undefined) continue;
      [part, why, isShorter] = [rest, still, true];
    }
    if (runs >= MOST_RUNS || (size === 1 && !isShorter)) break;
    size = size === 1 ? 1 : Math.ceil(size / 2);
  }
  return { part, failure: why };
}
