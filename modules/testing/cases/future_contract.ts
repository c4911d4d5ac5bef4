// Cases of what a Future promises beyond its Python model: reasons, signals, promises, progress.
import assert from "node:assert/strict";
import { CancelledError, Future, InvalidStateError, TimeoutError } from "../../../mod.ts";
import { everywhere, withOwnWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { contexts, failures, gates } from "../tasks.ts";

/** Cases of what a Future promises beyond its Python model. */
export const futureContractCases: readonly ConformanceCase[] = [
  {
    id: "cf-future-set-running",
    title: "setRunningOrNotifyCancel() starts a pending future and refuses every later state",
    applies: everywhere,
    run() {
      const future = new Future<number>();
      assert.equal(future.setRunningOrNotifyCancel(), true);
      assert.equal(future.state, "running");
      assert.throws(() => future.setRunningOrNotifyCancel(), InvalidStateError);
      future.setResult(1);
      assert.throws(() => future.setRunningOrNotifyCancel(), InvalidStateError);
      return Promise.resolve();
    },
  },
  {
    id: "cf-future-pending-outcome",
    title: "setResult() and setException() finish a pending future without a start",
    applies: everywhere,
    async run() {
      const won = new Future<number>();
      won.setResult(1);
      const lost = new Future<number>();
      lost.setException(new TypeError("no"));
      assert.deepEqual([won.state, lost.state], ["finished", "finished"]);
      assert.equal(await won, 1);
      await assert.rejects(lost.result(), TypeError);
    },
  },
  {
    id: "cf-future-callbacks-order",
    title: "done callbacks run in the order of adding, once each",
    applies: everywhere,
    run() {
      const future = new Future<number>();
      const order: number[] = [];
      for (const n of [1, 2, 3]) future.addDoneCallback(() => order.push(n));
      future.setResult(1);
      future.cancel();
      assert.throws(() => future.setResult(2), InvalidStateError);
      assert.deepEqual(order, [1, 2, 3]);
      return Promise.resolve();
    },
  },
  {
    id: "cf-future-callback-adds",
    title: "a callback added by a callback runs at once and does not disturb the rest",
    applies: everywhere,
    run() {
      const future = new Future<number>();
      const order: string[] = [];
      future.addDoneCallback(() => {
        order.push("outer");
        future.addDoneCallback(() => order.push("inner"));
        order.push("outer end");
      });
      future.addDoneCallback(() => order.push("last"));
      future.setResult(1);
      assert.deepEqual(order, ["outer", "inner", "outer end", "last"]);
      return Promise.resolve();
    },
  },
  {
    id: "cf-future-callback-reentry",
    title:
      "a done callback sees the future done, so its own cancel() and setResult() change nothing",
    applies: everywhere,
    async run() {
      const future = new Future<number>();
      const seen: unknown[] = [];
      future.addDoneCallback((done) => {
        seen.push(done.cancel(), done.state);
        assert.throws(() => done.setResult(2), InvalidStateError);
      });
      future.setResult(1);
      assert.deepEqual(seen, [false, "finished"]);
      assert.equal(await future, 1);
    },
  },
  {
    id: "cf-future-same-error",
    title: "result(), exception(), await and catch() hand out the same error object",
    applies: everywhere,
    async run(context) {
      const future = context.create({ maxWorkers: 1 }).submit(failures.throwRangeError, "same");
      const error = await future.exception();
      assert.ok(error instanceof RangeError);
      assert.equal(await future.result().catch((reason: unknown) => reason), error);
      assert.equal(await future.catch((reason: unknown) => reason), error);
      assert.equal(await future.then(undefined, (reason: unknown) => reason), error);
      assert.equal(future.snapshot().error, error);
    },
  },
  {
    id: "cf-future-thenable",
    title: "await, then(), catch() and finally() behave as those of a promise",
    applies: everywhere,
    async run() {
      const future = new Future<number>();
      const chained = future.then((n) => n + 1).finally(() => {});
      queueMicrotask(() => future.setResult(1));
      assert.equal(await future, 1);
      assert.equal(await chained, 2);
      assert.equal(await future.catch(() => 9), 1);
      assert.equal(await future.finally(() => {}), 1);
      assert.ok(chained instanceof Promise, "what is chained is a native promise");
      assert.equal(await Promise.all([future, 2]).then(([a, b]) => a + b), 3);
    },
  },
  {
    id: "cf-future-undefined-failure",
    title: "a future that failed with undefined or 0 is a failure all the same",
    applies: everywhere,
    async run() {
      for (const reason of [undefined, 0, null, ""]) {
        const future = new Future<number>();
        future.setException(reason);
        const outcome = await future.result().then(
          () => "resolved",
          (error: unknown) => ({ error }),
        );
        assert.deepEqual(outcome, { error: reason });
        assert.equal(await future.exception(), reason);
        assert.ok("error" in future.snapshot(), "the snapshot tells a failure from a success");
      }
    },
  },
  {
    id: "cf-future-cancel-reason",
    title: "cancel({ reason }) rejects waiters with a CancelledError whose cause is the reason",
    applies: everywhere,
    async run() {
      const future = new Future<number>();
      const waiter = future.result();
      const reason = { why: "no longer needed" };
      assert.equal(future.cancel({ reason }), true);
      await assert.rejects(
        waiter,
        (error) => error instanceof CancelledError && error.cause === reason,
      );
      await assert.rejects(
        future.exception(),
        (error) => error instanceof CancelledError && error.cause === reason,
      );
      assert.equal(future.cancel({ reason: "second" }), true);
      await assert.rejects(future.result(), (error) => (error as Error).cause === reason);
    },
  },
  {
    id: "cf-future-interrupt-bare",
    title: "cancel({ interrupt: true }) cancels a running future at once",
    applies: everywhere,
    async run() {
      const future = new Future<number>();
      future.setRunningOrNotifyCancel();
      assert.equal(future.cancel(), false);
      assert.equal(future.cancel({ interrupt: true, reason: "now" }), true);
      assert.equal(future.state, "cancelled");
      assert.throws(() => future.setResult(1), InvalidStateError);
      await assert.rejects(future.result(), CancelledError);
      const finished = new Future<number>();
      finished.setResult(1);
      assert.equal(finished.cancel({ interrupt: true }), false);
    },
  },
  {
    id: "cf-future-result-timeout",
    title: "result({ timeout }) gives up waiting with TimeoutError and the task goes on",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const future = context.create({ maxWorkers: 1 }).submit(gates.waitAt, gate.path, "late");
      await assert.rejects(
        future.result({ timeout: 5 }),
        (error) => error instanceof TimeoutError && error.name === "TimeoutError",
      );
      await assert.rejects(future.exception({ timeout: 5 }), TimeoutError);
      assert.equal(future.done(), false);
      gate.open();
      assert.equal(await future.result({ timeout: 20_000 }), "late");
    },
  },
  {
    id: "cf-future-result-signal",
    title: "result({ signal }) gives up waiting with the signal's reason and the task goes on",
    applies: everywhere,
    async run() {
      const future = new Future<number>();
      const controller = new AbortController();
      const waiter = future.result({ signal: controller.signal });
      const reason = new Error("left");
      controller.abort(reason);
      await assert.rejects(waiter, (error) => error === reason);
      await assert.rejects(
        future.exception({ signal: controller.signal }),
        (error) => error === reason,
        "an aborted signal is noticed at once",
      );
      assert.equal(future.state, "pending");
      future.setResult(1);
      assert.equal(await future.result(), 1);
    },
  },
  {
    id: "cf-future-progress-replay",
    title: "onProgress() replays the latest value, follows new ones, and stops when disposed",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 1 });
      const future = executor.submit(contexts.progressThenWaitAt, [0.25, 0.5], gate.path);
      const early: number[] = [];
      future.onProgress(({ fraction }) => early.push(fraction));
      await context.until(() => future.snapshot().progress?.fraction === 0.5);
      assert.equal(early.at(-1), 0.5);
      const late: unknown[] = [];
      const subscription = future.onProgress((progress) => late.push(progress));
      assert.deepEqual(late, [{ fraction: 0.5, detail: { at: 0.5 } }], "the latest is replayed");
      subscription[Symbol.dispose]();
      gate.open();
      assert.equal(await future, "done");
      assert.equal(late.length, 1);
    },
  },
  {
    id: "cf-future-progress-disposed",
    title: "onProgress() tells a disposed listener nothing more",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const future = context
        .create({ maxWorkers: 1 })
        .submit(contexts.waitThenProgressAt, gate.path);
      const [kept, disposed]: [number[], number[]] = [[], []];
      future.onProgress(({ fraction }) => kept.push(fraction));
      future.onProgress(({ fraction }) => disposed.push(fraction))[Symbol.dispose]();
      gate.open();
      assert.equal(await future, "done");
      assert.deepEqual([kept, disposed], [[1], []]);
    },
  },
  {
    id: "cf-future-snapshot-observed",
    title: "snapshot() has times and the worker while the executor is observed",
    applies: withOwnWorkers(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, name: "Watched" });
      using _ = executor.observe(() => {});
      const { gate, futures } = await occupy(context, executor);
      const second = executor.submit(gates.waitAt, gate.path, 2);
      assert.equal(typeof second.snapshot().submittedAt, "number");
      assert.equal(second.snapshot().startedAt, undefined);
      gate.open();
      await second;
      const { submittedAt, startedAt, finishedAt, worker, value } = second.snapshot();
      assert.ok(submittedAt !== undefined && startedAt !== undefined && finishedAt !== undefined);
      assert.ok(submittedAt <= startedAt && startedAt <= finishedAt, "times are in order");
      assert.equal(value, 2);
      assert.match(worker?.name ?? "", /^Watched/);
      assert.equal(futures[0]?.snapshot().state, "finished");
    },
  },
];
