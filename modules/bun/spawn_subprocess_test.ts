// What the seam's cases cannot see of Bun's subprocesses: the files behind the shared memory.

import { test } from "bun:test";
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { BrokenExecutorError, importTasks } from "@concurrent/futures";
import { ProcessPoolExecutor } from "@concurrent/futures/bun";

const tasks = importTasks<{ one(): number }>("data:text/javascript,export const one = () => 1");

function sharedFiles(): string[] {
  return readdirSync(tmpdir()).filter((name) =>
    name.startsWith(`concurrent-futures-${process.pid}-`),
  );
}

test("a process that is ready has removed the file of its shared memory", async () => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  assert.equal(await pool.submit(tasks.one), 1);
  assert.deepEqual(sharedFiles(), []);
});

test("a process that cannot be started leaves no file, and breaks the pool with the cause", async () => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1, cwd: "/no/such/folder" });
  const error = await pool.submit(tasks.one).exception();
  assert(error instanceof BrokenExecutorError);
  assert.match(error.message, /could not be started: .*ENOENT/);
  assert.deepEqual(sharedFiles(), []);
});
