// Tests of memory in a file: what one side shows the other fetches, rings and bulk work over it as over true memory.

import assert from "node:assert/strict";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BULK_BYTES } from "../../core/memory/bulk.ts";
import { SHARED_BYTES } from "../../core/memory/shared_memory.ts";
import { FileMemory, fileBulk, openMemory } from "./file_memory.ts";

const isWindows = process.platform === "win32";

/** Both sides of one file, each by a descriptor of its own as two processes have. */
function bothSides(): { host: FileMemory; worker: FileMemory } & Disposable {
  const folder = fs.mkdtempSync(join(tmpdir(), "memory-"));
  const path = join(folder, "file");
  fs.writeFileSync(path, new Uint8Array(SHARED_BYTES + 2 ** 20));
  const files = [fs.openSync(path, "r+"), fs.openSync(path, "r+")] as const;
  return {
    host: new FileMemory(fs, files[0]),
    worker: new FileMemory(fs, files[1]),
    [Symbol.dispose]() {
      for (const file of files) fs.closeSync(file);
      fs.rmSync(folder, { recursive: true });
    },
  };
}

test("words that were shown are there once a word that was stored after them is", () => {
  using sides = bothSides();
  const { host, worker } = sides;
  host.words.words.set([1, 2, 3], 100);
  host.words.show(100, 3);
  host.words.store(50, 7);
  assert.equal(worker.words.words[100], 0, "nobody has fetched them");
  assert.equal(worker.words.load(50), 7);
  worker.words.fetch(100, 3);
  assert.deepEqual([...worker.words.words.subarray(99, 104)], [0, 1, 2, 3, 0]);
});

test("exchange() writes only over what is expected", () => {
  using sides = bothSides();
  const { host, worker } = sides;
  host.words.store(9, 4);
  assert.deepEqual([worker.words.exchange(9, 3, 5), host.words.load(9)], [false, 4]);
  assert.deepEqual([worker.words.exchange(9, 4, 5), host.words.load(9)], [true, 5]);
});

test("claims, words and bulk of both directions lie apart", () => {
  using sides = bothSides();
  const { host, worker } = sides;
  const last = new Uint8Array(1000).fill(3);
  assert.equal(host.bulk.calls.write(BULK_BYTES - 1000, last), true);
  assert.equal(worker.bulk.outcomes.write(0, Uint8Array.of(1, 2)), true);
  host.words.store(0, 11);
  host.words.store(SHARED_BYTES / 4 - 1, 12);
  host.claims.offer(0);
  assert.equal(worker.claims.begin(0), true);
  assert.deepEqual(worker.bulk.calls.read(BULK_BYTES - 1000, 1000), last);
  assert.deepEqual(host.bulk.outcomes.read(0, 2), Uint8Array.of(1, 2));
  assert.deepEqual([worker.words.load(0), worker.words.load(SHARED_BYTES / 4 - 1)], [11, 12]);
});

test("bulk is read only where it was written, and refused where there is no space", () => {
  using sides = bothSides();
  assert.throws(() => sides.host.bulk.outcomes.read(0, 1), RangeError);
  const full = {
    ...fs,
    writeSync: () => {
      throw new Error("ENOSPC");
    },
  };
  const { calls } = fileBulk(() => full as unknown as typeof fs, 0);
  assert.equal(calls.write(0, new Uint8Array(1)), false);
});

test("openMemory() has a file mapped where that can be done, and read and written where it cannot", {
  skip: isWindows && "there is no such file on Windows",
}, () => {
  const released: number[] = [];
  const mapped = openMemory((file, bytes) => ({
    buffer: new ArrayBuffer(bytes),
    release: () => void released.push(file),
  }));
  assert.ok(mapped?.words instanceof Int32Array);
  assert.deepEqual(
    [mapped.isMapped, mapped.claims],
    [true, undefined],
    "claims lie among the words",
  );
  mapped.close();
  assert.deepEqual(released, [mapped.file]);
  const unmapped = openMemory(() => undefined);
  assert.ok(unmapped instanceof FileMemory);
  unmapped.close();
});

test("openMemory() takes the first folder that it may write to, and leaves no name behind", {
  skip: isWindows && "there is no such file on Windows",
}, () => {
  const folder = fs.mkdtempSync(join(tmpdir(), "memory-"));
  const memory = openMemory(undefined, [join(folder, "none"), folder]);
  assert.ok(memory !== undefined);
  assert.deepEqual(fs.readdirSync(folder), []);
  assert.ok(memory instanceof FileMemory);
  assert.equal(memory.words.load(0), 0);
  memory.close();
  fs.rmdirSync(folder);
});
