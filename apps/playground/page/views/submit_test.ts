// Tests of the form, in a browser: made from each kind's schema, checked, sent, and told as code.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { testPage as test } from "../../../../modules/dashboard/page/test_page.ts";
import type { KindDescription } from "../../contract.ts";
import { ON_DENO } from "../../on_deno.ts";
import { visit } from "../visit.ts";

test("each kind has a form made from its schema, with limits, defaults and units", async () => {
  await using here = await visit(ON_DENO, "?view=submit");
  const { page, server } = here;
  const { kinds } = await server.json<{ kinds: KindDescription[] }>("/api/kinds");
  assert.ok(kinds.length >= 8);
  for (const kind of kinds) {
    await page.locator(`.gallery a[href$="kind=${kind.name}"]`).click();
    await page.getByRole("heading", { name: kind.title, exact: true }).waitFor();
    for (const parameter of Object.values(kind.parameters)) {
      const input = page.getByLabel(parameter.title, { exact: true });
      assert.equal(await input.inputValue(), String(parameter.default), parameter.title);
      for (const [limit, value] of [
        ["min", parameter.minimum],
        ["max", parameter.maximum],
      ] as const) {
        const shown = await input.getAttribute(limit);
        if (value !== undefined) assert.equal(Number(shown), value, `${parameter.title} ${limit}`);
      }
      const hint = await page
        .locator(`#${await input.getAttribute("aria-describedby")}`)
        .textContent();
      if (parameter.unit !== undefined) assert.ok(hint?.includes(parameter.unit), `${hint}`);
    }
    assert.equal(await page.locator('input[type="file"]').count(), kind.file === null ? 0 : 1);
    const radios = page.getByRole("group", { name: "Executor" }).getByRole("radio");
    const enabled = await radios.evaluateAll(
      (inputs) => inputs.filter((input) => !(input as HTMLInputElement).disabled).length,
    );
    // And the page itself, for all but the one that would take its memory, the one that the server reads, and those whose lock,
    // table or limits the server has.
    const notInPage = ["exhaust", "csvRows", "lock", "deadlock", "lookup", "visit"];
    const inPage = notInPage.includes(kind.name) ? 0 : 1;
    assert.equal(enabled, kind.executors.length + inPage, kind.name);
  }
});

test("what is typed is checked, sent, and told as code that can be copied", async () => {
  await using here = await visit(ON_DENO, "?view=submit&kind=sleep");
  const { page, server } = here;
  const ms = page.getByLabel("For", { exact: true });
  const run = page.getByRole("button", { name: /^Run / });
  await ms.fill("70000");
  await page.getByText("must be at most 60,000").waitFor();
  assert.ok(await run.isDisabled());
  await ms.fill("5");
  await page.getByLabel("How many").fill("0");
  await page.getByText("must be a whole number from 1 to 10,000").waitFor();
  assert.ok(await run.isDisabled());
  await page.getByRole("button", { name: "10", exact: true }).click();
  await page.getByLabel("Priority").fill("7");
  await page.getByLabel("Timeout").fill("4000");
  await page.getByLabel("Retries").fill("2");
  await page.getByRole("radio", { name: /loop/ }).check();
  const code = page.locator(".code pre");
  await here.reads(code, /timeout: 4000, priority: 7, retries: 2/);
  await here.reads(code, /new EventLoopExecutor\(\)/);
  await here.reads(code, /length: 10 }/);
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await page.evaluate("navigator.clipboard.readText()"), await code.textContent());
  await page.getByRole("button", { name: "Run 10 jobs" }).click();
  await here.reads(page.locator(".said"), /Submitted 10 jobs/);
  await page.getByRole("link", { name: "See them" }).click();
  await page.getByText("10 jobs match").waitFor();
  const { jobs } = await server.json<{ jobs: { id: string }[] }>("/api/jobs?executor=loop");
  const { options } = await server.job(String(jobs[0]?.id));
  assert.deepEqual(options, { timeout: 4000, priority: 7, retries: 2 });
});

test("what the server refuses is told at the form, and nothing is lost", async () => {
  await using here = await visit(ON_DENO, "?view=submit&kind=primes");
  const { page, server, complaints } = here;
  await server.json("/api/executors/threads/intake", {
    method: "POST",
    body: JSON.stringify({ intake: "paused" }),
    headers: { "content-type": "application/json" },
  });
  await page.getByText("refuses new jobs").waitFor();
  await page.getByLabel("Below").fill("1234");
  await page.getByRole("button", { name: "Run 1 job" }).click();
  await page.locator('.said[data-refused="true"]').waitFor();
  assert.match((await page.locator(".said").textContent()) ?? "", /Cannot submit/);
  assert.equal(await page.getByLabel("Below").inputValue(), "1234");
  // The browser reports the refused request by itself.
  assert.equal(complaints.length, 1);
  complaints.length = 0;
});

test("a file is uploaded, and its result is readable", async () => {
  await using here = await visit(ON_DENO, "?view=submit&kind=wordFrequency");
  const { page } = here;
  assert.ok(await page.getByRole("button", { name: "Run 1 job" }).isDisabled());
  await page.getByLabel(/^File/).setInputFiles({
    name: "hamlet.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("To be, or not to be"),
  });
  await page.getByText("hamlet.txt, 19 bytes").waitFor();
  await page.getByLabel("Most frequent").fill("1");
  await page.getByRole("button", { name: "Run 1 job" }).click();
  await page.getByRole("link", { name: "See them" }).click();
  const row = page.getByRole("row").filter({ hasText: "hamlet.txt" });
  await row.getByText("finished").waitFor();
  await row.click();
  const panel = page.getByRole("complementary", { name: "A job" });
  await panel.getByText(/be 2 .*of 6 words/).waitFor();
  // A list of like objects is a table.
  await panel.getByRole("table", { name: "top" }).getByRole("cell", { name: "be" }).waitFor();
});

test("a job is run again with edits: the form begins with what it was given", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  const [job] = await server.submit({
    kind: "primes",
    executor: "loop",
    parameters: { n: 1000 },
    priority: 3,
  });
  await here.go("?view=jobs");
  await page.getByRole("button", { name: `Edit and run again, job ${job?.number}` }).click();
  const n = page.getByLabel("Below");
  await here.until(async () => (await n.inputValue()) === "1000");
  assert.equal(await page.getByLabel("Priority").inputValue(), "3");
  assert.ok(await page.getByRole("radio", { name: /loop/ }).isChecked());
  await n.fill("100");
  await page.getByRole("button", { name: "Run 1 job" }).click();
  await page.getByRole("link", { name: "See them" }).click();
  await page.getByText("25 primes below 100").waitFor();
});
