// Tests of what holds when somebody means harm by quantity: requests, jobs, bodies that never end, tokens, nesting.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { Hono } from "hono";
import type { JobsPage } from "../../modules/dashboard/contract.ts";
import { problem } from "../../modules/dashboard/fixture.ts";
import { answerError } from "../../modules/dashboard/problem.ts";
import { limitBody } from "../../modules/dashboard/request_body.ts";
import { FOREVER, fixture } from "./fixture.ts";

const MIB = 1024 * 1024;

test("ten thousand posts are mostly refused with Retry-After, and cost little memory", async () => {
  await using playground = fixture();
  const body = { kind: "sleep", executor: "loop", parameters: { ms: FOREVER } };
  // What the first requests load and compile is no part of the flood.
  for (let i = 0; i < 20; i++) await playground.post("/api/jobs", body);
  const before = process.memoryUsage().rss;
  const counts = new Map<number, number>();
  for (let i = 0; i < 10_000; i++) {
    const response = await playground.post("/api/jobs", body);
    counts.set(response.status, (counts.get(response.status) ?? 0) + 1);
    if (response.status === 429) assert.match(response.headers.get("retry-after") ?? "", /^\d+$/);
    await response.body?.cancel();
  }
  const grown = process.memoryUsage().rss - before;
  assert.deepEqual([...counts.keys()].sort(), [202, 429]);
  assert.ok((counts.get(429) ?? 0) > 5000, JSON.stringify([...counts]));
  assert.ok(grown < 100 * MIB, `${Math.round(grown / MIB)} MiB`);
  // Reading is not limited so.
  const { total } = await playground.get<JobsPage>("/api/jobs?limit=1");
  assert.equal(total, 20 + (counts.get(202) ?? 0));
});

test("a client may change things again after a pause", async () => {
  await using playground = fixture({}, { rate: { burst: 2, perSecond: 1000 } });
  const post = () => playground.post("/api/jobs/none/cancel", {});
  const statuses: number[] = [];
  while (!statuses.includes(429)) statuses.push((await post()).status);
  assert.ok(statuses.indexOf(404) >= 0);
  for (;;) {
    const { status } = await post();
    if (status === 404) break;
    assert.equal(status, 429);
  }
});

test("a body that never ends is given up after its time", async () => {
  const app = new Hono();
  app.onError(answerError);
  app.use(limitBody(20));
  app.post("/", (c) => c.text("read"));
  for (const type of ["application/json", "multipart/form-data; boundary=x"]) {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(10)),
      cancel() {
        cancelled = true;
      },
    });
    const init = { method: "POST", body, headers: { "content-type": type }, duplex: "half" };
    await problem(await app.request("/", init as RequestInit), 408, "body");
    assert.ok(cancelled, "the rest is not waited for");
  }
  assert.equal(await (await app.request("/", { method: "POST", body: "quick" })).text(), "read");
});

test("without the token nothing is told: not a page, not a stream, not that a path is none", async () => {
  const token = "sixteen-bytes-or-more";
  await using playground = fixture({}, { token });
  const paths = ["/", "/main.js", "/api/kinds", "/api/jobs", "/api/events", "/api/snapshot"];
  paths.push("/api/trace", "/metrics", "/healthz", "/api/docs", "/api/openapi.json", "/nothing");
  for (const path of paths) await problem(await playground.ask(path), 401);
  const wrong: Record<string, string>[] = [
    { authorization: `Bearer ${token}x` },
    { authorization: `Basic ${token}` },
    { authorization: token },
    { cookie: "playground_token=" },
    { cookie: `playground_token=${token.slice(1)}` },
    { cookie: `token=${token}` },
  ];
  for (const headers of wrong) await problem(await playground.ask("/api/jobs", { headers }), 401);
  await problem(await playground.ask("/?token=wrong"), 401);
  await problem(await playground.post(`/api/jobs?token=${token}`, {}), 401);
  const opened = await playground.ask(`/?view=jobs&token=${token}`);
  assert.deepEqual([opened.status, opened.headers.get("location")], [303, "/?view=jobs"]);
  assert.match(opened.headers.get("set-cookie") ?? "", /HttpOnly; SameSite=Strict/);
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await playground.ask("/api/jobs", { headers })).status, 200);
});

test("ids cannot be guessed", async () => {
  await using playground = fixture();
  const ids = new Set<string>();
  for (let i = 0; i < 20; i++) ids.add((await playground.submit({ kind: "echo" })).id);
  assert.equal(ids.size, 20);
  for (const id of ids)
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("a megabyte of nested JSON is refused unread", async () => {
  await using playground = fixture();
  const nested = "[".repeat(MIB);
  await problem(await playground.post("/api/jobs", nested), 413, "body");
  await problem(await playground.post("/api/jobs/cancel", nested), 413, "body");
});

test("colours and other words to a terminal are told as text without them", async () => {
  await using playground = fixture();
  const { id } = await playground.submit({
    kind: "fail",
    parameters: {
      message: "\u001b[31mred\u001b[0m \u001b]8;;http://evil.example\u0007link\u001b]8;;\u0007",
    },
  });
  const { error, output } = await playground.reach(id, "failed");
  assert.equal(error?.message, "red link");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  assert.doesNotMatch(JSON.stringify([error, output]), /\\u001b|\u001b/);
});
