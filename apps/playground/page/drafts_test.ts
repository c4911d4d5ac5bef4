// Tests of drafts, in a browser: what was typed and not sent is there again after a reload, form by form.

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { testPage as test } from "../../../modules/dashboard/page/test_page.ts";
import { ON_DENO } from "../on_deno.ts";
import { EXAMPLE, toFragment } from "./here/typed_code.ts";
import { visit } from "./visit.ts";

interface Field {
  labels?: { 0?: { textContent: string } };
  type: string;
  value: string;
  checked: boolean;
}

/** What stands in each field of the page, by its label. */
async function typedIn(page: Page): Promise<unknown> {
  return await page.locator("main form").evaluate((form) => {
    const fields = (form as unknown as { elements: Iterable<Field> }).elements;
    return [...fields].flatMap(({ labels, type, value, checked }): string[] => {
      const label = labels?.[0]?.textContent;
      if (label === undefined || type === "file" || (type === "radio" && !checked)) return [];
      // What an executor does is told in its label, too.
      return [`${label.slice(0, 7)}: ${type === "checkbox" ? checked : value}`];
    });
  });
}

test("the form of a job keeps what is typed, of each kind its own, over a reload and another view", async () => {
  await using here = await visit(ON_DENO, "?view=submit&kind=sleep");
  const { page } = here;
  await page.getByLabel("For", { exact: true }).fill("51");
  await page.getByRole("button", { name: "100", exact: true }).click();
  await page.getByLabel("Priority").fill("-7");
  await page.getByLabel("Timeout").fill("90000");
  await page.getByLabel("Retries").fill("9");
  await page.getByRole("radio", { name: /loop/ }).check();
  const sleep = await typedIn(page);
  assert.match(JSON.stringify(sleep), /: 51".*loop.*: 100".*: -7".*: 90000".*: 9"/);
  await page.reload();
  await page.getByText("must be a whole number from 0 to 5").waitFor();
  assert.deepEqual(await typedIn(page), sleep);

  await page.locator('.gallery a[href$="kind=sha256"]').click();
  await page.getByLabel("Or a text").fill("typed\nin two lines");
  const text = await typedIn(page);
  await page.getByRole("link", { name: "Pools", exact: true }).click();
  await page.goBack();
  await page.getByLabel("Or a text").waitFor();
  assert.deepEqual(await typedIn(page), text);
  await page.locator('.gallery a[href$="kind=sleep"]').click();
  await page.getByLabel("Retries").waitFor();
  assert.deepEqual(await typedIn(page), sleep);
  await page.locator('.gallery a[href$="kind=sha256"]').click();
  await page.reload();
  await page.getByLabel("Or a text").waitFor();
  assert.deepEqual(await typedIn(page), text);
  // A new tab begins anew.
  const other = await page.context().newPage();
  await other.goto(page.url());
  assert.equal(await other.getByLabel("Or a text").inputValue(), "");
});

test("a job that is edited to run again begins with what it was given, and keeps what is changed", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  const [job] = await server.submit({ kind: "sleep", executor: "loop", parameters: { ms: 3 } });
  await here.go(`?view=submit&kind=sleep&edit=${job?.id}`);
  const ms = page.getByLabel("For", { exact: true });
  await here.until(async () => (await ms.inputValue()) === "3");
  await page.reload();
  await here.until(async () => (await ms.inputValue()) === "3");
  await ms.fill("44");
  await page.reload();
  await page.getByText("Forget the earlier job").waitFor();
  assert.equal(await ms.inputValue(), "44");
});

test("a comparison keeps what is typed", async () => {
  await using here = await visit(ON_DENO, "?view=compare&kind=wordFrequency");
  const { page } = here;
  await page.getByLabel("How many").fill("33");
  await page.getByLabel(/^In the place of a file/).fill("a text of mine");
  await page.getByLabel("First executor").selectOption("loop");
  await page.getByLabel("Second executor").selectOption("threads");
  const before = await typedIn(page);
  await page.reload();
  await page.getByLabel("Second executor").waitFor();
  assert.deepEqual(await typedIn(page), before);
  assert.equal(await page.getByLabel("How many").inputValue(), "33");
});

test("typed code is kept, and what came by an address is not put over what was typed after it", async () => {
  const address = await toFragment({
    ...EXAMPLE,
    code: "export const shared = (n: number) => n;",
    mode: "list",
    list: "1",
  });
  await using here = await visit(ON_DENO, `?view=code${address}`);
  const { page } = here;
  await page.getByRole("button", { name: "Run shared" }).waitFor();
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("\nexport const mine = (n: number) => -n;");
  await page.getByLabel("One call a line").fill("5\n6");
  await page.getByLabel("Timeout").fill("30000");
  await page.reload();
  await page.getByRole("button", { name: "Run mine" }).click();
  await page.getByText(/^2 jobs in /).waitFor();
  assert.equal(await page.getByLabel("Timeout").inputValue(), "30000");
  // What it shares is what it holds, and again a reload changes nothing.
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByText(/^The address is copied/).waitFor();
  await page.getByLabel("One call a line").fill("7");
  await page.reload();
  await page.getByRole("button", { name: "Run mine" }).waitFor();
  assert.equal(await page.getByLabel("One call a line").inputValue(), "7");
  // Another address is taken.
  await here.go("");
  await here.go(
    `?view=code${await toFragment({ ...EXAMPLE, code: "export const next = () => 1;" })}`,
  );
  await page.getByRole("button", { name: "Run next" }).waitFor();
});

test("what is stored is not trusted: it may be anybody's of this origin, or too much", async () => {
  await using here = await visit(ON_DENO, "?view=submit&kind=sleep");
  const { page } = here;
  const ms = page.getByLabel("For", { exact: true });
  await ms.fill("8");
  for (const stored of [
    "nonsense",
    "null",
    "[]",
    '"text"',
    '{"parameter ms":{}}',
    '{"__proto__":{"text":1}}',
  ]) {
    await page.evaluate(`
      for (const name of Object.keys(sessionStorage)) sessionStorage.setItem(name, ${JSON.stringify(stored)});
    `);
    await page.reload();
    await here.until(async () => (await ms.inputValue()) === "3000");
  }
  await page.evaluate(`
    try { for (let i = 0; ; i++) sessionStorage.setItem("full" + i, "x".repeat(100_000)); } catch {}
    try { for (let i = 0; ; i++) sessionStorage.setItem("f" + i, "x"); } catch {}
  `);
  await ms.fill("9");
  await page.getByRole("button", { name: "Run 1 job" }).click();
  await page
    .getByText(/^Submitted 1 job/)
    .first()
    .waitFor();
});
