// Tests of the code tab, in a browser: typed TypeScript runs in the page's own workers, and nowhere else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ON_DENO } from "../../on_deno.ts";
import { EXAMPLE, type TypedCode, toFragment } from "../here/typed_code.ts";
import { visit } from "../visit.ts";

const SQUARES = `import { taskContext } from "@concurrent/futures";
interface Square { n: number; square: number }
export async function secretSquare(n: number): Promise<Square> {
  console.log("in %s: %d", taskContext().worker.name, n);
  return { n, square: n ** 2 };
}`;

/** The address of the tab with something typed in. */
async function withTyped(typed: Partial<TypedCode>): Promise<string> {
  return `?view=code${await toFragment({ ...EXAMPLE, ...typed })}`;
}

test("typed TypeScript runs over a range, prints, and tells its speed; the server hears nothing", async () => {
  await using here = await visit(ON_DENO, "?view=code");
  const { page, server } = here;
  const sent: string[] = [];
  page.on("request", (request) =>
    sent.push(`${request.method()} ${request.url()} ${request.postData()}`),
  );
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.evaluate((text) => navigator.clipboard.writeText(text), SQUARES);
  await page.keyboard.press("ControlOrMeta+V");
  await page.getByLabel("From").fill("11");
  await page.getByLabel("To", { exact: true }).fill("13");
  await page.getByLabel("Step").fill("1");
  await page.getByRole("button", { name: "Run secretSquare" }).click();
  const batch = page.getByRole("region", { name: "secretSquare" });
  await batch.getByText(/^3 jobs in .* times as fast as one after another$/).waitFor();
  await here.reads(batch, /square: 121.*square: 144.*square: 169/s);
  await here.reads(batch.getByRole("list", { name: "Console" }).first(), /in browser_\d+: 11/);
  assert.ok(sent.length > 0, "the library was loaded");
  assert.deepEqual(
    sent.filter((request) => /secret|POST|PUT/i.test(request)),
    [],
  );
  const { total } = await server.json<{ total: number }>("/api/jobs");
  assert.equal(total, 0);
});

test("what is wrong is told with its line, and costs nothing else", async () => {
  const code = `// line 1
type Choice = "throw" | "spin" | "exit" | "return";
export function misbehave(choice: Choice): string {
  if (choice === "throw") {
    throw new RangeError("thrown on line 5");
  }
  while (choice === "spin") {}
  if (choice === "exit") close();
  return "well";
}`;
  const list = '"throw"\n"spin"\n"exit"\n"return"';
  await using here = await visit(
    ON_DENO,
    await withTyped({ code, mode: "list", list, timeout: "300" }),
  );
  const { page } = here;
  await page.getByRole("button", { name: "Run misbehave" }).click();
  const batch = page.getByRole("region", { name: "misbehave" });
  await batch.getByText(/^4 jobs in /).waitFor();
  const row = (choice: string) =>
    batch.getByRole("listitem").filter({ hasText: `misbehave("${choice}")` });
  await here.reads(row("throw"), /failed.*RangeError.*line 5.*thrown on line 5/s);
  await here.reads(row("spin"), /timed out.*TimeoutError/s);
  await here.reads(row("exit"), /worker lost.*WorkerLostError/s);
  await here.reads(row("return"), /finished.*"well"/s);
  // The editor marks the line.
  await page.locator(".cm-lintRange-error").getByText("thrown on line 5").waitFor();

  await here.go(
    await withTyped({ code: "const fine = 1;\nexport function broken( {\n", mode: "range" }),
  );
  await page.reload();
  await page.getByRole("button", { name: "Run broken" }).click();
  await here.reads(page.locator(".said"), /^Line [23]: /);
});

test("arguments are checked before anything runs", async () => {
  await using here = await visit(ON_DENO, "?view=code");
  const { page } = here;
  const run = page.getByRole("button", { name: "Run longestOrbit" });
  await page.locator(".cm-content").waitFor();
  await page.getByLabel("Step").fill("0");
  await run.click();
  await here.reads(page.locator(".said"), /The step must be a number above 0/);
  await page.getByLabel("Arguments").selectOption("list");
  await page.getByLabel("One call a line").fill("1000\noops");
  await run.click();
  await here.reads(page.locator(".said"), /Line 2 of the arguments is no JSON: oops/);
  await page.getByLabel("One call a line").fill("1000");
  await run.click();
  await page.getByText(/^1 job in /).waitFor();
});

test("the address shares what is typed, by its fragment", async () => {
  const typed = {
    code: "export const triple = (n: number) => 3 * n; // ü",
    mode: "list",
    list: "14",
  } as const;
  await using here = await visit(ON_DENO, await withTyped(typed));
  const { page } = here;
  await page.getByRole("button", { name: "Run triple" }).click();
  await page.getByText(/^1 job in /).waitFor();
  await page.getByLabel("One call a line").fill("15");
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByText(/^The address is copied/).waitFor();
  const address = await page.evaluate<string>("navigator.clipboard.readText()");
  assert.match(address, /\?view=code#code=[\w-]+$/);

  const other = await page.context().newPage();
  await other.goto(address);
  await other.getByText("// ü").waitFor();
  assert.equal(await other.getByLabel("One call a line").inputValue(), "15");
});

test("typed code reaches no network, and the page itself runs no blob", async () => {
  const code = `export async function call(address: string): Promise<string> {
  return (await fetch(address)).statusText;
}`;
  await using here = await visit(
    ON_DENO,
    await withTyped({ code, mode: "list", list: '"/api/jobs"' }),
    {
      expected: /Content Security Policy|blob:/,
    },
  );
  const { page } = here;
  await page.getByRole("button", { name: "Run call" }).click();
  const batch = page.getByRole("region", { name: "call" });
  await here.reads(batch, /failed.*TypeError.*fetch/s);
  const refused = await page.evaluate(`
    import(URL.createObjectURL(new Blob(["export {}"], { type: "text/javascript" }))).then(() => "ran", () => "refused")
  `);
  assert.equal(refused, "refused");
});
