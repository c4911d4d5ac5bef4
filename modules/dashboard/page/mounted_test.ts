// Tests of the page where it is mounted over somebody's own executor, under a path, in a browser.

import assert from "node:assert/strict";
import { EventLoopExecutor, TaskGroup } from "@concurrent/futures";
import { Lock } from "@concurrent/futures/sync";
import { Hono } from "hono";
import { buildPage } from "../build_page.ts";
import { dashboard } from "../mod.ts";
import { look } from "./look.ts";
import { testPage as test } from "./test_page.ts";

test("a mounted dashboard shows lanes, jobs and pools under its path, and has nothing to press", async () => {
  await buildPage();
  const executor = new EventLoopExecutor({ name: "mail", maxWorkers: 2 });
  const watching = new AbortController();
  const app = new Hono();
  app.route("/admin/jobs", dashboard(executor, { signal: watching.signal }));
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.fetch);
  try {
    await using here = await look(`http://127.0.0.1:${server.addr.port}/admin/jobs/`);
    const { page } = here;
    await here.go("");
    await page.getByText("No worker is running").waitFor();
    await executor.submit(function send() {
      return "sent";
    });
    await page.getByText("1 bar in view").waitFor();
    const views = await page
      .getByRole("navigation", { name: "Views" })
      .getByRole("link")
      .allTextContents();
    assert.deepEqual(views, ["Live", "Jobs", "Charts", "Pools"]);
    await page.getByRole("link", { name: "Jobs", exact: true }).click();
    await page.getByRole("row").filter({ hasText: "send" }).click();
    const panel = page.getByRole("complementary", { name: "A job" });
    await panel.getByText("sent").first().waitFor();
    assert.equal(
      await page.getByRole("button", { name: /again|Cancel|Interrupt|Retry/ }).count(),
      0,
    );
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Pools", exact: true }).click();
    await page.getByRole("article", { name: "mail" }).waitFor();
    assert.equal(await page.getByRole("button", { name: /worker|intake|^End/ }).count(), 0);
    await page.getByText("Connected", { exact: true }).waitFor();
  } finally {
    watching.abort();
    await executor.shutdown();
    await server.shutdown();
  }
});

test("lanes, their legend and a job's panel show which lock a job waits for, and which it holds", async () => {
  await buildPage();
  await using executor = new EventLoopExecutor({ name: "vaults", maxWorkers: 2 });
  const watching = new AbortController();
  const app = dashboard(executor, { signal: watching.signal });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.fetch);
  const [lock, left] = [new Lock({ name: "vault" }), Promise.withResolvers<void>()];
  try {
    await using here = await look(`http://127.0.0.1:${server.addr.port}/`);
    const { page } = here;
    await here.go("");
    await page.getByText("No worker is running").waitFor();
    const own = await lock.acquire();
    const call = executor.submit(async function enter(lock: Lock) {
      using _ = await lock.acquire();
      await left.promise;
    }, lock);
    const legend = page.getByRole("list", { name: "Legend" });
    await legend.getByText("waits for a lock").waitFor();
    await page.getByRole("application").focus();
    await page.keyboard.press("n");
    const details = page.locator(".lanes-details");
    await here.reads(details, /waited forlock "vault", /);
    own.release();
    await here.reads(details, /waited forlock "vault", .*heldlock "vault", /);
    await page.keyboard.press("Enter");
    const locks = page.getByRole("region", { name: "Locks" });
    await here.reads(locks, /lock "vault"\s*waited for .*lock "vault"\s*has held it for /);
    left.resolve();
    await call;
    await here.reads(locks, /lock "vault"\s*held it for /);
    assert.equal(await page.locator(".waterfall-hold").count(), 2);
  } finally {
    left.resolve();
    watching.abort();
    await server.shutdown();
  }
});

test("lanes and a job's panel show which group a job is of", async () => {
  await buildPage();
  await using executor = new EventLoopExecutor({ name: "loop", maxWorkers: 2 });
  const watching = new AbortController();
  const app = dashboard(executor, { signal: watching.signal });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.fetch);
  try {
    await using here = await look(`http://127.0.0.1:${server.addr.port}/`);
    const { page } = here;
    await here.go("");
    await page.getByText("No worker is running").waitFor();
    await executor.submit(function alone() {});
    await page.getByText("1 bar in view").waitFor();
    const legend = page.getByRole("list", { name: "Legend" });
    assert.equal(await legend.getByText("of one group").count(), 0);
    await using group = new TaskGroup(executor);
    for (let n = 0; n < 4; n++) group.submit(() => new Promise((resolve) => setTimeout(resolve)));
    await group.join();
    await legend.getByText("of one group").waitFor();
    await page.getByRole("application").focus();
    await page.keyboard.press("p");
    const details = page.locator(".lanes-details");
    await here.reads(details, /of group\d+/);
    await page.keyboard.press("Enter");
    await here.reads(page.locator(".job-panel .facts"), /Group\d+/);
  } finally {
    watching.abort();
    await server.shutdown();
  }
});

/** As one over a queue, which is of a room that the dashboard does not know. */
class OverQueue extends EventLoopExecutor {
  override stats() {
    const waited = { p50: 12, p95: 3400, p99: 65_000 };
    const queue = { waiting: 1234, delayed: 5, running: 6, agents: 2, stalls: 0, waited };
    return { ...super.stats(), queue };
  }
}

test("the card of an executor over a queue says how deep that is, who serves it, and how long jobs have waited", async () => {
  await buildPage();
  await using executor = new OverQueue({ name: "images" });
  const watching = new AbortController();
  const app = dashboard(executor, { signal: watching.signal });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.fetch);
  try {
    await using here = await look(`http://127.0.0.1:${server.addr.port}/`);
    await here.go("?view=pools");
    const figures = here.page.getByRole("article", { name: "images" }).locator("dl").nth(1);
    await here.reads(figures, /waiting1,234delayed5with agents6agents2stalls0/);
    await here.reads(figures, /waited, p5012 mswaited, p953.40 swaited, p991 min 05 s/);
  } finally {
    watching.abort();
    await server.shutdown();
  }
});
