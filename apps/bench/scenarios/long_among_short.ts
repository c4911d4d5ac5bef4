// One long task in the middle of many short ones: whether short ones are held up behind it.

import type { Pool } from "../contender.ts";
import type { Scenario } from "../scenario.ts";
import { median, quantile } from "../statistics.ts";

const LONG_MS = 200;
const SHORT_MS = 0.02;
const REPEATS = 3;

export const longAmongShort: Scenario = {
  name: "long-among-short",
  title:
    "One task of 200 ms in the middle of tasks of 20 µs, 2 workers: wait of the short ones ÷ the same without the long one",
  metrics: { p99: "×", last: "×" },
  kinds: ["us", "peer", "other"],
  size: 10_000,
  goals: [
    { runtime: "deno", metric: "p99", atMost: 2 },
    { runtime: "bun", metric: "p99", atMost: 2 },
  ],
  async measure({ adapter, size }) {
    const pool = await adapter.open({ workers: 2, task: "spin" });
    await waits(pool, size / 2, undefined);
    const without: number[][] = [];
    const among: number[][] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      without.push(await waits(pool, size, undefined));
      among.push(await waits(pool, size, size / 2));
    }
    const compare = (share: number) =>
      median(among.map((values) => quantile(values, share))) /
      median(without.map((values) => quantile(values, share)));
    return { p99: compare(0.99), last: compare(1) };
  },
};

/** Milliseconds from the first submission to each short task's result, with a long one at `longAt`. */
async function waits(pool: Pool, count: number, longAt: number | undefined): Promise<number[]> {
  const found: number[] = [];
  const calls: PromiseLike<unknown>[] = [];
  let long: PromiseLike<unknown> | undefined;
  const start = performance.now();
  for (let index = 0; index < count; index++) {
    if (index === longAt) long = pool.call(LONG_MS);
    calls.push(pool.call(SHORT_MS).then(() => found.push(performance.now() - start)));
  }
  await Promise.all(calls);
  await long;
  if (found.length !== count) throw new RangeError("Wrong number of results");
  return found;
}
