// Tests of the stream, in a browser: tabs share one, hidden ones have none, and while none is heard nothing goes on.

import assert from "node:assert/strict";
import process from "node:process";
import type { Page } from "playwright-core";
import type { Snapshot } from "../../../../modules/dashboard/contract.ts";
import { EventReader } from "../../../../modules/dashboard/event_reader.ts";
import { STREAM_LIMIT } from "../../../../modules/dashboard/live_feed.ts";
import { testPage as test } from "../../../../modules/dashboard/page/test_page.ts";
import { fixture } from "../../fixture.ts";
import { ON_DENO } from "../../on_deno.ts";
import { FOREVER, visit } from "../visit.ts";

/** How many streams a server has room for. They are closed again. */
async function roomAt(address: string): Promise<number> {
  const open: Response[] = [];
  for (;;) {
    const response = await fetch(`${address}api/events`);
    if (response.status !== 200) {
      assert.equal(response.status, 429, await response.text());
      await Promise.all(open.map(({ body }) => body?.cancel()));
      return open.length;
    }
    open.push(response);
  }
}

/** How many jobs a tab says are in a state. */
function tally(tab: Page, state: string) {
  return tab.locator(`.tally [data-state="${state}"]`);
}

/** Has a tab be hidden, or seen, as a browser tells it; a headless one shows all. */
async function show(page: Page, isSeen: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, "hidden", { configurable: true, value: ${!isSeen} });
    document.dispatchEvent(new Event("visibilitychange"));
  `);
}

test("ten tabs share one stream, and each is told everything and may ask besides", async () => {
  await using here = await visit(ON_DENO, "?view=jobs");
  const { page, server } = here;
  await page.getByText("No jobs yet").waitFor();
  const tabs = [page];
  // They come while jobs run, so that none begins with a picture that nothing is added to.
  for (let n = 1; n < 10; n++) {
    const tab = await page.context().newPage();
    tabs.push(tab);
    await server.submit({ kind: "echo", executor: "threads", count: 25 });
    await tab.goto(`${server.address}?view=jobs`);
  }
  await server.submit({ kind: "sleep", executor: "threads", parameters: { ms: FOREVER } });
  for (const tab of tabs) {
    await tab.getByRole("row").filter({ hasText: "running" }).first().waitFor();
    await here.reads(tally(tab, "finished"), /: 225$/);
  }
  assert.equal(await roomAt(server.address), STREAM_LIMIT - 1);
  // What is done in one of them is seen in all.
  await page
    .getByRole("table", { name: "Running now" })
    .getByRole("button", { name: /^Interrupt job/ })
    .click();
  for (const tab of tabs) {
    await here.reads(tally(tab, "cancelled"), /: 1$/);
  }
  // One that goes, even the first, takes nothing from the others.
  await page.close();
  await server.submit({ kind: "echo", executor: "loop" });
  for (const tab of tabs.slice(1)) {
    await here.reads(tally(tab, "finished"), /: 226$/);
  }
});

test("a hidden tab has no stream, and one that is seen again shows the truth", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  await page.getByText("No worker is running").waitFor();
  const other = await page.context().newPage();
  await other.goto(server.address);
  await other.getByText("No worker is running").waitFor();
  await show(other, false);
  const finished = (tab: Page, n: number) =>
    here.reads(tally(tab, "finished"), new RegExp(`: ${n}$`));
  await server.submit({ kind: "echo", executor: "loop" });
  await finished(page, 1);
  assert.equal(await tally(other, "finished").textContent(), "finished: 0");
  await show(page, false);
  await here.until(async () => (await roomAt(server.address)) === STREAM_LIMIT);
  await server.submit({ kind: "echo", executor: "loop" });
  await show(other, true);
  await finished(other, 2);
  await show(page, true);
  await finished(page, 2);
  assert.equal(await roomAt(server.address), STREAM_LIMIT - 1);
  await other.close();
  await page.goto("about:blank");
  await here.until(async () => (await roomAt(server.address)) === STREAM_LIMIT);
});

test("where there are no shared workers, or theirs cannot be loaded, a tab has a stream of its own", async () => {
  await using here = await visit(ON_DENO, "", { expected: /stream\.js|ERR_FAILED/ });
  const { page, server } = here;
  const context = page.context();
  const without = await context.newPage();
  await without.addInitScript("delete globalThis.SharedWorker");
  const broken = await context.newPage();
  await broken.addInitScript(`
    const Original = SharedWorker;
    globalThis.SharedWorker = class extends Original {
      constructor(url, options) { super(new URL("nowhere.js", url), options); }
    };
  `);
  for (const tab of [without, broken]) {
    await tab.goto(server.address);
    await tab.getByText("Connected", { exact: true }).waitFor();
    await tab.getByText("No worker is running").waitFor();
  }
  await here.until(async () => (await roomAt(server.address)) === STREAM_LIMIT - 3);
  await show(without, false);
  await here.until(async () => (await roomAt(server.address)) === STREAM_LIMIT - 2);
});

/** What the page shows of what goes on: the lanes as painted, and all times that grow. */
function picture(page: Page): Promise<unknown> {
  return page.evaluate(
    `JSON.stringify([
      document.querySelector("canvas")?.toDataURL(),
      [...document.querySelectorAll(".time, .figures dd")].map((element) => element.textContent),
    ])`,
  );
}

/** Waits for as many frames as a second has. */
async function aSecond(page: Page): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    let frames = 0;
    requestAnimationFrame(function count() {
      if (++frames === 60) resolve();
      else requestAnimationFrame(count);
    });
  })`);
}

