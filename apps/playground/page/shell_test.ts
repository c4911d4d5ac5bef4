// Tests of what is around every view, in a browser: colours, narrow pages, the keyboard, a server that goes and comes back.

import assert from "node:assert/strict";
import { delay } from "deno-std/async/delay.js";
import type { Locator } from "playwright-core";
import type { ExecutorView } from "../../../modules/dashboard/contract.ts";
import { testPage as test } from "../../../modules/dashboard/page/test_page.ts";
import { ON_DENO } from "../on_deno.ts";
import { lastingPort, started } from "../started_server.ts";
import { FOREVER, viewsOf, visit } from "./visit.ts";

test("light and dark follow the system until one is chosen, and the choice is kept", async () => {
  await using here = await visit(ON_DENO, "", { colorScheme: "dark" });
  const { page } = here;
  const paper = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
  const dark = await paper();
  await page.getByRole("button", { name: "Use light colours" }).click();
  const light = await paper();
  assert.notEqual(light, dark);
  await page.reload();
  await page.getByRole("button", { name: "Use dark colours" }).waitFor();
  assert.equal(await paper(), light);
  await page.getByRole("button", { name: "Use dark colours" }).click();
  await page.getByRole("button", { name: "Use light colours" }).waitFor();
  await page.emulateMedia({ colorScheme: "light" });
  await page.getByRole("button", { name: "Use dark colours" }).waitFor();
});

test("no view is wider than a phone, and what is live does not shift what is around it", async () => {
  await using here = await visit(ON_DENO, "", { viewport: { width: 390, height: 844 } });
  const { page, server } = here;
  await server.submit({ kind: "echo", executor: "threads", count: 300 });
  await server.submit({
    kind: "fail",
    executor: "threads",
    parameters: { message: "x".repeat(200) },
  });
  const views = await viewsOf(page);
  assert.ok(views.length >= 7);
  for (const view of views) {
    await here.go(view);
    await page.getByText("300").first().waitFor();
    await page.locator("main > *").first().waitFor();
    const [wide, high] = (await page.evaluate(
      "[document.documentElement.scrollWidth - innerWidth, document.querySelector('main').offsetHeight]",
    )) as [number, number];
    assert.ok(wide <= 0, `${view} is ${wide} pixels too wide`);
    assert.ok(high > 100, `${view} is empty`);
  }
});

test("no view is half empty on a large screen, before anything is compared and after it", async () => {
  await using here = await visit(ON_DENO, "", { viewport: { width: 2560, height: 1440 } });
  const { page, server } = here;
  await server.submit({ kind: "echo", executor: "threads", count: 300 });
  const isFull = async (view: string, lowest: string) => {
    await here.go(view);
    await here.until(async () => {
      const boxes = await Promise.all(
        (await page.locator(lowest).all()).map((element) => element.boundingBox()),
      );
      const bottom = Math.max(0, ...boxes.map((box) => (box === null ? 0 : box.y + box.height)));
      const over = await page.evaluate("document.documentElement.scrollHeight - innerHeight");
      return bottom > 0.85 * 1440 && Number(over) <= 0;
    });
  };
  await isFull("?view=compare", ".compare-result");
  await isFull("?view=charts", ".chart canvas");
  await isFull("?view=pools", ".server");
  await isFull("?view=browser", ".here-results canvas");
  // A chart without a point says nothing of it.
  const legend = page.locator(".u-legend").first();
  await here.reads(legend, /finished:?\s*–/);
  await isFull("?view=code", ".code-written .cm-editor");
  const compared = { kind: "echo", executors: ["threads", "loop"], count: 4, repeats: 2 };
  await server.post("/api/comparisons", { ...compared, parameters: {} });
  await here.go("?view=compare");
  await page.getByRole("img", { name: /^Lanes of loop: 4 jobs/ }).waitFor();
  await isFull("?view=compare", '.side-lanes canvas[aria-label^="Lanes of"]');
});

