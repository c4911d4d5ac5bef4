// Tests of claims in a file: exactly one side wins each call, whatever the order of their steps.

import assert from "node:assert/strict";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { CELLS } from "../../core/memory/shared_memory.ts";
import { FileClaims } from "./file_claims.ts";

/** A file that both sides have open. */
function openFile(): { file: number; path: string } & Disposable {
  const path = join(fs.mkdtempSync(join(tmpdir(), "claims-")), "file");
  fs.writeFileSync(path, new Uint8Array(8 * CELLS));
  const file = fs.openSync(path, "r+");
  return {
    file,
    path,
    [Symbol.dispose]() {
      fs.closeSync(file);
      fs.rmSync(path);
    },
  };
}

test("what the worker has begun cannot be withdrawn, and what was withdrawn does not begin", () => {
  using open = openFile();
  const [host, worker] = [new FileClaims(fs, open.file), new FileClaims(fs, open.file)];
  for (const seq of [0, 1, CELLS, 7 * CELLS + 3]) {
    host.offer(seq);
    assert.deepEqual([host.hasBegun(seq), worker.begin(seq)], [false, true]);
    assert.deepEqual([host.hasBegun(seq), host.withdraw(seq)], [true, false]);
    host.offer(seq + 10);
    assert.deepEqual([host.withdraw(seq + 10), worker.begin(seq + 10)], [true, false]);
  }
});

test("a place is free again in the next round, and for a call that was never sent", () => {
  using open = openFile();
  const [host, worker] = [new FileClaims(fs, open.file), new FileClaims(fs, open.file)];
  host.offer(5);
  assert.equal(host.withdraw(5), true);
  host.offer(5);
  assert.equal(worker.begin(5), true, "the number was given to another call");
  host.offer(CELLS + 5);
  assert.deepEqual([host.hasBegun(CELLS + 5), worker.begin(CELLS + 5)], [false, true]);
  host.offer(2 * CELLS + 5);
  assert.equal(host.withdraw(2 * CELLS + 5), true);
  assert.equal(
    new FileClaims(fs, open.file).begin(3 * CELLS + 5),
    true,
    "words of other rounds say nothing",
  );
});

test("of a worker and a host that claim the same calls at the same time, exactly one gets each", async () => {
  using open = openFile();
  const CALLS = 20_000;
  const taken = new Uint8Array(new SharedArrayBuffer(CALLS));
  const go = new Int32Array(new SharedArrayBuffer(4));
  const source = `
    import fs from "node:fs";
    import { workerData } from "node:worker_threads";
    const { FileClaims } = await import(workerData.module);
    const [TAKEN, SKIPPED] = [1, 2];
    const claims = new FileClaims(fs, fs.openSync(workerData.path, "r+"));
    Atomics.wait(workerData.go, 0, 0);
    for (let seq = 0; seq < workerData.taken.length; seq++) Atomics.store(workerData.taken, seq, claims.begin(seq) ? TAKEN : SKIPPED);
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
    workerData: {
      module: new URL("./file_claims.ts", import.meta.url).href,
      path: open.path,
      go,
      taken,
    },
  });
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  const host = new FileClaims(fs, open.file);
  await new Promise((resolve) => worker.once("online", resolve));
  const withdrawn = new Uint8Array(CALLS);
  Atomics.store(go, 0, 1);
  Atomics.notify(go, 0);
  // The same way as the worker, so that they meet again and again; never more than a round ahead of it.
  for (let seq = 0; seq < CALLS; seq++) {
    while (seq >= CELLS && Atomics.load(taken, seq - CELLS) === 0);
    withdrawn[seq] = host.withdraw(seq) ? 1 : 0;
  }
  await ended;
  const wrong = withdrawn.filter((byHost, seq) => (taken[seq] === 1) === (byHost === 1));
  assert.equal(wrong.length, 0, "calls that both sides got, or neither");
});
