// A million tasks that wait: the memory each takes, what a long queue costs, and cancelling it.

import { bytesEach } from "../heap.ts";
import {
  assertIncremented,
  microsecondsEach,
  NotApplicable,
  numbers,
  type Scenario,
} from "../scenario.ts";
import { median } from "../statistics.ts";

const SHORT_QUEUE = 10_000;
const REPEATS = 9;

export const queue: Scenario = {
  name: "queue",
  title:
    "Pending tasks, 2 workers: memory of each without its arguments, cost of each, the same ÷ that in a queue of 10 000, cancelling each",
  metrics: { memory: "B", task: "µs", growth: "×", cancel: "µs" },
  kinds: ["us", "other"],
  size: 1_000_000,
  quickSize: 200_000,
  collectsGarbage: true,
  goals: (["deno", "bun"] as const).flatMap((runtime) => [
    { runtime, metric: "memory", atMost: 300 },
    { runtime, metric: "growth", atMost: 1.3 },
    { runtime, metric: "cancel", atMost: 1 },
  ]),
  async measure({ adapter, size }) {
    const pool = await adapter.open({ workers: 2, task: "increment" });
    const { cancel } = pool;
    if (cancel === undefined) throw new NotApplicable("cannot cancel");
    const burst = async (count: number) => {
      const args = numbers(count);
      let results: readonly unknown[] = [];
      const each = await microsecondsEach(count, async () => {
        results = await pool.many(args);
      });
      assertIncremented(results, count);
      return each;
    };
    for (let n = 0; n < REPEATS; n++) await burst(SHORT_QUEUE);
    const short: number[] = [];
    for (let n = 0; n < REPEATS; n++) short.push(await burst(SHORT_QUEUE));
    const task = await burst(size);

    const args = numbers(size);
    const perArguments = await bytesEach(size, () => args.map((argument) => [argument]));
    let calls: PromiseLike<unknown>[] = [];
    // Nothing is sent before this turn of the event loop ends: all of them wait.
    const perTask = await bytesEach(size, () => {
      calls = args.map((argument) => pool.call(argument));
      return calls;
    });
    const start = performance.now();
    for (const call of calls) cancel(call);
    const cancelling = ((performance.now() - start) * 1000) / size;
    return {
      memory: perTask - perArguments,
      task,
      growth: task / median(short),
      cancel: cancelling,
    };
  },
};
