// What being followed costs: a burst whose calls are spans, and one after nobody follows any more.

import type { Scenario } from "../scenario.ts";
import { watchedBursts } from "../watched_bursts.ts";

export const traced: Scenario = {
  name: "traced",
  title: "A burst, 2 workers, each call two spans, and followed no more ÷ one never followed",
  metrics: { traced: "×", untraced: "×" },
  kinds: ["us"],
  size: 10_000,
  goals: (["deno", "bun"] as const).map((runtime) => ({
    // The same code runs either way: what is above 1 can only be noise.
    runtime,
    metric: "untraced",
    atMost: 1,
    noise: 0.05,
  })),
  async measure(stage) {
    const { watched, later } = await watchedBursts(stage, "trace");
    return { traced: watched, untraced: later };
  },
};
