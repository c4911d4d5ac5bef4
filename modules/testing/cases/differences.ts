// Cases of what differs from Python, as the table in docs/guide/python.md says, where no other case proves it.
import assert from "node:assert/strict";
import { asCompleted, Future, InvalidStateError, TimeoutError, wait } from "../../../mod.ts";
import { everywhere } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, gates } from "../tasks.ts";

const WRONG_TIMES = [-1, -0.5, Number.NEGATIVE_INFINITY, Number.NaN];

/** Cases of what differs from Python. */
export const differencesCases: readonly ConformanceCase[] = [
  {
    id: "cf-differs-negative-timeout",
    title: "a negative timeout is a RangeError wherever one is taken, and 0 gives up at once",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const gate = context.gate();
      const future = executor.submit(gates.waitAt, gate.path, 1);
      const done = new Future<number>();
      done.setResult(1);
      for (const timeout of WRONG_TIMES) {
        for (const waited of [future, done]) {
          await assert.rejects(waited.result({ timeout }), RangeError);
          await assert.rejects(waited.exception({ timeout }), RangeError);
          await assert.rejects(wait([waited], { timeout }), RangeError);
          assert.throws(() => asCompleted([waited], { timeout }), RangeError);
        }
        assert.throws(() => executor.map(arithmetic.square, [1], { timeout }), RangeError);
        assert.throws(() => arithmetic.square.with({ timeout }), RangeError);
        await assert.rejects(executor.shutdown({ timeout }), RangeError);
      }
      await assert.rejects(future.result({ timeout: 0 }), TimeoutError);
      assert.equal((await wait([future], { timeout: 0 })).notDone.size, 1);
      assert.equal(await done.result({ timeout: 0 }), 1);
      gate.open();
      assert.equal(await future.result({ timeout: Number.POSITIVE_INFINITY }), 1);
    },
  },
  {
    id: "cf-differs-second-start",
    title:
      "setRunningOrNotifyCancel() is false of a cancelled future each time, and throws of others",
    applies: everywhere,
    run() {
      const cancelled = new Future<number>();
      cancelled.cancel();
      const starts = [1, 2, 3].map(() => cancelled.setRunningOrNotifyCancel());
      assert.deepEqual(starts, [false, false, false]);
      const running = new Future<number>();
      assert.equal(running.setRunningOrNotifyCancel(), true);
      assert.throws(() => running.setRunningOrNotifyCancel(), InvalidStateError);
      running.setException(undefined);
      assert.throws(() => running.setRunningOrNotifyCancel(), InvalidStateError);
      assert.ok("error" in running.snapshot(), "setException(undefined) is a failure");
      return Promise.resolve();
    },
  },
];
