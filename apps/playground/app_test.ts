// Tests of the routes: what a client that behaves is answered.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobRow, JobsPage } from "../../modules/dashboard/contract.ts";
import { problem } from "../../modules/dashboard/fixture.ts";
import type { KindDescription, Submitted } from "./contract.ts";
import { FOREVER, fixture } from "./fixture.ts";

const encoder = new TextEncoder();

test("GET /api/kinds describes every kind's parameters with limits, defaults and units", async () => {
  await using playground = fixture();
  const { kinds } = await playground.get<{ kinds: KindDescription[] }>("/api/kinds");
  assert.deepEqual(
    kinds.map(({ name }) => name),
    [
      "wordFrequency",
      "sha256",
      "primes",
      "mandelbrot",
      "sleep",
      "print",
      "csvRows",
      "echo",
      "visit",
      "lookup",
      "fail",
      "exit",
      "spin",
      "exhaust",
      "uncloneable",
      "lock",
      "deadlock",
    ],
  );
  assert.deepEqual(kinds.find(({ name }) => name === "sleep")?.parameters.ms, {
    type: "integer",
    title: "For",
    unit: "ms",
    minimum: 0,
    maximum: 60_000,
    default: 3000,
  });
  for (const kind of kinds) {
    for (const parameter of Object.values(kind.parameters)) {
      assert.ok(parameter.title !== "" && parameter.default !== undefined, kind.name);
    }
  }
});

test("GET /api/executors tells what each executor does", async () => {
  await using playground = fixture();
  await playground.submit({ kind: "sleep", parameters: { ms: FOREVER } });
  await playground.submit({ kind: "sleep", parameters: { ms: FOREVER } });
  const { executors } = await playground.get<{
    executors: { name: string; type: string; stats: Record<string, number> }[];
  }>("/api/executors");
  assert.equal(executors.length, 1);
  assert.equal(executors[0]?.name, "loop");
  assert.equal(executors[0]?.type, "EventLoopExecutor");
  assert.equal((executors[0]?.stats.queued ?? 0) + (executors[0]?.stats.running ?? 0), 2);
});

test("a job goes from pending over running to finished", async () => {
  await using playground = fixture();
  const blocking = await playground.submit({ kind: "sleep", parameters: { ms: FOREVER } });
  const waiting = await playground.submit({ kind: "primes", parameters: { n: 100 } });
  const running = await playground.reach(blocking.id, "running");
  assert.ok(running.startedAt !== null && running.finishedAt === null);
  assert.equal((await playground.reach(waiting.id, "pending")).startedAt, null);

  await playground.post(`/api/jobs/${blocking.id}/cancel`, { interrupt: true });
  const done = await playground.reach(waiting.id, "finished");
  assert.deepEqual(done.result, { below: 100, count: 25, last: [73, 79, 83, 89, 97] });
  assert.ok(done.submittedAt !== null && done.startedAt !== null && done.finishedAt !== null);
  assert.ok(done.submittedAt <= done.startedAt && done.startedAt <= done.finishedAt);
  assert.ok(Math.abs(Date.now() - done.finishedAt) < 60_000, "times are since 1970");
});

test("a multipart form uploads a file and gives parameters as fields", async () => {
  await using playground = fixture();
  const form = new FormData();
  form.set("kind", "wordFrequency");
  form.set("executor", "loop");
  form.set("top", "2");
  form.set("priority", "-5");
  form.set("file", new File(["Be or not to be, to BE."], "hamlet.txt"));
  const response = await playground.ask("/api/jobs", { method: "POST", body: form });
  assert.equal(response.status, 202, await response.clone().text());
  const { jobs } = (await response.json()) as { jobs: JobRow[] };
  assert.deepEqual(jobs[0]?.file, { name: "hamlet.txt", bytes: 23 });
  const job = await playground.reach(String(jobs[0]?.id), "finished");
  assert.deepEqual(job.result, {
    words: 7,
    distinct: 4,
    top: [
      { word: "be", count: 3 },
      { word: "to", count: 2 },
    ],
  });
  assert.deepEqual(job.parameters, { top: 2 });
  assert.deepEqual(job.options, { priority: -5 });
});

