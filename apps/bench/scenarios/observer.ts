// What being watched costs: a burst with a listener to all events, and after it has gone.

import type { Scenario } from "../scenario.ts";
import { watchedBursts } from "../watched_bursts.ts";

export const observer: Scenario = {
  name: "observer",
  title: "A burst, 2 workers, with an observer attached, and with it detached ÷ one never observed",
  metrics: { attached: "×", detached: "×" },
  kinds: ["us"],
  size: 50_000,
  goals: (["deno", "bun"] as const).flatMap((runtime) => [
    { runtime, metric: "attached", atMost: 1.5 },
    // The same code runs either way: what is above 1 can only be noise.
    { runtime, metric: "detached", atMost: 1, noise: 0.05 },
  ]),
  async measure(stage) {
    const { watched, later } = await watchedBursts(stage, "observe");
    return { attached: watched, detached: later };
  },
};
