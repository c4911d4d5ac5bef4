// Tests that the installed package works in a page: without a bundler, and built by Bun, esbuild and Vite.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as esbuild from "esbuild";
import { Hono } from "hono";
import { serveStatic } from "hono/deno";
import type { Browser } from "playwright-core";
import { bunPath } from "../../scripts/bun.ts";
import { launchChromium } from "../../scripts/chromium.ts";
import { layPackage } from "../../scripts/install_package.ts";
import { nodePath } from "../../scripts/node.ts";
import { run } from "../../scripts/run_program.ts";
import type { Outcome } from "./outcome.ts";

const WORKSHOP = "temp/bundled";
const WORKER = "node_modules/@concurrent/futures/dist/modules/browser/worker_main.js";
const APP = [
  "app.ts",
  "app_of_entries.ts",
  "outcome.ts",
  "jobs.ts",
  "index.html",
  "rolldown.config.js",
];

/** What Vite needs: it loads a native addon, serves on this machine, and looks whether its port is free on all sides. */
const LEAVE = [
  "run",
  "--quiet",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
  "--allow-ffi",
  "--allow-run",
  "--allow-net",
];
const VITE = [...LEAVE, resolve("node_modules/vite/bin/vite.js")];
/** It is a part of Vite. */
const ROLLDOWN = [
  ...LEAVE,
  join(realpathSync("node_modules/.deno/node_modules/rolldown"), "bin/cli.mjs"),
];

/** How many there are below the number of the examples. */
const PRIMES = "348513";

/** A program of a server. */
const SERVER = `
import { importTasks } from "@concurrent/futures";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "@concurrent/futures/node";
const jobs = importTasks(new URL("./jobs.ts", import.meta.url));
let counts = "";
for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  const pool = new Pool({ maxWorkers: 1 });
  counts += (await pool.submit(jobs.countPrimes, 1_000)) + " ";
  await pool.shutdown();
}
console.log(counts);
`;

const EXPECTED: Outcome = {
  counts: [4, 25, 168],
  streamed: [1, 2, 3],
  worker: "bundled_0",
};

// By the synchronous way of esbuild, which lays the package, a port stays open as long as the program runs.
const KEEPS_PORT = { sanitizeResources: false };

