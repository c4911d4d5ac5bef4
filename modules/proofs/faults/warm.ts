// Faults of workers that are there for a purpose of their own: kept warm, told something, about to end in good order.

import assert from "node:assert/strict";
import { PoolExecutor, share, TimeoutError, WorkerLostError } from "../../../mod.ts";
import { withRealWorkers, withWorkers } from "../../testing/applicability.ts";
import { actors, deaths, gates, sharedValues, warm } from "../../testing/tasks.ts";
import type { Fault } from "./fault.ts";

/** Faults of warm pools. */
export const warmFaults: readonly Fault[] = [
  {
    id: "finalizer-hangs",
    title: "a finalizer that never ends costs its grace, is reported, and holds no shutdown up",
    applies: withWorkers,
    async run(scene) {
      const log = scene.log();
      const pool = await scene.pool({
        initializer: warm.writeTo,
        initializerArgs: [log.path],
        finalizer: warm.finalizeNever,
      });
      scene.strike();
      await poolOf(pool).warm();
      await pool.shutdown();
      assert.deepEqual(log.lines(), ["finalizing", "finalizing"]);
      for (const { error } of scene.reports) assert.ok(error instanceof TimeoutError);
      assert.equal(scene.reports.length, 2);
      await scene.recover(await scene.pool());
    },
  },
  {
    id: "warm-worker-dies",
    title: "workers that are kept warm and die while nothing waits are replaced, again and again",
    applies: withRealWorkers,
    async run(scene) {
      const pool = poolOf(await scene.pool({ minWorkers: 2 }));
      await pool.warm();
      const deathsInAll = scene.amount(4, 40);
      scene.strike();
      for (let count = 1; count <= deathsInAll; count++) {
        const lost = await pool.submit(deaths.exit, 3).exception();
        assert.ok(lost instanceof WorkerLostError);
        await scene.until(
          () => pool.workers().filter(({ state }) => state === "idle").length === 2,
        );
      }
      assert.equal(pool.stats().workers, 2);
      await scene.recover(pool);
      scene.note(`${deathsInAll} workers died`);
    },
  },
  {
    id: "broadcast-starting",
    title: "a broadcast while a worker starts, and dies in that: its call fails, and nobody else's",
    applies: withRealWorkers,
    async run(scene) {
      const [gate, log] = [scene.gate(), scene.log()];
      const pool = poolOf(
        scene.create({
          maxWorkers: 1,
          initializer: gates.logAndWaitAt,
          initializerArgs: [log.path, "starting", gate.path],
        }),
      );
      const warming = pool.warm();
      await scene.until(() => log.lines().length === 1);
      const [told] = pool.broadcast(warm.tell.with({ remember: true }), "hello");
      const behind = pool.submit(warm.heard);
      scene.strike();
      pool.terminateWorker(0);
      assert.ok((await told?.exception()) instanceof WorkerLostError);
      gate.open();
      await warming;
      assert.deepEqual(await behind, ["hello"], "the next one was told, before its first task");
      await scene.recover(pool);
    },
  },
  {
    id: "share-holder-dies",
    title:
      "workers that have a shared value die, again and again: each successor is sent its own, once",
    applies: withRealWorkers,
    async run(scene) {
      const pool = poolOf(await scene.pool({ maxWorkers: 1 }));
      let crossed = 0;
      const table = share({
        get text() {
          crossed++;
          return "a table";
        },
      });
      const holders = scene.amount(4, 200);
      scene.strike();
      for (let count = 1; count <= holders; count++) {
        for (let n = 0; n < 3; n++)
          assert.deepEqual(await pool.submit(sharedValues.read, table), { text: "a table" });
        assert.equal(crossed, count);
        // It dies with the call that has it, and another one waits that shall have it.
        const dying = pool.submit(sharedValues.dieWith, table);
        const behind = pool.submit(sharedValues.read, table);
        assert.ok((await dying.exception()) instanceof WorkerLostError);
        assert.deepEqual(await behind, { text: "a table" });
      }
      table[Symbol.dispose]();
      assert.ok((await pool.submit(sharedValues.read, table).exception()) instanceof TypeError);
      await scene.recover(pool);
      scene.note(`${holders} holders died`);
    },
  },
  {
    id: "share-disposed-in-use",
    title:
      "a shared value is disposed of while calls have it, and a worker of theirs dies: the others go on with it, and the call that would run again is refused",
    applies: withRealWorkers,
    async run(scene) {
      const pool = poolOf(await scene.pool({ maxWorkers: 2 }));
      const gate = scene.gate();
      const table = share({ text: "a table" });
      const reading = [1, 2].map(() =>
        pool.submit(sharedValues.readAt.with({ retries: 1 }), table, gate.path),
      );
      await scene.until(() => pool.stats().busy === 2 && reading.every((each) => each.running()));
      scene.strike();
      table[Symbol.dispose]();
      const doomed = reading.find((each) => each.snapshot().worker?.id === 0);
      pool.terminateWorker(0);
      const error = await doomed?.exception();
      assert.match(
        String(error),
        /TypeError: .*argument 1 is a shared value that was disposed of$/,
      );
      gate.open();
      const other = reading.find((each) => each !== doomed);
      assert.deepEqual(await other, { text: "a table" });
      await scene.recover(pool);
    },
  },
  {
    id: "actor-dies",
    title:
      "the worker of an actor dies, again and again: all calls of that actor fail, and nothing else",
    applies: withRealWorkers,
    async run(scene) {
      const pool = poolOf(await scene.pool({ maxWorkers: 2 }));
      const log = scene.log();
      const lives = scene.amount(4, 200);
      scene.strike();
      for (let life = 1; life <= lives; life++) {
        const session = await pool.actor(actors.Session, log.path, life);
        const before = session.count();
        const dying = session.exit(3);
        const behind = [session.count(), session.countSlowly()];
        const others = scene.gather(pool, 3);
        assert.equal(await before, life + 1, "what had ended before has its value");
        for (const call of [dying, ...behind, session.count()]) {
          const error = await call.exception();
          assert.ok(error instanceof WorkerLostError, String(error));
          assert.match(error.message, /and its actor with it$/);
        }
        await session[Symbol.asyncDispose]();
        await others;
      }
      assert.deepEqual(log.lines(), [], "none of them was disposed of");
      await scene.recover(pool);
      scene.note(`${lives} actors died`);
    },
  },
];

function poolOf(pool: unknown): PoolExecutor {
  assert.ok(pool instanceof PoolExecutor);
  return pool;
}
