// Tests of what is done with jobs and executors: run again, cancel many, pause, resize, compare, break.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLoopExecutor } from "@concurrent/futures";
import type {
  Comparison,
  ExecutorView,
  JobDetail,
  JobsPage,
  Trial,
} from "../../modules/dashboard/contract.ts";
import { problem, until } from "../../modules/dashboard/fixture.ts";
import { createApp } from "./app.ts";
import type { OpponentView, Submitted } from "./contract.ts";
import { type Fixture, FOREVER, fixture, HOST } from "./fixture.ts";

const nap = { kind: "sleep", parameters: { ms: FOREVER } };

async function posted<T>(
  playground: Fixture,
  path: string,
  body: unknown,
  status = 202,
): Promise<T> {
  const response = await playground.post(path, body);
  assert.equal(response.status, status, await response.clone().text());
  return (await response.json()) as T;
}

test("a job runs again as it was, or with changes, and says whose repetition it is", async () => {
  await using playground = fixture();
  const { id } = await playground.submit({ kind: "echo", parameters: { value: 7 }, priority: 3 });
  await playground.reach(id, "finished");
  const same = await posted<Submitted>(playground, `/api/jobs/${id}/again`, {});
  const repeated = await playground.reach(String(same.jobs[0]?.id), "finished");
  assert.deepEqual([repeated.result, repeated.priority, repeated.againOf], [7, 3, id]);
  const changes = { parameters: { value: 8 }, priority: 0 };
  const other = await posted<Submitted>(playground, `/api/jobs/${id}/again`, changes);
  const changed = await playground.reach(String(other.jobs[0]?.id), "finished");
  assert.deepEqual([changed.result, changed.priority], [8, 0]);
  const wrong = { parameters: { value: -1 } };
  await problem(await playground.post(`/api/jobs/${id}/again`, wrong), 400, "parameters.value");
  await problem(await playground.post("/api/jobs/none/again", {}), 404);
});

test("a job with a file runs again while the file is kept, and lends it to others", async () => {
  await using playground = fixture();
  const { id } = await playground.submit({ kind: "sha256", file: "abc" });
  const { result, canRunAgain } = await playground.reach(id, "finished");
  assert.equal(canRunAgain, true);
  const { jobs } = await posted<Submitted>(playground, `/api/jobs/${id}/again`, {});
  assert.deepEqual((await playground.reach(String(jobs[0]?.id), "finished")).result, result);
  const words = await playground.submit({ kind: "wordFrequency", fileOf: id });
  assert.equal((await playground.reach(words.id, "finished")).summary, "abc 1 (of 1 words)");
  const both = { kind: "sha256", executor: "loop", file: "x", fileOf: id };
  await problem(await playground.post("/api/jobs", both), 400, "file");
  const none = { kind: "sha256", executor: "loop", fileOf: "none" };
  await problem(await playground.post("/api/jobs", none), 400, "fileOf");
});

test("many jobs are cancelled, and run again, by a filter", async () => {
  await using playground = fixture();
  const body = { ...nap, executor: "loop", count: 300 };
  const { batch, count, jobs } = await posted<Submitted>(playground, "/api/jobs", body);
  assert.deepEqual([count, jobs.length], [300, 100]);
  const other = await playground.submit({ kind: "echo" });
  await playground.reach(String(jobs[0]?.id), "running");
  const cancel = (filter: object, interrupt: boolean) =>
    posted<{ matched: number }>(playground, "/api/jobs/cancel", { filter, interrupt }, 200);
  // The one that runs is left alone, unless it is interrupted.
  assert.deepEqual(await cancel({ batch }, false), { matched: 300, cancelled: 299 });
  assert.deepEqual(await cancel({ batch }, true), { matched: 1, cancelled: 1 });
  await playground.reach(other.id, "finished");
  const again = (filter: object) => posted<object>(playground, "/api/jobs/again", { filter });
  assert.deepEqual(await again({ kind: "echo" }), {
    matched: 0,
    submitted: 0,
    skipped: 0,
    batch: null,
  });
  const rerun = (await again({ state: "cancelled", batch })) as { batch: string };
  assert.deepEqual(rerun, { matched: 300, submitted: 300, skipped: 0, batch: rerun.batch });
  const listed = await playground.get<JobsPage>(`/api/jobs?batch=${rerun.batch}&limit=1`);
  assert.equal(listed.total, 300);
  await problem(await playground.post("/api/jobs/cancel", {}), 400, "filter");
});

