// Tests of what is refused: every wrong request is a problem that names the field.

import assert from "node:assert/strict";
import { test } from "node:test";
import { problem } from "../../modules/dashboard/fixture.ts";
import { fixture } from "./fixture.ts";

const good = { kind: "primes", executor: "loop" };

/** A name, a JSON body, the status and the field of the problem. */
const JSON_ROWS: [name: string, body: unknown, status: number, field: string][] = [
  ["malformed JSON", '{"kind":', 400, "body"],
  ["nesting without end", "[".repeat(60_000), 400, "body"],
  ["no body", "", 400, "body"],
  ["null", null, 400, "body"],
  ["a number", 7, 400, "body"],
  ["an empty batch", [], 400, "body"],
  ["no kind", { executor: "loop" }, 400, "kind"],
  ["an unknown kind", { ...good, kind: "nothing" }, 400, "kind"],
  ["__proto__ as kind", { ...good, kind: "__proto__" }, 400, "kind"],
  ["constructor as kind", { ...good, kind: "constructor" }, 400, "kind"],
  ["a module as kind", { ...good, kind: "file:///etc/passwd" }, 400, "kind"],
  ["a path as kind", { ...good, kind: "../jobs.ts#exit" }, 400, "kind"],
  ["a package as kind", { ...good, kind: "npm:left-pad" }, 400, "kind"],
  ["a data address as kind", { ...good, kind: "data:text/javascript,1" }, 400, "kind"],
  ["a kind that is no text", { ...good, kind: { toString: 1 } }, 400, "kind"],
  ["no executor", { kind: "primes" }, 400, "executor"],
  ["an unknown executor", { ...good, executor: "nothing" }, 400, "executor"],
  ["__proto__ as executor", { ...good, executor: "__proto__" }, 400, "executor"],
  ["exit on the event loop", { ...good, kind: "exit" }, 422, "executor"],
  ["spin on the event loop", { ...good, kind: "spin" }, 422, "executor"],
  ["visit where no key is limited", { ...good, kind: "visit" }, 422, "executor"],
  ["a parameter too large", { ...good, parameters: { n: 1e12 } }, 400, "parameters.n"],
  ["a parameter too small", { ...good, parameters: { n: 1 } }, 400, "parameters.n"],
  ["a fraction", { ...good, parameters: { n: 2.5 } }, 400, "parameters.n"],
  ["a text for a number", { ...good, parameters: { n: "100" } }, 400, "parameters.n"],
  ["null for a number", { ...good, parameters: { n: null } }, 400, "parameters.n"],
  ["an unknown parameter", { ...good, parameters: { m: 1 } }, 400, "parameters.m"],
  ["parameters that are a list", { ...good, parameters: [1] }, 400, "parameters"],
  [
    "__proto__ as parameter",
    '{"kind":"primes","executor":"loop","parameters":{"__proto__":{}}}',
    400,
    "parameters.__proto__",
  ],
  [
    "__proto__ as field",
    '{"kind":"primes","executor":"loop","__proto__":{"count":2}}',
    400,
    "__proto__",
  ],
  ["a module as field", { ...good, module: "./jobs.ts" }, 400, "module"],
  [
    "a message too long",
    { ...good, kind: "fail", parameters: { message: "x".repeat(201) } },
    400,
    "parameters.message",
  ],
  ["no file", { ...good, kind: "sha256" }, 400, "file"],
  ["a file that is not wanted", { ...good, file: "text" }, 400, "file"],
  ["count of zero", { ...good, count: 0 }, 400, "count"],
  ["count over the limit", { ...good, count: 10_001 }, 400, "count"],
  [
    "a batch over the limit",
    [...Array.from({ length: 10 }, () => ({ ...good, count: 10_000 })), { ...good, count: 1 }],
    400,
    "count",
  ],
  ["a timeout of zero", { ...good, timeout: 0 }, 400, "timeout"],
  ["a timeout over the limit", { ...good, timeout: 600_001 }, 400, "timeout"],
  ["a priority over the limit", { ...good, priority: 101 }, 400, "priority"],
  ["too many retries", { ...good, retries: 6 }, 400, "retries"],
  ["a wrong job in a batch", [good, { ...good, parameters: { n: 0 } }], 400, "[1].parameters.n"],
  ["JSON over its limit", { ...good, kind: "sha256", file: "x".repeat(65_536) }, 413, "body"],
];

for (const [name, body, status, field] of JSON_ROWS) {
  test(`POST /api/jobs refuses ${name}, naming "${field}"`, async () => {
    await using playground = fixture();
    const { detail } = await problem(await playground.post("/api/jobs", body), status, field);
    assert.match(detail, /^Cannot \w+ \w+: /);
    assert.ok(detail.length < 300, detail);
    assert.equal(playground.loop.stats().queued + playground.loop.stats().running, 0);
  });
}

