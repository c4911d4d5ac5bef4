// Tests of mapped files: both sides see the same, nothing is left of those that were given back, and who cannot does without.

import assert from "node:assert/strict";
import fs from "node:fs";
import { importTasks, PoolExecutor } from "@concurrent/futures";
import { ProcessPoolExecutor, type ProcessPoolOptions } from "@concurrent/futures/deno";
import { collectGarbage } from "../testing/collect_garbage.ts";
import { openMemory } from "../workers/processes/file_memory.ts";
import { mapFile } from "./mapped_memory.ts";
import { spawnProcess } from "./spawn_process.ts";

const deeds = importTasks<typeof import("./conformance/deeds.ts")>(
  new URL("./conformance/deeds.ts", import.meta.url),
);

const ONLY_UNIX = { ignore: Deno.build.os === "windows" };

/** The files of ours that this program, or another, has mapped now. Deno itself lets nobody look. */
async function mapped(pid = Deno.pid): Promise<number> {
  const command = new Deno.Command("cat", { args: [`/proc/${pid}/maps`] });
  const lines = new TextDecoder().decode((await command.output()).stdout).split("\n");
  assert.ok(lines.length > 10, "the system tells");
  return lines.filter((line) => line.includes("/concurrent-futures-")).length;
}

Deno.test("what is written to a file is in its mapping, and the other way round", ONLY_UNIX, () => {
  const path = Deno.makeTempFileSync();
  fs.writeFileSync(path, new Uint8Array(65_536));
  const file = fs.openSync(path, "r+");
  try {
    const one = mapFile(file, 65_536);
    const other = mapFile(file, 65_536);
    assert.ok(one !== undefined && other !== undefined);
    const [words, others] = [new Int32Array(one.buffer), new Int32Array(other.buffer)];
    fs.writeSync(file, Uint8Array.of(1, 2), 0, 2, 4);
    assert.equal(words[1], 0x201);
    assert.equal(Atomics.compareExchange(words, 2, 0, 7), 0);
    assert.equal(Atomics.compareExchange(others, 2, 0, 8), 7);
    const bytes = new Uint8Array(1);
    fs.readSync(file, bytes, 0, 1, 8);
    assert.equal(bytes[0], 7);
    one.release();
    assert.deepEqual(
      [words[1], others[1]],
      [0, 0x201],
      "of what was given back only zeros are seen",
    );
    other.release();
  } finally {
    fs.closeSync(file);
    Deno.removeSync(path);
  }
});

Deno.test("what cannot be mapped is undefined", () => {
  assert.equal(mapFile(-1, 65_536), undefined);
});

Deno.test("nothing is left of hundreds of files that were mapped and given back", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const before = await mapped();
  const kept: unknown[] = [];
  for (let round = 0; round < 300; round++) {
    const memory = openMemory(mapFile);
    assert.ok(memory?.isMapped);
    // Written to, so that it takes memory.
    (memory.words as Int32Array).fill(1);
    memory.close();
    // Some are still looked at: they hold a place in the address space, and nothing else.
    if (round % 100 === 0) kept.push(memory);
  }
  assert.equal(await mapped(), before);
  await collectGarbage();
  for (const memory of kept) {
    const { words } = memory as { words: Int32Array };
    assert.equal(words[0], 0);
  }
});

const run = async (options: ProcessPoolOptions) => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1, ...options });
  assert.equal(await pool.submit(deeds.double, 21), 42);
  const [worker] = pool.workers();
  assert.ok(worker !== undefined);
  const pid = await pool.submit(deeds.pid);
  return [await mapped(), await mapped(pid)];
};

Deno.test("host and worker map their file where both may load libraries, and neither does where one may not", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  assert.deepEqual(await run({}), [1, 1]);
  assert.deepEqual(await run({ permissions: { ffi: true } }), [1, 1]);
  assert.deepEqual(await run({ permissions: "none" }), [0, 0]);
  assert.deepEqual(await run({ permissions: { read: true, ffi: ["/usr/lib/some.so"] } }), [0, 0]);
});

Deno.test("a worker that cannot map gives its place to one that reads and writes", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const permissions = ["--allow-read", "--allow-ffi", "--deny-ffi"];
  const spawn = spawnProcess({ env: undefined, cwd: undefined, permissions });
  await using pool = new PoolExecutor(spawn, { maxWorkers: 1 }, { isProcess: true });
  assert.equal(await pool.submit(deeds.double, 21), 42);
  assert.equal(await mapped(), 0);
});
