// Tests of the guard: which requests reach the app at all, and what every answer carries.

import assert from "node:assert/strict";
import { test } from "node:test";
import { problem } from "../../modules/dashboard/fixture.ts";
import { hostsNamed, hostsOf } from "../../modules/dashboard/guard.ts";
import { buildPage } from "./build_page.ts";
import { fixture, HOST } from "./fixture.ts";

await buildPage();

const job = { kind: "primes", executor: "loop", parameters: { n: 10 } };
const OURS = `http://${HOST}`;

const FOREIGN_HOSTS = [
  "evil.example",
  "evil.example:8000",
  "127.0.0.1",
  "127.0.0.1:8001",
  "127.0.0.1:8000.evil.example",
  "localhost.evil.example:8000",
  "0.0.0.0:8000",
  "[::]:8000",
  "2130706433:8000",
  "127.0.0.1:8000@evil.example",
  "",
];

for (const host of FOREIGN_HOSTS) {
  test(`a request for host "${host}" is refused on every route`, async () => {
    await using playground = fixture();
    for (const path of ["/", "/app.js", "/api/kinds", "/api/jobs", "/api/events", "/nothing"]) {
      await problem(await playground.ask(path, { headers: { host } }), 403, "Host");
    }
    await problem(await playground.post("/api/jobs", job, { host }), 403, "Host");
  });
}

for (const host of ["127.0.0.1:8000", "localhost:8000", "LOCALHOST:8000", "[::1]:8000"]) {
  test(`a request for host "${host}" is answered`, async () => {
    await using playground = fixture();
    const response = await playground.ask("/api/kinds", { headers: { host } });
    assert.equal(response.status, 200);
    await response.body?.cancel();
  });
}

test("hostsOf() leaves the port out where clients do", () => {
  assert.ok(hostsOf(80)("localhost"));
  assert.ok(hostsOf(9000, { hostname: "127.0.0.2" })("127.0.0.2:9000"));
  assert.ok(hostsOf(9000, { hostname: "::1" })("[::1]:9000"));
  assert.ok(!hostsOf(9000)("localhost"));
});

test("hostsOf() takes any address, and no other name, where a server listens everywhere", () => {
  const everywhere = hostsOf(9000, { hostname: "0.0.0.0", names: ["Box.Example"] });
  for (const host of [
    "192.0.2.7:9000",
    "[2001:db8::1]:9000",
    "box.example:9000",
    "localhost:9000",
  ]) {
    assert.ok(everywhere(host), host);
  }
  for (const host of [
    "evil.example:9000",
    "192.0.2.7",
    "192.0.2.7:9001",
    "192.0.2.7.evil.example:9000",
  ]) {
    assert.ok(!everywhere(host), host);
  }
});

test("hostsNamed() takes loopback on any port, and names as they are", () => {
  const hosts = hostsNamed(["jobs.example.com"]);
  for (const host of ["localhost", "127.0.0.1:3000", "[::1]:3000", "jobs.example.com"]) {
    assert.ok(hosts(host), host);
  }
  for (const host of [
    "evil.example",
    "jobs.example.com.evil.example",
    "jobs.example.com:8080",
    "",
  ]) {
    assert.ok(!hosts(host), host);
  }
});