Deno.test("the installed package works in a page", KEEPS_PORT, async (test) => {
  layPackage(WORKSHOP);
  await using browser = await launchChromium();
  cpSync("apps/bundled/plain", WORKSHOP, { recursive: true });
  await test.step("without a bundler, by an import map", async () => {
    assert.deepEqual(await outcomeOf(browser, WORKSHOP), EXPECTED);
  });

  for (const file of APP) cpSync(join("apps/bundled", file), join(WORKSHOP, file));
  await test.step("built by esbuild", async () => {
    try {
      await esbuild.build({
        absWorkingDir: resolve(WORKSHOP),
        entryPoints: ["app_of_entries.ts", "jobs.ts", WORKER],
        entryNames: "[name]",
        outdir: "esbuild",
        bundle: true,
        splitting: true,
        minify: true,
        format: "esm",
        target: "esnext",
        logLevel: "silent",
      });
    } finally {
      await esbuild.stop();
    }
    assert.deepEqual(
      await outcomeOfBuild(browser, withPage("esbuild", "app_of_entries.js")),
      EXPECTED,
    );
  });

  await test.step("built by Bun", async () => {
    const entries = ["app_of_entries.ts", "jobs.ts", WORKER];
    const how = ["--splitting", "--minify", "--target=browser", "--entry-naming=[name].[ext]"];
    run(bunPath(), ["build", ...entries, ...how, "--outdir=bun"], WORKSHOP);
    assert.deepEqual(await outcomeOfBuild(browser, withPage("bun", "app_of_entries.js")), EXPECTED);
  });

  await test.step("built by Vite, as the guide says", async () => {
    const [, config = ""] =
      /^```js\n(\/\/ vite\.config\.js\n.*?)^```$/ms.exec(
        Deno.readTextFileSync("docs/guide/browser.md"),
      ) ?? [];
    Deno.writeTextFileSync(join(WORKSHOP, "vite.config.js"), config);
    run(Deno.execPath(), [...VITE, "build", "--outDir", "vite"], WORKSHOP);
    assert.deepEqual(await outcomeOfBuild(browser, join(WORKSHOP, "vite")), EXPECTED);
  });

  await test.step("built by Vite for a server", () => {
    Deno.writeTextFileSync(join(WORKSHOP, "server.js"), SERVER);
    run(Deno.execPath(), [...VITE, "build", "--ssr", "server.js", "--outDir", "server"], WORKSHOP);
    const empty = mkdtempSync(join(tmpdir(), "bundled-"));
    try {
      renameSync(join(WORKSHOP, "server"), join(empty, "server"));
      // Vite leaves packages out of what runs on a server.
      cpSync(join(WORKSHOP, "node_modules"), join(empty, "node_modules"), { recursive: true });
      cpSync(join(WORKSHOP, "package.json"), join(empty, "package.json"));
      assert.equal(run(nodePath(), ["server/server.js"], empty), "168 168 \n");
    } finally {
      Deno.removeSync(empty, { recursive: true });
    }
  });

  await test.step("built by rolldown", async () => {
    run(Deno.execPath(), [...ROLLDOWN, "--config", "rolldown.config.js"], WORKSHOP);
    assert.deepEqual(await outcomeOfBuild(browser, withPage("rolldown", "app.js")), EXPECTED);
  });

  await test.step("served by Vite while it is developed", async () => {
    const vite = new Deno.Command(Deno.execPath(), {
      args: [...VITE, "--host", "127.0.0.1", "--port", "0"],
      cwd: WORKSHOP,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    try {
      assert.deepEqual(await outcomeAt(browser, await addressIn(vite.stdout)), EXPECTED);
    } finally {
      vite.kill();
      await vite.status;
    }
  });

  const modules = join(WORKSHOP, "node_modules");
  await test.step("examples/smooth_page counts, and stays smooth", async () => {
    const folder = join(WORKSHOP, "smooth_page");
    cpSync("examples/smooth_page", folder, { recursive: true });
    renameSync(modules, join(folder, "node_modules"));
    assert.deepEqual(await countedAt(browser, folder), PRIMES);
    renameSync(join(folder, "node_modules"), modules);
  });

  await test.step("examples/smooth_page_vite does so, too", async () => {
    const folder = join(WORKSHOP, "smooth_page_vite");
    cpSync("examples/smooth_page_vite", folder, { recursive: true });
    run(Deno.execPath(), [...VITE, "build"], folder);
    assert.deepEqual(await countedAt(browser, join(folder, "dist")), PRIMES);
  });

  await Deno.remove(WORKSHOP, { recursive: true });
});

/** Has the example's page count, and tells what it came to, unless its bar stood still meanwhile. */
async function countedAt(browser: Browser, folder: string): Promise<string> {
  const app = new Hono().get("*", serveStatic({ root: folder }));
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  await using page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.addr.port}/`);
  await page.locator("button:enabled").click();
  const shown = "document.querySelector('progress').value";
  const before = await page.evaluate(shown);
  await page.waitForFunction(`${shown} !== ${before}`);
  const output = page.locator("output", { hasText: /\d/ });
  return await output.innerText();
}

/** Adds the page to a folder of bundles: these tools build scripts only. */
function withPage(folder: string, script: string): string {
  const there = join(WORKSHOP, folder);
  mkdirSync(there, { recursive: true });
  const page = `<!doctype html><script type="module" src="${script}"></script>`;
  Deno.writeTextFileSync(join(there, "index.html"), page);
  return there;
}

/** The same for what was built, alone in an empty folder: it must need nothing of where it was made. */
async function outcomeOfBuild(browser: Browser, folder: string): Promise<unknown> {
  const empty = mkdtempSync(join(tmpdir(), "bundled-"));
  try {
    const moved = join(empty, "app");
    cpSync(folder, moved, { recursive: true });
    renameSync(folder, `${folder}.away`);
    return await outcomeOf(browser, moved);
  } finally {
    await Deno.remove(empty, { recursive: true });
  }
}

/** Serves a folder and gives what the app in it came to. */
async function outcomeOf(browser: Browser, folder: string): Promise<unknown> {
  const app = new Hono().get("*", serveStatic({ root: folder }));
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  return await outcomeAt(browser, `http://127.0.0.1:${server.addr.port}/`);
}

async function outcomeAt(browser: Browser, address: string): Promise<unknown> {
  await using page = await browser.newPage();
  const failures: string[] = [];
  page.on("pageerror", (error) => failures.push(String(error)));
  page.on("response", (response) => {
    if (!response.ok()) failures.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(address);
  const outcome = page.waitForFunction("globalThis.outcome");
  return await outcome.then((found) => found.jsonValue()).catch(() => failures);
}

/** Waits for the line in which Vite says where it serves; the rest is read and dropped. */
async function addressIn(output: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "";
  for await (const part of output.pipeThrough(new TextDecoderStream())) {
    text += part;
    const [address] = /http:\/\/127\.0\.0\.1:\d+\//.exec(text) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error(`Cannot start Vite:\n${text}`);
}