test("an executor whose intake is paused takes no jobs, and finishes those it has", async () => {
  await using playground = fixture();
  const intake = (to: string) =>
    posted<{ executor: ExecutorView }>(
      playground,
      "/api/executors/loop/intake",
      { intake: to },
      200,
    );
  const { id } = await playground.submit({ kind: "sleep", parameters: { ms: 20 } });
  assert.equal((await intake("paused")).executor.intake, "paused");
  await problem(
    await playground.post("/api/jobs", { kind: "echo", executor: "loop" }),
    503,
    "executor",
  );
  await playground.reach(id, "finished");
  assert.equal((await intake("open")).executor.intake, "open");
  await playground.submit({ kind: "echo" });
  await problem(
    await playground.post("/api/executors/none/intake", { intake: "open" }),
    404,
    "name",
  );
  await problem(await playground.post("/api/executors/loop/intake", {}), 400, "intake");
});

test("an executor grows and shrinks; the server's own event loop has no workers to end", async () => {
  await using playground = fixture();
  const resize = (maxWorkers: unknown) =>
    playground.post("/api/executors/loop/resize", { maxWorkers });
  await posted(playground, "/api/jobs", { ...nap, executor: "loop", count: 3 });
  assert.equal((await resize(3)).status, 200);
  await until(() => playground.loop.stats().running === 3 || undefined);
  assert.equal(playground.loop.maxWorkers, 3);
  for (const wrong of [0, 65, 1.5, "many", undefined])
    await problem(await resize(wrong), 400, "maxWorkers");
  const end = (path: string) => playground.post(`/api/executors/${path}/end`, {});
  await problem(await end("loop/workers/0"), 422, "name");
  await problem(await end("none/workers/0"), 404, "name");
  await problem(await end("loop/workers/x"), 400, "id");
});

test("a comparison runs the same batch on each executor, several times, on more and more workers", async () => {
  await using small = new EventLoopExecutor({ name: "small", maxWorkers: 2 });
  await using large = new EventLoopExecutor({ name: "large", maxWorkers: 4 });
  const stopping = new AbortController();
  const app = createApp({ small, large }, { signal: stopping.signal });
  const headers = { host: HOST, "content-type": "application/json" };
  const ask = async (path: string, body?: object) => {
    const init = body && { method: "POST", body: JSON.stringify(body) };
    return await app.request(path, { ...init, headers });
  };
  const body = {
    kind: "sleep",
    parameters: { ms: 10 },
    count: 12,
    executors: ["small", "large"],
    repeats: 2,
  };
  const started = await ask("/api/comparisons", body);
  assert.equal(started.status, 202, await started.clone().text());
  assert.equal((await ask("/api/comparisons", body)).status, 409, "one at a time");
  const { comparison } = (await started.json()) as { comparison: Comparison };
  const done = await until(async () => {
    const response = await ask(`/api/comparisons/${comparison.id}`);
    const { comparison: now } = (await response.json()) as { comparison: Comparison };
    return now.state === "running" ? undefined : now;
  });
  assert.deepEqual([done.state, done.error], ["done", null]);
  for (const side of done.sides) {
    assert.deepEqual([side.state, side.done, side.failed], ["done", 12, 0]);
    assert.deepEqual(
      side.points.map(({ workers, times }) => [workers, times.length]),
      (side.executor === "small" ? [1, 2] : [1, 2, 4]).map((workers) => [workers, 2]),
    );
    // Twelve naps, one after the other.
    assert.ok((side.oneWorkerMs ?? 0) >= 12 * 9, String(side.oneWorkerMs));
    assert.equal(side.speedUp, (side.oneWorkerMs ?? 0) / (side.wallMs ?? 0));
    assert.ok((side.run?.p50 ?? 0) >= 9 && (side.wait?.p99 ?? -1) >= 0);
  }
  assert.deepEqual([small.maxWorkers, large.maxWorkers], [2, 4], "sizes are as before");
  const wrong = { ...body, executors: ["small", "none"] };
  assert.equal((await ask("/api/comparisons", wrong)).status, 400);
  assert.equal((await ask("/api/comparisons", { ...body, executors: ["small"] })).status, 400);
  stopping.abort();
});

