// Tests of the dashboard: a live view of somebody's own executors, in somebody's own app.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLoopExecutor, taskContext } from "@concurrent/futures";
import { Hono } from "hono";
import { servePageAtBase } from "./base_path.ts";
import { buildPage } from "./build_page.ts";
import type { ExecutorView, JobDetail, JobsPage, Snapshot } from "./contract.ts";
import { EventReader } from "./event_reader.ts";
import { problem, until } from "./fixture.ts";
import { type DashboardOptions, dashboard } from "./mod.ts";
import { pageFiles } from "./page_files.ts";

const LOCAL = { host: "localhost:3000" };

/** An app of somebody's own, with a dashboard under a path of two parts. */
function mount(options: DashboardOptions = {}) {
  const errors: unknown[] = [];
  const executor = new EventLoopExecutor({
    name: "mail",
    maxWorkers: 2,
    onError: (_, { kind }) => errors.push(kind),
  });
  const watching = new AbortController();
  const app = new Hono();
  app.get("/", (c) => c.text("somebody's own"));
  app.route("/admin/jobs", dashboard(executor, { signal: watching.signal, ...options }));
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> =>
    await app.request(path, { ...init, headers: { ...LOCAL, ...init.headers } });
  return {
    executor,
    errors,
    ask,
    async get<T>(path: string): Promise<T> {
      const response = await ask(path);
      assert.equal(response.status, 200, await response.clone().text());
      return (await response.json()) as T;
    },
    async [Symbol.asyncDispose]() {
      await executor.terminateWorkers();
      watching.abort();
    },
  };
}

test("dashboard() shows the tasks of an executor by their names, with results, errors and progress", async () => {
  await using site = mount();
  const { executor } = site;
  await executor.submit(
    function add(a: number, b: number) {
      taskContext().progress(0.5, "half");
      return a + b;
    },
    1,
    2,
  );
  await executor
    .submit(function explode() {
      throw new RangeError("as told", { cause: new TypeError("why") });
    })
    .exception();
  for await (const _ of executor.map(
    function double(n: number) {
      return 2 * n;
    },
    [1, 2, 3],
  ));
  const { jobs, counts } = await site.get<JobsPage>("/admin/jobs/api/jobs");
  assert.deepEqual(
    jobs.map(({ kind, state }) => [kind, state]),
    [
      ["double", "finished"],
      ["double", "finished"],
      ["double", "finished"],
      ["explode", "failed"],
      ["add", "finished"],
    ],
  );
  assert.equal(counts.states.finished, 4);
  const detail = async (i: number) =>
    (await site.get<{ job: JobDetail }>(`/admin/jobs/api/jobs/${jobs[i]?.id}`)).job;
  const added = await detail(4);
  assert.deepEqual([added.result, added.progress?.detail, added.summary], [3, "half", "3"]);
  assert.deepEqual(
    [added.executor, added.worker?.name, added.canRunAgain],
    ["mail", "mail_0", false],
  );
  const failed = await detail(3);
  assert.deepEqual(
    [failed.error?.name, failed.error?.message, failed.error?.cause?.message],
    ["RangeError", "as told", "why"],
  );
});

test("dashboard() is no look at a failure: the executor still reports it", async () => {
  await using site = mount();
  site.executor.submit(() => {
    throw new Error("nobody looks");
  });
  await until(async () => {
    const { counts } = await site.get<JobsPage>("/admin/jobs/api/jobs");
    return counts.states.failed === 1 || undefined;
  });
  await site.executor.shutdown();
  assert.deepEqual(site.errors, ["unobserved"]);
});

test("dashboard() streams what changes, under its own path", async () => {
  await using site = mount();
  await using reader = new EventReader(await site.ask("/admin/jobs/api/events"));
  const { data } = await reader.snapshot();
  assert.deepEqual(data.server.can, { submit: false, cancel: false, control: false });
  site.executor.submit(function ping() {});
  await reader.update(({ rows }) =>
    rows.some(({ kind, state }) => kind === "ping" && state === "finished"),
  );
});