test("a text in JSON stands for a file", async () => {
  await using playground = fixture();
  const { id } = await playground.submit({ kind: "sha256", file: "abc" });
  const { result } = await playground.reach(id, "finished");
  assert.deepEqual(result, {
    algorithm: "SHA-256",
    hex: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    bytes: 3,
  });
});

test("a batch is submitted by count or as an array", async () => {
  await using playground = fixture();
  const counted = await playground.post("/api/jobs", {
    kind: "primes",
    executor: "loop",
    count: 3,
  });
  assert.equal(((await counted.json()) as Submitted).jobs.length, 3);
  const listed = await playground.post("/api/jobs", [
    { kind: "primes", executor: "loop" },
    { kind: "sleep", executor: "loop", count: 2, parameters: { ms: 0 } },
  ]);
  const { jobs } = (await listed.json()) as Submitted;
  assert.deepEqual(
    jobs.map(({ kind }) => kind),
    ["primes", "sleep", "sleep"],
  );
});

test("GET /api/jobs filters by state, executor and kind, newest first, and counts all", async () => {
  await using playground = fixture();
  const first = await playground.submit({ kind: "sleep", parameters: { ms: FOREVER } });
  const second = await playground.submit({ kind: "primes" });
  const third = await playground.submit({ kind: "sleep", parameters: { ms: FOREVER } });
  await playground.reach(first.id, "running");
  const ids = async (query: string) =>
    (await playground.get<JobsPage>(`/api/jobs${query}`)).jobs.map(({ id }) => id);
  assert.deepEqual(await ids(""), [third.id, second.id, first.id]);
  assert.deepEqual(await ids("?state=pending"), [third.id, second.id]);
  assert.deepEqual(await ids("?state=running&executor=loop"), [first.id]);
  assert.deepEqual(await ids("?kind=primes"), [second.id]);
  const { jobs, total, counts } = await playground.get<JobsPage>("/api/jobs?limit=1");
  assert.deepEqual([jobs.length, total], [1, 3]);
  assert.deepEqual(counts.states, {
    pending: 2,
    running: 1,
    finished: 0,
    failed: 0,
    cancelled: 0,
  });
});

test("a failed job shows its error and the cause", async () => {
  await using playground = fixture();
  const { id } = await playground.submit({ kind: "fail", parameters: { message: "as told" } });
  const { error, result } = await playground.reach(id, "failed");
  assert.equal(result, null);
  assert.equal(error?.name, "RangeError");
  assert.equal(error?.message, "as told");
  assert.equal(error?.cause?.name, "TypeError");
});

test("a task's timeout fails its job", async () => {
  await using playground = fixture();
  const { id } = await playground.submit({
    kind: "sleep",
    parameters: { ms: FOREVER },
    timeout: 5,
  });
  const { error, reason } = await playground.reach(id, "failed");
  assert.deepEqual([error?.name, reason], ["TimeoutError", "timed-out"]);
});

test("cancel tells the truth: pending yes, running no, running with interrupt yes, finished no", async () => {
  await using playground = fixture();
  const running = await playground.submit({ kind: "sleep", parameters: { ms: FOREVER } });
  const pending = await playground.submit({ kind: "primes" });
  await playground.reach(running.id, "running");
  const cancel = async (id: string, body?: unknown) => {
    const path = `/api/jobs/${id}/cancel`;
    const response = await (body
      ? playground.post(path, body)
      : playground.ask(path, { method: "POST" }));
    const { cancelled, job } = (await response.json()) as { cancelled: boolean; job: JobRow };
    return [response.status, cancelled, job.state];
  };
  assert.deepEqual(await cancel(pending.id), [200, true, "cancelled"]);
  assert.deepEqual(await cancel(running.id), [200, false, "running"]);
  assert.deepEqual(await cancel(running.id, { interrupt: false }), [200, false, "running"]);
  assert.deepEqual(await cancel(running.id, { interrupt: true }), [200, true, "cancelled"]);
  const done = await playground.submit({ kind: "primes", parameters: { n: 10 } });
  await playground.reach(done.id, "finished");
  assert.deepEqual(await cancel(done.id, { interrupt: true }), [200, false, "finished"]);
});

