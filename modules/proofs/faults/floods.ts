// Faults of too much: more tasks, elements, observers and cancels than anybody reads.
import assert from "node:assert/strict";
import process from "node:process";
import { QueueFullError, wait } from "../../../mod.ts";
import { everywhere } from "../../testing/applicability.ts";
import { collectGarbage } from "../../testing/collect_garbage.ts";
import { occupy } from "../../testing/occupy.ts";
import { arithmetic, gates } from "../../testing/tasks.ts";
import type { Fault } from "./fault.ts";

/** Faults of too much. */
export const floodFaults: readonly Fault[] = [
  {
    id: "submit-flood",
    title: "a flood of submits is counted exactly, and gone from memory when it is done",
    applies: everywhere,
    async run(scene) {
      const pool = await scene.pool();
      const count = scene.amount(20_000, 1_000_000);
      const finished = pool.stats().finished;
      await collectGarbage();
      const before = process.memoryUsage().rss;
      scene.strike();
      let sum = 0;
      const futures = Array.from({ length: count }, (_, n) =>
        pool.submit(arithmetic.square, n % 7),
      );
      for (const future of futures) sum += await future;
      let expected = 0;
      for (let n = 0; n < count; n++) expected += (n % 7) ** 2;
      assert.equal(sum, expected);
      assert.equal(pool.stats().finished - finished, count);
      futures.length = 0;
      await scene.recover(pool);
      await collectGarbage();
      // A kilobyte for each is what one that was kept would cost at least, with its arguments and its promise.
      assert.ok(process.memoryUsage().rss - before < 150 * 2 ** 20 + count * 1024);
    },
  },
  {
    id: "queue-full",
    title:
      "a full queue throws QueueFullError at the same submit each time, and takes more when there is room",
    applies: everywhere,
    async run(scene) {
      const pool = scene.create({ maxWorkers: 2, maxQueue: 100 });
      scene.strike();
      for (let round = 0; round < 5; round++) {
        const gate = scene.gate();
        const futures = Array.from({ length: 102 }, (_, n) =>
          pool.submit(gates.waitAt, gate.path, n),
        );
        for (let extra = 0; extra < 1000; extra++) {
          assert.throws(() => pool.submit(arithmetic.square, 1), QueueFullError);
        }
        gate.open();
        await pool.ready;
        futures.push(pool.submit(arithmetic.square, 5));
        const { done } = await wait(futures);
        assert.equal(done.size, 103);
        assert.ok([...done].every((future) => future.state === "finished"));
      }
      await scene.recover(pool);
    },
  },
  {
    id: "slow-reader",
    title:
      "map() with a bufferSize over far more than fits takes no more than is read, and all of it",
    applies: everywhere,
    async run(scene) {
      const pool = await scene.pool();
      const count = scene.amount(20_000, 1_000_000);
      let taken = 0;
      function* numbers(): Generator<number> {
        while (taken < count) yield taken++;
      }
      await collectGarbage();
      const before = process.memoryUsage().rss;
      scene.strike();
      let read = 0;
      for await (const square of pool.map(arithmetic.square, numbers(), { bufferSize: 200 })) {
        assert.equal(square, read ** 2);
        read++;
        assert.ok(taken - read <= 200, `${taken} taken, ${read} read`);
      }
      assert.equal(read, count);
      await scene.recover(pool);
      await collectGarbage();
      assert.ok(process.memoryUsage().rss - before < 150 * 2 ** 20);
    },
  },
  {
    id: "observer-flood",
    title: "thousands of observers, some of which throw, each see every event",
    applies: everywhere,
    async run(scene) {
      const pool = await scene.pool();
      const count = scene.amount(1000, 10_000);
      let seen = 0;
      const observations = Array.from({ length: count }, (_, n) =>
        pool.observe(({ type }) => {
          if (type !== "settled") return;
          seen++;
          if (n % 100 === 0) throw new RangeError("an observer fails");
        }),
      );
      scene.strike();
      for (let n = 0; n < 10; n++) await pool.submit(arithmetic.square, n);
      assert.equal(seen, 10 * count);
      assert.equal(scene.reports.length, count / 10);
      for (const observation of observations) observation[Symbol.dispose]();
      await scene.recover(pool);
    },
  },
  {
    id: "mass-cancel",
    title: "ten thousand queued tasks are cancelled in a moment, and none of them ever starts",
    applies: everywhere,
    async run(scene) {
      const pool = await scene.pool({ maxWorkers: 1 });
      const log = scene.log();
      const { gate, futures } = await occupy(scene, pool);
      const queued = Array.from({ length: 10_000 }, (_, n) =>
        pool.submit(gates.logLine, log.path, `${n}`),
      );
      scene.strike();
      // By the work it is, not by the time that others leave to it.
      const before = process.cpuUsage();
      const cancelled = queued.filter((future) => future.cancel()).length;
      const { user, system } = process.cpuUsage(before);
      assert.ok(user + system < 1_000_000, `${user + system} µs of work`);
      assert.equal(cancelled, 10_000);
      gate.open();
      await Promise.all(futures);
      await scene.recover(pool);
      assert.deepEqual(log.lines(), []);
      assert.equal(pool.stats().cancelled, 10_000);
    },
  },
];
