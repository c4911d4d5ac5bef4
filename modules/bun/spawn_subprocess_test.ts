// What the seam's cases cannot see of Bun's subprocesses: the files behind the shared memory.

import { test } from "bun:test";
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { BrokenExecutorError, importTasks } from "@concurrent/futures";
import { ProcessPoolExecutor } from "@concurrent/futures/bun";

const tasks = importTasks<{ one(): number }>("data:text/javascript,export const one = () => 1");

function sharedFiles(): string[] {
  return readdirSync(tmpdir()).filter((name) =>
    name.startsWith(`concurrent-futures-${process.pid}-`),
  );
}

test("the file of a process's shared memory has no name, not even while the process starts", async () => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  const first = pool.submit(tasks.one);
  // In this turn the process is asked for.
  await Promise.resolve();
  assert.equal(pool.stats().workers, 1);
  assert.deepEqual(sharedFiles(), []);
  assert.equal(await first, 1);
  assert.deepEqual(sharedFiles(), []);
});

/** Lists what a worker has open, and what programs have open that it starts: a file without a name keeps its old one. */
const inheritance = importTasks<{ own(): string; inherited(): string[] }>(
  `data:text/javascript;base64,${btoa(`
    import { execFileSync } from "node:child_process";
    import { readdirSync, readlinkSync } from "node:fs";
    const folder = "/proc/self/fd";
    export const own = () => readdirSync(folder).map((name) => {
      try { return readlinkSync(folder + "/" + name) } catch { return "" }
    }).join();
    export const inherited = () => [
      Bun.spawnSync(["ls", "-l", folder]).stdout.toString(),
      execFileSync("ls", ["-l", folder], { encoding: "utf8" }),
    ];
  `)}`,
);

test.skipIf(!existsSync("/proc/self/fd"))(
  "what a task starts does not inherit the shared memory (where /proc tells)",
  async () => {
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
    assert.match(await pool.submit(inheritance.own), /concurrent-futures-/);
    for (const list of await pool.submit(inheritance.inherited)) {
      assert.match(list, / 0 -> /);
      assert.doesNotMatch(list, /concurrent-futures-/);
    }
  },
);

test("a process that cannot be started leaves no file, and breaks the pool with the cause", async () => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1, cwd: "/no/such/folder" });
  const error = await pool.submit(tasks.one).exception();
  assert(error instanceof BrokenExecutorError);
  assert.match(error.message, /could not be started: .*cwd "\/no\/such\/folder" is no folder/);
  assert.deepEqual(sharedFiles(), []);
});

test("a process works without shared memory where there is no place for its file", async () => {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = "/no/such/folder";
  try {
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
    const futures = Array.from({ length: 20 }, () => pool.submit(tasks.one));
    assert.deepEqual(await Promise.all(futures), Array(20).fill(1));
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
});
