// Tests of what a recording keeps and drops, and of what it refuses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLoopExecutor, type Executor } from "../../mod.ts";
import { record } from "./mod.ts";

function eventsOf(recording: { pieces(): Iterable<string> }): { name: string; ph: string }[] {
  return JSON.parse([...recording.pieces()].join("")).traceEvents;
}

test("a recording keeps as many settled calls as it may, drops the oldest, and says so", async () => {
  await using executor = new EventLoopExecutor({ maxWorkers: 1 });
  using recording = record(executor, { maxCalls: 2 });
  for (const name of ["a", "b", "c"])
    await executor.submit(Object.defineProperty(() => {}, "name", { value: name }));
  assert.deepEqual([recording.calls, recording.dropped], [2, 1]);
  const runs = eventsOf(recording).filter(({ ph }) => ph === "b");
  assert.deepEqual(
    runs.map(({ name }) => name),
    ["b", "c"],
  );
});

test("a recording of several executors draws each, and what is not over up to now", async () => {
  await using one = new EventLoopExecutor({ name: "one" });
  await using two = new EventLoopExecutor({ name: "two" });
  using recording = record([one, two]);
  const { promise, resolve } = Promise.withResolvers<void>();
  const open = one.submit(() => promise);
  await two.submit(() => {});
  const text = [...recording.pieces()].join("");
  const { traceEvents, otherData } = JSON.parse(text);
  assert.deepEqual(otherData, { recorder: "@concurrent/futures", calls: 2, dropped: 0 });
  const processes = traceEvents.filter(({ name }: { name: string }) => name === "process_name");
  assert.deepEqual(
    processes.map(({ pid, args }: { pid: number; args: { name: string } }) => [pid, args.name]),
    [
      [1, "one"],
      [2, "two"],
    ],
  );
  assert.ok(
    traceEvents.some(({ cat, dur }: { cat: string; dur: number }) => cat === "running" && dur >= 0),
  );
  resolve();
  await open;
});

test("a recording that is disposed knows what it knew", async () => {
  await using executor = new EventLoopExecutor();
  const recording = record(executor);
  await executor.submit(() => {});
  recording[Symbol.dispose]();
  await executor.submit(() => {});
  assert.equal(recording.calls, 1);
});

test("record() refuses what is no executor, and a limit that is none", () => {
  const executor = new EventLoopExecutor();
  assert.throws(() => record({} as Executor), /expected an executor, or a list of them/);
  assert.throws(() => record([undefined as never]), TypeError);
  assert.throws(() => record(executor, { maxCalls: 0 }), RangeError);
  assert.throws(
    () => record(executor, { max: 1 } as never),
    /did you mean "maxCalls"|unknown option "max"/,
  );
});