/** A name, the form's fields, the status and the field of the problem. */
const FORM_ROWS: [
  name: string,
  fields: [string, string | File][],
  status: number,
  field: string,
][] = [
  [
    "no file",
    [
      ["kind", "sha256"],
      ["executor", "loop"],
    ],
    400,
    "file",
  ],
  [
    "a number that is none",
    [
      ["kind", "primes"],
      ["executor", "loop"],
      ["n", "many"],
    ],
    400,
    "parameters.n",
  ],
  [
    "an empty number",
    [
      ["kind", "primes"],
      ["executor", "loop"],
      ["n", ""],
    ],
    400,
    "parameters.n",
  ],
  [
    "a count that is none",
    [
      ["kind", "primes"],
      ["executor", "loop"],
      ["count", "0x"],
    ],
    400,
    "count",
  ],
  [
    "an unknown field",
    [
      ["kind", "primes"],
      ["executor", "loop"],
      ["x", "1"],
    ],
    400,
    "parameters.x",
  ],
  [
    "__proto__ as field",
    [
      ["kind", "primes"],
      ["executor", "loop"],
      ["__proto__", "1"],
    ],
    400,
    "parameters.__proto__",
  ],
  [
    "a field twice",
    [
      ["kind", "primes"],
      ["kind", "exit"],
      ["executor", "loop"],
    ],
    400,
    "kind",
  ],
  [
    "a file in another field",
    [
      ["kind", new File(["x"], "x")],
      ["executor", "loop"],
    ],
    400,
    "kind",
  ],
  [
    "two files",
    [
      ["kind", "sha256"],
      ["executor", "loop"],
      ["file", "a"],
      ["file", "b"],
    ],
    400,
    "file",
  ],
  [
    "over 10 MB",
    [
      ["kind", "sha256"],
      ["file", new File([new Uint8Array(10_500_000)], "x")],
    ],
    413,
    "body",
  ],
];

for (const [name, fields, status, field] of FORM_ROWS) {
  test(`POST /api/jobs refuses a form with ${name}, naming "${field}"`, async () => {
    await using playground = fixture();
    const form = new FormData();
    for (const [key, value] of fields) form.append(key, value);
    await problem(await playground.ask("/api/jobs", { method: "POST", body: form }), status, field);
  });
}

test("POST /api/jobs refuses a broken multipart form", async () => {
  await using playground = fixture();
  const headers = { "content-type": "multipart/form-data; boundary=x" };
  await problem(await playground.post("/api/jobs", "--y\r\nnonsense", headers), 400, "body");
  await problem(
    await playground.post("/api/jobs", "x", { "content-type": "multipart/form-data" }),
    400,
    "body",
  );
});

test("POST /api/jobs refuses other content types, and a form a page may post anywhere", async () => {
  await using playground = fixture();
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "text/json"]) {
    const response = await playground.post("/api/jobs", good, { "content-type": type });
    await problem(response, 415, "Content-Type");
  }
});

test("POST /api/jobs cuts off a body of unknown length", async () => {
  await using playground = fixture();
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536;
      controller.enqueue(new Uint8Array(65_536));
      if (sent > 100_000_000) controller.close();
    },
  });
  const init = {
    method: "POST",
    body,
    duplex: "half",
    headers: { "content-type": "multipart/form-data; boundary=x" },
  };
  await problem(await playground.ask("/api/jobs", init as RequestInit), 413, "body");
  assert.ok(sent < 20_000_000);
});

test("POST /api/jobs takes only so many uploads at once", async () => {
  await using playground = fixture();
  const ends: (() => void)[] = [];
  const upload = () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void ends.push(() => controller.close()),
    });
    const headers = { "content-type": "multipart/form-data; boundary=x" };
    const init = { method: "POST", body, duplex: "half", headers };
    return playground.ask("/api/jobs", init as RequestInit);
  };
  const underWay = Array.from({ length: 8 }, upload);
  const refused = await upload();
  assert.ok(refused.headers.has("retry-after"));
  await problem(refused, 429, "body");
  for (const end of ends.splice(0)) end();
  for (const response of await Promise.all(underWay)) await problem(response, 400, "body");
});

test("POST /api/jobs/:id/cancel refuses a wrong body", async () => {
  await using playground = fixture();
  const { id } = await playground.submit({ kind: "primes", parameters: { n: 10 } });
  for (const [body, field] of [
    [{ interrupt: "yes" }, "interrupt"],
    [{ force: true }, "force"],
    [[true], "body"],
    ["{", "body"],
    [null, "body"],
  ] as const) {
    await problem(await playground.post(`/api/jobs/${id}/cancel`, body), 400, field);
  }
});

test("GET /api/jobs refuses a wrong query", async () => {
  await using playground = fixture();
  for (const [query, field] of [
    ["state=done", "state"],
    ["state=__proto__", "state"],
    [`text=${"x".repeat(201)}`, "text"],
    ["offset=-1", "offset"],
    ["number=1", "number"],
    ["limit=0", "limit"],
    ["limit=many", "limit"],
    ["limit=201", "limit"],
    ["sort=id", "sort"],
  ]) {
    await problem(await playground.ask(`/api/jobs?${query}`), 400, field);
  }
});
