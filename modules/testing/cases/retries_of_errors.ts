// Cases of task.with({ retries: { on } }): running again what has thrown, or run out of time.
import assert from "node:assert/strict";
import { type Executor, type Future, TimeoutError, WorkerLostError } from "../../../mod.ts";
import { everywhere, withLinks, withOwnWaiting, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, attempts, deaths, gates } from "../tasks.ts";

const FOR_EVER = 60_000;

/** Cases of retries on errors. */
export const retriesOfErrorsCases: readonly ConformanceCase[] = [
  {
    id: "cf-with-retries-on-error",
    title: 'retries: { on: "error" } runs a task again that throws, at most that often',
    applies: everywhere,
    async run(context) {
      const [log, other] = [context.log(), context.log()];
      const executor = context.create({ maxWorkers: 1 });
      const task = attempts.failTimes.with({ retries: { limit: 2, on: "error" } });
      assert.equal(await executor.submit(task, log.path, 2, "saved"), "saved");
      assert.equal(log.lines().length, 3);
      const failed = executor.submit(task, other.path, 100, "never");
      await assert.rejects(failed.result(), { name: "RangeError", message: "run 3" });
      assert.equal(other.lines().length, 3, "once and two retries");
      assert.equal(executor.stats().failed, 1);
    },
  },
  {
    id: "cf-with-retries-on-error-lost",
    title: 'retries: { on: "error" } covers a lost worker, too; on: "lost" does not cover errors',
    applies: withWorkers,
    async run(context) {
      const [log, other] = [context.log(), context.log()];
      const executor = context.create({ maxWorkers: 1 });
      const task = deaths.exitTimes.with({ retries: { limit: 1, on: "error" } });
      assert.equal(await executor.submit(task, log.path, 1, "saved"), "saved");
      const lost = attempts.failTimes.with({ retries: { limit: 5, on: "lost" } });
      await assert.rejects(executor.submit(lost, other.path, 1, "never").result(), /run 1/);
      assert.equal(other.lines().length, 1);
    },
  },
  {
    id: "cf-with-retries-on-error-pause",
    title: "the pause between two runs on errors is at least its delay, and holds nobody up",
    applies: withOwnWaiting(),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const starts: number[] = [];
      using _ = executor.observe((event) => {
        if (event.type === "started" && event.id === 0) starts.push(event.at);
      });
      const retries = { limit: 2, on: "error", delay: 20, factor: 3, maxDelay: 40 } as const;
      const saved = executor.submit(attempts.failTimes.with({ retries }), log.path, 2, "saved");
      await context.until(() => log.lines().length === 1);
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      assert.equal(await saved, "saved");
      const [first = 0, second = 0, third = 0] = starts;
      assert.ok(second - first >= 19 && third - second >= 39, starts.join());
    },
  },
  {
    id: "cf-with-retries-on-predicate",
    title: "retries: { on } asks a function with the error, and runs again if it says so",
    applies: everywhere,
    async run(context) {
      const [log, other] = [context.log(), context.log()];
      const executor = context.create({ maxWorkers: 1 });
      const asked: string[] = [];
      const on = (error: unknown) => {
        asked.push((error as Error).message);
        return (error as Error).message !== "run 2";
      };
      const task = attempts.failTimes.with({ retries: { limit: 5, on } });
      assert.equal(await executor.submit(task, log.path, 1, "saved"), "saved");
      await assert.rejects(executor.submit(task, other.path, 100, "never").result(), /run 2/);
      assert.deepEqual(asked, ["run 1", "run 1", "run 2"]);
      assert.equal(other.lines().length, 2);
    },
  },
  {
    id: "cf-with-retries-on-predicate-lost",
    title: "a function in retries: { on } is asked of lost workers, too",
    applies: withWorkers,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const asked: unknown[] = [];
      const on = (error: unknown) => asked.push(error) < 2;
      const task = deaths.exitTimes.with({ retries: { limit: 5, on } });
      await assert.rejects(executor.submit(task, log.path, 100, "").result(), WorkerLostError);
      assert.ok(asked.length === 2 && asked.every((error) => error instanceof WorkerLostError));
      assert.equal(executor.stats().lost, 2);
    },
  },
  {
    id: "cf-with-retries-on-predicate-fails",
    title: "a function in retries: { on } that throws, or returns a promise, is reported: no retry",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const thrown = new Error("do not know");
      const wrong: ((error: unknown) => boolean)[] = [
        () => {
          throw thrown;
        },
        (async () => true) as never,
      ];
      for (const on of wrong) {
        const log = context.log();
        const task = attempts.failTimes.with({ retries: { limit: 5, on } });
        await assert.rejects(executor.submit(task, log.path, 9, "never").result(), /run 1/);
        assert.equal(log.lines().length, 1);
      }
      const [first, second] = context.reports;
      assert.ok(first?.error === thrown && first.about.kind === "callback");
      assert.match(String(second?.error), /Cannot use retries.on: it returned Promise/);
      assert.equal(await executor.submit(arithmetic.square, 2), 4);
    },
  },
  {
    id: "cf-with-retries-on-predicate-reentry",
    title: "a function in retries: { on } may submit, cancel its own call, and end its executor",
    applies: everywhere,
    async run(context) {
      const task = (on: (error: unknown) => boolean) =>
        attempts.failTimes.with({ retries: { limit: 5, on } });
      const submits = context.create({ maxWorkers: 1 });
      const inside: unknown[] = [];
      const on = () => inside.push(submits.submit(arithmetic.square, 3)) > 0;
      assert.equal(await submits.submit(task(on), context.log().path, 1, "saved"), "saved");
      assert.equal(await inside[0], 9);

      const cancels = context.create({ maxWorkers: 1 });
      const cancelled: Future<unknown> = cancels.submit(
        task(() => cancelled.cancel({ interrupt: true })),
        context.log().path,
        9,
        "never",
      );
      await assert.rejects(cancelled.result(), { name: "CancelledError" });
      await cancels.shutdown();

      const ends = context.create({ maxWorkers: 1 });
      let ended: Promise<void> | undefined;
      const last = ends.submit(
        task(() => {
          ended = ends.terminateWorkers();
          return true;
        }),
        context.log().path,
        9,
        "never",
      );
      await assert.rejects(last.result(), { name: "CancelledError" });
      await ended;
      assert.equal(ends.stats().workers, 0);
    },
  },
  {
    id: "cf-with-timeout-retries",
    title: "a task that ran out of time is run again, when its code has ended",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const within = (timeout: number) =>
        attempts.hangTimes.with({ timeout, retries: { limit: 1, on: "error" } });
      // Where a run that does not hang takes longer, it is given longer.
      let timeout = 30;
      for (let log = context.log(); ; log = context.log(), timeout *= 2) {
        const future = executor.submit(within(timeout), log.path, 1, "saved");
        const error = await future.exception();
        assert.ok(error === undefined || error instanceof TimeoutError);
        if (error !== undefined) continue;
        assert.equal(await future, "saved");
        assert.deepEqual(log.lines(), ["run", "interrupted", "run"]);
        break;
      }
      const task = within(4 * timeout);
      const other = context.log();
      const failed = executor.submit(task, other.path, 2, "never");
      await assert.rejects(failed.result(), TimeoutError);
      assert.equal(other.lines().filter((line) => line === "run").length, 2);
      assert.equal(executor.stats().lost, 0);
      const results = executor.starmap(task, [[context.log().path, 1, "of a map"]]);
      assert.deepEqual(await Array.fromAsync(results), ["of a map"]);
    },
  },
  {
    id: "cf-with-timeout-retries-deaf",
    title: "a task that ran out of time and does not stop is run again when its worker has ended",
    applies: (subject) =>
      (subject.traits.workers && subject.traits.stopsBusyWorkers) ||
      "a task that does not stop cannot be ended here",
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1, interruptGrace: 20 });
      const gate = context.gate();
      // More runs than it takes: on a busy machine one may be ended before it has said anything.
      const retries = { limit: 1_000, on: "error" } as const;
      const task = gates.logAndWaitAt.with({ timeout: 30, retries });
      const future = executor.submit(task, log.path, "run", gate.path);
      await context.until(() => log.lines().length >= 2);
      assert.equal(future.cancel({ interrupt: true }), true);
      const once = task.with({ retries: { limit: 1, on: "error" } });
      const last = executor.submit(once, log.path, "run", gate.path);
      await assert.rejects(last.result(), TimeoutError);
      assert.equal(executor.stats().lost, 0, "it was ended, and not lost");
    },
  },
  {
    id: "cf-with-retries-on-error-map",
    title: "elements of a map are run again each for itself, and stay in their places",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const task = attempts.failElement.with({ retries: { limit: 2, on: "error" } });
      const items = [0, 1, 2, 3, 2].map((times, n) => ({ log: context.log().path, times, n }));
      const entries = await Array.fromAsync(executor.map(task, items, { entries: true }));
      assert.deepEqual(
        entries.map(({ outcome }) => (outcome.status === "fulfilled" ? outcome.value : "failed")),
        [0, 1, 2, "failed", 4],
      );
    },
  },
  {
    id: "cf-with-retries-on-error-stream",
    title: "a stream is run again that fails before its first item, and not behind one",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const task = attempts.failBehind.with({ retries: { limit: 3, on: "error" } });
      const [log, other] = [context.log(), context.log()];
      const saved = executor.stream(task, log.path, 0);
      assert.deepEqual(await Array.fromAsync(saved), []);
      assert.equal(await saved.future, "returned");
      assert.equal(log.lines().length, 2);
      const failed = executor.stream(task, other.path, 1);
      assert.deepEqual(await failed.next(), { done: false, value: 0 });
      await assert.rejects(failed.next(), /first run/);
      assert.equal(other.lines().length, 1);
    },
  },
  {
    id: "cf-with-retries-on-error-ends",
    title: "a task that pauses after an error is cancelled by shutdown, terminate and map's end",
    applies: withOwnWaiting(),
    async run(context) {
      const retries = { limit: 1, on: "error", delay: FOR_EVER, maxDelay: FOR_EVER } as const;
      const task = attempts.failTimes.with({ retries });
      const endings: ((executor: Executor) => Promise<void>)[] = [
        (executor) => executor.shutdown({ cancelFutures: true }),
        (executor) => executor.terminateWorkers(),
        (executor) => executor.shutdown({ timeout: 1 }),
      ];
      for (const end of endings) {
        const log = context.log();
        const executor = context.create({ maxWorkers: 1 });
        const future = executor.submit(task, log.path, 9, "never");
        await context.until(() => log.lines().length === 1 && executor.stats().running === 0);
        assert.equal(future.running(), true, "it has run");
        await end(executor);
        assert.equal(future.state, "cancelled");
      }
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const results = executor.starmap(task, [[log.path, 9, "never"]]);
      await context.until(() => log.lines().length === 1 && executor.stats().running === 0);
      await results.return();
      await executor.shutdown();
      assert.equal(executor.stats().cancelled, 1);
    },
  },
  {
    id: "cf-with-retries-jitter",
    title: "retries: { jitter: true } runs again after no more than the pause",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const retries = { limit: 3, on: "error", delay: 4, jitter: true } as const;
      const task = attempts.failTimes.with({ retries });
      assert.equal(await executor.submit(task, log.path, 3, "saved"), "saved");
      assert.equal(log.lines().length, 4);
    },
  },
];
