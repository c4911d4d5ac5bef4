// A stream of very many trivial items beside a map that gives as many, in the same pool; and one of large ones.

import type { Pool } from "../contender.ts";
import {
  assertIncremented,
  microsecondsEach,
  NotApplicable,
  numbers,
  type Scenario,
} from "../scenario.ts";
import { median } from "../statistics.ts";

/** What a program says that knows of many items, and would make more of them ahead. */
const MANY_AHEAD = 1024;
const REPEATS = 3;

const LARGE_BYTES = 16 * 2 ** 20;

export const stream: Scenario = {
  name: "stream",
  title: `A stream of trivial items, 2 workers, with \`buffer: ${MANY_AHEAD}\` and by default, ÷ a map`,
  metrics: { many: "×", default: "×", item: "µs" },
  kinds: ["us"],
  size: 1_000_000,
  quickSize: 100_000,
  deadline: 120_000,
  // By default 32 items are ahead, and as many are in a message where the reader is fast.
  goals: (["deno", "bun"] as const).flatMap((runtime) =>
    ["many", "default"].map((metric) => ({ runtime, metric, atMost: 1.5 })),
  ),
  async measure({ adapter, size }) {
    const pool = await adapter.open({ workers: 2, task: "increment" });
    const { map } = pool;
    if (map === undefined) throw new NotApplicable("has no map");
    const args = numbers(size);
    const mapped: number[] = [];
    const many: number[] = [];
    const byDefault: number[] = [];
    // The first repetition warms up.
    for (let repeat = 0; repeat <= REPEATS; repeat++) {
      mapped[repeat - 1] = await microsecondsEach(size, async () =>
        assertIncremented(await map(args), size),
      );
      many[repeat - 1] = await streamed(pool, size, MANY_AHEAD);
      byDefault[repeat - 1] = await streamed(pool, size, undefined);
    }
    const item = median(many);
    return { many: item / median(mapped), default: median(byDefault) / median(mapped), item };
  },
};

export const streamMoved: Scenario = {
  name: "stream-moved",
  title: "A stream of 16 MiB items that are moved, ÷ one of items that are copied",
  metrics: { moved: "×", item: "µs" },
  kinds: ["us"],
  // Nothing can be moved between processes, and there both are copied.
  size: 100,
  quickSize: 20,
  goals: (["deno", "bun"] as const).map((runtime) => ({
    runtime,
    workers: "threads" as const,
    metric: "moved",
    atMost: 0.5,
  })),
  async measure({ adapter, size }) {
    const pool = await adapter.open({ workers: 1, task: "increment" });
    const { large } = pool;
    if (large === undefined) throw new NotApplicable("has no streams");
    const measured = async (moved: boolean) => {
      await large(2, LARGE_BYTES, moved);
      return await microsecondsEach(size, () => large(size, LARGE_BYTES, moved));
    };
    const item = await measured(true);
    return { moved: item / (await measured(false)), item };
  },
};

async function streamed(pool: Pool, size: number, buffer: number | undefined): Promise<number> {
  const { stream } = pool;
  if (stream === undefined) throw new NotApplicable("has no streams");
  return await microsecondsEach(size, async () =>
    assertIncremented(await stream(size, buffer), size),
  );
}
