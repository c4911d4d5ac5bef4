// Tests of a job's panel, in a browser: its picture, its texts, its error, what it printed, live and with cancel.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ON_DENO } from "../../on_deno.ts";
import { FOREVER, visit } from "../visit.ts";

test("a Mandelbrot result is the picture it is, and arguments fold", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  const [job] = await server.submit({
    kind: "mandelbrot",
    executor: "threads",
    parameters: { x: -0.5, y: 0, span: 3, size: 64, iterations: 100 },
  });
  await here.go(`?view=jobs&job=${job?.id}`);
  const panel = page.getByRole("complementary", { name: "A job" });
  const picture = panel.getByRole("img", { name: /64 by 64 pixels/ });
  await picture.and(page.locator("[data-drawn]")).waitFor();
  const colours = await picture.evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext("2d")?.getImageData(0, 0, 64, 64) ?? {};
    return new Set(data && new Uint32Array(data.buffer)).size;
  });
  assert.ok(colours > 8, `${colours} colours`);
  const tree = panel.getByRole("list", { name: "Arguments" });
  await tree.getByText("iterations: ").waitFor();
  await tree.getByRole("button").first().click();
  await tree.getByText("iterations: ").waitFor({ state: "detached" });
  await panel.getByText("threads_").first().waitFor();
  await panel.getByText("waited").first().waitFor();
});

test("an error shows its name, its message, its causes and where in the worker it was thrown", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  const [job] = await server.submit({
    kind: "fail",
    executor: "threads",
    parameters: { message: "as it was told" },
  });
  await here.go(`?view=jobs&job=${job?.id}`);
  const error = page.locator(".error").first();
  await error.getByText("RangeError", { exact: true }).waitFor();
  await error.getByText("as it was told", { exact: true }).waitFor();
  await error.getByText("caused by").waitFor();
  await error.getByText("TypeError", { exact: true }).waitFor();
  await here.reads(error.locator("pre").first(), /jobs\.ts:\d+/);
});

test("a job is live while it runs: progress and what it prints; and it is interrupted", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  const [printing] = await server.submit({
    kind: "print",
    executor: "threads",
    parameters: { lines: 3 },
  });
  await here.go(`?view=jobs&job=${printing?.id}`);
  const panel = page.getByRole("complementary", { name: "A job" });
  await here.until(async () => (await panel.locator(".output li").count()) >= 3);
  const [sleeping] = await server.submit({
    kind: "sleep",
    executor: "threads",
    parameters: { ms: FOREVER },
  });
  await here.go(`?view=jobs&job=${sleeping?.id}`);
  await panel.getByRole("progressbar").waitFor();
  await panel
    .getByText(/of 60 s/)
    .first()
    .waitFor();
  await panel.getByRole("button", { name: /^Interrupt/ }).click();
  await panel.locator('.state[data-state="cancelled"]').waitFor();
  await panel.getByRole("button", { name: "Run again", exact: true }).click();
  await here.until(async () => !page.url().includes(String(sleeping?.id)));
  await panel.locator('.state[data-state="running"]').waitFor();
  await server.cancelAll({});
});

test("a job that is not known is told, and the panel closes", async () => {
  await using here = await visit(ON_DENO, "?view=jobs&job=00000000-0000-0000-0000-000000000000");
  const { page, complaints } = here;
  await page.getByText("not known any more").waitFor();
  await page.getByRole("button", { name: "Close the job" }).click();
  await page.getByRole("complementary", { name: "A job" }).waitFor({ state: "detached" });
  // The browser reports the refused request by itself.
  assert.ok(complaints.every((text) => text.includes("404")));
  complaints.length = 0;
});
