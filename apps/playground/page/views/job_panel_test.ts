// Tests of a job's panel, in a browser: its picture, its texts, its error, what it printed, live and with cancel.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { testPage as test } from "../../../../modules/dashboard/page/test_page.ts";
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

test("the rows of an uploaded file are shown as they come, until their reader leaves", async () => {
  await using here = await visit(ON_DENO, "?view=submit&kind=csvRows");
  const { page, server } = here;
  const lines = Array.from({ length: 50 }, (_, n) => `${n + 1},"square, ${(n + 1) ** 2}"`);
  const buffer = Buffer.from(`number,text\r\n${lines.join("\r\n")}\r\n`);
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name: "squares.csv", mimeType: "text/csv", buffer });
  await page.getByLabel("Leave after").fill("20");
  await page.getByRole("radio", { name: /threads/ }).check();
  await here.reads(page.locator(".code pre"), /pool\.stream\(jobs\.csvRows, file, 50\)/);
  await here.reads(page.locator(".code pre"), /if \(\+\+rows === 20\) break;/);
  await page.getByRole("button", { name: /^Run / }).click();
  await here.reads(page.locator(".said"), /Submitted/);
  const { jobs } = await server.json<{ jobs: { id: string }[] }>("/api/jobs?kind=csvRows");
  await here.go(`?view=jobs&job=${jobs[0]?.id}`);
  const panel = page.getByRole("complementary", { name: "A job" });
  await panel.locator('.state[data-state="cancelled"]').waitFor();
  const output = panel.locator(".output li");
  // What was printed last before the reader left is told too late: the job is cancelled by then.
  await here.until(async () => (await output.count()) >= 3);
  await here.reads(output.first(), /row 1: number \| text/);
  await here.reads(output.nth(1), /row 2: 1 \| square, 1/);
  assert.ok((await output.count()) <= 21);
  // One who wants more than there are reads to the end.
  const [whole] = await server.submit({
    kind: "csvRows",
    executor: "processes",
    parameters: { rows: 100, ms: 0 },
    file: "a,b\nc,d\n",
  });
  await here.go(`?view=jobs&job=${whole?.id}`);
  await panel.locator('.state[data-state="finished"]').waitFor();
  await panel.getByText("all 2 rows").first().waitFor();
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
