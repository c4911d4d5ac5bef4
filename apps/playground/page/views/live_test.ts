// Tests of the first view and of the lanes, in a browser.

import assert from "node:assert/strict";
import { testPage as test } from "../../../../modules/dashboard/page/test_page.ts";
import { ON_DENO } from "../../on_deno.ts";
import { FOREVER, visit } from "../visit.ts";

test("opened cold, the page explains itself, and one click makes something move", async () => {
  await using here = await visit(ON_DENO);
  const { page } = here;
  await page.getByRole("heading", { name: /concurrent\.futures, for TypeScript/ }).waitFor();
  await page.getByText("No worker is running").waitFor();
  await page.getByRole("button", { name: /A mixed load/ }).click();
  await page.getByText(/Submitted \d+ jobs to threads/).waitFor();
  await page.getByRole("listitem").filter({ hasText: "threads_0" }).waitFor();
  // The picture moves: two of them, a moment apart, are different.
  const canvas = page.locator(".lanes-canvas");
  const first = await canvas.screenshot();
  await here.until(async () => !(await canvas.screenshot()).equals(first));
  const finished = page.getByRole("link", { name: /^finished/ });
  await here.until(async () => Number((await finished.textContent())?.match(/\d+/)?.[0]) > 0);
  await page.getByText(/^[1-9][\d,]* bars? .*in view$/).waitFor();
});

test("a killed worker's lane ends, and its replacement's begins", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  await server.submit({ kind: "sleep", executor: "threads", parameters: { ms: 0 } });
  const names = page.locator(".lane-names li");
  await here.until(async () => (await names.count()) >= 1);
  await server.submit({ kind: "exit", executor: "threads", parameters: { code: 7 } });
  await server.submit({
    kind: "sleep",
    executor: "threads",
    count: 8,
    parameters: { ms: FOREVER },
  });
  const ended = page.locator('.lane-names li[data-state="ended"]');
  await ended.filter({ hasText: "exit code 7" }).waitFor();
  const live = page.locator('.lane-names li[data-state="live"]');
  await here.until(async () => (await live.count()) >= 1);
  const before = Number((await ended.first().textContent())?.match(/_(\d+)/)?.[1]);
  const after = Number((await live.last().textContent())?.match(/_(\d+)/)?.[1]);
  assert.ok(after > before, "the replacement is a new worker");
});

test("pointing paints what is marked, and nothing of the picture below it or around it", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  await server.submit({ kind: "sleep", executor: "threads", count: 40, parameters: { ms: 5 } });
  await page.getByText("40 bars in view").waitFor();
  await page.getByRole("button", { name: "Show it" }).click();
  const canvas = page.locator(".lanes-canvas");
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  assert.ok(box);
  // Each picture begins with a transformation of its own canvas; what else changes around the lanes are elements.
  await page.evaluate(`{
    window.painted = { lanes: 0, overlay: 0, changed: [] };
    const context = CanvasRenderingContext2D.prototype;
    const { setTransform } = context;
    context.setTransform = function (...all) {
      if (this.canvas.className === "lanes-canvas") painted.lanes++;
      if (this.canvas.className === "lanes-overlay") painted.overlay++;
      return setTransform.apply(this, all);
    };
    new MutationObserver((list) => {
      for (const { target, addedNodes, removedNodes } of list) {
        const isDetails = [target, ...addedNodes, ...removedNodes].some((node) =>
          (node.closest ? node : node.parentElement)?.closest(".lanes-details"));
        if (!isDetails) painted.changed.push(target.className ?? target.parentElement?.className);
      }
    }).observe(document.querySelector(".lanes"), { subtree: true, childList: true, characterData: true, attributes: true });
  }`);
  const painted = () =>
    page.evaluate("painted") as Promise<{ lanes: number; overlay: number; changed: string[] }>;
  // What was under way is through: in a second and a half of frames nothing is painted.
  await here.until(
    async () =>
      (await page.evaluate(`new Promise((resolve) => {
        const { lanes } = painted;
        let frames = 0;
        requestAnimationFrame(function next() {
          if (++frames === 90) resolve(painted.lanes === lanes);
          else requestAnimationFrame(next);
        });
      })`)) === true,
  );
  await page.evaluate("painted.lanes = painted.overlay = 0, painted.changed.length = 0");
  const details = page.locator(".lanes-details");
  const met = new Set<string>();
  await here.until(async () => {
    for (let part = 0.1; part < 0.9; part += 0.02) {
      await page.mouse.move(box.x + box.width * part, box.y + 26 + 26 + 12);
      const [bar] = await details.locator("strong").allTextContents();
      if (bar !== undefined) met.add(bar);
    }
    return met.size >= 5;
  });
  const { lanes, overlay, changed } = await painted();
  assert.ok(overlay >= 5, `${overlay} marks for ${met.size} bars`);
  assert.equal(lanes, 0, `${lanes} pictures of all lanes for ${met.size} bars`);
  assert.deepEqual(changed, []);
});

test("the lanes are looked around in by mouse and keyboard, and a bar opens its job", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  const { executors } = await server.json<{ executors: { name: string; maxWorkers: number }[] }>(
    "/api/executors",
  );
  const workers = executors.find(({ name }) => name === "threads")?.maxWorkers ?? 1;
  await server.submit({
    kind: "sleep",
    executor: "threads",
    count: workers,
    parameters: { ms: FOREVER },
  });
  const canvas = page.locator(".lanes-canvas");
  await page.getByText(`${workers} bars in view`).waitFor();
  const details = page.locator(".lanes-details");
  // A bar that is running ends at the clock, a little left of the edge.
  const box = await canvas.boundingBox();
  assert.ok(box);
  await here.until(async () => {
    await page.mouse.move(box.x + box.width * 0.965, box.y + 26 + 26 + 12);
    await page.mouse.move(box.x + box.width * 0.966, box.y + 26 + 26 + 12);
    return (await details.count()) === 1;
  });
  await here.reads(details, /Sleep.*running.*waited.*running for/);
  await page.mouse.click(box.x + box.width * 0.966, box.y + 26 + 26 + 12);
  await page.getByRole("complementary", { name: "A job" }).getByText("running").first().waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("complementary", { name: "A job" }).waitFor({ state: "detached" });

  const timeline = page.getByRole("application", { name: /Timeline of/ });
  await timeline.focus();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.keyboard.press("f");
  await page.getByRole("button", { name: "Follow live" }).waitFor();
  // It stands still: two pictures of its ruler are the same.
  const ruler = () => page.screenshot({ clip: { ...box, height: 24 } });
  const still = await ruler();
  assert.ok((await ruler()).equals(still), "a paused timeline moves");
  await page.keyboard.press("+");
  await here.until(async () => !(await ruler()).equals(still));
  await page.keyboard.press("-");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("n");
  // It is not the pointer that chose it, so it stays when that goes away.
  await page.mouse.move(1, 1);
  await here.reads(details, /Sleep/);
  await page.keyboard.press("Enter");
  await page.getByRole("complementary", { name: "A job" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("complementary", { name: "A job" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Show everything" }).click();
  await page.getByRole("button", { name: "Follow live" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  // Chromium on an overloaded machine loses a drag at times, about one in twenty; why is not known.
  await here.until(async () => {
    await page.mouse.move(box.x + box.width / 2, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 80, box.y + 40, { steps: 3 });
    await page.mouse.up();
    return (await page.getByRole("button", { name: "Follow live" }).count()) === 1;
  });
});
