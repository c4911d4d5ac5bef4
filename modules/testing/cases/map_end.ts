// Cases of how a map() ends when its executor or its task's signal does.
import assert from "node:assert/strict";
import { CancelledError } from "../../../mod.ts";
import { everywhere } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, gates } from "../tasks.ts";

/** Cases of the ends of a map(). */
export const mapEndCases: readonly ConformanceCase[] = [
  {
    id: "cf-map-task-signal",
    title: "map() ends with CancelledError when the signal of its task aborts",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      const controller = new AbortController();
      const square = arithmetic.square.with({ signal: controller.signal });
      const iterator = executor.map(square, [1, 2, 3])[Symbol.asyncIterator]();
      const next = iterator.next();
      controller.abort("enough");
      await assert.rejects(
        next,
        (error) => error instanceof CancelledError && error.cause === "enough",
      );
      assert.equal((await iterator.next()).done, true);
      assert.equal(executor.stats().queued, 0);
      gate.open();
    },
  },
  {
    id: "cf-map-task-signal-aborted",
    title: "map() of a task whose signal is aborted already starts nothing",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const logElement = gates.logElement.with({ signal: AbortSignal.abort("before") });
      const results = executor.map(logElement, [{ log: log.path, n: 1 }]);
      await assert.rejects(Array.fromAsync(results), CancelledError);
      await executor.shutdown();
      assert.deepEqual(log.lines(), []);
    },
  },
  {
    id: "cf-map-shutdown-maxqueue",
    title: "shutdown() leaves maxQueue in force for a map() that still takes its source",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1, maxQueue: 2 });
      const { gate } = await occupy(context, executor);
      const items = Array.from({ length: 50 }, (_, n) => n);
      const results = executor.map(arithmetic.square, items, { chunkSize: 1 });
      let most = 0;
      using _ = executor.observe(() => {
        most = Math.max(most, executor.stats().queued);
      });
      const closing = executor.shutdown();
      gate.open();
      assert.deepEqual(
        await Array.fromAsync(results),
        items.map((n) => n * n),
      );
      await closing;
      // Between two tasks the one for the free worker is queued too.
      assert.ok(most <= 3, `${most} were queued`);
    },
  },
  {
    id: "cf-map-terminate-sent",
    title: "terminateWorkers() takes back the elements that were sent but not begun",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1, interruptGrace: 10 });
      await executor.submit(arithmetic.square, 1);
      const gate = context.gate();
      const lines = ["0", "1", "2", "3"];
      const results = executor.starmap(
        gates.logAndWaitAt,
        lines.map((line): [string, string, string] => [log.path, line, gate.path]),
      );
      // Long enough for them to be sent, too short for a worker to begin.
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      await executor.terminateWorkers();
      gate.open();
      await assert.rejects(Array.fromAsync(results), CancelledError);
      assert.equal(await context.create({ maxWorkers: 1 }).submit(arithmetic.square, 3), 9);
      const later = log.lines().filter((line) => !line.startsWith("0"));
      assert.deepEqual(later, [], "only the first can have begun");
    },
  },
];
