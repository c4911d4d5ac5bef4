// Cases of flatMap(): the items of many streams as one, in which order, and how it ends.

import assert from "node:assert/strict";
import { CancelledError, QueueFullError } from "../../../mod.ts";
import { withLinks } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, streams } from "../tasks.ts";
import { readAll } from "./streams.ts";

/** So many items that most are never made while nobody reads. */
const MANY = 10_000;

/** Cases of flatMap(). */
export const flatMapCases: readonly ConformanceCase[] = [
  {
    id: "cf-flat-map-order",
    title: "flatMap() hands out the items of all sources, one source behind the other",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 3 });
      const expected = [0, 0, 1, 0, 1, 2, { returned: undefined }];
      for (const bufferSize of [1, 2, 100]) {
        const results = executor.flatMap(streams.count, [1, 2, 3], { bufferSize });
        assert.deepEqual(await readAll(results), expected);
      }
      async function* later() {
        yield* [1, 2, 3];
      }
      assert.deepEqual(await readAll(executor.flatMap(streams.count, later())), expected);
      const none = executor.flatMap(streams.count, []);
      assert.deepEqual(await readAll(none), [{ returned: undefined }]);
    },
  },
  {
    id: "cf-flat-map-unordered",
    title: "flatMap() hands out items as they come, if it is told to",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const gate = context.gate();
      // The first source waits before its first item, the second before its last.
      const sources = [0, 3].map((at) => ({ at, gate: gate.path }));
      const results = executor.flatMap(streams.countAt, sources, { ordered: false });
      for (let n = 0; n < 3; n++) assert.equal((await results.next()).value, `3: ${n}`);
      gate.open();
      const rest = await readAll(results);
      assert.deepEqual(rest.slice(0, -1).sort(), ["0: 0", "0: 1", "0: 2", "0: 3", "3: 3"]);
    },
  },
  {
    id: "cf-flat-map-end",
    title: "leaving flatMap() ends every stream that it has begun, and its source",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const log = context.log();
      const logs = [context.log(), context.log()];
      function* sources() {
        try {
          for (const { path } of logs) yield path;
          for (;;) yield log.path;
        } finally {
          log.append("source ended");
        }
      }
      const results = executor.flatMap(streams.endless, sources(), { bufferSize: 2 });
      for await (const n of results) if (n === 3) break;
      assert.deepEqual(log.lines(), ["source ended"]);
      // The second one may have been cancelled before it began.
      for (const { path } of logs) assert.ok(path !== undefined);
      assert.deepEqual(logs[0]?.lines(), ["finally"]);
      assert.ok((await results.next()).done);
      const controller = new AbortController();
      const aborted = executor.flatMap(streams.endless, [log.path], { signal: controller.signal });
      await aborted.next();
      controller.abort("why");
      await assert.rejects(async () => {
        for await (const n of aborted) void n;
      }, CancelledError);
    },
  },
  {
    id: "cf-flat-map-error",
    title:
      "an error in flatMap() comes at its position, and iteration goes on with the next source",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const results = executor.flatMap(streams.failOn, [1, -2, 3]);
      const seen = (await readAll(results)).map((item) => String(item));
      assert.deepEqual(seen, ["1", "-2", "RangeError: below 0", "3", "[object Object]"]);
      const failing = (function* () {
        yield 1;
        throw new TypeError("no more sources");
      })();
      const rest = (await readAll(executor.flatMap(streams.failOn, failing))).map(String);
      assert.deepEqual(rest, ["1", "TypeError: no more sources", "[object Object]"]);
      assert.throws(() => executor.flatMap(streams.failOn, 5 as never), TypeError);
      assert.throws(() => executor.flatMap(streams.failOn, [], { bufferSize: 0 }), RangeError);
    },
  },
  {
    id: "cf-flat-map-loop-error",
    title: "a loop over flatMap() that is left by an error ends all its streams, and its sources",
    applies: withLinks(),
    async run(context) {
      for (const ordered of [true, false]) {
        const executor = context.create({ maxWorkers: 2 });
        const log = context.log();
        function* sources() {
          try {
            yield -1;
            for (;;) yield MANY;
          } finally {
            log.append("sources ended");
          }
        }
        const results = executor.flatMap(streams.countOrFail, sources(), {
          ordered,
          bufferSize: 3,
        });
        await assert.rejects(
          async () => {
            for await (const n of results) assert.ok(n >= 0);
          },
          { message: "below 0" },
        );
        assert.deepEqual(log.lines(), ["sources ended"]);
        await executor.shutdown();
      }
    },
  },
  {
    id: "cf-flat-map-sources",
    title:
      "sources of flatMap() are ended once: when no stream can begin, and when they throw at it",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      let ends = 0;
      const sources = {
        [Symbol.iterator]() {
          return this;
        },
        next: () => ({ done: false, value: MANY }),
        return() {
          ends++;
          throw new RangeError("not so");
        },
      };
      const controller = new AbortController();
      const { signal } = controller;
      const results = executor.flatMap(streams.countAtOnce, sources, { signal, bufferSize: 1 });
      assert.equal((await results.next()).value, 0);
      controller.abort("why");
      await assert.rejects(results.next(), { name: "CancelledError" });
      assert.deepEqual([ends, (await results.next()).done], [1, true]);
      const late = executor.flatMap(streams.countAtOnce, sources);
      await executor.shutdown();
      await assert.rejects(late.next(), { name: "ShutdownError" });
      assert.equal(ends, 2);
    },
  },
  {
    id: "cf-flat-map-full-queue",
    title:
      "leaving flatMap() while it waits for room in the queue ends its sources, and begins no stream",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, maxQueue: 0 });
      const log = context.log();
      function* sources() {
        try {
          for (;;) yield MANY;
        } finally {
          log.append("sources ended");
        }
      }
      const results = executor.flatMap(streams.countAtOnce, sources());
      assert.equal((await results.next()).value, 0);
      assert.throws(() => executor.submit(arithmetic.square, 3), QueueFullError);
      await results.return?.();
      assert.deepEqual(log.lines(), ["sources ended"]);
      await executor.shutdown();
      assert.equal(executor.stats().finished, 0);
    },
  },
];
