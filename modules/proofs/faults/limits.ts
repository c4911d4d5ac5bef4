// Faults under limits: keys that cannot be told, workers that die with their keys, pauses that meet an end.

import assert from "node:assert/strict";
import { type Executor, WorkerLostError } from "../../../mod.ts";
import { everywhere, withWorkers } from "../../testing/applicability.ts";
import { arithmetic, attempts, deaths, gates } from "../../testing/tasks.ts";
import type { Fault } from "./fault.ts";

/** Faults of executors with limits. */
export const limitFaults: readonly Fault[] = [
  {
    id: "key-function-throws",
    title: "a key function that throws fails the calls it was asked for, and no others",
    applies: everywhere,
    async run(scene) {
      const calls = scene.amount(100, 2000);
      const key = (_task: unknown, [n]: readonly unknown[]) => {
        if (Number(n) % 3 === 0) throw new RangeError(`no key for ${n}`);
        return Number(n) % 5;
      };
      const pool = scene.create({ maxWorkers: 2, perKey: { maxRunning: 1, key } });
      scene.strike();
      const numbers = Array.from({ length: calls }, (_, n) => n);
      const futures = numbers.map((n) => pool.submit(arithmetic.square, n));
      const entries = await Array.fromAsync(
        pool.map(arithmetic.square, numbers, { entries: true }),
      );
      for (const n of numbers) {
        const future = futures[n];
        const outcome = entries[n]?.outcome;
        if (n % 3 > 0) {
          assert.equal(await future, n * n);
          assert.deepEqual(outcome, { status: "fulfilled", value: n * n });
        } else {
          await assert.rejects(async () => await future, { message: `no key for ${n}` });
          assert.equal(outcome?.status, "rejected");
        }
      }
      const { failed, queued, running } = pool.stats();
      assert.deepEqual([failed, queued, running], [2 * Math.ceil(calls / 3), 0, 0]);
    },
  },
  {
    id: "key-worker-dies",
    title: "workers that die with calls of a key: it has its places back, and other keys go on",
    applies: withWorkers,
    async run(scene) {
      const deathsInAll = scene.amount(4, 40);
      const pool = scene.create({ maxWorkers: 2, perKey: { maxRunning: 1 } });
      const log = scene.log();
      scene.strike();
      const poison = Array.from({ length: deathsInAll }, () =>
        pool.submit(deaths.logAndExit.with({ key: "poison" }), log.path, "died", 3),
      );
      const others = Array.from({ length: 200 }, (_, n) =>
        pool.submit(arithmetic.square.with({ key: n % 7 }), n),
      );
      for (const [n, future] of others.entries()) assert.equal(await future, n * n);
      for (const future of poison) await assert.rejects(future.result(), WorkerLostError);
      assert.equal(log.lines().length, deathsInAll);
      const last = pool.submit(arithmetic.square.with({ key: "poison" }), 7);
      assert.equal(await last, 49);
      await scene.recover(pool);
    },
  },
  {
    id: "pause-shutdown",
    title: "a pool that is shut down while it is paused runs all that it has, and ends",
    applies: everywhere,
    async run(scene) {
      const pool = await scene.pool();
      const log = scene.log();
      const retries = { limit: 1, on: "error", delay: 1 } as const;
      const failing = pool.submit(attempts.failTimes.with({ retries }), log.path, 1, "saved");
      await scene.until(() => log.lines().length > 0);
      pool.pause();
      const waiting = Array.from({ length: 100 }, (_, n) => pool.submit(arithmetic.square, n));
      const delayed = pool.submit(arithmetic.square.with({ delay: 5 }), 11);
      const mapped = pool.map(arithmetic.square.with({ delay: 1 }), [1, 2, 3]);
      scene.strike();
      await pool.shutdown();
      assert.equal(await failing, "saved");
      for (const [n, future] of waiting.entries()) assert.equal(await future, n * n);
      assert.equal(await delayed, 121);
      assert.deepEqual(await Array.fromAsync(mapped), [1, 4, 9]);
    },
  },
  {
    id: "pause-ends",
    title: "a pool that is terminated while it is paused cancels all that it has, and runs nothing",
    applies: everywhere,
    async run(scene) {
      const endings: ((pool: Executor) => Promise<void>)[] = [
        (pool) => pool.terminateWorkers(),
        (pool) => pool.shutdown({ cancelFutures: true }),
      ];
      for (const end of endings) {
        const pool = scene.create({ maxWorkers: 2 });
        const log = scene.log();
        pool.pause();
        const line = (task: typeof gates.logLine) => pool.submit(task, log.path, "ran");
        const futures = [gates.logLine, gates.logLine.with({ delay: 1 })].map(line);
        const mapped = pool.map(gates.logElement.with({ delay: 60_000 }), [
          { log: log.path, n: 1 },
        ]);
        scene.strike();
        await end(pool);
        for (const future of futures) assert.equal(future.state, "cancelled");
        await assert.rejects(mapped.next(), { name: "CancelledError" });
        assert.deepEqual(log.lines(), []);
      }
    },
  },
  {
    id: "pause-worker-dies",
    title: "a worker that dies while its pool is paused: nothing begins before it is resumed",
    applies: withWorkers,
    async run(scene) {
      const pool = await scene.pool();
      const [gate, log] = [scene.gate(), scene.log()];
      const dying = pool.submit(deaths.logAndExitAt, log.path, gate.path, 3);
      await scene.until(() => log.lines().length === 1);
      pool.pause();
      const waiting = Array.from({ length: 50 }, () => pool.submit(gates.logLine, log.path, "ran"));
      scene.strike();
      gate.open();
      await assert.rejects(dying.result(), WorkerLostError);
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.deepEqual(log.lines(), ["waits"]);
      pool.resume();
      await Promise.all(waiting);
      assert.equal(log.lines().length, 51);
      await scene.recover(pool);
    },
  },
];
