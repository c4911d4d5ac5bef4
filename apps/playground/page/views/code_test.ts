// Tests of the code tab, in a browser: typed TypeScript runs in the page's own workers, and nowhere else.

import assert from "node:assert/strict";
import { EventLoopExecutor } from "@concurrent/futures";
import { look } from "../../../../modules/dashboard/page/look.ts";
import { testPage as test } from "../../../../modules/dashboard/page/test_page.ts";
import { createApp } from "../../app.ts";
import { listenByNode } from "../../node_server.ts";
import { ON_DENO } from "../../on_deno.ts";
import { EXAMPLE, fromFragment, type TypedCode, toFragment } from "../here/typed_code.ts";
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
  const editor = page.locator(".cm-content");
  // The library's own names are offered where they may stand.
  const offered = page.locator(".cm-tooltip-autocomplete");
  // Pasted, for what is typed over many lines is put together by the browser, with styles that the policy refuses.
  const put = async (text: string) => {
    await page.evaluate((text) => navigator.clipboard.writeText(text), text);
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.press("ControlOrMeta+V");
  };
  await editor.click();
  await put('import { taskContext } from "@concurrent/futures";taskContext().');
  await page.keyboard.type("pro");
  await offered.getByRole("option", { name: "progress" }).waitFor();
  await page.keyboard.press("Escape");
  await put('import {  } from "@concurrent/futures";');
  await page.keyboard.press("ControlOrMeta+Home");
  for (let n = 0; n < 9; n++) await page.keyboard.press("ArrowRight");
  await page.keyboard.type("TaskGr");
  await offered.getByRole("option", { name: "TaskGroup", exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await put(code);
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

test("a type error is shown below its words, and goes when it is mended", async () => {
  const code = (half: string) => `import { EventLoopExecutor } from "@concurrent/futures";
export async function work(n: number): Promise<number> {
  await using pool = new EventLoopExecutor();
  return await pool.submit((n: number) => n / 2, ${half});
}`;
  const typed = { code: code('"eight"'), mode: "list", list: "8" } as const;
  await using here = await visit(ON_DENO, await withTyped(typed));
  const { page } = here;
  const marks = page.locator(".cm-lintRange-error");
  await page.getByText("Types are checked").waitFor();
  // The library's own signature is asked, and it says where.
  await marks.filter({ hasText: "eight" }).first().waitFor();
  await marks.first().hover();
  await here.reads(page.locator(".cm-tooltip-lint"), /string.*number/s);
  // Not by a click, for what was hovered over lies there.
  await page.locator(".cm-content").focus();
  await page.keyboard.press("ControlOrMeta+A");
  await page.evaluate((text) => navigator.clipboard.writeText(text), code("n"));
  await page.keyboard.press("ControlOrMeta+V");
  await here.until(async () => (await marks.count()) === 0);
  // Nothing is shown because all is well, and not because nobody looks: one that is typed now is.
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type(" n;");
  await marks.getByText("n", { exact: true }).waitFor();
  // It says what is wrong; whether it runs is for the reader.
  await page.getByRole("button", { name: "Run work" }).waitFor();
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

test("what is typed reaches no server, this one included, and the page itself runs no blob", async () => {
  // Each way out of a worker that a browser has, or had.
  const code = `
const later = (source: EventTarget) => new Promise((resolve, reject) => {
  source.addEventListener("open", () => resolve("opened"));
  source.addEventListener("message", () => resolve("heard"));
  source.addEventListener("error", (event) => {
    event.preventDefault();
    reject(new Error("refused"));
  });
});
const WAYS = {
  fetch: (to: string) => fetch(to, { mode: "no-cors" }),
  import: (to: string) => import(to),
  json: (to: string) => import(to, { with: { type: "json" } }),
  request: (to: string) => { const r = new XMLHttpRequest(); r.open("GET", to, false); r.send(); },
  events: (to: string) => later(new EventSource(to)),
  socket: (to: string) => later(new WebSocket(to.replace("http", "ws"))),
  transport: (to: string) => new WebTransport(to.replace("http", "https")).ready,
  worker: (to: string) => later(new Worker(to)),
  nested: (to: string) => later(new Worker(URL.createObjectURL(new Blob([\`import("\${to}").then(() => postMessage(1), () => {})\`])))),
  scripts: (to: string) => importScripts(to),
  shared: (to: string) => later(new SharedWorker(to).port),
  cache: async (to: string) => (await caches.open("x")).add(to),
  beacon: (to: string) => navigator.sendBeacon(to) || Promise.reject(new Error("refused")),
};
export async function leave(to: string) {
  const out: string[] = [];
  for (const [name, way] of Object.entries(WAYS)) {
    const late = new Promise((_, reject) => setTimeout(reject, 300));
    try { await Promise.race([Promise.resolve(to).then(way), late]); out.push(name); } catch {}
  }
  return out.length === 0 ? "kept in" : "out by " + out.join();
}`;
  const asked: string[] = [];
  await using executor = new EventLoopExecutor({ name: "loop" });
  const stopping = new AbortController();
  const app = createApp({ loop: executor }, { signal: stopping.signal, hosts: () => true });
  const server = await listenByNode({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      asked.push(new URL(request.url).pathname);
      return app.fetch(request);
    },
  });
  try {
    const address = `http://127.0.0.1:${server.port}/`;
    await using here = await look(address, {
      expected: /Content Security Policy|blob:|ERR_|Failed to load|JSON module|net::/i,
    });
    const { page } = here;
    const paths = [
      "/api/jobs",
      `${address}api/jobs?limit=1`,
      `${address}main.js`,
      `${address}metrics`,
    ];
    const list = paths.map((path) => JSON.stringify(path)).join("\n");
    await here.go(await withTyped({ code, mode: "list", list, timeout: "" }));
    await page.getByRole("button", { name: "Run leave" }).click();
    const batch = page.getByRole("region", { name: "leave" });
    await batch.getByText(/^4 jobs in /).waitFor();
    assert.equal(await batch.getByText('"kept in"').count(), 4, (await batch.textContent()) ?? "");
    // What the page asked for, and nothing after that.
    const files = new Set(asked.splice(0));
    const pages = [
      "/",
      "/main.js",
      "/style.css",
      "/icon.svg",
      "/editor.js",
      "/types.js",
      "/stream.js",
    ];
    const sandbox = ["/sandbox.html", "/task_worker.js", "/task_runner.js"];
    const data = ["/api/events", "/api/kinds", "/api/experiments"];
    assert.deepEqual(
      [...files].filter(
        (path) =>
          ![...pages, ...sandbox, ...data].includes(path) && !/^\/piece_\w+\.js$/.test(path),
      ),
      [],
    );
    const refused = await page.evaluate(`
      import(URL.createObjectURL(new Blob(["export {}"], { type: "text/javascript" }))).then(() => "ran", () => "refused")
    `);
    assert.equal(refused, "refused");
  } finally {
    stopping.abort();
    await server.stop();
  }
});

test("a run leaves nothing behind for the next one", async () => {
  const code = `
export async function look() {
  const seen = (globalThis as any).left ?? "nothing";
  (globalThis as any).left = "a global";
  const inherited = ({} as any).inherited ?? "nothing";
  (Object.prototype as any).inherited = "a prototype";
  console.log = () => {};
  const heard = await new Promise((resolve) => {
    const channel = new BroadcastChannel("left");
    channel.onmessage = () => resolve("another run");
    channel.postMessage("here");
    setTimeout(() => resolve("nothing"), 100);
  });
  const stored = await new Promise((resolve) => {
    try {
      const open = indexedDB.open("left");
      open.onupgradeneeded = () => resolve("empty");
      open.onsuccess = () => resolve("a database");
      open.onerror = () => resolve("nothing");
    } catch { resolve("nothing"); }
  });
  return [seen, inherited, heard, stored].join(", ");
}`;
  await using here = await visit(ON_DENO, await withTyped({ code, mode: "list", list: " []" }));
  const { page } = here;
  for (let run = 1; run <= 3; run++) {
    await page.getByRole("button", { name: "Run look" }).click();
    await here.until(async () => (await page.locator(".here").count()) === 1);
    await page
      .getByRole("region", { name: "look" })
      .getByText(/^1 job in /)
      .waitFor();
    await here.reads(page.locator(".here"), /"nothing, nothing, nothing, nothing"/);
  }
  await page.getByRole("link", { name: "Your browser", exact: true }).click();
  const same = page.getByText('"nothing, nothing, nothing, nothing"');
  await here.until(async () => (await same.count()) === 3);
  // Nor a frame.
  assert.equal(await page.locator("iframe").count(), 0);
});

test("a second run goes beside the first, which is cancelled as before", async () => {
  const code = `export function work(n: number): number { while (n === 0) {} return n; }`;
  // More calls without an end than there are workers, so that nothing more could run in theirs.
  const list = Array(80).fill("0").join("\n");
  const typed = { code, mode: "list", list, timeout: "" } as const;
  await using here = await visit(ON_DENO, await withTyped(typed));
  const { page } = here;
  const run = page.getByRole("button", { name: "Run work" });
  await run.click();
  const cancel = page.getByRole("button", { name: "Cancel 80 jobs" });
  await cancel.waitFor();
  await page.getByLabel("One call a line").fill("7");
  await run.click();
  await page.getByText(/^1 job in /).waitFor();
  await page.getByRole("button", { name: "Run work" }).click();
  await here.until(async () => (await page.getByRole("region", { name: "work" }).count()) === 2);
  await page.getByText(/^1 job in /).waitFor();
  // It is still there in another view, and when the reader comes back.
  await page.getByRole("link", { name: "Your browser", exact: true }).click();
  await cancel.waitFor();
  await page.getByRole("link", { name: "Code", exact: true }).click();
  await cancel.click();
  await here.until(async () => (await page.getByRole("button", { name: /^Cancel/ }).count()) === 0);
  await page.getByRole("link", { name: "Your browser", exact: true }).click();
  await here.until(
    async () => (await page.locator('.here li[data-state="cancelled"]').count()) === 80,
  );
  await here.until(async () => (await page.locator("iframe").count()) === 0);
});

test("only so many runs are under way at once, and the next is told why it is not", async () => {
  const code = "export async function wait() { await new Promise(() => {}); }";
  const typed = { code, mode: "list", list: " []", timeout: "" } as const;
  await using here = await visit(ON_DENO, await withTyped(typed));
  const { page } = here;
  const run = page.getByRole("button", { name: "Run wait" });
  const cancels = page.getByRole("button", { name: "Cancel 1 job" });
  for (let n = 1; n <= 6; n++) {
    await run.click();
    await here.until(async () => (await cancels.count()) === n);
  }
  await run.click();
  await here.reads(page.locator(".said"), /6 runs are under way in this page: cancel one/);
  await cancels.first().click();
  await here.until(async () => (await cancels.count()) === 5);
  await run.click();
  await here.until(async () => (await cancels.count()) === 6);
});

test("an address that unpacks to more than anybody types is not read", async () => {
  const bomb = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"code":"'));
      for (let i = 0; i < 300; i++) controller.enqueue(new Uint8Array(1 << 20).fill(0x20));
      controller.close();
    },
  }).pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(bomb).arrayBuffer());
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const fragment = `#code=${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
  assert.ok(fragment.length < 500_000);

  // In pieces of what is packed, for a browser unpacks each of them whole.
  const { DecompressionStream: Original } = globalThis;
  let unpacked = 0;
  class Counting extends Original {
    override readonly readable = super.readable.pipeThrough(
      new TransformStream({
        transform(piece: Uint8Array<ArrayBuffer>, controller) {
          unpacked += piece.byteLength;
          controller.enqueue(piece);
        },
      }),
    );
  }
  Object.defineProperty(globalThis, "DecompressionStream", { value: Counting });
  try {
    assert.equal(await fromFragment(fragment), undefined);
  } finally {
    Object.defineProperty(globalThis, "DecompressionStream", { value: Original });
  }
  assert.ok(unpacked > 0 && unpacked < 8 << 20, `${unpacked} bytes were unpacked`);
  await assert.rejects(toFragment({ ...EXAMPLE, code: "x".repeat(1 << 20) }), RangeError);
  const largest = { ...EXAMPLE, code: "x".repeat(1_000_000) };
  assert.deepEqual(await fromFragment(await toFragment(largest)), largest);

  await using here = await visit(ON_DENO, `?view=code${fragment}`);
  const { page } = here;
  await page.getByText("The code in this address cannot be read").waitFor();
  await page.getByRole("button", { name: "Run longestOrbit" }).waitFor();
});
