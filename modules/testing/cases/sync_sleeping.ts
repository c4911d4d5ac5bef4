// Cases of threads that sleep for a lock, without awaiting it. Decision 47.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TimeoutError, UnsupportedRuntimeError, WorkerLostError } from "../../../mod.ts";
import { acquireSync, DeadlockError, Lock } from "../../sync/mod.ts";
import { type Applies, withLinks, withThreads } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { sharing } from "../tasks.ts";

/** A promise about threads that can sleep on memory that they have in common with the program. */
const withSleepingThreads: Applies = (subject) => {
  const threads = withThreads(subject);
  if (threads !== true) return threads;
  return subject.traits.sharesMemory !== false || "it has no memory in common with its program";
};

/** Cases of threads that sleep. */
export const sleepingCases: readonly ConformanceCase[] = [
  {
    id: "cf-sync-sleeping",
    title: "threads that never await take turns, and the program with them",
    applies: withSleepingThreads,
    async run(context) {
      const lock = new Lock();
      const executor = context.create({ maxWorkers: 2 });
      const path = join(context.directory, "count");
      const counting = [1, 2].map(() => executor.submit(sharing.countSync, lock, path, 150));
      for (let n = 0; n < 20; n++) (await lock.acquire()).release();
      await Promise.all(counting);
      assert.equal(readFileSync(path, "utf8"), "300");
      assert.equal((await lock.acquire()).token, 321);
    },
  },
  {
    id: "cf-sync-sleeping-refused",
    title: "a thread that sleeps for a lock is told of a timeout, and of a deadlock",
    applies: withSleepingThreads,
    async run(context) {
      const lock = new Lock({ name: "slept for" });
      const executor = context.create({ maxWorkers: 1 });
      const held = await lock.acquire();
      const late = await executor.submit(sharing.takeSync, lock, 10).exception();
      assert.ok(late instanceof TimeoutError);
      held.release();
      const own = await executor.submit(sharing.takeTwiceSync, lock).exception();
      assert.ok(own instanceof DeadlockError);
      assert.match(own.message, /lock "slept for", which it holds itself/);
      assert.equal((await executor.submit(sharing.takeSync, lock)).abandoned, false);
    },
  },
  {
    id: "cf-sync-taken-by-itself",
    title: "what a thread has taken by itself is given on when its call ends, and when it dies",
    applies: withSleepingThreads,
    async run(context) {
      const lock = new Lock();
      const executor = context.create({ maxWorkers: 1 });
      assert.equal(await executor.submit(sharing.leaveSync, lock, false), "left");
      assert.equal((await executor.submit(sharing.takeLock, lock)).abandoned, false);
      assert.equal(context.reports.length, 1);
      const dying = executor.submit(sharing.leaveSync, lock, true);
      await assert.rejects(dying.result(), WorkerLostError);
      assert.equal((await executor.submit(sharing.takeLock, lock)).abandoned, true);
      assert.equal((await executor.submit(sharing.takeLock, lock)).abandoned, false);
    },
  },
  {
    id: "cf-sync-asleep-nowhere",
    title: "where nothing can sleep, acquireSync() says so",
    applies: withLinks(
      (subject) => withSleepingThreads(subject) !== true || "its threads can sleep for a lock",
    ),
    async run(context) {
      const lock = new Lock();
      const error = await context
        .create({ maxWorkers: 1 })
        .submit(sharing.takeSync, lock)
        .exception();
      assert.equal((error as Error).name, "UnsupportedRuntimeError");
      assert.throws(() => acquireSync(lock), UnsupportedRuntimeError);
      assert.throws(() => acquireSync({} as Lock), TypeError);
    },
  },
];