test("nothing jumps while jobs run", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  // Workers and their lanes come with the first jobs, and the legend with their kinds; from then on all has its place.
  await server.submit({ kind: "sleep", executor: "threads", count: 8, parameters: { ms: 1 } });
  await page.getByText(/^[1-9][\d,]* bars? .*in view$/).waitFor();
  await page.getByRole("img", { name: /^Throughput\. Last: finished/ }).waitFor();
  await here.until(async () => (await page.locator(".legend li").count()) === 3);
  await page.evaluate(
    `window.shifts = [];
     new PerformanceObserver((list) => {
       for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) shifts.push(value);
     }).observe({ type: "layout-shift" })`,
  );
  await server.submit({ kind: "sleep", executor: "threads", count: 900, parameters: { ms: 1 } });
  await here.until(async () => /908/.test((await page.locator(".tally").textContent()) ?? ""));
  const shifts = (await page.evaluate("shifts")) as number[];
  const sum = shifts.reduce((total, shift) => total + shift, 0);
  assert.ok(sum < 0.01, `the layout shifted by ${sum}`);
});

test("everything is reached by keyboard, from the link that skips the tabs on", async () => {
  await using here = await visit(ON_DENO, "?view=pools");
  const { page } = here;
  await page.getByRole("article", { name: "threads" }).waitFor();
  const focused = () =>
    page.evaluate(
      "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()",
    );
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "Skip to the content");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  const reached = [await focused()];
  for (let i = 0; i < 3; i++) {
    await page.keyboard.press("Tab");
    reached.push(await focused());
  }
  assert.ok(reached.includes("One worker more"), reached.join());
  assert.ok(reached.includes("Refuse new jobs"), reached.join());
  await page.getByRole("link", { name: "Jobs", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("No jobs yet").waitFor();
  await here.until(async () => (await page.title()) === "Jobs · Playground of @concurrent/futures");
  await page.goBack();
  await page.getByRole("article", { name: "threads" }).waitFor();
});

test("who wants things to stand still gets one picture a second", async () => {
  await using here = await visit(ON_DENO, "", { reducedMotion: "reduce" });
  const { page, server } = here;
  await server.submit({ kind: "sleep", executor: "threads", parameters: { ms: FOREVER } });
  await page.getByText("1 bar in view").waitFor();
  // Counts the frames in which the canvas was painted; sixty a second would be as many as there are frames.
  const [painted, frames] = (await page.evaluate(`new Promise((resolve) => {
    const context = CanvasRenderingContext2D.prototype;
    const { setTransform } = context;
    let painted = 0;
    let frames = 0;
    context.setTransform = function (...all) { painted++; return setTransform.apply(this, all); };
    requestAnimationFrame(function count() {
      if (++frames === 40) resolve([painted, frames]);
      else requestAnimationFrame(count);
    });
  })`)) as [number, number];
  assert.ok(painted < frames / 4, `${painted} pictures in ${frames} frames`);
  await server.cancelAll({});
});

test("who wants things to stand still sees no style move anything, in any view", async () => {
  await using here = await visit(ON_DENO, "", { reducedMotion: "reduce" });
  const { page, server } = here;
  await server.submit({
    kind: "sleep",
    executor: "threads",
    count: 4,
    parameters: { ms: FOREVER },
  });
  for (const view of await viewsOf(page)) {
    await here.go(view);
    await page.locator("main > *").first().waitFor();
    await page.getByText("Connected", { exact: true }).waitFor();
    // The cursor of the editor blinks where it may.
    if (view.includes("code")) await page.locator(".cm-cursorLayer").waitFor({ state: "attached" });
    const moved = (await page.evaluate(`{
      const all = [...document.querySelectorAll("*")].flatMap((element) => [element, ...(element.shadowRoot?.querySelectorAll("*") ?? [])]);
      const moving = all.filter((element) => {
        const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(element);
        return animationName !== "none" || /[1-9]/.test(transitionDuration) || scrollBehavior !== "auto";
      });
      [moving.map(({ className }) => String(className)), document.getAnimations().length];
    }`)) as [string[], number];
    assert.deepEqual(moved, [[], 0], view);
  }
  await server.cancelAll({});
});

test("a page whose server starts again says so, and then shows the truth", async () => {
  const serverOptions = ["--port", String(await lastingPort()), "--memory"];
  await using here = await visit(ON_DENO, "?view=jobs", { serverOptions });
  const { page, server, complaints } = here;
  await server.submit({ kind: "sleep", executor: "threads", parameters: { ms: FOREVER } });
  await page.getByRole("row").filter({ hasText: "running" }).waitFor();
  await server.stop("SIGTERM", 0);
  await page.getByText("Reconnecting").waitFor();
  await using again = await started(ON_DENO, serverOptions);
  await page.getByText("Connected", { exact: true }).waitFor();
  await page.getByText("No jobs yet").waitFor();
  await again.submit({ kind: "echo", executor: "loop" });
  await page.getByRole("row").filter({ hasText: "finished" }).waitFor();
  await page.close();
  // The browser says that nobody answered, which was so.
  assert.ok(
    complaints.every((text) => /ERR_/.test(text)),
    complaints.join(),
  );
  complaints.length = 0;
});

test("an address shows its own view from the first moment, and no other before it", async () => {
  await using here = await visit(ON_DENO);
  const { page } = here;
  const views = await viewsOf(page);
  // All that is ever drawn.
  await page.addInitScript(`
    window.drawn = new Set();
    new MutationObserver(() => {
      drawn.add(document.title);
      if (document.querySelector(".lanes")) drawn.add("lanes");
    }).observe(document, { subtree: true, childList: true });
  `);
  for (const view of views.filter((view) => view !== "?")) {
    await here.go(view);
    await page.locator(`.tabs a[aria-current="page"][href="${view}"]`).waitFor();
    await page.locator("main > :not(.quiet)").first().waitFor();
    const drawn = (await page.evaluate("[...drawn]")) as string[];
    assert.deepEqual(
      drawn.filter((title) => /^Live/.test(title)),
      [],
      view,
    );
    // Two views besides have lanes.
    if (!["?view=break", "?view=browser"].includes(view)) assert.ok(!drawn.includes("lanes"), view);
  }
});

test("no click is lost, however quick they come", async () => {
  await using here = await visit(ON_DENO, "?view=pools");
  const { page, server } = here;
  const pool = page.getByRole("article", { name: "threads" });
  const most = async () => {
    const { executors } = await server.json<{ executors: ExecutorView[] }>("/api/executors");
    return executors.find(({ name }) => name === "threads");
  };
  const before = (await most())?.maxWorkers ?? 0;
  const click = (button: Locator, times: number) =>
    button.evaluate((element, n) => {
      for (let i = 0; i < n; i++) (element as unknown as { click(): void }).click();
    }, times);
  const more = pool.getByRole("button", { name: "One worker more" });
  const fewer = pool.getByRole("button", { name: "One worker fewer" });
  await click(more, 5);
  await here.reads(pool.getByRole("status"), new RegExp(`^${before + 5} workers`));
  await here.until(async () => (await most())?.maxWorkers === before + 5);
  // As a hand does it, while each answer takes its time.
  await page.route("**/resize", async (route) => {
    await delay(100);
    await route.continue();
  });
  for (let n = 0; n < 4; n++) await more.click();
  await fewer.click();
  await here.until(async () => (await most())?.maxWorkers === before + 8);
  await here.reads(pool.getByRole("status"), new RegExp(`^${before + 8} workers`));
  await click(more, 100);
  await here.until(async () => (await most())?.maxWorkers === 64);
  await click(fewer, 100);
  await here.until(async () => (await most())?.maxWorkers === 1);

  const intake = pool.getByRole("button", { name: /new jobs$/ });
  await click(intake, 2);
  await click(intake, 3);
  await here.until(async () => (await most())?.intake === "paused");
  await pool.getByRole("button", { name: "Take new jobs" }).click();
  await here.until(async () => (await most())?.intake === "open");

  await click(pool.getByRole("button", { name: "Pause", exact: true }), 1);
  await pool.getByText("begins nothing").waitFor();
  await server.submit({ kind: "echo", executor: "threads" });
  assert.deepEqual([(await most())?.paused, (await most())?.stats.queued], [true, 1]);
  await click(pool.getByRole("button", { name: "Resume", exact: true }), 1);
  await here.until(async () => (await most())?.stats.queued === 0);
  await server.cancelAll({});

  await page.getByRole("link", { name: "Live", exact: true }).click();
  await click(page.getByRole("button", { name: /Urgent among many/ }), 2);
  const total = async () => (await server.json<{ total: number }>("/api/jobs?limit=1")).total;
  await here.until(async () => (await total()) === 133);
  await here.go("?view=submit&kind=echo");
  await click(page.getByRole("button", { name: "Run 1 job" }), 3);
  await here.until(async () => (await total()) === 136);
  await server.cancelAll({});
});
