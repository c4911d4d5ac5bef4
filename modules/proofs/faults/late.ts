// Faults of what a task leaves behind: errors that come when nobody waits for them.
import assert from "node:assert/strict";
import { withRealWorkers } from "../../testing/applicability.ts";
import { failures, places } from "../../testing/tasks.ts";
import type { Fault } from "./fault.ts";

const LATE = [
  ["timer", "an error thrown by a timer when its task is over", failures.throwFromTimer],
  [
    "meanwhile",
    "an error thrown by a timer while its task waits",
    failures.throwFromTimerWhileRunning,
  ],
  ["rejection", "a rejection nobody handles", failures.rejectUnhandled],
] as const;

/** Faults that come late. */
export const lateFaults: readonly Fault[] = LATE.map(
  ([name, what, task]): Fault => ({
    id: `late-${name}`,
    title: `${what} is reported with its worker's id, and costs no task and no worker`,
    applies: withRealWorkers,
    async run(scene) {
      const pool = await scene.pool({ maxWorkers: 1 });
      const { workerId } = await pool.submit(places.whereAmI);
      const crowd = scene.gather(pool, 20);
      scene.strike();
      assert.equal(await pool.submit(task, "too late"), "returned");
      await scene.until(() => scene.reports.length > 0);
      await scene.recover(pool);
      await crowd;
      const [report] = scene.reports;
      assert.equal(scene.reports.length, 1);
      // Where it cannot be told whose it was, advice comes with it.
      const { advice, ...about } = report?.about ?? { kind: undefined };
      assert.deepEqual(about, { kind: "worker", workerId });
      assert.ok(advice === undefined || advice.includes("timeout"), `advice: ${advice}`);
      assert.match(String(report?.error), /too late/);
      assert.equal((await pool.submit(places.whereAmI)).workerId, workerId, "the worker is kept");
    },
  }),
);
