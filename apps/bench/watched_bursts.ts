// Bursts of a pool that is watched, and of the same one when nobody watches it any more, beside one never watched.

import type { Pool } from "./contender.ts";
import {
  assertIncremented,
  microsecondsEach,
  NotApplicable,
  numbers,
  type Stage,
} from "./scenario.ts";
import { median } from "./statistics.ts";

const REPEATS = 7;

/**
 * Measures them, as multiples of the last.
 *
 * @param by Which of a pool's methods begins to watch it, and returns what ends that.
 */
export async function watchedBursts(
  { adapter, size }: Pick<Stage, "adapter" | "size">,
  by: "observe" | "trace",
): Promise<{ watched: number; later: number }> {
  const args = numbers(size);
  // Two pools: one is never watched.
  const open = () => adapter.open({ workers: 2, task: "increment" });
  const [plain, watched] = [await open(), await open()];
  const watch = watched[by];
  if (watch === undefined) throw new NotApplicable(`has no ${by}()`);
  const burst = (pool: Pool) =>
    microsecondsEach(size, async () => assertIncremented(await pool.many(args), size));
  const never: number[] = [];
  const during: number[] = [];
  const later: number[] = [];
  // The first repetition warms up.
  for (let repeat = 0; repeat <= REPEATS; repeat++) {
    const stop = watch();
    during[repeat - 1] = await burst(watched);
    stop();
    // In turn, so that neither always runs behind the watched one, which leaves garbage.
    const inTurn = repeat % 2 === 0 ? [never, later] : [later, never];
    for (const list of inTurn) list[repeat - 1] = await burst(list === never ? plain : watched);
  }
  return { watched: median(during) / median(never), later: median(later) / median(never) };
}
