// Cases of affinity: calls of one key go to one worker. Decision 49.
import assert from "node:assert/strict";
import { PoolExecutor, type PoolOptions } from "../../../mod.ts";
import { withOwnWorkers, withWorkers } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, gates, places } from "../tasks.ts";

/** Cases of calls that go where others of their key have gone. */
export const affinityCases: readonly ConformanceCase[] = [
  {
    id: "cf-affinity-same",
    title: "calls of one key go to one worker, whichever is free; those of others go anywhere",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 3 });
      await pool.warm();
      const found = new Map<string, Set<number | string>>();
      for (let round = 0; round < 4; round++) {
        const calls = ["a", "b", "c"].map(async (affinity) => {
          const { workerId } = await pool.submit(places.whereAmI.with({ affinity }));
          found.set(affinity, (found.get(affinity) ?? new Set()).add(workerId));
        });
        await Promise.all([...calls, pool.submit(arithmetic.square, round)]);
      }
      for (const [key, workers] of found) assert.equal(workers.size, 1, `key ${key}`);
    },
  },
  {
    id: "cf-affinity-waits",
    title: "a call waits for the worker of its key though others are idle, until four wait there",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      await pool.warm();
      const [gate, log] = [context.gate(), context.log()];
      const held = pool.submit(
        gates.logAndWaitAt.with({ affinity: 7 }),
        log.path,
        "held",
        gate.path,
      );
      await context.until(() => log.lines().length === 1);
      const at = held.snapshot().worker?.id ?? 0;
      const where = places.whereAmI.with({ affinity: 7 });
      const waiting = Array.from({ length: 4 }, () => pool.submit(where));
      const further = await pool.submit(where);
      assert.notEqual(further.workerId, at, "the fifth goes elsewhere");
      for (const call of waiting) assert.equal(call.state, "pending");
      gate.open();
      for (const call of waiting) assert.equal((await call).workerId, at);
      assert.equal((await pool.submit(where)).workerId, at, "and the next comes back");
      await held;
    },
  },
  {
    id: "cf-affinity-lost",
    title:
      "what waits for a worker that ends runs on another, once; its key goes there from then on",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2, interruptGrace: 0 });
      await pool.warm();
      const [gate, log] = [context.gate(), context.log()];
      const held = pool.submit(
        gates.logAndWaitAt.with({ affinity: "k" }),
        log.path,
        "held",
        gate.path,
      );
      await context.until(() => log.lines().length === 1);
      const where = places.whereAmI.with({ affinity: "k" });
      const waiting = pool.submit(where);
      const first = pool.workers().find(({ state }) => state === "busy")?.id ?? -1;
      assert.equal(pool.terminateWorker(first), true);
      await held.exception();
      const ids = new Set([(await waiting).workerId]);
      for (let n = 0; n < 3; n++) ids.add((await pool.submit(where)).workerId);
      assert.equal(ids.size, 1);
      assert.ok(!ids.has(first));
      gate.open();
    },
  },
  {
    id: "cf-affinity-order",
    title: "with one worker it changes no order; a call that waits is cancelled, or moved, as any",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 1 });
      const log = context.log();
      const line = gates.logLine.with({ affinity: "k" });
      await pool.submit(line, log.path, "first");
      const { gate, futures } = await occupy(context, pool);
      const one = pool.submit(line, log.path, "one");
      const two = pool.submit(gates.logLine, log.path, "two");
      const three = pool.submit(line, log.path, "three");
      const never = pool.submit(line, log.path, "never");
      const last = pool.submit(line, log.path, "last");
      assert.equal(never.cancel(), true);
      last.priority = 1;
      gate.open();
      await Promise.all([...futures, one, two, three, last]);
      assert.deepEqual(log.lines(), ["first", "last", "one", "two", "three"]);
    },
  },
  {
    id: "cf-affinity-spent",
    title: "a worker that has served its number of tasks ends, whoever would go there",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2, maxTasksPerWorker: 2 });
      const where = places.whereAmI.with({ affinity: 1 });
      const calls = Array.from({ length: 12 }, () => pool.submit(where));
      const counts = new Map<number | string, number>();
      for (const { workerId } of await Promise.all(calls))
        counts.set(workerId, (counts.get(workerId) ?? 0) + 1);
      assert.ok(counts.size >= 2, "one worker has made all of them");
    },
  },
  {
    id: "cf-affinity-refused",
    title: "map() refuses a task with an affinity; a key is a string or a number",
    applies: withOwnWorkers(),
    run(context) {
      const pool = poolOf(context, {});
      assert.throws(() => pool.map(arithmetic.square.with({ affinity: 1 }), [1]), RangeError);
      assert.throws(() => arithmetic.square.with({ affinity: {} as never }), TypeError);
      return Promise.resolve();
    },
  },
];

function poolOf(context: CaseContext, options: PoolOptions): PoolExecutor {
  const executor = context.create(options);
  assert.ok(executor instanceof PoolExecutor);
  return executor;
}
