// Tests of the description of the routes: it names every route and describes what they really answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { jobDetail, jobsPage, snapshot, update } from "../../modules/dashboard/contract.ts";
import { EventReader } from "../../modules/dashboard/event_reader.ts";
import { buildPage } from "./build_page.ts";
import { fixture } from "./fixture.ts";

await buildPage();

interface Document {
  openapi: string;
  paths: Record<string, Record<string, { summary?: string; responses: Record<string, unknown> }>>;
  components: { schemas: Record<string, unknown> };
}

test("the document describes every route of the API, with its refusals", async () => {
  await using playground = fixture();
  const document = await playground.get<Document>("/api/openapi.json");
  assert.equal(document.openapi, "3.1.0");
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  const registered = playground.app.routes
    .filter(({ method, path }) => method !== "ALL" && /^\/(api|metrics|healthz)/.test(path))
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, "{$1}")}`)
    // The document itself, and the page made of it.
    .filter((route) => !/openapi\.json|docs/.test(route));
  assert.deepEqual([...new Set(described)].sort(), [...new Set(registered)].sort());
  assert.ok(described.length >= 20, `${described.length} routes`);
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { summary, responses }] of Object.entries(methods)) {
      assert.ok(summary, `${method} ${path}`);
      for (const status of ["401", "403", "429"]) assert.ok(responses[status], `${method} ${path}`);
    }
  }
});

test("every reference in the document leads somewhere, and a shape that may be missing says so beside it", async () => {
  await using playground = fixture();
  const text = await (await playground.ask("/api/openapi.json")).text();
  const { schemas } = (JSON.parse(text) as Document).components;
  const references = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) =>
    String(name),
  );
  assert.ok(references.length > 20);
  for (const name of references) assert.ok(schemas[name], name);
  for (const [name, schema] of Object.entries(schemas)) {
    assert.ok(!JSON.stringify((schema as { type?: unknown }).type ?? "").includes("null"), name);
  }
});

test("what is answered has the shape that is described, and nothing beside it", async () => {
  await using playground = fixture();
  await using reader = new EventReader(await playground.ask("/api/events"));
  const first = await reader.snapshot();
  const { id } = await playground.submit({ kind: "fail" });
  await playground.reach(id, "failed");
  const changed = await reader.update(({ counts }) => counts.states.failed === 1);
  const strict = [
    [snapshot, first.data],
    [update, changed.data],
    [jobsPage, await playground.get("/api/jobs")],
    [z.object({ job: jobDetail }), await playground.get(`/api/jobs/${id}`)],
    [snapshot, await playground.get("/api/snapshot")],
  ] as const;
  for (const [schema, value] of strict) {
    // A schema leaves out what it does not know: nothing may be missing afterwards.
    assert.deepEqual(schema.parse(value), value);
  }
});

test("the API page shows every route, without a script or an inline style", async () => {
  await using playground = fixture();
  const page = await playground.ask("/api/docs");
  assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
  const html = await page.text();
  const document = await playground.get<Document>("/api/openapi.json");
  for (const path of Object.keys(document.paths))
    assert.ok(html.includes(`<code>${path}</code>`), path);
  for (const name of Object.keys(document.components.schemas))
    assert.ok(html.includes(`id="schema-${name}"`), name);
  assert.doesNotMatch(html, /<script|<style|style=|\son\w+=|https?:/);
  for (const [, address] of html.matchAll(/href="([^"#]+)"/g)) {
    const { pathname } = new URL(String(address), "http://localhost/api/docs");
    assert.equal((await playground.ask(pathname)).status, 200, pathname);
  }
});
