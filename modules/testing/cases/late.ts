// Cases of errors thrown beside the call that runs: whose they are, and what becomes of a task that waits for them.
import assert from "node:assert/strict";
import { type Applies, withOwnWorkers, withRealWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, failures, gates } from "../tasks.ts";

const WAYS = {
  timer: failures.waitForThrowingTimer,
  microtask: failures.waitForThrowingMicrotask,
  rejection: failures.waitForRejection,
} as const;

/** Longer than a call has to end after it has thrown an error beside itself. */
const LONG_MS = 1500;

/** Bun's test runner ends a thread in which something is thrown beside a call; its programs do not. */
const IS_BUN_TEST =
  "Bun" in globalThis &&
  (globalThis as { process?: { env: { NODE_ENV?: string } } }).process?.env.NODE_ENV === "test";

const whereLateErrorsAreHeard: Applies = (subject) => {
  const real = withRealWorkers(subject);
  if (real !== true || subject.traits.processes || !IS_BUN_TEST) return real;
  return "bun test ends a thread in which something is thrown late; deno task conformance shows it";
};

/** The task waits for what never comes: its worker has to be ended, and every case would wait for that. */
const SHORT_GRACE = { interruptGrace: 10 };

/** Cases of errors thrown beside the call that runs. */
export const lateCases: readonly ConformanceCase[] = [
  {
    id: "cf-late-own",
    title: "a task that waits for its own timer, which throws, fails with that error",
    applies: withOwnWorkers(whereLateErrorsAreHeard),
    async run(context) {
      for (const [way, wait] of Object.entries(WAYS)) {
        const executor = context.create({ maxWorkers: 1, ...SHORT_GRACE });
        await assert.rejects(executor.submit(wait, way).result(), new Error(way));
        assert.equal(await executor.submit(arithmetic.square, 3), 9, "its worker is free again");
        assert.equal(executor.stats().lost, 0);
        await executor.shutdown();
      }
      assert.deepEqual(
        context.reports.map(({ error, about }) => [(error as Error).message, about.kind]),
        Object.keys(WAYS).map((way) => [way, "worker"]),
      );
    },
  },
  {
    id: "cf-late-own-map",
    title: "elements of a map that wait for their own timers fail each at its place",
    applies: withOwnWorkers(whereLateErrorsAreHeard),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, maxTasksPerWorker: 1, ...SHORT_GRACE });
      const results = executor.map(failures.waitForThrowingTimer, ["a", "b"]);
      await assert.rejects(results.next(), new Error("a"));
      await assert.rejects(results.next(), new Error("b"));
      assert.equal((await results.next()).done, true);
      assert.equal(context.reports.length, 2);
    },
  },
  {
    id: "cf-late-unknown",
    title: "where nobody can tell whose timer it was, the report says so and advises a timeout",
    applies: withOwnWorkers(whereLateErrorsAreHeard),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, ...SHORT_GRACE });
      await executor.submit(arithmetic.square, 1);
      for (const [way, wait] of Object.entries(WAYS)) {
        // Known to be one that waits, as it is from the first time on.
        const before = context.reports.length;
        const future = executor.submit(wait, way);
        await context.until(() => context.reports.length > before || future.done());
        const { advice } = context.reports[before]?.about ?? {};
        if (advice === undefined) {
          await assert.rejects(future.result(), new Error(way));
        } else {
          assert.ok(advice.includes(`"${wait.name}"`) && advice.includes("timeout"), advice);
          assert.equal(future.cancel({ interrupt: true }), true);
        }
        assert.equal(await executor.submit(arithmetic.square, 3), 9);
      }
      assert.equal(context.reports.length, 3);
    },
  },
  {
    id: "cf-late-innocent",
    title: "a task that runs while a timer of another one throws goes on, however long",
    applies: withOwnWorkers(whereLateErrorsAreHeard),
    async run(context) {
      const [left, gate] = [context.gate(), context.gate()];
      const executor = context.create({ maxWorkers: 1 });
      await executor.submit(failures.throwLaterAt, left.path, "of another");
      const innocent = executor.submit(gates.waitAt, gate.path, "whole");
      await context.until(() => innocent.running());
      left.open();
      await context.until(() => context.reports.length > 0);
      const since = performance.now();
      await context.until(() => performance.now() - since > LONG_MS);
      assert.equal(innocent.state, "running");
      gate.open();
      assert.equal(await innocent, "whole");
      assert.equal(context.reports.length, 1);
      assert.match(String(context.reports[0]?.about.advice), /"waitAt".*timeout/);
    },
  },
];
