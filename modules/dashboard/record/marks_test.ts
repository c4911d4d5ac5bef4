// Tests of marks: when a job waited for a lock and held it, from the events of an executor and from what is kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLoopExecutor, TaskGroup } from "@concurrent/futures";
import { Lock } from "@concurrent/futures/sync";
import type { Bar, JobMoment } from "../contract.ts";
import { until } from "../fixture.ts";
import { mergeBars } from "./bars.ts";
import { marksOf, noteHold, withMarks } from "./marks.ts";
import { Recorder } from "./recorder.ts";

function moment(what: JobMoment["what"], at: number, detail: string | null = null): JobMoment {
  return { at, what, worker: null, fraction: null, detail };
}

test("marksOf() tells when each was waited for and held, and ends all with a lost worker", () => {
  assert.equal(marksOf([moment("started", 1), moment("progress", 2, "lock")]), null);
  assert.deepEqual(
    marksOf([
      moment("waits", 1, "a"),
      moment("holds", 2, "a"),
      moment("waits", 3, "b"),
      moment("gave-up", 4, "b"),
      moment("released", 5, "a"),
      moment("holds", 6, "b"),
      moment("waits", 7, "a"),
      moment("lost", 8),
      moment("holds", 9, "a"),
    ]),
    [
      ["waits", "a", 1, 2],
      ["holds", "a", 2, 5],
      ["waits", "b", 3, 4],
      ["holds", "b", 6, 8],
      ["waits", "a", 7, 8],
      ["holds", "a", 9, null],
    ],
  );
});

test("withMarks() gives a bar the marks that began in it", () => {
  const bar: Bar = ["id", 1, "echo", "pool", 0, 0, 10, 20, "finished", 1];
  assert.equal(withMarks(bar, null, null), bar);
  assert.equal(withMarks(bar, [["holds", "a", 5, 6]], null), bar);
  assert.deepEqual(
    withMarks(
      bar,
      [
        ["waits", "a", 12, 14],
        ["holds", "a", 25, null],
      ],
      null,
    ),
    [...bar, [["waits", "a", 12, 14]]],
  );
  assert.deepEqual(withMarks(bar, null, 3), [...bar, [], 3]);
});

test("noteHold() takes so many of one job, and tells the end of each that it took", () => {
  const job = { moments: null, marks: null, holds: null } as Parameters<typeof noteHold>[0];
  for (let id = 0; id < 100; id++) noteHold(job, { id, of: "a", state: "holds" }, id);
  const before = job.marks?.length ?? 0;
  assert.ok(before > 20 && before < 60, String(before));
  for (let id = 0; id < 100; id++) noteHold(job, { id, of: "a", state: "over" }, 100 + id);
  assert.equal(job.marks?.length, before);
  assert.ok(job.marks?.every(([, , , to]) => to !== null));
  assert.equal(job.holds?.size, 0);
});

test("a recorder keeps the marks of jobs, on their bars and in history", async () => {
  await using executor = new EventLoopExecutor({ name: "loop", maxWorkers: 2 });
  const session = crypto.randomUUID();
  const limits = { keepJobs: 100, keepFor: 1e9, keepBytes: 1e6 };
  using recorder = new Recorder(new Map([["loop", executor]]), { history: { session, ...limits } });
  const lock = new Lock({ name: "vault" });
  const own = await lock.acquire();
  const call = executor.submit(async (lock: Lock) => {
    using _ = await lock.acquire();
    await new Promise((resolve) => setTimeout(resolve));
  }, lock);
  const [job] = recorder.live;
  assert.ok(job !== undefined);
  await until(() => job.marks ?? undefined);
  assert.deepEqual(
    job.marks?.map(([what, of]) => [what, of]),
    [["waits", 'lock "vault"']],
  );
  own.release();
  await call;
  recorder.history.flush();
  const [bar] = recorder.bars(0, Number.MAX_SAFE_INTEGER, 10);
  const [waited, held] = bar?.[10] ?? [];
  assert.deepEqual([waited?.[0], held?.[0]], ["waits", "holds"]);
  assert.equal(waited?.[3], held?.[2], "it is held from when it is not waited for any more");
  assert.deepEqual(bar?.[10], job.marks);
});

test("a recorder keeps which group a job is of, on its bar and in history", async () => {
  await using executor = new EventLoopExecutor({ name: "loop", maxWorkers: 2 });
  const session = crypto.randomUUID();
  const limits = { keepJobs: 100, keepFor: 1e9, keepBytes: 1e6 };
  using recorder = new Recorder(new Map([["loop", executor]]), { history: { session, ...limits } });
  await using group = new TaskGroup(executor, { maxRunning: 1 });
  const calls = [group.submit(() => 1), group.submit(() => 2)];
  const alone = executor.submit(() => 3);
  await Promise.all([...calls, alone]);
  await group.join();
  recorder.history.flush();
  const bars = recorder.bars(0, Number.MAX_SAFE_INTEGER, 10).toSorted((a, b) => a[1] - b[1]);
  const groups = bars.map((bar) => bar[11]);
  assert.ok(groups[0] !== undefined);
  assert.equal(groups.filter((of) => of === groups[0]).length, 2);
  assert.equal(groups.filter((of) => of === undefined).length, 1);
  assert.equal(
    mergeBars(bars, 1).length > 1,
    true,
    "what is of a group is merged with its own only",
  );
});
