// Cases of locks: who has one, who waits for it, and what becomes of a lease whose call or worker ends. Decision 47.

import assert from "node:assert/strict";
import { TimeoutError, WorkerLostError } from "../../../mod.ts";
import { Channel, Lock, SyncEvent } from "../../sync/mod.ts";
import { withLinks, withRealWorkers, withScripts } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { runScript } from "../run_script.ts";
import { sharing } from "../tasks.ts";

/** Cases of locks. */
export const lockCases: readonly ConformanceCase[] = [
  {
    id: "cf-sync-exclusion",
    title: "one call at a time is inside of a lock",
    applies: withLinks(),
    async run(context) {
      const [lock, log] = [new Lock(), context.log()];
      const executor = context.create({ maxWorkers: 4 });
      await Promise.all(
        Array.from({ length: 12 }, () => executor.submit(sharing.logInside, lock, log.path)),
      );
      assert.deepEqual(log.lines(), Array(12).fill(["in", "out"]).flat());
    },
  },
  {
    id: "cf-sync-order",
    title: "a lock goes to those that wait in the order in which they came, and tokens grow",
    applies: withLinks(),
    async run(context) {
      const [lock, asked] = [new Lock(), new Channel<number>()];
      const held = await lock.acquire();
      const executor = context.create({ maxWorkers: 4 });
      const futures = [];
      for (let n = 0; n < 4; n++) {
        futures.push(executor.submit(sharing.askAndTell, lock, asked, n));
        assert.deepEqual(await asked.receive(), { value: n, done: false });
      }
      const own = lock.acquire();
      held.release();
      assert.deepEqual(await Promise.all(futures), [2, 3, 4, 5]);
      assert.equal((await own).token, 6);
    },
  },
  {
    id: "cf-sync-try",
    title: "tryAcquire() takes nothing that is held, and goes past nobody",
    applies: withLinks(),
    async run(context) {
      const lock = new Lock();
      const executor = context.create({ maxWorkers: 1 });
      assert.equal(await executor.submit(sharing.tryLock, lock), true);
      const held = await lock.acquire();
      assert.equal(await executor.submit(sharing.tryLock, lock), false);
      const waiting = lock.acquire();
      held.release();
      assert.equal(await executor.submit(sharing.tryLock, lock), false);
      (await waiting).release();
      assert.equal(await executor.submit(sharing.tryLock, lock), true);
    },
  },
  {
    id: "cf-sync-timeout",
    title: "a wait that takes too long rejects with TimeoutError, and is in nobody's way",
    applies: withLinks(),
    async run(context) {
      const lock = new Lock({ name: "slow" });
      const held = await lock.acquire();
      const executor = context.create({ maxWorkers: 2 });
      const error = await executor.submit(sharing.takeWithin, lock, 15).exception();
      assert.ok(error instanceof TimeoutError);
      assert.match(error.message, /acquire lock "slow": not within 15 ms/);
      assert.ok(
        (await executor.submit(sharing.takeWithin, lock, 0).exception()) instanceof TimeoutError,
      );
      held.release();
      assert.equal(await executor.submit(sharing.takeWithin, lock, 60_000), 2);
    },
  },
  {
    id: "cf-sync-abort",
    title: "a wait whose signal aborts rejects with its reason",
    applies: withLinks(),
    async run(context) {
      const [lock, asked] = [new Lock(), new SyncEvent()];
      using _ = await lock.acquire();
      const executor = context.create({ maxWorkers: 1 });
      const error = await executor.submit(sharing.takeUntilAborted, lock, asked).exception();
      assert.ok(error instanceof RangeError && error.message === "enough");
    },
  },
  {
    id: "cf-sync-left",
    title: "a lease that a call leaves open ends with it, and onError is told",
    applies: withLinks(),
    async run(context) {
      const lock = new Lock({ name: "left" });
      const executor = context.create({ maxWorkers: 1 });
      assert.equal(await executor.submit(sharing.leaveLease, lock), "left");
      assert.deepEqual(await executor.submit(sharing.takeLock, lock), {
        token: 2,
        abandoned: false,
      });
      const [report] = context.reports;
      assert.equal(context.reports.length, 1);
      assert.equal(report?.about.kind, "lease");
      assert.equal(report?.about.task, "leaveLease");
      assert.match(String(report?.error), /lock "left" was left open by task "leaveLease"/);
    },
  },
  {
    id: "cf-sync-abandoned",
    title:
      "when a holder's worker dies the next one has the lock, and is told; the one after is not",
    applies: withLinks(withRealWorkers),
    async run(context) {
      const [lock, held, gate] = [new Lock(), new SyncEvent(), context.gate()];
      const executor = context.create({ maxWorkers: 2 });
      const dying = executor.submit(sharing.dieHolding, lock, held, gate.path);
      await held.wait();
      const next = executor.submit(sharing.takeLock, lock);
      gate.open();
      await assert.rejects(dying.result(), WorkerLostError);
      assert.deepEqual(await next, { token: 2, abandoned: true });
      assert.deepEqual(await executor.submit(sharing.takeLock, lock), {
        token: 3,
        abandoned: false,
      });
    },
  },
  {
    id: "cf-sync-waiter-dies",
    title: "one that dies while it waits is in nobody's way",
    applies: withLinks(withRealWorkers),
    async run(context) {
      const [lock, asked, gate] = [new Lock(), new SyncEvent(), context.gate()];
      const executor = context.create({ maxWorkers: 1 });
      const lease = await lock.acquire();
      const dying = executor.submit(sharing.dieWaiting, lock, asked, gate.path);
      await asked.wait();
      gate.open();
      await assert.rejects(dying.result(), WorkerLostError);
      lease.release();
      assert.deepEqual(await executor.submit(sharing.takeLock, lock), {
        token: 2,
        abandoned: false,
      });
    },
  },
  {
    id: "cf-sync-interrupt",
    title: "a call that is interrupted while it waits leaves the queue",
    applies: withLinks(),
    async run(context) {
      const [lock, asked] = [new Lock(), new Channel<number>()];
      const lease = await lock.acquire();
      const executor = context.create({ maxWorkers: 2 });
      const waiting = executor.submit(sharing.askAndTell, lock, asked, 1);
      await asked.receive();
      assert.equal(waiting.cancel({ interrupt: true }), true);
      const behind = executor.submit(sharing.takeLock, lock);
      lease.release();
      // It may have had the lock for a moment: it had not been told yet.
      assert.equal((await behind).abandoned, false);
      assert.ok(await lock.tryAcquire());
    },
  },
  {
    id: "cf-sync-alive",
    title: "a program that only waits for a lock is kept alive",
    applies: withScripts,
    async run(context) {
      const { stdout, code } = await runScript(context, "waits_for_lock.ts");
      assert.deepEqual([stdout, code], ["had the lock\n", 0]);
    },
  },
];
