// Tests of what is special about threads in a browser: where they are refused, and how their workers are made and fail.

import assert from "node:assert/strict";
import { BrokenExecutorError, UnsupportedRuntimeError } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/browser";
import { launchChromium } from "../../scripts/chromium.ts";
import { hostPage } from "../../scripts/page_host/host.ts";

Deno.test("ThreadPoolExecutor of a browser is refused elsewhere, with what to use instead", () => {
  assert.throws(() => new ThreadPoolExecutor(), UnsupportedRuntimeError);
  assert.throws(
    () => new ThreadPoolExecutor(),
    /this is Deno, not a browser; use ThreadPoolExecutor of @concurrent\/futures\/deno$/,
  );
});

/** Runs the body of an asynchronous function in a page, with the entries and some tasks in scope. */
async function inPage(body: string): Promise<unknown> {
  await using host = await hostPage("modules/browser/mod.ts", false);
  await using browser = await launchChromium();
  const page = await browser.newPage();
  await page.goto(host.address);
  return await page.evaluate(`(async () => {
    const { ThreadPoolExecutor } = await import("/modules/browser/mod.ts");
    const { importTasks } = await import("/core.ts");
    const { arithmetic } = await import("/modules/testing/tasks.ts");
    ${body}
  })()`);
}

Deno.test("createWorker makes the workers, and must be a function", async () => {
  const seen = await inPage(`
    const names = [];
    const createWorker = (options) => {
      names.push(options.name);
      const code = 'import "' + location.origin + '/modules/browser/worker_main.ts"; postMessage("hello");';
      return new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })), options);
    };
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1, name: "own", createWorker });
    const nine = await pool.submit(arithmetic.square, 3);
    let refused;
    try { new ThreadPoolExecutor({ createWorker: "worker.js" }); } catch (error) { refused = String(error); }
    return { names, nine, refused };
  `);
  const refused = "TypeError: Cannot use createWorker: expected a function, got string";
  assert.deepEqual(seen, { names: ["own_0"], nine: 9, refused });
});

Deno.test("a worker whose script cannot be loaded has failed to start, and says which", async () => {
  const seen = await inPage(`
    const createWorker = (options) => new Worker("/nowhere.js", options);
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1, createWorker, onError() {} });
    const error = await pool.submit(arithmetic.square, 3).exception();
    return { name: error.name, cause: String(error.cause) };
  `);
  assert.deepEqual(seen, {
    name: new BrokenExecutorError("").name,
    cause:
      "ReferenceError: Cannot load worker: its module, or one that it imports, cannot be fetched",
  });
});

Deno.test("a page that is not secure is told why it cannot have workers", async () => {
  const refused = await inPage(`
    Object.defineProperty(globalThis, "isSecureContext", { value: false });
    try { new ThreadPoolExecutor(); } catch (error) { return String(error); }
  `);
  assert.match(
    String(refused),
    /^UnsupportedRuntimeError: Cannot create ThreadPoolExecutor: this page is not secure/,
  );
});

Deno.test("importing the entry starts nothing and leaves the global scope alone", async () => {
  await using host = await hostPage("modules/browser/mod.ts", false);
  await using browser = await launchChromium();
  const names = "Object.getOwnPropertyNames(globalThis).sort().join()";
  const empty = await browser.newPage();
  await empty.goto(`${host.address}nowhere`);
  const page = await browser.newPage();
  await page.goto(host.address);
  assert.equal(await page.evaluate("performance.getEntriesByName(origin + '/core.ts').length"), 1);
  assert.equal(await page.evaluate(names), await empty.evaluate(names));
  assert.deepEqual(page.workers(), []);
});

Deno.test("without locks, as in a sandboxed frame, tasks run, and a worker that closes itself is lost and replaced", async () => {
  const seen = await inPage(`
    // What Chromium does in a frame without an origin: the page is refused, and its workers have none to ask.
    const denied = async () => { throw new DOMException("denied", "SecurityError"); };
    Object.defineProperty(navigator.locks, "request", { value: denied });
    const createWorker = (options) => {
      const none = "data:text/javascript,Object.defineProperty(navigator, 'locks', { value: undefined })";
      const code = "import " + JSON.stringify(none) + ";import '" + location.origin + "/modules/browser/worker_main.ts'";
      return new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })), options);
    };
    const { close } = importTasks("data:text/javascript,export function close() { self.close(); }");
    await using pool = new ThreadPoolExecutor({ maxWorkers: 1, createWorker, onError() {} });
    const before = await pool.submit(arithmetic.square, 3);
    const lost = await pool.submit(close).exception();
    const after = await pool.submit(arithmetic.square, 4);
    const { lost: count } = pool.stats();
    return { before, lost: lost.name, after, count };
  `);
  assert.deepEqual(seen, { before: 9, lost: "WorkerLostError", after: 16, count: 1 });
});
