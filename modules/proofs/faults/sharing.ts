// Faults of those that hold a lock: they die, they do not end, their executor breaks; and a great many that do nothing wrong.

import assert from "node:assert/strict";
import { EventLoopExecutor, TimeoutError, WorkerLostError } from "../../../mod.ts";
import { Lock, SyncEvent } from "../../sync/mod.ts";
import { everywhere, withRealWorkers } from "../../testing/applicability.ts";
import { deaths, sharing } from "../../testing/tasks.ts";
import { holders } from "../tasks.ts";
import type { Fault } from "./fault.ts";

/** A call takes so many locks before its outcome is told. */
const TAKEN_BY_A_CALL = 1_000;

/** So often the program itself takes one of them in between. */
const BY_THE_PROGRAM = 300;

/** Faults of locks. */
export const sharingFaults: readonly Fault[] = [
  {
    id: "lock-holder-dies",
    title:
      "a worker that dies inside of a lock, again and again: the next one has it each time, and is told",
    applies: withRealWorkers,
    async run(scene) {
      const pool = await scene.pool();
      const lock = new Lock();
      let token = 0;
      const rounds = scene.amount(10, 10_000);
      for (let round = 0; round < rounds; round++) {
        const told = new SyncEvent();
        const dying = pool.submit(holders.dieInside, lock, told);
        await told.wait();
        const next = pool.submit(sharing.takeLock, lock);
        scene.strike();
        assert.ok((await dying.exception()) instanceof WorkerLostError);
        token += 2;
        assert.deepEqual(await next, { token, abandoned: true });
        if (round % 500 === 499) scene.progress(`${round + 1} of ${rounds} holders have died`);
      }
      await scene.recover(pool);
      assert.equal((await pool.submit(sharing.takeLock, lock)).abandoned, false);
      scene.note(`${rounds} holders died`);
    },
  },
  {
    id: "lock-holder-times-out",
    title: "a holder that is out of time loses the lock, with its worker if it does not end",
    applies: everywhere,
    async run(scene) {
      const pool = await scene.pool();
      const lock = new Lock();
      const told = new SyncEvent();
      const late = pool.submit(holders.stayInside.with({ timeout: 40 }), lock, told);
      await told.wait();
      scene.strike();
      const next = pool.submit(sharing.takeLock, lock);
      assert.ok((await late.exception()) instanceof TimeoutError);
      assert.equal((await next).token, 2);
      await scene.recover(pool);
      void scene.reports;
    },
  },
  {
    id: "lock-executor-breaks",
    title: "an executor that breaks gives on what its calls hold; the lock serves others",
    applies: withRealWorkers,
    async run(scene) {
      const pool = scene.create({ maxWorkers: 2, onWorkerDeath: "break", interruptGrace: 20 });
      const lock = new Lock();
      const told = new SyncEvent();
      const inside = pool.submit(holders.stayInside, lock, told);
      await told.wait();
      const others = scene.keep(new EventLoopExecutor());
      const next = others.submit(sharing.takeLock, lock);
      scene.strike();
      const dying = pool.submit(deaths.exit, 3);
      assert.ok((await dying.exception()) instanceof WorkerLostError);
      assert.ok((await inside.exception()) instanceof Error);
      assert.equal((await next).token, 2);
      assert.throws(() => pool.submit(sharing.takeLock, lock));
      const alive = await scene.pool();
      assert.equal((await alive.submit(sharing.takeLock, lock)).token, 3);
      await scene.recover(alive);
      void scene.reports;
    },
  },
  {
    id: "lock-no-alarm",
    title:
      "a great many locks taken by chance, in one order: no deadlock is told, and no two are inside of one",
    applies: everywhere,
    async run(scene) {
      const pool = await scene.pool();
      const locks = [new Lock(), new Lock(), new Lock()] as const;
      const calls = scene.amount(6, 1_000);
      scene.strike();
      const futures = Array.from({ length: calls }, (_, n) =>
        pool.submit(
          holders.takeAtRandom,
          ...locks,
          scene.amount(100, TAKEN_BY_A_CALL),
          scene.seed + n,
        ),
      );
      for (let n = 0; n < BY_THE_PROGRAM; n++) (await locks[n % 3]?.acquire())?.release();
      const taken = await Promise.all(futures);
      let count = 0;
      for (const [at, lock] of locks.entries()) {
        const tokens = taken.flatMap((ofCall) => ofCall[at] ?? []);
        assert.equal(new Set(tokens).size, tokens.length, "each token is given once");
        assert.equal(
          (await lock.acquire()).token,
          tokens.length + BY_THE_PROGRAM / locks.length + 1,
        );
        count += tokens.length;
      }
      await scene.recover(pool);
      scene.note(`${count} leases, seed ${scene.seed}`);
    },
  },
];
