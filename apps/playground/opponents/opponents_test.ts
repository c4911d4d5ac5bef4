// Tests of how opponents end.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const HERE = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const hasPython = spawnSync("python3", ["--version"]).status === 0;
const why =
  process.platform === "linux" ? (hasPython ? undefined : "no python3 here") : "ps differs";

test(`an opponent that is ended in the middle of a batch takes its workers along${why ? ` (ignored: ${why})` : ""}`, {
  skip: why !== undefined,
}, async () => {
  const child = spawn("python3", [HERE("./python_pool.py"), "processes"], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const batch = { kind: "sleep", arguments: [600_000], count: 2, workers: 2, wake_ms: 0 };
  child.stdin.write(`${JSON.stringify(batch)}\n`);
  const own = () => childrenOf(child.pid as number);
  await until(() => own().length === 2);
  const workers = own();
  child.stdin.destroy();
  await once(child, "exit");
  await until(() => workers.every((pid) => !isRunning(pid)));
  assert.equal(workers.length, 2);
});

function childrenOf(parent: number): number[] {
  return linesOf("ps", "-o", "pid=", "--ppid", String(parent)).map(Number);
}

function isRunning(pid: number): boolean {
  return linesOf("ps", "-o", "stat=", "-p", String(pid)).some((state) => !state.startsWith("Z"));
}

function linesOf(command: string, ...args: string[]): string[] {
  return spawnSync(command, args, { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => line !== "");
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}
