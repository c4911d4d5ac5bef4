// Faults of ending: shutdown, terminate and dispose in every order and state, twice, at once, and while workers die.
import assert from "node:assert/strict";
import { type Executor, type Future, ShutdownError } from "../../../mod.ts";
import { everywhere, withWorkers } from "../../testing/applicability.ts";
import { arithmetic, deaths, gates } from "../../testing/tasks.ts";
import type { Fault } from "./fault.ts";
import type { FaultScene } from "./fault_scene.ts";

const ENDINGS: readonly (readonly [name: string, end: (pool: Executor) => Promise<void>])[] = [
  ["shutdown", (pool) => pool.shutdown()],
  ["shutdown without waiting", (pool) => pool.shutdown({ wait: false })],
  ["shutdown with cancelFutures", (pool) => pool.shutdown({ cancelFutures: true })],
  ["shutdown with a timeout", (pool) => pool.shutdown({ timeout: 5 })],
  ["terminateWorkers", (pool) => pool.terminateWorkers()],
  ["dispose", (pool) => pool[Symbol.asyncDispose]()],
];

const STATES: readonly (readonly [
  name: string,
  reach: (pool: Executor, scene: FaultScene) => Future<unknown>[],
])[] = [
  ["unused", () => []],
  ["starting", (pool) => [pool.submit(arithmetic.square, 1)]],
  [
    "busy",
    (pool, scene) => {
      const gate = scene.gate();
      // It opens by itself, for some endings wait for it.
      setTimeout(() => gate.open(), 10);
      return Array.from({ length: 6 }, (_, n) => pool.submit(gates.waitAt, gate.path, n));
    },
  ],
];

/** Faults of ending. */
export const endingFaults: readonly Fault[] = [
  {
    id: "endings",
    title:
      "every pair of endings, in every state, one after the other or at once, resolves; nothing is left",
    applies: everywhere,
    async run(scene) {
      for (const [state, reach] of STATES) {
        for (const [first, end] of ENDINGS) {
          // The short form takes each ending with itself and with the next one.
          const at = ENDINGS.findIndex(([name]) => name === first);
          const others = scene.isLong ? ENDINGS : [ENDINGS[at], ENDINGS[(at + 1) % ENDINGS.length]];
          for (const [second, endAgain] of others as typeof ENDINGS) {
            const what = `${first}, then ${second}, ${state}`;
            const pool = scene.create({ maxWorkers: 2, interruptGrace: 10 });
            const futures = reach(pool, scene);
            await Promise.all([end(pool), endAgain(pool)]);
            assert.throws(() => pool.submit(arithmetic.square, 1), ShutdownError, what);
            await scene.until(() => futures.every((future) => future.done()));
            await pool.shutdown();
            assert.equal(pool.stats().workers, 0, what);
            await endAgain(pool);
          }
        }
      }
    },
  },
  {
    id: "dies-during-shutdown",
    title:
      "a worker that dies during a shutdown does not hold it up, and what was queued still runs",
    applies: withWorkers,
    async run(scene) {
      const pool = await scene.pool({ maxWorkers: 1 });
      const log = scene.log();
      const gate = scene.gate();
      const victim = pool.submit(deaths.logAndExitAt, log.path, gate.path, 3);
      const crowd = scene.gather(pool, 20);
      await scene.until(() => log.lines().length === 1);
      const closing = pool.shutdown();
      gate.open();
      assert.equal(((await victim.exception()) as Error).name, "WorkerLostError");
      await crowd;
      await closing;
      assert.equal(pool.stats().workers, 0);
    },
  },
];
