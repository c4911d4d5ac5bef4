// Cases of wait(). Rows 149 to 156.
import assert from "node:assert/strict";
import { Future, wait } from "../../../mod.ts";
import { everywhere } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, failures, gates } from "../tasks.ts";

/** Cases of wait(). */
export const waitCases: readonly ConformanceCase[] = [
  {
    id: "py-149",
    title: "wait() holds a future given twice once",
    applies: everywhere,
    async run(context) {
      const future = context.create().submit(arithmetic.square, 2);
      const { done, notDone } = await wait([future, future]);
      assert.deepEqual([...done], [future]);
      assert.equal(notDone.size, 0);
    },
  },
  {
    id: "py-150",
    title: "wait(FIRST_COMPLETED) returns with the finished one; a cancelled one is done at once",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 2 });
      const quick = executor.submit(arithmetic.square, 2);
      const blocked = executor.submit(gates.waitAt, gate.path, 1);
      const first = await wait([quick, blocked], { returnWhen: "FIRST_COMPLETED" });
      assert.deepEqual([[...first.done], [...first.notDone]], [[quick], [blocked]]);
      const dropped = new Future<number>();
      dropped.cancel();
      const second = await wait([dropped, blocked], { returnWhen: "FIRST_COMPLETED" });
      assert.deepEqual([[...second.done], [...second.notDone]], [[dropped], [blocked]]);
    },
  },
  {
    id: "py-151",
    title: "wait(FIRST_COMPLETED) returns at once with all that are done already",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 1 });
      const [won, dropped] = [new Future<number>(), new Future<number>()];
      won.setResult(1);
      dropped.cancel();
      const blocked = executor.submit(gates.waitAt, gate.path, 1);
      const { done, notDone } = await wait([dropped, won, blocked], {
        returnWhen: "FIRST_COMPLETED",
      });
      assert.deepEqual(done, new Set<Future<unknown>>([dropped, won]));
      assert.deepEqual(notDone, new Set<Future<unknown>>([blocked]));
    },
  },
  {
    id: "py-152",
    title: "wait(FIRST_EXCEPTION) passes a success by and returns with the failure",
    applies: everywhere,
    async run(context) {
      const [gate, blockedGate] = [context.gate(), context.gate()];
      const executor = context.create({ maxWorkers: 2 });
      const blocked = executor.submit(gates.waitAt, blockedGate.path, 1);
      const success = executor.submit(arithmetic.square, 2);
      const failure = executor.submit(gates.failAt, gate.path, "no");
      const waiting = wait([success, failure, blocked], { returnWhen: "FIRST_EXCEPTION" });
      assert.equal(await success, 4);
      gate.open();
      const { done, notDone } = await waiting;
      assert.deepEqual(done, new Set<Future<unknown>>([success, failure]));
      assert.deepEqual(notDone, new Set<Future<unknown>>([blocked]));
      assert.match(String(await failure.exception()), /no/);
    },
  },
  {
    id: "py-154",
    title: "wait(FIRST_EXCEPTION) returns at once for one that failed already",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const blocked = context.create().submit(gates.waitAt, gate.path, 1);
      const failed = new Future<number>();
      failed.setException(new Error("before"));
      const { done, notDone } = await wait([failed, blocked], { returnWhen: "FIRST_EXCEPTION" });
      assert.deepEqual([[...done], [...notDone]], [[failed], [blocked]]);
    },
  },
  {
    id: "py-155",
    title: "wait(ALL_COMPLETED) returns all of them, whatever became of each",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const [won, lost, dropped] = [new Future(), new Future(), new Future()];
      won.setResult(1);
      lost.setException(new Error("before"));
      dropped.cancel();
      dropped.setRunningOrNotifyCancel();
      const live = executor.submit(arithmetic.square, 2);
      const failing = executor.submit(failures.throwRangeError, "live");
      const all = [won, lost, dropped, live, failing];
      const { done, notDone } = await wait(all, { returnWhen: "ALL_COMPLETED" });
      assert.deepEqual(done, new Set<Future<unknown>>(all));
      assert.equal(notDone.size, 0);
      await failing.exception();
    },
  },
  {
    id: "py-156",
    title: "wait({ timeout }) puts the blocked one in notDone and is no error",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 2 });
      const quick = executor.submit(arithmetic.square, 2);
      await quick;
      const blocked = executor.submit(gates.waitAt, gate.path, 1);
      const { done, notDone } = await wait([quick, blocked], { timeout: 20 });
      assert.deepEqual([[...done], [...notDone]], [[quick], [blocked]]);
    },
  },
  {
    id: "cf-wait-first-exception-cancelled",
    title: "wait(FIRST_EXCEPTION) without a failure waits for all, cancelled ones included",
    applies: everywhere,
    async run() {
      const [a, b] = [new Future<number>(), new Future<number>()];
      const waiting = wait([a, b], { returnWhen: "FIRST_EXCEPTION" });
      a.cancel();
      b.setResult(1);
      const { done, notDone } = await waiting;
      assert.deepEqual([done.size, notDone.size], [2, 0]);
    },
  },
  {
    id: "cf-wait-empty",
    title: "wait() for nothing returns at once, and takes any iterable",
    applies: everywhere,
    async run() {
      for (const returnWhen of ["ALL_COMPLETED", "FIRST_COMPLETED", "FIRST_EXCEPTION"] as const) {
        const { done, notDone } = await wait([], { returnWhen });
        assert.deepEqual([done.size, notDone.size], [0, 0]);
      }
      const future = new Future<number>();
      future.setResult(1);
      function* one(): Generator<Future<number>> {
        yield future;
      }
      assert.equal((await wait(new Set([future]))).done.has(future), true);
      assert.equal((await wait(one())).done.has(future), true);
    },
  },
  {
    id: "cf-wait-mixed-executors",
    title: "wait() mixes futures of different executors",
    applies: everywhere,
    async run(context) {
      const futures = [1, 2].map((n) =>
        context.create({ maxWorkers: 1 }).submit(arithmetic.square, n),
      );
      const { done } = await wait(futures);
      assert.deepEqual(done, new Set(futures));
    },
  },
  {
    id: "cf-wait-validation",
    title: "wait() refuses an unknown returnWhen, a negative timeout, and what is no future",
    applies: everywhere,
    async run() {
      const future = new Future<number>();
      await assert.rejects(
        async () => await wait([future], { returnWhen: "SOMETIME" as "ALL_COMPLETED" }),
        (error) => error instanceof TypeError || error instanceof RangeError,
      );
      await assert.rejects(async () => await wait([future], { timeout: -1 }), RangeError);
      await assert.rejects(async () => await wait([1] as unknown as Future<number>[]), TypeError);
    },
  },
];
