// Tests of the page: its files are served, complete, and without anything the policy forbids.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fixture } from "./fixture.ts";

const FILES = readdirSync(new URL("./page/", import.meta.url));

test("every file of the page is served with its type", async () => {
  await using playground = fixture();
  const types: Record<string, string> = {
    html: "text/html; charset=utf-8",
    css: "text/css; charset=utf-8",
    js: "text/javascript; charset=utf-8",
    svg: "image/svg+xml",
  };
  for (const file of FILES) {
    const response = await playground.ask(file === "index.html" ? "/" : `/${file}`);
    assert.equal(response.status, 200, file);
    assert.equal(response.headers.get("content-type"), types[file.split(".")[1] ?? ""], file);
    assert.ok((await response.text()).length > 0);
  }
});

test("the page loads only files it is served with, and no script or style stands inline", async () => {
  await using playground = fixture();
  const html = await (await playground.ask("/")).text();
  for (const [, address] of html.matchAll(/(?:src|href)="([^"#][^"]*)"/g)) {
    assert.ok(FILES.includes(String(address).slice(1)), String(address));
  }
  assert.doesNotMatch(html, /<style|style=|\son\w+=|<script(?![^>]*src=)/);
});

test("the page's scripts make text, never markup", async () => {
  await using playground = fixture();
  for (const file of FILES.filter((name) => name.endsWith(".js"))) {
    const script = await (await playground.ask(`/${file}`)).text();
    assert.doesNotMatch(
      script,
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function/,
    );
    assert.doesNotMatch(script, /https?:/, "no request leaves the machine");
  }
});
