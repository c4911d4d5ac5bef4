// Tests of the page's files: they are served, complete, and without anything the policy forbids.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { problem } from "../../modules/dashboard/fixture.ts";
import { buildPage } from "./build_page.ts";
import { fixture } from "./fixture.ts";
import { DOCUMENTATION, REPOSITORY } from "./page/addresses.ts";

await buildPage();

/** Bytes that a newcomer waits for, packed: the page, its style, and its script with all pieces that it begins with. */
const FIRST_LOAD = 90_000;

test("the page, its icon and its bundle are served with their types", async () => {
  await using playground = fixture();
  const types: Record<string, string> = {
    "/": "text/html; charset=utf-8",
    "/icon.svg": "image/svg+xml",
    "/main.js": "text/javascript; charset=utf-8",
    "/style.css": "text/css; charset=utf-8",
  };
  for (const [path, type] of Object.entries(types)) {
    const response = await playground.ask(path);
    assert.equal(response.status, 200, path);
    assert.equal(response.headers.get("content-type"), type, path);
    assert.ok((await response.text()).length > 100);
  }
});

test("files are sent packed, once, and what a browser has already is not sent again", async () => {
  await using playground = fixture();
  const unpack = { br: brotliDecompressSync, gzip: gunzipSync };
  let first = 0;
  const paths = new Set(["/", "/main.js", "/style.css"]);
  for (const path of paths) {
    const plain = await playground.ask(path, { headers: { "accept-encoding": "br;q=0" } });
    assert.equal(plain.headers.get("content-encoding"), null);
    const text = await plain.text();
    const etag = plain.headers.get("etag") ?? "";
    // What the script cannot begin without; what it asks for later stands in `import(…)`.
    for (const [, piece] of text.matchAll(/(?:from|import)"\.(\/\w+\.js)"/g)) paths.add(`${piece}`);
    for (const [coding, unpacked] of Object.entries(unpack)) {
      const headers = { "accept-encoding": `x, ${coding};q=0.5, identity` };
      const packed = await playground.ask(path, { headers });
      assert.equal(packed.headers.get("content-encoding"), coding);
      assert.equal(packed.headers.get("vary"), "accept-encoding");
      const bytes = new Uint8Array(await packed.arrayBuffer());
      assert.equal(packed.headers.get("content-length"), String(bytes.byteLength));
      assert.equal(unpacked(bytes).toString("utf8"), text);
      if (coding === "br") first += bytes.byteLength;
    }
    const again = await playground.ask(path, { headers: { "if-none-match": `"other", ${etag}` } });
    assert.equal(again.status, 304);
    assert.equal(again.headers.get("etag"), etag);
    assert.equal(await again.text(), "");
  }
  assert.ok(paths.size > 3, "the script comes in pieces");
  assert.ok(first <= FIRST_LOAD, `the first load is ${first} bytes`);
});

test("a file has one address: no query makes others of it", async () => {
  await buildPage();
  await using playground = fixture();
  for (const path of ["/main.js", "/style.css", "/icon.svg", "/task_worker.js", "/docs.css"]) {
    for (const query of ["?1", "?v=2", "?token=none", "?a&b", "?%00", "??"]) {
      await problem(await playground.ask(path + query), 400, "query");
    }
    assert.equal((await playground.ask(path)).status, 200, path);
  }
  // What is shown stands in the page's own.
  assert.equal((await playground.ask("/?view=jobs&state=failed")).status, 200);
});

test("nothing else that lies beside the page is served", async () => {
  await using playground = fixture();
  for (const path of [
    "/main.tsx",
    "/tsconfig.json",
    "/style.css.map",
    "/dist/main.js",
    "/nothing.js",
  ]) {
    await problem(await playground.ask(path), 404);
  }
});

test("the page loads only files it is served with, relative to where it is mounted", async () => {
  await using playground = fixture();
  const html = await (await playground.ask("/")).text();
  const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
  assert.deepEqual(addresses.sort(), ["icon.svg", "main.js", "style.css"]);
  assert.doesNotMatch(html, /<style|style=|\son\w+=|<script(?![^>]*src=)/);
});

test("the bundle fetches nothing from elsewhere", async () => {
  await using playground = fixture();
  const css = await (await playground.ask("/style.css")).text();
  assert.doesNotMatch(css, /url\(|@import/);
  const bundle = new URL("./page/dist/", import.meta.url);
  const pieces = readdirSync(bundle).filter((name) => /^(?:main|piece_\w+)\.js$/.test(name));
  const script = pieces.map((name) => readFileSync(new URL(name, bundle), "utf8")).join("\n");
  const addresses = new Set(script.match(/https?:\/\/[\w.-]+/g));
  // A name of things in the document, and one that errors point readers to: neither is asked for.
  addresses.delete("http://www.w3.org");
  // Where the first view links to.
  for (const address of [DOCUMENTATION, REPOSITORY]) {
    assert.ok(addresses.delete(new URL(address).origin), address);
  }
  assert.deepEqual([...addresses], []);
});

test("the first view links to where the package says it is", () => {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  assert.equal(manifest.homepage, DOCUMENTATION);
  assert.equal(manifest.repository.url, `git+${REPOSITORY}.git`);
});

test("the page's sources make text, never markup", () => {
  const page = new URL("./page/", import.meta.url);
  const files = readdirSync(page, { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => /\.tsx?$/.test(file) && !file.includes("_test."));
  assert.ok(sources.length > 30);
  for (const file of sources) {
    assert.doesNotMatch(
      readFileSync(new URL(file, page), "utf8"),
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/,
      file,
    );
  }
});