/** What a page of another origin may make a browser send. */
const CROSS_ORIGIN: [name: string, headers: Record<string, string>, field: string][] = [
  ["another site", { origin: "https://evil.example" }, "Origin"],
  [
    "another site, and the browser says so",
    { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    "Origin",
  ],
  ["a sandboxed frame or a file", { origin: "null" }, "Origin"],
  ["another port", { origin: "http://127.0.0.1:8001" }, "Origin"],
  ["another name of this machine", { origin: "http://localhost:8000" }, "Origin"],
  ["another scheme", { origin: "https://127.0.0.1:8000" }, "Origin"],
  ["an origin that begins like ours", { origin: "http://127.0.0.1:8000.evil.example" }, "Origin"],
  ["an origin with a user", { origin: "http://127.0.0.1:8000@evil.example" }, "Origin"],
  ["an empty origin", { origin: "" }, "Origin"],
  ["a site without an origin", { "sec-fetch-site": "cross-site" }, "Sec-Fetch-Site"],
  ["another port without an origin", { "sec-fetch-site": "same-site" }, "Sec-Fetch-Site"],
  [
    "our origin, which the browser contradicts",
    { origin: OURS, "sec-fetch-site": "cross-site" },
    "Sec-Fetch-Site",
  ],
  ["an unknown word for the site", { "sec-fetch-site": "elsewhere" }, "Sec-Fetch-Site"],
];

for (const [name, headers, field] of CROSS_ORIGIN) {
  test(`a job from ${name} is refused, as JSON and as a form`, async () => {
    await using playground = fixture();
    const { id } = await playground.submit(job);
    await problem(await playground.post("/api/jobs", job, headers), 403, field);
    await problem(await playground.post(`/api/jobs/${id}/cancel`, {}, headers), 403, field);
    const form = new FormData();
    form.set("kind", "primes");
    form.set("executor", "loop");
    const response = await playground.ask("/api/jobs", { method: "POST", body: form, headers });
    await problem(response, 403, field);
    await problem(await playground.ask("/api/events", { headers }), 403, field);
    const { total } = await playground.get<{ total: number }>("/api/jobs");
    assert.equal(total, 1);
  });
}

for (const [name, headers] of [
  ["curl", {}],
  ["our page", { origin: OURS, "sec-fetch-site": "same-origin" }],
  ["the address bar", { "sec-fetch-site": "none" }],
] as [string, Record<string, string>][]) {
  test(`a job from ${name} is taken`, async () => {
    await using playground = fixture();
    assert.equal((await playground.post("/api/jobs", job, headers)).status, 202);
  });
}

test("a link from another site may open the page, and only that", async () => {
  await using playground = fixture();
  const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
  assert.equal((await playground.ask("/", { headers })).status, 200);
  await problem(await playground.ask("/api/jobs", { headers }), 403, "Sec-Fetch-Site");
});

/** What browsers say that they fetch something for, data apart: elements, workers, imports. */
const OTHER_DESTINATIONS = [
  ...["audio", "audioworklet", "embed", "fencedframe", "font", "frame", "iframe", "image", "json"],
  ...["manifest", "object", "paintworklet", "report", "script", "serviceworker", "sharedworker"],
  ...["style", "track", "video", "webidentity", "worker", "xslt", "", "Empty", "empty, script"],
];

const DATA_PATHS = ["/api/jobs", "/api/events", "/api/none", "/api", "/metrics", "/healthz"];

for (const destination of OTHER_DESTINATIONS) {
  test(`data is not served as "${destination}"`, async () => {
    await using playground = fixture();
    const headers = { "sec-fetch-dest": destination, "sec-fetch-site": "same-origin" };
    for (const path of [...DATA_PATHS, "/%61pi/jobs", "/api/docs", "/api/openapi.json"]) {
      await problem(await playground.ask(path, { headers }), 403, "Sec-Fetch-Dest");
    }
    await problem(await playground.post("/api/jobs", job, headers), 403, "Sec-Fetch-Dest");
    const { total } = await playground.get<{ total: number }>("/api/jobs");
    assert.equal(total, 0);
  });
}

test("data is served to what fetches it, and files to what loads them", async () => {
  await using playground = fixture();
  for (const [path, destination] of [
    ["/api/jobs", "empty"],
    ["/api/docs", "document"],
    ["/metrics", "document"],
    ["/healthz", "empty"],
    ["/", "document"],
    ["/docs.css", "style"],
    ["/style.css", "style"],
    ["/main.js", "script"],
    ["/icon.svg", "image"],
  ] as const) {
    const headers = { "sec-fetch-dest": destination, "sec-fetch-site": "same-origin" };
    const response = await playground.ask(path, { headers });
    assert.equal(response.status, 200, path);
    await response.body?.cancel();
  }
});

for (const path of ["/metrics", "/healthz", "/api/docs"]) {
  test(`a link from another site does not reach ${path}`, async () => {
    await using playground = fixture();
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-dest": "document" };
    await problem(await playground.ask(path, { headers }), 403, "Sec-Fetch-Site");
  });
}

test("a method that no route has is refused on every path, and told which there are", async () => {
  await using playground = fixture();
  // As a server hands it on: of some of them nobody can make a request.
  for (const method of [
    "TRACE",
    "TRACK",
    "CONNECT",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "QUERY",
  ]) {
    for (const path of ["/", "/main.js", "/api/jobs", "/api/none", "/metrics"]) {
      const request = new Request(`http://${HOST}${path}`, { headers: { host: HOST } });
      Object.defineProperty(request, "method", { value: method });
      const body = new Blob(["{}"]).stream();
      Object.defineProperty(request, "body", { value: body });
      const response = await playground.app.fetch(request);
      assert.equal(response.headers.get("allow"), "GET, HEAD, POST", `${method} ${path}`);
      await problem(response, 405);
    }
  }
});

test("no answer allows another origin, not even a preflight's", async () => {
  await using playground = fixture();
  const preflight = await playground.ask("/api/jobs", {
    method: "OPTIONS",
    headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
  });
  assert.equal(preflight.status, 403);
  for (const response of [
    preflight,
    await playground.ask("/api/jobs"),
    await playground.ask("/"),
  ]) {
    const names = [...response.headers.keys()];
    assert.deepEqual(
      names.filter((name) => name.startsWith("access-control")),
      [],
    );
  }
});

test("every answer carries the headers that keep the page to itself", async () => {
  await using playground = fixture();
  for (const response of [
    await playground.ask("/"),
    await playground.ask("/api/kinds"),
    await playground.ask("/nothing"),
    await playground.ask("/", { headers: { host: "evil.example" } }),
    await playground.post("/api/jobs", {}),
  ]) {
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.match(
      policy,
      /^default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'/,
    );
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|data:/);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.equal(response.headers.get("cross-origin-resource-policy"), "same-origin");
    assert.equal(response.headers.get("cross-origin-opener-policy"), "same-origin");
    assert.equal(response.headers.get("cross-origin-embedder-policy"), "require-corp");
    assert.equal(response.headers.get("referrer-policy"), "no-referrer");
    assert.equal(response.headers.get("strict-transport-security"), null);
  }
});