test("dashboard() serves the page at its path, where relative addresses lead back to it", async () => {
  await buildPage();
  await using site = mount();
  const bare = await site.ask("/admin/jobs");
  assert.equal(bare.status, 308);
  const address = new URL(bare.headers.get("location") ?? "", "http://localhost:3000/admin/jobs");
  assert.equal(address.pathname, "/admin/jobs/");
  const page = await site.ask(address.pathname);
  assert.equal(page.status, 200);
  assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  const addresses = [...(await page.text()).matchAll(/(?:src|href)="([^"#][^"]*)"/g)];
  assert.ok(addresses.length > 0);
  for (const [, relative] of addresses) {
    const { pathname } = new URL(String(relative), address);
    assert.ok(pathname.startsWith("/admin/jobs/"), pathname);
    assert.equal((await site.ask(pathname)).status, 200, pathname);
  }
  assert.equal(await (await site.ask("/")).text(), "somebody's own");
});

test("dashboard() only tells, unless it is given control", async () => {
  await using site = mount();
  const future = site.executor.submit(() => new Promise(() => {}));
  const { jobs } = await site.get<JobsPage>("/admin/jobs/api/jobs");
  const post = (at: typeof site, path: string, body: unknown = {}) =>
    at.ask(`/admin/jobs/api/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  for (const path of [
    "jobs",
    `jobs/${jobs[0]?.id}/cancel`,
    `jobs/${jobs[0]?.id}/again`,
    "jobs/cancel",
    "jobs/again",
    "executors/mail/resize",
    "executors/mail/warm",
    "executors/mail/pause",
    "executors/mail/intake",
    "executors/mail/workers/0/end",
    "comparisons",
    "trials",
  ]) {
    assert.equal((await post(site, path)).status, 404, path);
  }
  assert.equal(future.cancelled(), false);

  await using other = mount({ control: true });
  const doomed = other.executor.submit(() => new Promise(() => {}));
  await until(() => doomed.running() || undefined);
  const cancelled = await post(other, "jobs/cancel", { filter: {}, interrupt: true });
  assert.deepEqual(await cancelled.json(), { matched: 1, cancelled: 1 });
  assert.equal(doomed.cancelled(), true);
  assert.equal((await post(other, "executors/mail/resize", { maxWorkers: 5 })).status, 200);
  assert.equal((await post(other, "executors/mail/warm")).status, 200);
  assert.equal((await post(other, "executors/none/warm")).status, 404);
  assert.equal((await post(other, "executors/mail/pause", { paused: true })).status, 200);
  const { executors } = await other.get<Snapshot>("/admin/jobs/api/snapshot");
  assert.deepEqual([executors[0]?.maxWorkers, executors[0]?.paused], [5, true]);
  const waiting = other.executor.submit(() => "went on");
  assert.equal(other.executor.paused, true);
  const resumed = await post(other, "executors/mail/pause", { paused: false });
  assert.equal(((await resumed.json()) as { executor: ExecutorView }).executor.paused, false);
  assert.equal(await waiting, "went on");
  assert.equal((await post(other, "executors/none/pause", { paused: true })).status, 404);
  assert.equal((await post(other, "executors/mail/pause", {})).status, 400);
  // What it has no kinds of jobs for, it cannot submit even so.
  assert.equal((await post(other, "jobs")).status, 404);
});

test("dashboard() answers loopback and the hosts it is told, and nothing from another site", async () => {
  await using site = mount({ hosts: ["jobs.example.com"], token: false });
  const status = async (headers: Record<string, string>) =>
    (await site.ask("/admin/jobs/api/jobs", { headers })).status;
  for (const host of ["jobs.example.com", "localhost", "127.0.0.1:8080", "[::1]:3000"]) {
    assert.equal(await status({ host }), 200, host);
  }
  for (const host of ["evil.example", "jobs.example.com.evil.example", "192.0.2.7"]) {
    assert.equal(await status({ host }), 403, host);
  }
  const host = "jobs.example.com";
  assert.equal(await status({ host, origin: "https://jobs.example.com" }), 200);
  assert.equal(await status({ host, origin: "https://evil.example" }), 403);
  assert.equal(await status({ host, "sec-fetch-site": "cross-site" }), 403);
});

test("dashboard() with a token lets in only who has it", async () => {
  await using site = mount({ token: "let-me-in" });
  for (const path of ["", "/", "/api/jobs", "/api/events", "/metrics", "/healthz", "/api/docs"]) {
    await problem(await site.ask(`/admin/jobs${path}`), 401);
  }
  const opened = await site.ask("/admin/jobs/?token=let-me-in");
  assert.deepEqual([opened.status, opened.headers.get("location")], [303, "/admin/jobs/"]);
  const cookie = (opened.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  assert.equal((await site.ask("/admin/jobs/", { headers: { cookie } })).status, 200);
  const bearer = { authorization: "Bearer let-me-in" };
  assert.equal((await site.ask("/admin/jobs/api/jobs", { headers: bearer })).status, 200);
});

test("dashboard() refuses options that would leave it open", async () => {
  await using executor = new EventLoopExecutor();
  assert.throws(() => dashboard(executor, { hosts: ["jobs.example.com"] }), {
    name: "TypeError",
    message: /^Cannot make dashboard: hosts beyond loopback need a token/,
  });
  assert.throws(() => dashboard(executor, { token: "" }), { message: /token is empty/ });
});

test("a page that nobody has built says what to run, where it is mounted, too", async () => {
  const page = pageFiles(new URL("./no_such_folder/", import.meta.url));
  const app = new Hono().use("/jobs/*", servePageAtBase(page)).route("/", page);
  for (const path of ["/", "/jobs/"]) {
    const answer = await app.request(path);
    assert.equal(answer.status, 503, path);
    assert.match(await answer.text(), /npm run build/, path);
  }
});
