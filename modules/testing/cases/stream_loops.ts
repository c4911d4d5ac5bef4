// Cases of who reads a stream and how: loops that an error ends, readers who leave early or late; and of items that are odd.

import assert from "node:assert/strict";
import { type Applies, withCloning, withLinks } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, streams } from "../tasks.ts";
import { readAll } from "./streams.ts";

/** So many items that most are never made while nobody reads. */
const MANY = 10_000;
/** Looks for a call to have begun, without a turn of the event loop. */
const LOOKS = 10_000;

/** So many items take most of a second, and the longer the more a machine has to do; the event loop turns every 5 ms. */
const LONG = 2_000_000;
const FEW_TURNS = 40;

const onTheEventLoop: Applies = ({ traits }) =>
  !traits.workers || "its items come by messages: each is a turn of the host's event loop";

/** Cases of readers and odd items. */
export const streamLoopCases: readonly ConformanceCase[] = [
  {
    id: "cf-stream-loop-error",
    title: "a loop that is left by the error of an item ends its stream, and holds no worker",
    applies: withLinks(withCloning),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, interruptGrace: 600_000 });
      const log = context.log();
      const stream = executor.stream(streams.spoilt, log.path, MANY);
      const seen: unknown[] = [];
      await assert.rejects(
        async () => {
          for await (const item of stream) seen.push(item);
        },
        { name: "DataCloneError" },
      );
      assert.deepEqual([seen, log.lines()], [[0], ["finally"]]);
      assert.ok(stream.future.cancelled());
      assert.deepEqual(await stream.next(), { done: true, value: undefined });
      // Whoever calls next() alone goes on.
      assert.equal((await readAll(executor.stream(streams.spoilt, log.path, 5))).length, 6);
      await executor.shutdown();
    },
  },
  {
    id: "cf-stream-broken-promise",
    title:
      "a synchronous generator whose item is a broken promise fails with it, and runs its finally",
    applies: withLinks(),
    async run(context) {
      const executor = context.create();
      for (const task of [streams.broken, streams.hostileThen]) {
        const log = context.log();
        const seen = await readAll(executor.stream(task, log.path));
        assert.deepEqual(
          seen.map((item) => String(item)),
          ["1", `RangeError: ${task === streams.broken ? "broken" : "its then throws"}`, END],
        );
        assert.deepEqual(log.lines(), ["finally"]);
      }
    },
  },
  {
    id: "cf-stream-promise-waits",
    title: "items before a promise that is not kept yet are handed out",
    applies: withLinks(),
    async run(context) {
      const gate = context.gate();
      const stream = context.create().stream(streams.promiseAt, gate.path);
      for (const n of [1, 2, 3]) assert.equal((await stream.next()).value, n);
      gate.open();
      assert.equal((await stream.next()).value, 4);
    },
  },
  {
    id: "cf-stream-odd-steps",
    title: "an iterator whose steps are no results is an error, and no stream without an end",
    applies: withLinks(),
    async run(context) {
      const [error] = await readAll(context.create().stream(streams.oddSteps));
      assert.match(String(error), /^TypeError: Cannot go on with task "oddSteps"/);
    },
  },
  {
    id: "cf-stream-leave-late",
    title: "who leaves a stream that was cancelled before waits for its finally, too",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, interruptGrace: 600_000 });
      const log = context.log();
      const stream = executor.stream(streams.logged, log.path, MANY);
      await stream.next();
      stream.future.cancel({ interrupt: true });
      const seen = await readAll(stream);
      assert.match(String(seen.at(-2)), /^CancelledError/);
      await stream.return();
      assert.equal(log.lines().at(-1), "finally");
    },
  },
  {
    id: "cf-stream-leave-at-once",
    title: "who leaves a stream that has only just begun waits until its code has ended",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, interruptGrace: 600_000 });
      const log = context.log();
      await readAll(executor.stream(streams.logged, log.path, 1));
      for (let round = 0; round < 20; round++) {
        const stream = executor.stream(streams.logged, log.path, MANY).start();
        // It is seen to have begun before anything that it says has come.
        for (let look = 0; look < LOOKS && !stream.future.running(); look++) await undefined;
        await stream.return();
        const lines = log.lines();
        assert.equal(await executor.submit(arithmetic.square, 3), 9);
        assert.deepEqual(log.lines(), lines);
      }
    },
  },
  {
    id: "cf-stream-turns",
    title: "a stream that is read as fast as it is made leaves the event loop its turns",
    applies: onTheEventLoop,
    async run(context) {
      const stream = context.create({ maxWorkers: 1 }).stream(streams.endless, context.log().path);
      let turns = 0;
      const timer = setInterval(() => turns++, 1);
      try {
        for await (const n of stream) if (turns >= FEW_TURNS || n === LONG) break;
      } finally {
        clearInterval(timer);
      }
      assert.ok(turns >= FEW_TURNS, `${turns} turns in ${LONG} items`);
    },
  },
];

/** As the end of a stream looks, in words. */
const END = String({ returned: undefined });
