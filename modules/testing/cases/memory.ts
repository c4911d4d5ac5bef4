// Cases of what is let go: arguments, results, elements. Rows 18, 20, 102.
import assert from "node:assert/strict";
import type { Executor, Future } from "../../../mod.ts";
import { collectGarbage } from "../collect_garbage.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, failures, memory } from "../tasks.ts";
import { everywhere, withCloning, withRealWorkers } from "./_applicability.ts";

// Bun's collector scans the stack conservatively: a stale pointer there may survive a few collections.
const MOST_COLLECTIONS = 40;

/** Cases of what is let go. */
export const memoryCases: readonly ConformanceCase[] = [
  {
    id: "py-18",
    title: "an argument is collected once its task has run, although the future is kept",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { future, argument } = submitAndForget(executor);
      await future;
      assert.ok(await isCollected(argument), "the argument is gone");
      assert.equal(future.state, "finished");
    },
  },
  {
    id: "py-20",
    title: "map() keeps no reference to a result it has handed out",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const iterator = executor
        .map(arithmetic.wrap, [1, 2, 3], { chunkSize: 1 })
        [Symbol.asyncIterator]();
      for (let read = 0; read < 3; read++) {
        assert.ok(await isCollected(await nextWeakly(iterator)), `result ${read} is gone`);
      }
      assert.equal((await iterator.next()).done, true);
    },
  },
  {
    id: "py-102",
    title: "a worker lets a task's argument go when the task is over",
    applies: withRealWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await executor.submit(memory.watch, { large: new Uint8Array(1_000_000) });
      // One more task, as the argument list of the last one may stay in a register until the next call.
      await executor.submit(arithmetic.square, 1);
      let collected = false;
      for (let round = 0; round < MOST_COLLECTIONS && !collected; round++) {
        collected = await executor.submit(memory.isCollected);
      }
      assert.equal(collected, true);
    },
  },
  {
    id: "cf-memory-unsendable",
    title: "an argument that could not be sent is collected, although the future is kept",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { future, argument } = submitAndForget(executor, { f: () => {} });
      await assert.rejects(future.result(), { name: "DataCloneError" });
      assert.ok(await isCollected(argument));
    },
  },
  {
    id: "cf-memory-cancelled",
    title: "the argument of a cancelled task is collected, although the future is kept",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { future, argument } = submitAndForget(executor);
      future.cancel();
      assert.ok(await isCollected(argument));
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-memory-future",
    title: "an executor keeps no future whose success it has handed over",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const weak = await awaitWeakly(executor);
      assert.ok(await isCollected(weak));
      await assert.rejects(executor.submit(failures.throwRangeError, "seen").result());
    },
  },
];

function submitAndForget(
  executor: Executor,
  argument: object = { n: 1 },
): { future: Future<unknown>; argument: WeakRef<object> } {
  const held = { argument };
  return {
    future: executor.submit(arithmetic.forgetArgument, held),
    argument: new WeakRef(held),
  };
}

async function awaitWeakly(executor: Executor): Promise<WeakRef<object>> {
  const future = executor.submit(arithmetic.square, 2);
  await future;
  return new WeakRef(future);
}

async function nextWeakly(iterator: AsyncIterator<object>): Promise<WeakRef<object>> {
  const { value } = await iterator.next();
  return new WeakRef(value as object);
}

async function isCollected(weak: WeakRef<object>): Promise<boolean> {
  for (let round = 0; round < MOST_COLLECTIONS; round++) {
    await collectGarbage();
    if (weak.deref() === undefined) return true;
  }
  return false;
}
