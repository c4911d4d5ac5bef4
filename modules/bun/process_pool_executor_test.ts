// What only processes can be held to: memoryLimit.

import { test } from "bun:test";
import assert from "node:assert/strict";
import { importTasks, WorkerLostError } from "@concurrent/futures";
import { ProcessPoolExecutor } from "@concurrent/futures/bun";
import { poll } from "deno-std/async/poll.js";
import { processStatus, statusFromPs } from "../workers/processes/process_status.ts";

const memory = importTasks<typeof import("../testing/fixtures/memory.ts")>(
  new URL("../testing/fixtures/memory.ts", import.meta.url),
);
const places = importTasks<typeof import("../testing/fixtures/identity.ts")>(
  new URL("../testing/fixtures/identity.ts", import.meta.url),
);

const LIMIT = 200;

test("memoryLimit ends a process whose task outgrows it, and only that task is lost", async () => {
  const reports: unknown[] = [];
  await using pool = new ProcessPoolExecutor({
    maxWorkers: 1,
    memoryLimit: LIMIT,
    onError: (error) => reports.push(error),
  });
  const { pid } = await pool.submit(places.whereAmI);
  const growing = pool.submit(memory.keepBytesForEver);
  const behind = pool.submit(places.whereAmI);
  const error = await growing.exception();
  assert(error instanceof WorkerLostError);
  assert.equal(error.signal, "SIGKILL");
  assert.match((error.cause as Error).message, /has outgrown its memoryLimit: \d+ MiB of 200 MiB/);
  assert.notEqual((await behind).pid, pid);
  assert.deepEqual(reports, [error.cause]);
});

test("memoryLimit replaces a process that has more when its task is done, and nothing is lost", async () => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1, memoryLimit: LIMIT });
  const { pid } = await pool.submit(places.whereAmI);
  const base = (processStatus(pid)?.memory ?? 0) / 2 ** 20;
  // Above the limit, and below the tenth more that would end it at once.
  await pool.submit(memory.keepBytes, Math.ceil(LIMIT * 1.05 - base));
  assert.notEqual((await pool.submit(places.whereAmI)).pid, pid);
  assert.equal(pool.stats().lost, 0);
});

test("memoryLimit refuses what is no size", () => {
  for (const wrong of [0, -1, Number.NaN, "64" as never])
    assert.throws(() => new ProcessPoolExecutor({ memoryLimit: wrong }), /memoryLimit/);
});

test("what ps says of a process agrees with what the kernel's files say", async () => {
  const child = Bun.spawn(["sleep", "60"]);
  const ps = async (until: (stopped: boolean) => boolean) => {
    const status = await poll(
      () => statusFromPs(child.pid),
      (status) => status !== undefined && until(status.stopped),
      { interval: 10 },
    );
    assert(status !== undefined);
    return status;
  };
  assert((await ps(() => true)).memory > 0);
  child.kill("SIGSTOP");
  assert.equal((await ps((stopped) => stopped)).stopped, true);
  if (process.platform === "linux") assert.equal(processStatus(child.pid)?.stopped, true);
  child.kill("SIGKILL");
  await child.exited;
  assert.equal(processStatus(child.pid), undefined);
});
