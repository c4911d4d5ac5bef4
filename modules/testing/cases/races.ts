// Cases of races between host and worker, run often enough to be lost at times: nothing may be untrue then.
import assert from "node:assert/strict";
import { type Future, WorkerLostError } from "../../../mod.ts";
import { everywhere, withProcesses, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, counter, deaths } from "../tasks.ts";

const BATCH = 1000;
const CANCELLATIONS = 100_000;
/** Where host and worker take turns on one thread, nothing can race: so many cancellations, or so many rounds, will do. */
const FEW_CANCELLATIONS = 10_000;
const FEW_ROUNDS = 40;
/** Where a worker has often ended all that it was sent before the host can look, there are fewer cancellations. */
const ROUNDS = 400;

/** Cases of races. */
export const raceCases: readonly ConformanceCase[] = [
  {
    id: "cf-race-cancel-start",
    title: "cancel() that races the start of its task never lies, however often",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const before = await executor.submit(counter.counted);
      const races = context.subject.traits.isolated;
      const [most, rounds] = races ? [CANCELLATIONS, ROUNDS] : [FEW_CANCELLATIONS, FEW_ROUNDS];
      let [attempts, cancelled, refused, round] = [0, 0, 0, 0];
      while (attempts < most && round < rounds) {
        const futures = Array.from({ length: BATCH }, () => executor.submit(counter.count));
        // The worker is in the middle of its window when the others are cancelled.
        await futures[round++ % 10];
        for (const future of futures) {
          if (future.done()) continue;
          attempts++;
          if (future.cancel()) cancelled++;
          else refused++;
        }
        await Promise.allSettled(futures);
        const wrong = futures.filter((future) => future.state === "running" || !future.done());
        assert.deepEqual(wrong, []);
      }
      const ran = (await executor.submit(counter.counted)) - before;
      assert.equal(ran, round * BATCH - cancelled, "what was cancelled never ran, the rest did");
      assert.equal(executor.stats().cancelled, cancelled);
      assert.ok(attempts === cancelled + refused);
    },
  },
  {
    id: "cf-race-killed-finished",
    title: "short tasks that had ended before their worker was killed are not lost with it",
    applies: (subject) => {
      const processes = withProcesses(subject);
      if (processes !== true || subject.traits.showsOutcomes !== false) return processes;
      return "without rings in shared memory, what is finished travels together, a millisecond later at most";
    },
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      // The task has proved short before: many travel together, and the one that kills among them.
      for (let n = 0; n < 2000; n++) await executor.submit(arithmetic.square, n);
      await executor.submit(deaths.killIf, false);
      for (let round = 0; round < 5; round++) {
        for (let n = 0; n < 50; n++) await executor.submit(deaths.killIf, false);
        const futures: Future<unknown>[] = [];
        for (let n = 0; n < 300; n++)
          futures.push(
            n === 150
              ? executor.submit(deaths.killIf, true)
              : executor.submit(arithmetic.square, n),
          );
        for (const [n, future] of futures.entries()) {
          if (n === 150) await assert.rejects(future.result(), WorkerLostError);
          else assert.equal(await future, n * n);
        }
      }
      assert.equal(executor.stats().lost, 5);
    },
  },
  {
    id: "cf-race-interrupt-end",
    title:
      "cancel({ interrupt: true }) that races the end of its task leaves the tasks beside it alone",
    applies: withWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 1, interruptGrace: 5_000 });
      let interrupted = 0;
      for (let round = 0; round < 300; round++) {
        const futures = Array.from({ length: 20 }, (_, n) => executor.submit(arithmetic.square, n));
        const victim = round % 20;
        if (victim > 0) await futures[victim - 1];
        if (futures[victim]?.cancel({ interrupt: true })) interrupted++;
        for (const [n, future] of futures.entries()) {
          if (n !== victim) assert.equal(await future, n * n);
        }
      }
      const { cancelled, lost, finished } = executor.stats();
      assert.deepEqual([cancelled, lost, finished], [interrupted, 0, 6000 - interrupted]);
    },
  },
];
