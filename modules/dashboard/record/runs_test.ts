// Tests of runs, failures by their errors, and exports: what a recorder adds up, and what a file of jobs says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLoopExecutor } from "@concurrent/futures";
import type { JobRow, RunView } from "../contract.ts";
import { until } from "../fixture.ts";
import { csvOf, jsonOf } from "./export.ts";
import { groupFailures } from "./failures.ts";
import type { Asked } from "./job.ts";
import { Recorder } from "./recorder.ts";
import { KEPT_RUNS } from "./runs.ts";

const HISTORY = { session: "test", keepJobs: 10_000, keepFor: 1e9, keepBytes: 1e6 };

function asked(batch: string | null, kind = "work"): Asked {
  return { kind, batch, parameters: {}, options: {}, file: null, againOf: null };
}

test("a run counts its jobs by state, and tells when it began, ended, and what was slowest", async () => {
  await using loop = new EventLoopExecutor({ name: "loop", maxWorkers: 1 });
  using recorder = new Recorder(new Map([["loop", loop]]), { history: HISTORY });
  const gate = Promise.withResolvers<void>();
  const submit = (batch: string | null, task: () => unknown) =>
    recorder.submit(asked(batch), () => loop.submit(task));
  submit("a", () => gate.promise);
  submit("a", () => {
    throw new Error("on purpose");
  });
  submit(null, () => 1);
  const third = submit("a", () => 2);
  const run = () => recorder.runs.get("a") as RunView;
  await until(() => run().states.running === 1 || undefined);
  assert.deepEqual(
    { ...run().states },
    { pending: 2, running: 1, finished: 0, failed: 0, cancelled: 0 },
  );
  assert.equal(run().finishedAt, null);
  third.future?.cancel();
  gate.resolve();
  await until(() => run().finishedAt ?? undefined);
  assert.deepEqual(
    { ...run().states },
    { pending: 0, running: 0, finished: 1, failed: 1, cancelled: 1 },
  );
  const { jobs, parts, submittedAt, startedAt, finishedAt, slowestMs } = run();
  assert.equal(jobs, 3);
  assert.deepEqual(parts, [{ kind: "work", executor: "loop", jobs: 3 }]);
  assert.ok(submittedAt <= Number(startedAt) && Number(startedAt) <= Number(finishedAt));
  assert.ok(Number(slowestMs) > 0 && Number(slowestMs) <= Number(finishedAt) - submittedAt);
  // What is taken back has never been.
  recorder.discard([submit("b", () => 3)]);
  assert.equal(recorder.runs.get("b"), undefined);
  // What an earlier start has left is added up to the same.
  recorder.history.flush();
  const again = new Map(recorder.history.runs(10).map(({ state, jobs }) => [state, Number(jobs)]));
  assert.deepEqual(Object.fromEntries(again), { cancelled: 1, failed: 1, finished: 1 });
});

test("only so many runs are kept, the newest ones", async () => {
  await using loop = new EventLoopExecutor({ name: "loop" });
  using recorder = new Recorder(new Map([["loop", loop]]), { history: HISTORY });
  for (let n = 0; n <= KEPT_RUNS; n++)
    recorder.submit(asked(`run ${n}`), () => loop.submit(() => n));
  assert.equal(recorder.runs.get("run 0"), undefined);
  assert.equal(recorder.runs.latest(1000).length, KEPT_RUNS);
  assert.equal(recorder.runs.latest(1)[0]?.id, `run ${KEPT_RUNS}`);
});

test("failures that differ in numbers only are one group, told by the latest", () => {
  const row = (error_message: string, jobs: number, latest_at: number, kind = "work") => ({
    error_name: "RangeError",
    error_message,
    reason: null,
    kind,
    jobs,
    latest: `job at ${latest_at}`,
    latest_at,
  });
  const groups = groupFailures([
    row("row 12 of 3.5 is bad", 2, 10),
    row("row 7 of 9 is bad", 5, 30, "other"),
    row("nothing is bad", 8, 20),
  ]);
  assert.deepEqual(
    groups.map(({ message, jobs, latest, kinds }) => ({ message, jobs, latest, kinds })),
    [
      { message: "nothing is bad", jobs: 8, latest: "job at 20", kinds: ["work"] },
      { message: "row 7 of 9 is bad", jobs: 7, latest: "job at 30", kinds: ["work", "other"] },
    ],
  );
});

test("an export is whole, and nothing in it is a formula", () => {
  const job: JobRow = {
    id: "1",
    number: 1,
    kind: '=HYPERLINK("x")',
    executor: "a,b",
    batch: null,
    state: "failed",
    reason: null,
    priority: -1,
    submittedAt: 0,
    startedAt: 1.5,
    finishedAt: null,
    attempts: 1,
    progress: null,
    worker: null,
    file: null,
    summary: "two\nlines",
    error: { name: "Error", message: "x" },
  };
  const csv = [...csvOf([[job], [job]])].join("");
  const [head, ...rows] = csv.split("\r\n");
  assert.match(String(head), /^number,id,run,kind,/);
  assert.equal(rows.length, 3);
  assert.equal(
    rows[0],
    `1,1,,"'=HYPERLINK(""x"")","a,b",,failed,,-1,1,1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.001Z,,1.5,,,"two\nlines",Error: x`,
  );
  assert.deepEqual(JSON.parse([...jsonOf([[job], [job]])].join("")), [job, job]);
  assert.deepEqual(JSON.parse([...jsonOf([])].join("")), []);
});
