// A bar on standard error, if that is a terminal.

import process from "node:process";

const WIDTH = 30;

/** Shows how much of a total is done; undefined takes the bar away. */
export function showBar(done: number | undefined, total: number): void {
  if (!process.stderr.isTTY) return;
  if (done === undefined) return void process.stderr.write("\r\x1b[K");
  const full = Math.round((done / Math.max(1, total)) * WIDTH);
  process.stderr.write(`\r${"█".repeat(full)}${"░".repeat(WIDTH - full)} ${done}/${total}`);
}
