// Attacks on the code that visitors have the server run: who may ask for it, how much of it, and what it gets at.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { Sandbox } from "@concurrent/futures/deno/sandbox";
import type { JobDetail, JobRow } from "../../modules/dashboard/contract.ts";
import { problem } from "../../modules/dashboard/fixture.ts";
import { buildPage } from "./build_page.ts";
import { CODE_CALLS, CODE_LENGTH, CODE_QUEUE, type OwnCodeLimits } from "./contract.ts";
import { type Fixture, fixture, HOST } from "./fixture.ts";
import { ON_DENO } from "./on_deno.ts";
import type { CodeSandbox } from "./own_code.ts";
import { started } from "./started_server.ts";

await buildPage();

const TOKEN = "canary-b3duIGNvZGU";
const BEARER = { authorization: `Bearer ${TOKEN}` };
const CANARY = "canary-9d3e01";
const HONEST = {
  code: "export function square(n: number): number { console.log('of', n); return n * n; }",
  name: "square",
  calls: [[7]],
};
const LONG_MS = 120_000;

/** Nothing may run in it: whoever is let in is told so by the answer. */
const CLOSED: CodeSandbox = {
  get executor() {
    return new Sandbox({ maxWorkers: 1 }).executor;
  },
  submit() {
    throw new Error("somebody came in");
  },
};

function withSandbox(sandbox: CodeSandbox): Fixture {
  return fixture({}, { token: TOKEN, sandbox });
}

test("without the flag there is no route, and the page is told so", async () => {
  await using playground = fixture({}, { token: TOKEN });
  await problem(await playground.post("/api/code", HONEST, BEARER), 404);
  const kinds = await playground.ask("/api/kinds", { headers: BEARER });
  assert.equal(((await kinds.json()) as { ownCode: unknown }).ownCode, null);
  assert.throws(() => fixture({}, { sandbox: CLOSED }), /needs a token/);
});

test("nobody has code run without the token, from another origin, or by another name of this machine", async () => {
  await using playground = withSandbox(CLOSED);
  const ask = (headers: Record<string, string>) => playground.post("/api/code", HONEST, headers);
  await problem(await ask({}), 401);
  for (const authorization of ["Bearer", "Bearer x", `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, TOKEN]) {
    await problem(await ask({ authorization }), 401);
  }
  // The pass of a browser is sent by it to every page of its site: nothing but the page itself may use it.
  const opened = await playground.ask(`/?token=${TOKEN}`);
  const set = opened.headers.get("set-cookie") ?? "";
  assert.match(set, /SameSite=Strict/);
  const cookie = set.split(";")[0] as string;
  for (const mine of [BEARER, { cookie }]) {
    for (const origin of [
      "http://evil.example",
      "null",
      "http://127.0.0.1:8001",
      `https://${HOST}`,
    ])
      await problem(await ask({ ...mine, origin }), 403, "Origin");
    for (const host of [
      "evil.example",
      "evil.example:8000",
      "127.0.0.1:8001",
      `${HOST}.evil.example`,
    ])
      await problem(await ask({ ...mine, host }), 403, "Host");
    for (const site of ["cross-site", "same-site"])
      await problem(await ask({ ...mine, "sec-fetch-site": site }), 403, "Sec-Fetch-Site");
    // What a form of another page can send without being asked beforehand.
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
      await problem(await ask({ ...mine, "content-type": type }), 415, "Content-Type");
  }
  await problem(await playground.ask("/api/code", { headers: BEARER }), 404);
});

test("how much may be asked for has limits, and what is beyond is refused before anything runs", async () => {
  await using sandbox = new Sandbox({ maxWorkers: 1, timeout: LONG_MS, maxQueue: CODE_QUEUE });
  await using playground = withSandbox(sandbox);
  const ask = (changed: object) => playground.post("/api/code", { ...HONEST, ...changed }, BEARER);
  await problem(await ask({ code: "x".repeat(CODE_LENGTH + 1) }), 400, "code");
  await problem(await ask({ code: 7 }), 400, "code");
  await problem(await ask({ calls: [] }), 400, "calls");
  await problem(await ask({ calls: Array(CODE_CALLS + 1).fill([]) }), 400, "calls");
  await problem(await ask({ calls: [7] }), 400, "calls.0");
  await problem(await ask({ other: 1 }), 400, "other");
  for (const name of ["", "a b", "a;b", "1", "x }; import('y", "a".repeat(201)])
    await problem(await ask({ name }), 400, "name");
  await problem(await ask({ calls: [["x".repeat(70_000)]] }), 413, "body");
  // Its queue is filled by code that waits for ever, and nothing of the one too many is taken.
  const forever = {
    code: "export const wait = () => new Promise(() => {})",
    name: "wait",
    calls: Array(CODE_CALLS).fill([]),
  };
  for (let n = 0; n < CODE_QUEUE / CODE_CALLS; n++) assert.equal((await ask(forever)).status, 202);
  await problem(await ask(forever), 429);
  assert.equal(sandbox.executor.stats().queued + sandbox.executor.stats().running, CODE_QUEUE);
  await sandbox.close();
});

