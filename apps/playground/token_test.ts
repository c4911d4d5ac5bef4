// Tests of the token: who comes in by it, what a browser keeps of it, and where it is sent afterwards.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { EventLoopExecutor } from "@concurrent/futures";
import { Hono } from "hono";
import { problem } from "../../modules/dashboard/fixture.ts";
import { hostsNamed } from "../../modules/dashboard/guard.ts";
import { dashboard } from "../../modules/dashboard/mod.ts";
import { fixture, HOST } from "./fixture.ts";

const TOKEN = "canary-Tm9ib2R5IGtub3dz";

/** What a browser sends back of what it was told to keep. */
function cookieOf(response: Response): string {
  return (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

test("the cookie does not hold the token, nor what anybody could make of it without", async () => {
  await using playground = fixture({}, { token: TOKEN });
  const opened = await playground.ask(`/?token=${TOKEN}`);
  const set = opened.headers.get("set-cookie") ?? "";
  const digest = createHash("sha256").update(TOKEN);
  for (const shape of [TOKEN, btoa(TOKEN), digest.digest("hex"), encodeURIComponent(TOKEN)]) {
    assert.ok(!set.includes(shape), set);
  }
  assert.match(set, /; HttpOnly/);
  assert.match(set, /; SameSite=Strict/);
  const cookie = cookieOf(opened);
  assert.equal((await playground.ask("/api/jobs", { headers: { cookie } })).status, 200);
  // What the cookie holds is for browsers: it is no token, and the token is no pass.
  const [name = "", pass = ""] = cookie.split("=");
  const bearer = { authorization: `Bearer ${pass}` };
  await problem(await playground.ask("/api/jobs", { headers: bearer }), 401);
  await problem(await playground.ask(`/?token=${pass}`), 401);
  const asCookie = { cookie: `${name}=${TOKEN}` };
  await problem(await playground.ask("/api/jobs", { headers: asCookie }), 401);
});

test("two servers of one host, and two dashboards of one server, do not take each other's cookie", async () => {
  const hosts = hostsNamed([]);
  await using one = fixture({}, { token: TOKEN, hosts });
  const cookies = await Promise.all(
    ["127.0.0.1:8000", "127.0.0.1:8001", "localhost", "[::1]:8000"].map(async (host) =>
      cookieOf(await one.ask(`/?token=${TOKEN}`, { headers: { host } })),
    ),
  );
  const names = cookies.map((cookie) => cookie.split("=")[0] ?? "");
  assert.match(names[0] ?? "", /8000/);
  assert.match(names[1] ?? "", /8001/);
  assert.equal(names[0], names[3], "the host is the browser's part");
  assert.equal(new Set(names).size, 3);
  // Whoever came in at one port is not let in by the same cookie at another.
  const [at8000 = ""] = cookies;
  const headers = { cookie: at8000.replace("8000", "8001"), host: "127.0.0.1:8001" };
  await problem(await one.ask("/api/jobs", { headers }), 401);

  await using executor = new EventLoopExecutor();
  const watching = new AbortController();
  const { signal } = watching;
  const app = new Hono();
  app.route("/a", dashboard(executor, { token: "one", signal }));
  app.route("/b/jobs", dashboard(executor, { token: "two", signal }));
  const enter = (path: string) => app.request(path, { headers: { host: "localhost" } });
  const both = [
    cookieOf(await enter("/a/?token=one")),
    cookieOf(await enter("/b/jobs/?token=two")),
  ];
  const together = { host: "localhost", cookie: both.join("; ") };
  for (const path of ["/a/api/jobs", "/b/jobs/api/jobs"]) {
    assert.equal((await app.request(path, { headers: together })).status, 200, path);
  }
  watching.abort();
});

/** Paths that a browser may take for the address of another host. */
const MISLEADING = [
  "//evil.example/",
  "///evil.example/",
  "////evil.example/%2e%2e",
  "/\\evil.example/",
  "\\\\evil.example/",
  "/.//evil.example/",
  "/..//evil.example/",
  "/a/..//evil.example/",
  "//evil.example:80/",
  "//user@evil.example/",
  "/%2F/evil.example/",
  "/%5Cevil.example/",
  "/\t/evil.example/",
  "//evil.example/?next=//evil.example",
  "/https://evil.example/",
];

for (const path of MISLEADING) {
  test(`the token is taken at ${JSON.stringify(path)} without leading elsewhere`, async () => {
    await using playground = fixture({}, { token: TOKEN });
    const query = path.includes("?") ? "&" : "?";
    const address = `http://${HOST}${path.startsWith("\\") ? "/" : ""}${path}${query}token=${TOKEN}`;
    const request = new Request(address, { headers: { host: HOST } });
    const { status, headers } = await playground.app.fetch(request);
    assert.equal(status, 303);
    const location = headers.get("location") ?? "";
    assert.equal(new URL(location, `http://${HOST}/`).origin, `http://${HOST}`, location);
    assert.ok(!location.includes(TOKEN), location);
  });
}

test("what else was asked for is kept, and only the token goes", async () => {
  await using playground = fixture({}, { token: TOKEN });
  const at = async (path: string) => (await playground.ask(path)).headers.get("location");
  assert.equal(await at(`/?token=${TOKEN}`), "/");
  assert.equal(await at(`/?view=jobs&token=${TOKEN}&state=failed`), "/?view=jobs&state=failed");
  assert.equal(await at(`/api/docs?token=${TOKEN}`), "/api/docs");
});
