// What the suite cannot see of Bun's threads: the one kind of loop that Bun cannot stop.

import { test } from "bun:test";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** (module (func (export "spin") (loop (br 0)))) */
const SPINNING_MODULE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 115, 112, 105, 110, 0, 0,
  10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11,
];

const TASKS = `
  export function spin() {
    const module = new WebAssembly.Module(new Uint8Array([${SPINNING_MODULE}]));
    new WebAssembly.Instance(module).exports.spin();
  }
  export function one() { return 1; }
`;

// In base64: Bun takes what follows a point in a data URL for the extension of a file.
const PROGRAM = `
  import { importTasks } from "@concurrent/futures";
  import { ThreadPoolExecutor } from "@concurrent/futures/bun";
  const tasks = importTasks("data:text/javascript;base64,${btoa(TASKS)}");
  const pool = new ThreadPoolExecutor({ maxWorkers: 1, interruptGrace: 0 });
  const spinning = pool.submit(tasks.spin.with({ timeout: 1000 }));
  console.log((await spinning.exception()).name, await pool.submit(tasks.one), pool.stats().abandoned);
`;

test("a thread in a WebAssembly loop is abandoned and replaced, and the program still ends", async () => {
  const child = Bun.spawn({
    cmd: [process.execPath, "-e", PROGRAM],
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  assert.equal(await new Response(child.stdout).text(), "TimeoutError 1 1\n");
  assert.equal(await child.exited, 0);
});