/** One of each sort: the sandbox's own tests have more. And what must become of it: its error's name, or what that says. */
const HOSTILE: readonly [deed: string, verdict: RegExp, body: string, before?: string][] = [
  ["reads a file", /NotCapable/, `Deno.readTextFileSync("FILE")`],
  ["imports a file", /NotCapable|Requires read access|TypeError/, `import("file://FILE")`],
  ["imports a file at once", /./, `secret`, `import { secret } from "file://FILE"`],
  ["imports a file of the server", /./, `import("file://SERVER")`],
  ["imports from the network", /./, `import("http://127.0.0.1:PORT/x.ts")`],
  [
    "lets an import in an import do it",
    /./,
    `import("data:text/javascript,export * from 'file://FILE'")`,
  ],
  ["fetches", /NotCapable/, `fetch("http://127.0.0.1:PORT/")`],
  ["starts a program", /NotCapable/, `new Deno.Command("/bin/sh").outputSync()`],
  ["reads the environment", /NotCapable/, `Deno.env.toObject()`],
  [
    "kills the server",
    /NotCapable/,
    `process.kill(process.ppid, 9)`,
    `import process from "node:process"`,
  ],
  [
    "fills the heap",
    /WorkerLostError/,
    `(() => { for (const all = []; ; ) all.push(new Array(1e5).fill({})); })()`,
  ],
  [
    "fills memory outside the heap",
    /allocation failed|WorkerLost/,
    `(() => { for (const all = []; ; ) all.push(new Uint8Array(1e8).fill(1)); })()`,
  ],
  [
    "floods its output",
    /WorkerLostError/,
    `(() => { for (;;) Deno.stdout.writeSync(new Uint8Array(1e4).fill(65)); })()`,
  ],
  [
    "reports progress without end",
    /WorkerLostError/,
    `(() => { for (;;) taskContext().progress(0, "x".repeat(1e4)); })()`,
    `import { taskContext } from "@concurrent/futures"`,
  ],
];

test("hostile code ends with its own job, gets at nothing, and its neighbours go on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "own_code_"));
  const file = join(folder, "secret.ts");
  writeFileSync(file, `export const secret = "${CANARY}";`);
  process.env.OWN_CODE_CANARY = CANARY;
  let heard = 0;
  const server = createServer((_, response) => {
    heard++;
    response.end(CANARY);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const fill = (text: string) =>
    text
      .replaceAll("FILE", file)
      .replaceAll("SERVER", new URL("./contract.ts", import.meta.url).pathname)
      .replaceAll("PORT", String((server.address() as AddressInfo).port));
  try {
    await using sandbox = new Sandbox({ maxWorkers: 2, timeout: LONG_MS });
    await using playground = withSandbox(sandbox);
    const attacks = HOSTILE.map(async ([deed, verdict, body, before = ""]) => {
      const code = fill(`${before}\nexport const deed = async () => ${body};`);
      const job = await jobOf(playground, { code, name: "deed", calls: [[]] });
      assert.equal(job.state, "failed", `code that ${deed}: ${job.result}`);
      assert.match(`${job.error?.name}: ${job.error?.message}`, verdict, deed);
      assert.ok(!JSON.stringify(job).includes(CANARY), `${deed}: it saw the secret`);
    });
    await Promise.all(attacks);
    assert.equal(heard, 0, "nobody reached the server");
    assert.match(readFileSync(file, "utf8"), /secret/);
    const honest = await jobOf(playground, HONEST);
    assert.deepEqual([honest.state, honest.result], ["finished", 49]);
    assert.deepEqual(
      honest.output.map(({ text }) => text),
      ["of 7"],
    );
    // It is a job like any other: on a worker's lane, and in a run that runs again.
    assert.equal(honest.executor, "sandbox");
    assert.ok(honest.worker?.name);
    const again = await playground.post(`/api/runs/${honest.batch}/again`, {}, BEARER);
    assert.equal(again.status, 202, await again.clone().text());
    await again.body?.cancel();
    // Nothing else runs on the sandbox, and its code nowhere else.
    const kind = { kind: "primes", executor: "sandbox", parameters: { n: 10 } };
    await problem(await playground.post("/api/jobs", kind, BEARER), 422, "executor");
  } finally {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
    delete process.env.OWN_CODE_CANARY;
  }
});

test("code that never ends is ended by its timeout", async () => {
  await using sandbox = new Sandbox({ maxWorkers: 2, timeout: 300 });
  await using playground = withSandbox(sandbox);
  for (const code of [
    "export function spin() { for (;;); }",
    "for (;;); export function spin() {}",
    "export const spin = () => new Promise(() => {});",
  ]) {
    const job = await jobOf(playground, { code, name: "spin", calls: [[]] });
    assert.deepEqual([job.state, job.reason], ["failed", "timed-out"], code);
  }
});

test("--allow-code prints an address with a token, which alone lets code be run", async () => {
  await using server = await started(ON_DENO, ["--port", "0", "--memory", "--allow-code"]);
  const token = /\?token=([\w-]+)/.exec(server.output())?.[1];
  assert.ok(token, server.output());
  const init = {
    method: "POST",
    body: JSON.stringify(HONEST),
    headers: { "content-type": "application/json" },
  };
  await problem(await fetch(`${server.address}api/code`, init), 401);
  const authorization = `Bearer ${token}`;
  const headers = { ...init.headers, authorization };
  const answer = await fetch(`${server.address}api/code`, { ...init, headers });
  assert.equal(answer.status, 202, await answer.clone().text());
  await answer.body?.cancel();
  const kinds = await fetch(`${server.address}api/kinds`, { headers: { authorization } });
  const { ownCode } = (await kinds.json()) as { ownCode: OwnCodeLimits };
  assert.equal(ownCode.timeout, 10_000);
  await server.stop("SIGTERM", 0);
});

/** Has code run, and waits until its first job is settled. */
async function jobOf(playground: Fixture, body: object): Promise<JobDetail> {
  const answer = await playground.post("/api/code", body, BEARER);
  assert.equal(answer.status, 202, await answer.clone().text());
  const { jobs } = (await answer.json()) as { jobs: JobRow[] };
  for (;;) {
    const path = `/api/jobs/${jobs[0]?.id}`;
    const found = await playground.ask(path, { headers: BEARER });
    const { job } = (await found.json()) as { job: JobDetail };
    if (job.finishedAt !== null) return job;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
