// Faults of the user's own hooks: callbacks, observers and onError that throw, or come back in.
import assert from "node:assert/strict";
import { type Executor, ShutdownError } from "../../../mod.ts";
import { everywhere, withWorkers } from "../../testing/applicability.ts";
import { arithmetic, deaths, gates } from "../../testing/tasks.ts";
import type { Fault } from "./fault.ts";

/** Faults of hooks. */
export const hookFaults: readonly Fault[] = [
  {
    id: "callbacks-throw",
    title: "a callback that throws is reported; the others run, in order, once each",
    applies: everywhere,
    async run(scene) {
      const pool = await scene.pool();
      const called: number[] = [];
      scene.strike();
      const future = pool.submit(arithmetic.square, 3);
      for (let n = 0; n < 10; n++) {
        future.addDoneCallback(() => {
          called.push(n);
          if (n % 3 === 0) throw new RangeError(`callback ${n}`);
        });
      }
      assert.equal(await future, 9);
      assert.deepEqual(called, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      assert.deepEqual(
        scene.reports.map(({ about }) => about.kind),
        ["callback", "callback", "callback", "callback"],
      );
      await scene.recover(pool);
    },
  },
  {
    id: "hooks-re-enter",
    title:
      "callbacks and observers that submit, cancel and interrupt from inside leave the state right",
    applies: everywhere,
    async run(scene) {
      const pool = await scene.pool();
      const before = pool.stats();
      const gate = scene.gate();
      let [submitted, left] = [0, 200];
      const spawnMore = () => {
        if (left-- <= 0) return;
        submitted++;
        const child = pool.submit(arithmetic.square, left);
        child.addDoneCallback(spawnMore);
        if (left % 5 === 0) child.cancel({ interrupt: true });
      };
      using _ = pool.observe(({ type }) => {
        if (type === "settled" && left % 7 === 0) spawnMore();
        pool.stats();
      });
      scene.strike();
      for (let n = 0; n < 5; n++) spawnMore();
      gate.open();
      await scene.until(() => {
        const { queued, running } = pool.stats();
        return left <= 0 && queued + running === 0;
      });
      const { finished, failed, cancelled } = pool.stats();
      assert.equal(finished + cancelled - before.finished - before.cancelled, submitted);
      assert.equal(failed, 0);
      await scene.recover(pool);
    },
  },
  {
    id: "hooks-shut-down",
    title:
      "a callback that shuts the executor down, or terminates it, from inside leaves nothing behind",
    applies: everywhere,
    async run(scene) {
      const endings: ((pool: Executor) => Promise<void>)[] = [
        (pool) => pool.shutdown(),
        (pool) => pool.shutdown({ cancelFutures: true }),
        (pool) => pool.terminateWorkers(),
      ];
      for (const end of endings) {
        const pool = await scene.pool();
        let ended: Promise<void> | undefined;
        const futures = Array.from({ length: 50 }, (_, n) => pool.submit(arithmetic.square, n));
        futures[5]?.addDoneCallback(() => {
          ended = end(pool);
        });
        await Promise.allSettled(futures.map((future) => future.result()));
        await scene.until(() => ended !== undefined);
        await ended;
        assert.ok(futures.every((future) => future.done()));
        assert.equal(pool.stats().workers, 0);
        assert.throws(() => pool.submit(arithmetic.square, 1), ShutdownError);
      }
    },
  },
  {
    id: "callback-kills",
    title: "a callback that has its worker killed costs nobody",
    applies: withWorkers,
    async run(scene) {
      const pool = await scene.pool({ maxWorkers: 1 });
      scene.strike();
      const future = pool.submit(arithmetic.square, 3);
      future.addDoneCallback(() => {
        pool.submit(deaths.exit, 9).addDoneCallback(() => {});
      });
      assert.equal(await future, 9);
      await scene.gather(pool, 20);
      await scene.recover(pool);
    },
  },
  {
    id: "error-hook-throws",
    title: "an onError that throws is printed, and changes nothing",
    applies: everywhere,
    async run(scene) {
      const printed: unknown[][] = [];
      const print = console.error;
      console.error = (...args) => void printed.push(args);
      try {
        const pool = scene.create({
          maxWorkers: 1,
          onError: () => {
            throw new RangeError("the hook fails");
          },
        });
        scene.strike();
        const future = pool.submit(gates.waitAt, scene.directory, 4);
        future.addDoneCallback(() => {
          throw new RangeError("the callback fails");
        });
        assert.equal(await future, 4);
        await scene.recover(pool);
      } finally {
        console.error = print;
      }
      assert.equal(printed.length, 2, "the hook's error, and what it should have taken");
    },
  },
];
