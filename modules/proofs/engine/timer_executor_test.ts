// Binds the conformance suite to an executor that has nothing of a pool but its ledger.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { CancelledError } from "../../../mod.ts";
import { conformanceCases, runCase, type Subject } from "../../testing/mod.ts";
import { arithmetic } from "../../testing/tasks.ts";
import { TimerExecutor } from "./timer_executor.ts";

const subject: Subject = {
  name: "TimerExecutor",
  executorName: "TimerExecutor",
  traits: {
    workers: false,
    clones: false,
    isolated: false,
    processes: false,
    stopsBusyWorkers: false,
  },
  create: (options) => new TimerExecutor(options),
  script: {
    executable: process.execPath,
    flags: ["run", "--quiet", "--allow-read", "--allow-write", "--allow-env", "--allow-sys"],
    module: new URL("timer_executor.ts", import.meta.url).href,
    executor: "TimerExecutor",
  },
};

/** What is no matter of the ledger, and left out of this executor or its engine. */
const LEFT_OUT: readonly (readonly [cases: RegExp, why: string])[] = [
  [
    /^(cf-(option|options|numbers|start|unknown-option|differs-negative|shutdown-validation)\b|py-(19|91|134|143)$)/,
    "it takes its options as they are",
  ],
  [
    /^cf-(workers|resize|terminate-worker|warm|broadcast|actor|affinity|disguised-result|interrupt-(heeded|abandoned))\b/,
    "it has no workers",
  ],
  [
    /^cf-(caller|stream-functions|submit-function|odd-thenable|error-same|reentry-task)\b/,
    "it takes no functions, and keeps no context",
  ],
  [/^cf-(context-progress|group-in-task)$/, "its tasks are given a plain context"],
  [
    /^(cf-(crash-export|crash-module|task-default|task-commonjs|task-registered|name|decorate)\b|py-87$)/,
    "it finds functions by a plain import",
  ],
  [/^cf-wrap\b/, "its submit asks for no layers of a task"],
  [/^cf-(console|debug|error-codes)\b/, "it has no such options, and no workers that would print"],

  [/^cf-(with-timeout|map-task-options|stream-timeout)\b/, "it has no clock for a call"],
  [/^cf-(key|rate)\b/, "it has no limits beside maxWorkers"],
  [/^cf-(transfer-no-list|with-transfer-cancels)$/, "it moves nothing"],
  [/^cf-sync-(barrier-wide|nested)\b/, "it has no slots that calls could hold, and lends none"],
  [/^cf-sync-barrier-elsewhere\b/, "it tells nobody which calls are still to come"],
  [/^cf-order\b/, "thousands of timers take too long"],
];

for (const conformanceCase of conformanceCases) {
  const { id, title } = conformanceCase;
  const applies = conformanceCase.applies(subject);
  const why = applies === true ? LEFT_OUT.find(([cases]) => cases.test(id))?.[1] : applies;
  const name = `[${id}] ${title}`;
  test(
    why === undefined ? name : `${name} (not applicable: ${why})`,
    { skip: why !== undefined },
    () => runCase(conformanceCase, subject),
  );
}

/** Has a call set out: nobody can tell any more whether it has begun. */
async function onItsWay(executor: TimerExecutor) {
  const future = executor.submit(arithmetic.add, 20, 22);
  await undefined;
  // Not the future itself: to return that is to await it.
  return { future };
}

test("cancel() answers false where nobody can tell whether the task has begun, and the future stays pending", async () => {
  await using executor = new TimerExecutor({}, false);
  const { future } = await onItsWay(executor);
  assert.deepEqual([future.cancel(), future.state], [false, "pending"]);
  assert.equal(await future, 42);
});

test("cancel({ interrupt: true }) cancels at once where nobody can tell whether the task has begun", async () => {
  await using executor = new TimerExecutor({}, false);
  const { future } = await onItsWay(executor);
  assert.deepEqual([future.cancel({ interrupt: true }), future.state], [true, "cancelled"]);
  await assert.rejects(future.result(), CancelledError);
});

test("what is on its way is finished by shutdown({ cancelFutures: true }), and cancelled by terminateWorkers()", async () => {
  const executor = new TimerExecutor({ maxWorkers: 1 }, false);
  const { future: sent } = await onItsWay(executor);
  const waiting = executor.submit(arithmetic.add, 1, 2);
  await executor.shutdown({ cancelFutures: true });
  assert.deepEqual([sent.state, waiting.state], ["finished", "cancelled"]);
  const other = new TimerExecutor({}, false);
  const { future } = await onItsWay(other);
  await other.terminateWorkers();
  assert.equal(future.state, "cancelled");
});