test("a comparison is also with pools of others, those that are present, for kinds that they know", async (t) => {
  await using playground = fixture({ maxWorkers: 2 });
  const { opponents } = await playground.get<{ opponents: OpponentView[] }>("/api/opponents");
  const body = { kind: "sleep", parameters: { ms: 10 }, count: 4, repeats: 1 };
  const compare = (asked: object) => playground.post("/api/comparisons", { ...body, ...asked });
  assert.equal((await compare({ executors: ["loop", "none"] })).status, 400);
  const names = opponents.map(({ name }) => name);
  if (names.length === 0) return t.skip("none is present");
  const unknown = { kind: "mandelbrot", parameters: {}, executors: ["loop", names[0]] };
  assert.equal((await compare(unknown)).status, 422);
  const started = await compare({ executors: ["loop", ...names] });
  assert.equal(started.status, 202, await started.clone().text());
  const { comparison } = (await started.json()) as { comparison: Comparison };
  const done = await until(async () => {
    const path = `/api/comparisons/${comparison.id}`;
    const { comparison: now } = await playground.get<{ comparison: Comparison }>(path);
    return now.state === "running" ? undefined : now;
  });
  assert.deepEqual([done.state, done.error], ["done", null]);
  for (const { executor, done: settled, points, wallMs, speedUp } of done.sides.slice(1)) {
    assert.equal(settled, 4, executor);
    assert.ok(points.every(({ times }) => times.length === 1 && Number(times[0]) >= 9));
    assert.ok(wallMs !== null && speedUp !== null, executor);
  }
});

test("an experiment says what to expect, and its trial what happened and how soon all was well", async () => {
  await using playground = fixture({ maxWorkers: 2 });
  const { experiments } = await playground.get<{
    experiments: { name: string; executors: string[] }[];
  }>("/api/experiments");
  const offered = experiments.filter(({ executors }) => executors.includes("loop"));
  assert.deepEqual(
    offered.map(({ name }) => name),
    ["throw", "deadlock", "group", "flood"],
  );
  const tried = async (experiment: string): Promise<Trial> => {
    const body = { experiment, executor: "loop" };
    const { trial } = await posted<{ trial: Trial }>(playground, "/api/trials", body);
    return await until(async () => {
      const now = await playground.get<{ trial: Trial }>(`/api/trials/${trial.id}`);
      return now.trial.state === "over" ? now.trial : undefined;
    });
  };
  const thrown = await tried("throw");
  assert.match(
    thrown.happened ?? "",
    /^The job failed after \d+ ms\. RangeError: this job fails on purpose\.$/,
  );
  assert.equal(thrown.job?.state, "failed");
  assert.ok((thrown.recoveryMs ?? -1) >= 0);
  const deadlock = await tried("deadlock");
  assert.match(deadlock.happened ?? "", /DeadlockError: .*lock "vault", which it holds itself\.$/);
  const group = await tried("group");
  const [, done] = /^(\d+) of 100 jobs finished within \d+ ms\.$/.exec(group.happened ?? "") ?? [];
  assert.ok(Number(done) < 100, group.happened ?? "");
  const { jobs } = await playground.get<JobsPage>(`/api/jobs?batch=${group.batch}&limit=100`);
  assert.ok(jobs.some(({ state }) => state === "cancelled"));
  const groups = await Promise.all(
    [jobs[0], jobs.at(-1)].map(async (row) => {
      const { job } = await playground.get<{ job: JobDetail }>(`/api/jobs/${row?.id}`);
      return job.group;
    }),
  );
  assert.ok(groups[0] !== null && groups[0] === groups[1], String(groups));
  const flood = await tried("flood");
  assert.match(flood.happened ?? "", /^10000 of 10000 jobs finished within \d+ ms\.$/);
  const refused = (experiment: string, executor: string) =>
    playground.post("/api/trials", { experiment, executor });
  await problem(await refused("exit", "loop"), 422, "executor");
  await problem(await refused("nothing", "loop"), 400, "experiment");
  await problem(await playground.ask("/api/trials/none"), 404);
});

test("what a task prints is kept, also when it fails, in its order and with its levels", async () => {
  await using playground = fixture({ maxWorkers: 4 });
  const failing = await playground.submit({ kind: "fail", parameters: { message: "as told" } });
  const failed = await playground.reach(failing.id, "failed");
  assert.deepEqual(
    failed.output.map(({ level, text }) => [level, text]),
    [["error", "About to throw: as told"]],
  );
  // Two at once, on one event loop: each has its own lines.
  const [a, b] = await Promise.all(
    [10, 12].map((lines) => playground.submit({ kind: "print", parameters: { lines } })),
  );
  for (const [job, lines] of [
    [a, 10],
    [b, 12],
  ] as const) {
    const { output, outputCut } = await playground.reach(String(job?.id), "finished");
    assert.equal(output.length, lines);
    assert.deepEqual([output[0]?.text, output[9]?.level], [`Line 1 of ${lines}`, "warn"]);
    assert.equal(outputCut, false);
  }
});
