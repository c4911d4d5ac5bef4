// Tests that the installed package works in a page: without a bundler, and built by Bun, esbuild and Vite.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import * as esbuild from "esbuild";
import { Hono } from "hono";
import { serveStatic } from "hono/deno";
import { bunPath } from "../../scripts/bun.ts";
import { launchChromium } from "../../scripts/chromium.ts";
import { layPackage, run } from "../../scripts/install_package.ts";
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

const EXPECTED: Outcome = {
  counts: [4, 25, 168],
  streamed: [1, 2, 3],
  worker: "bundled_0",
};

Deno.test("the installed package works in a page", async (test) => {
  layPackage(WORKSHOP);
  cpSync("apps/bundled/plain", WORKSHOP, { recursive: true });
  await test.step("without a bundler, by an import map", async () => {
    assert.deepEqual(await outcomeOf(WORKSHOP), EXPECTED);
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
    assert.deepEqual(await outcomeOf(withPage("esbuild", "app_of_entries.js")), EXPECTED);
  });

  await test.step("built by Bun", async () => {
    const entries = ["app_of_entries.ts", "jobs.ts", WORKER];
    const how = ["--splitting", "--minify", "--target=browser", "--entry-naming=[name].[ext]"];
    run(bunPath(), ["build", ...entries, ...how, "--outdir=bun"], WORKSHOP);
    assert.deepEqual(await outcomeOf(withPage("bun", "app_of_entries.js")), EXPECTED);
  });

  await test.step("built by Vite, as README.md says", async () => {
    const [, config = ""] =
      /^```js\n(\/\/ vite\.config\.js\n.*?)^```$/ms.exec(Deno.readTextFileSync("README.md")) ?? [];
    Deno.writeTextFileSync(join(WORKSHOP, "vite.config.js"), config);
    run(Deno.execPath(), [...VITE, "build", "--outDir", "vite"], WORKSHOP);
    assert.deepEqual(await outcomeOf(join(WORKSHOP, "vite")), EXPECTED);
  });

  await test.step("built by rolldown", async () => {
    run(Deno.execPath(), [...ROLLDOWN, "--config", "rolldown.config.js"], WORKSHOP);
    assert.deepEqual(await outcomeOf(withPage("rolldown", "app.js")), EXPECTED);
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
      assert.deepEqual(await outcomeAt(await addressIn(vite.stdout)), EXPECTED);
    } finally {
      vite.kill();
      await vite.status;
    }
  });

  await Deno.remove(WORKSHOP, { recursive: true });
});

/** Adds the page to a folder of bundles: these tools build scripts only. */
function withPage(folder: string, script: string): string {
  const there = join(WORKSHOP, folder);
  mkdirSync(there, { recursive: true });
  const page = `<!doctype html><script type="module" src="${script}"></script>`;
  Deno.writeTextFileSync(join(there, "index.html"), page);
  return there;
}

/** Serves a folder and gives what the app in it came to. */
async function outcomeOf(folder: string): Promise<unknown> {
  const app = new Hono().get("*", serveStatic({ root: folder }));
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  return await outcomeAt(`http://127.0.0.1:${server.addr.port}/`);
}

async function outcomeAt(address: string): Promise<unknown> {
  await using browser = await launchChromium();
  const page = await browser.newPage();
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
