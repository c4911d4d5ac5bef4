// Holders of a lock die by the thousand, over the fake channel, where a death costs no time: each time the next one is served.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { PoolExecutor, WorkerLostError } from "../../../mod.ts";
import { Lock, SyncEvent } from "../../sync/mod.ts";
import { createFakeSpawn, exitFakeWorker } from "../../testing/fake_channel.ts";
import { sharing } from "../../testing/tasks.ts";
import { holders } from "../tasks.ts";

/** `MODEL_RUNS=10000` for the long form. */
const RUNS = 300;

test("whoever waits for a lock has it when its holder dies, however often that happens", async () => {
  const runs = Number(process.env.MODEL_RUNS ?? RUNS);
  const pool = new PoolExecutor(createFakeSpawn(), { maxWorkers: 2, interruptGrace: 0 });
  const lock = new Lock();
  for (let run = 0; run < runs; run++) {
    const told = new SyncEvent();
    const dying = pool.submit(holders.stayInside, lock, told);
    await told.wait();
    // By turns one that waits already, and one that comes when the holder is dead.
    const early = run % 2 === 0 ? pool.submit(sharing.takeLock, lock) : undefined;
    const { worker } = dying.snapshot();
    assert.ok(worker && exitFakeWorker(worker.name, 3));
    assert.ok((await dying.exception()) instanceof WorkerLostError);
    const next = await (early ?? pool.submit(sharing.takeLock, lock));
    assert.deepEqual(next, { token: 2 * run + 2, abandoned: true });
  }
  assert.deepEqual(await pool.submit(sharing.takeLock, lock), {
    token: 2 * runs + 1,
    abandoned: false,
  });
  assert.equal(pool.stats().lost, runs);
  await pool.terminateWorkers();
});