for (const [name, end] of [
  ["that was killed", "SIGKILL"],
  ["that hangs", "SIGSTOP"],
] as const) {
  test(`of a server ${name} nothing is drawn as if it went on`, async () => {
    await using here = await visit(ON_DENO, "", { expected: /ERR_/ });
    const { page, server } = here;
    await server.submit({ kind: "sleep", executor: "threads", parameters: { ms: FOREVER } });
    await page.getByText("1 bar in view").waitFor();
    const { id } = (await server.json<{ jobs: { id: string }[] }>("/api/jobs")).jobs[0] ?? {};
    await here.go(`?job=${id}`);
    await page.getByRole("complementary", { name: "A job" }).getByText("running").waitFor();
    const busy = page.getByLabel("Now").getByText("Workers busy").locator("..");
    await here.reads(busy, /1 \/ 1/);
    const before = await picture(page);
    await aSecond(page);
    assert.notEqual(await picture(page), before, "it grows while it runs");

    process.kill(server.pid, end);
    await page.getByText("Reconnecting").waitFor();
    await here.reads(page.getByRole("alert"), /has not been heard since \d\d:\d\d:\d\d/);
    await here.reads(busy, /busy–/);
    await here.reads(tally(page, "running"), /: –$/);
    // Once what was told before is painted.
    await aSecond(page);
    const lost = await picture(page);
    await aSecond(page);
    assert.equal(await picture(page), lost, "nothing grows while nobody knows");
    if (end === "SIGKILL") return;
    process.kill(server.pid, "SIGCONT");
    await page.getByText("Connected", { exact: true }).waitFor();
    await here.reads(busy, /1 \/ 1/);
    assert.equal(await page.getByRole("alert").count(), 0);
    await aSecond(page);
    assert.notEqual(await picture(page), lost, "it goes on");
  });
}

test("whoever reads everything by the snapshot is told by the stream what came after it", async () => {
  await using playground = fixture();
  const { id } = await playground.submit({ kind: "echo" });
  await playground.reach(id, "finished");
  const response = await playground.ask("/api/snapshot");
  const { counts } = (await response.json()) as Snapshot;
  assert.equal(counts.total, 1);
  await playground.submit({ kind: "fail" });
  const headers = { "last-event-id": response.headers.get("last-event-id") ?? "" };
  await using reader = new EventReader(await playground.ask("/api/events", { headers }));
  const { data } = await reader.update(({ counts }) => counts.states.failed === 1);
  assert.deepEqual(
    data.rows.map(({ number }) => number),
    [2],
  );
  playground.stop();
});