test("a Mandelbrot tile is served as raw pixels", async () => {
  await using playground = fixture();
  const { id } = await playground.submit({
    kind: "mandelbrot",
    parameters: { x: 0, y: 0, span: 4, size: 16, iterations: 50 },
  });
  assert.deepEqual((await playground.reach(id, "finished")).picture, {
    width: 16,
    height: 16,
    href: `api/jobs/${id}/pixels`,
  });
  const response = await playground.ask(`/api/jobs/${id}/pixels`);
  assert.equal(response.headers.get("content-type"), "application/octet-stream");
  const pixels = new Uint8Array(await response.arrayBuffer());
  assert.equal(pixels.length, 256);
  assert.equal(pixels[8 * 16 + 8], 0, "the origin is in the set");
  assert.notEqual(pixels[0], 0, "the corner is not");
  const other = await playground.submit({ kind: "primes", parameters: { n: 10 } });
  await problem(await playground.ask(`/api/jobs/${other.id}/pixels`), 404);
});

test("a job or a path that is not there is a problem", async () => {
  await using playground = fixture();
  await problem(await playground.ask("/api/jobs/none"), 404);
  await problem(await playground.ask("/api/jobs/none/cancel", { method: "POST" }), 404);
  await problem(await playground.ask("/api/nothing"), 404);
  await problem(await playground.ask("/../app.ts"), 404);
});

test("a full queue refuses the whole batch with Retry-After", async () => {
  await using playground = fixture({ maxQueue: 2 });
  const response = await playground.post("/api/jobs", {
    kind: "sleep",
    executor: "loop",
    count: 10,
    parameters: { ms: FOREVER },
  });
  assert.match(response.headers.get("retry-after") ?? "", /^\d+$/);
  await problem(response, 429, "executor");
  assert.equal((await playground.get<JobsPage>("/api/jobs")).total, 0);
  await playground.submit({ kind: "primes", parameters: { n: 10 } });
});

test("a batch for which the queue has no room is refused before any of it is submitted", async () => {
  await using playground = fixture();
  const body = { kind: "sleep", executor: "loop", count: 10_000, parameters: { ms: FOREVER } };
  // A hundred thousand in one go; then of those for which there is no room, not one.
  assert.equal((await playground.post("/api/jobs", Array(10).fill(body))).status, 202);
  const response = await playground.post("/api/jobs", Array(5).fill(body));
  assert.ok(response.headers.has("retry-after"));
  await problem(response, 429, "executor");
  const { queued, running, cancelled } = playground.loop.stats();
  assert.deepEqual([queued + running, cancelled], [100_000, 0]);
});

test("an executor that takes no more jobs is a problem, not a failure of the server", async () => {
  await using playground = fixture();
  await playground.loop.shutdown();
  const response = await playground.post("/api/jobs", { kind: "primes", executor: "loop" });
  await problem(response, 503, "executor");
});

test("uploads that wait hold a bounded number of bytes", async () => {
  await using playground = fixture();
  await playground.submit({ kind: "sleep", parameters: { ms: FOREVER } });
  const upload = (i: number) => {
    const form = new FormData();
    form.set("kind", "sha256");
    form.set("executor", "loop");
    form.set("file", new File([new Uint8Array(9_000_000).fill(i)], "equal bytes"));
    return playground.ask("/api/jobs", { method: "POST", body: form });
  };
  for (let i = 0; i < 7; i++) assert.equal((await upload(i)).status, 202);
  await problem(await upload(7), 429, "file");
  // The same file is there already.
  assert.equal((await upload(0)).status, 202);
});

test("text of a client stays text", async () => {
  await using playground = fixture();
  const payload = "<script>alert(1)</script>";
  const { id } = await playground.submit({ kind: "fail", parameters: { message: payload } });
  await playground.reach(id, "failed");
  const response = await playground.ask(`/api/jobs/${id}`);
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.ok(((await response.json()) as { job: JobRow }).job.error?.message === payload);
});

test("a file's name is shown, shortened, and never a path", async () => {
  await using playground = fixture();
  const form = new FormData();
  form.set("kind", "sha256");
  form.set("executor", "loop");
  form.set("file", new File([encoder.encode("x")], `../../${"a".repeat(400)}`));
  const response = await playground.ask("/api/jobs", { method: "POST", body: form });
  const { jobs } = (await response.json()) as Submitted;
  assert.ok((jobs[0]?.file?.name.length ?? 999) <= 200);
});
