// Load that changes: whether what a pool has learnt from one kind of it slows the next.

import { delay } from "deno-std/async/delay.js";
import type { Pool } from "../contender.ts";
import { callEach } from "../contender.ts";
import { microsecondsEach, NotApplicable, type Scenario } from "../scenario.ts";
import { median } from "../statistics.ts";

const OPTIONS = { workers: 2, task: "spin" } as const;
/** Trips that a pool has to find its pace, before they are measured. */
const UNMEASURED_TRIPS = 200;
const TRIPS = 2000;
const LONG_MS = 2;
const LONG_CALLS = 40;
const IDLE_MS = 300;

/** What a pool is given to do: each of the tasks it makes does nothing, but for the long ones. Returns microseconds a call. */
const PHASES: Readonly<Record<string, (pool: Pool, size: number) => Promise<number>>> = {
  burst: (pool, size) => microsecondsEach(size, () => pool.many(noWork(size))),
  map: (pool, size) => {
    if (pool.map === undefined) throw new NotApplicable("has no map()");
    const args = noWork(size * 2);
    return microsecondsEach(args.length, () => (pool.map as typeof pool.many)(args));
  },
  async trip(pool) {
    for (let n = 0; n < UNMEASURED_TRIPS; n++) await pool.call(0);
    return await microsecondsEach(TRIPS, async () => {
      for (let n = 0; n < TRIPS; n++) await pool.call(0);
    });
  },
  long: (pool) =>
    microsecondsEach(LONG_CALLS, () => callEach(pool.call)(Array(LONG_CALLS).fill(LONG_MS))),
};

/** The measured ones, and a pause, in an order in which each comes behind each other one. */
const ORDER =
  "burst trip long map idle trip burst map trip idle long burst idle map long trip map burst long idle burst".split(
    " ",
  );

function noWork(count: number): number[] {
  return Array<number>(count).fill(0);
}

export const changingLoad: Scenario = {
  name: "changing-load",
  title:
    "Bursts, trips, long tasks, pauses and maps in disorder, 2 workers: each in the pool that has done all before ÷ in a fresh one",
  metrics: { trip: "×", burst: "×", map: "×", long: "×" },
  kinds: ["us"],
  size: 50_000,
  quickSize: 10_000,
  deadline: 300_000,
  goals: (["deno", "bun"] as const).flatMap((runtime) =>
    ["trip", "burst", "map", "long"].map((metric) => ({ runtime, metric, atMost: 1.2 })),
  ),
  async measure({ adapter, size }) {
    const experienced = await adapter.open(OPTIONS);
    const ratios: Record<string, number[]> = {};
    const fresh = async (phase: string) => {
      const pool = await adapter.open(OPTIONS);
      // Workers that are still starting are none of its matter.
      await callEach(pool.call)(Array(LONG_CALLS).fill(LONG_MS));
      const took = await PHASES[phase]?.(pool, size);
      await pool.close();
      return took as number;
    };
    await callEach(experienced.call)(Array(LONG_CALLS).fill(LONG_MS));
    for (const [at, phase] of ORDER.entries()) {
      if (phase === "idle") {
        await delay(IDLE_MS);
        continue;
      }
      // In turn, so that neither always runs behind the other, which leaves garbage.
      const before = at % 2 === 0 ? await fresh(phase) : undefined;
      const took = (await PHASES[phase]?.(experienced, size)) as number;
      ratios[phase] ??= [];
      ratios[phase].push(took / (before ?? (await fresh(phase))));
    }
    return Object.fromEntries(Object.entries(ratios).map(([phase, list]) => [phase, median(list)]));
  },
};
