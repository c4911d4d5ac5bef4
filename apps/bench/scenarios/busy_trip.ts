// Trips of tasks that take their time, and what the host's own timers have of that: whoever waits in place for a result must
// neither come late nor keep others waiting.

import { measureWarm, microsecondsEach, numbers, type Scenario } from "../scenario.ts";
import { median } from "../statistics.ts";

/** What a task works, in milliseconds, by metric; and how many trips of each are measured. */
const WORK = { "50 µs": { ms: 0.05, trips: 2_000 }, "1 ms": { ms: 1, trips: 200 } } as const;
const TIMER_MS = 5;

export const busyTrip: Scenario = {
  name: "busy-trip",
  title:
    "Submit, await, repeat, 2 workers: what a trip takes beyond the work of its task ÷ the trip of a task without any; lateness of a timer of the host meanwhile",
  metrics: { "50 µs": "×", "1 ms": "×", timer: "ms" },
  kinds: ["us", "single"],
  // Per cent of the trips.
  size: 100,
  quickSize: 50,
  goals: (["deno", "bun"] as const).flatMap((runtime) => [
    { runtime, metric: "50 µs", atMost: 1.1 },
    { runtime, metric: "1 ms", atMost: 1.1 },
    { runtime, metric: "timer", atMost: 1 },
  ]),
  measure: measureWarm({ workers: 2, task: "spin" }, async ({ call }, size) => {
    const count = (trips: number) => Math.ceil((trips * size) / 100);
    const tiny = await microsecondsEach(count(10_000), async () => {
      for (const _ of numbers(count(10_000))) await call(0);
    });
    const metrics: Record<string, number> = {};
    const lateness: number[] = [];
    let due = performance.now() + TIMER_MS;
    let timer = setTimeout(function tick() {
      lateness.push(performance.now() - due);
      due = performance.now() + TIMER_MS;
      timer = setTimeout(tick, TIMER_MS);
    }, TIMER_MS);
    for (const [metric, { ms, trips }] of Object.entries(WORK)) {
      const beyond: number[] = [];
      for (const _ of numbers(count(trips))) {
        const start = performance.now();
        const worked = (await call(ms)) as number;
        beyond.push((performance.now() - start - worked) * 1000);
      }
      metrics[metric] = median(beyond) / tiny;
    }
    clearTimeout(timer);
    return { ...metrics, timer: median(lateness) };
  }),
};