test("only the sandbox of typed code may run a blob, and it reaches no network", async () => {
  await using playground = fixture();
  const policyOf = async (path: string) =>
    (await playground.ask(path)).headers.get("content-security-policy") ?? "";
  for (const path of ["/", "/main.js", "/task_runner.js", "/task_worker.js", "/sandbox.htm"]) {
    assert.doesNotMatch(await policyOf(path), /blob:|nonce|sandbox/, path);
  }
  const policy = await policyOf("/sandbox.html");
  assert.match(policy, /^default-src 'none';/);
  assert.match(policy, /script-src 'nonce-[^']+' blob:; worker-src blob:; connect-src 'none'/);
  assert.match(policy, /sandbox allow-scripts(;|$)/);
  assert.match(policy, /frame-ancestors 'self'/);
  assert.doesNotMatch(policy, /unsafe|\*|data:|allow-same-origin|http/);
  // Another one each time, and the one of its own script.
  const response = await playground.ask("/sandbox.html");
  const [, nonce = ""] =
    /'nonce-([^']+)'/.exec(response.headers.get("content-security-policy") ?? "") ?? [];
  assert.ok(nonce.length >= 16 && !policy.includes(nonce));
  const scripts = [...(await response.text()).matchAll(/<script[^>]*>/g)].map(([tag]) => tag);
  assert.deepEqual(scripts, [`<script nonce="${nonce}" type="module">`]);
});

test("the page frames nothing but its own, and is framed by nobody", async () => {
  await using playground = fixture();
  const { headers } = await playground.ask("/");
  assert.match(headers.get("content-security-policy") ?? "", /frame-src 'self'/);
  assert.equal(headers.get("x-frame-options"), "DENY");
  const sandbox = await playground.ask("/sandbox.html");
  assert.equal(sandbox.headers.get("x-frame-options"), "SAMEORIGIN");
  assert.equal(sandbox.headers.get("cross-origin-embedder-policy"), "require-corp");
  await sandbox.body?.cancel();
});
