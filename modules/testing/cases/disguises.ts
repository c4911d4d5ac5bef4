// Cases of bytes that are not what they look like, and of values whose code throws while they are looked at: each costs its
// own call at most, and the calls behind it get their own arguments and results.
import assert from "node:assert/strict";
import type { Executor } from "../../../mod.ts";
import { everywhere, withCloning } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { type Disguise, disguised, disguises as names } from "../fixtures/disguised_bytes.ts";
import { arithmetic, disguises } from "../tasks.ts";

/** What each says and does is told with others: then calls travel in one message, and through the ring. */
async function warmUp(executor: Executor): Promise<void> {
  await executor.submit(disguises.count);
  await executor.submit(arithmetic.identity, 0);
  for (let n = 0; n < 20; n++) await executor.submit(arithmetic.square, n);
}

/** How a call ended; within seconds. */
async function ended(future: PromiseLike<unknown>): Promise<string> {
  try {
    await future;
    return "fulfilled";
  } catch {
    return "rejected";
  }
}

/** What arrives of those that are bytes all the same, whatever they look like. */
const WHOLE: Partial<Record<Disguise, object>> = {
  "bytes that look like floats": new Uint8Array(6).fill(7),
  "floats that look like bytes": new Float64Array(3),
  "bytes without a prototype": new Uint8Array(6).fill(7),
  "bytes of a class of their own": new Uint8Array(6),
  "bytes that say they are longer": new Uint8Array(6).fill(7),
  "some bytes of a larger buffer": new Uint8Array(6).fill(7),
  "no bytes": new Uint8Array(0),
};

/** Cases of bytes in disguise. */
export const disguiseCases: readonly ConformanceCase[] = [
  {
    id: "cf-disguised-argument",
    title: "an argument that is not what it looks like costs its own call at most",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await warmUp(executor);
      for (const name of names) {
        const futures = [
          executor.submit(arithmetic.identity, "before"),
          executor.submit(disguises.count, 1, disguised(name)),
          executor.submit(disguises.count, disguised(name)),
          executor.submit(arithmetic.identity, "between"),
          executor.submit(disguises.count, disguised(name), [], 3),
          executor.submit(arithmetic.identity, "after"),
        ];
        const [before, two, one, between, three, after] = futures;
        for (const [future, expected] of [
          [two, 2],
          [one, 1],
          [three, 3],
        ] as const) {
          if ((await ended(future as PromiseLike<unknown>)) === "fulfilled")
            assert.equal(await future, expected, name);
        }
        assert.deepEqual(
          [await before, await between, await after],
          ["before", "between", "after"],
        );
        assert.deepEqual(await executor.submit(arithmetic.identity, name), name);
      }
      assert.equal(executor.stats().lost, 0);
    },
  },
  {
    id: "cf-disguised-elements",
    title: "elements of map and starmap that are not what they look like cost themselves at most",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await warmUp(executor);
      for (const name of names) {
        const items = [[1], [1, disguised(name)], [1, 2, 3], [disguised(name)], [1, 2]];
        const got: unknown[] = [];
        const results = executor.starmap(disguises.count, items);
        for (let at = 0; at < items.length; at++) {
          try {
            got.push((await results.next()).value);
          } catch {
            got.push(items[at]?.length);
          }
        }
        assert.deepEqual(got, [1, 2, 3, 1, 2], name);
      }
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      assert.equal(executor.stats().lost, 0);
    },
  },
  {
    id: "cf-disguised-result",
    title: "a result that is not what it looks like costs its own call at most",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await warmUp(executor);
      for (const task of [disguises.returnDisguised, disguises.returnDisguisedLater]) {
        await ended(executor.submit(task, "no bytes"));
        for (const name of names) {
          const before = executor.submit(arithmetic.identity, "before");
          const future = executor.submit(task, name);
          const after = executor.submit(arithmetic.identity, "after");
          await ended(future);
          assert.deepEqual([await before, await after], ["before", "after"], name);
        }
      }
      const { lost, workers } = executor.stats();
      assert.deepEqual({ lost, workers }, { lost: 0, workers: 1 });
    },
  },
  {
    id: "cf-disguised-bytes",
    title: "bytes arrive as what they are, whatever they look like, each way",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await warmUp(executor);
      for (const [name, expected] of Object.entries(WHOLE) as [Disguise, object][]) {
        for (const got of [
          await executor.submit(arithmetic.identity, disguised(name)),
          await executor.submit(disguises.returnDisguised, name),
        ]) {
          assert.equal(Object.getPrototypeOf(got), Object.getPrototypeOf(expected), name);
          assert.deepEqual(got, expected, name);
        }
      }
    },
  },
];
