// What the queue is against who can write to its server, or listen to it: names only, data only, and no more rights than needed.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import process from "node:process";
import { Queue, Worker } from "bullmq";
import fc from "fast-check";
import { Redis } from "ioredis";
import { BrokenExecutorError, importTasks } from "../../mod.ts";
import { startRedisServer } from "../../scripts/redis_server.ts";
import { decodeText, encodeText } from "./codec.ts";
import { makeCertificate } from "./conformance/certificate.ts";
import { Rig } from "./conformance/rig.ts";
import {
  type JobData,
  parsed,
  readAbortWord,
  readJobData,
  readJobProgress,
  readJobResult,
  readOutcomes,
} from "./job.ts";
import { QueueExecutor, type QueueExecutorOptions } from "./mod.ts";
import { NamedTasks } from "./serving/named_tasks.ts";
import { TaskModules } from "./task_table.ts";

const tasks = { faults: new URL("./conformance/fault_tasks.ts", import.meta.url) };
const faults = importTasks<typeof import("./conformance/fault_tasks.ts")>(tasks.faults);

/** How many forged texts are made up: a million are tried by hand, `FUTURES_FUZZ=1000000`. */
const RUNS = Number(process.env.FUTURES_FUZZ ?? 2_000);

/** It talks to other processes, and what they hold open is theirs. */
const ALONE = { sanitizeOps: false, sanitizeResources: false };

function executorAt(url: string, options: Partial<QueueExecutorOptions> = {}): QueueExecutor {
  return new QueueExecutor({ connection: { url }, queue: "q", tasks, ...options });
}

const good = encodeText([21], { maxLength: 1_000 });
const call = { v: 1, m: "faults", e: "double", a: [good] };

/** What somebody else may have put on the queue. */
const HOSTILE_JOBS: readonly unknown[] = [
  null,
  5,
  "text",
  [],
  {},
  { ...call, v: 2 },
  { ...call, m: "file:///etc/passwd" },
  { ...call, m: "__proto__" },
  { ...call, m: "constructor", e: "constructor" },
  { ...call, m: "" },
  { ...call, e: "nothing" },
  { ...call, e: "__proto__" },
  { ...call, e: "toString" },
  { ...call, a: [] },
  { ...call, a: "text" },
  { ...call, a: [5] },
  { ...call, a: ["["] },
  { ...call, a: ["[[1],[2],[-7,4294967295]]"] },
  { ...call, a: ['[[1],[2],{"__proto__":3},{"polluted":4},true]'] },
  { ...call, a: [`[[1],[2],"${"x".repeat(1_100_000)}"]`] },
  { ...call, a: Array(3_000).fill(good) },
  { ...call, t: -1 },
  { ...call, t: "soon" },
  { ...call, r: -1 },
  { ...call, r: { limit: 1e9, delay: "x" } },
];

Deno.test({
  name: "Q12 an agent refuses each hostile job, and serves on",
  ...ALONE,
  async fn() {
    await using rig = await Rig.make();
    const agent = await rig.agent("Bun");
    await using executor = executorAt(rig.server.url);
    const connection = { host: "127.0.0.1", port: rig.server.port };
    const queue = new Queue("q", { connection, prefix: "futures" });
    for (const [index, data] of HOSTILE_JOBS.entries())
      await queue.add("hostile", data, { jobId: `hostile-${index}`, priority: 1_000_000 });
    const outcomes = await Promise.all(
      HOSTILE_JOBS.map((_, index) => executor.get(`hostile-${index}`).exception()),
    );
    for (const [index, error] of outcomes.entries())
      assert(
        error instanceof Error,
        `${JSON.stringify(HOSTILE_JOBS[index])?.slice(0, 80)}: ${error}`,
      );
    // One word of another version, or of none, ends nothing.
    const client = new Redis(connection);
    for (const word of ["", "[", "{}", `{"v":1,"id":5}`, "x".repeat(100_000)])
      await client.publish("futures:q:aborts", word);
    assert.equal(await executor.submit(faults.double, 21), 42);
    assert.equal(agent.child.exitCode, null);
    client.disconnect();
    await queue.close();
  },
});

/** What an agent that is none of ours may return. */
const HOSTILE_RESULTS: readonly unknown[] = [
  null,
  "text",
  { v: 2, w: { id: "a", name: "a" }, ms: 1, c: [[0, good]] },
  { v: 1, ms: 1, c: [[0, good]] },
  { v: 1, w: { id: "a", name: "a" }, ms: 1, c: [] },
  { v: 1, w: { id: "a", name: "a" }, ms: 1, c: [[3, good]] },
  { v: 1, w: { id: "a", name: "a" }, ms: 1, c: [[0, "["]] },
  { v: 1, w: { id: "a", name: "a" }, ms: 1, c: [[0, "[[1],[2],[-7,4294967295]]"]] },
  { v: 1, w: { id: "a", name: "a" }, ms: 1, c: [[1, '[[1],[2],{"__proto__":3},{},true]']] },
  { v: 1, w: { id: "a", name: "a" }, ms: 1, c: [[0, `[[1],[2],"${"x".repeat(1_100_000)}"]`]] },
  // It says that its outcomes stand beside it, where nothing is.
  { v: 1, w: { id: "a", name: "a" }, ms: 1 },
];

Deno.test({
  name: "Q12 a submitter refuses each hostile result, and goes on",
  ...ALONE,
  async fn() {
    await using server = await startRedisServer();
    const connection = { host: "127.0.0.1", port: server.port };
    const results = [...HOSTILE_RESULTS];
    const agent = new Worker("q", () => Promise.resolve(results.shift()), {
      connection,
      prefix: "futures",
    });
    const told: unknown[] = [];
    const executor = executorAt(server.url, { onError: (error) => told.push(error) });
    for (const result of HOSTILE_RESULTS) {
      const error = await executor.submit(faults.double, 1).exception();
      assert(error instanceof Error, `${JSON.stringify(result)?.slice(0, 80)}: ${error}`);
    }
    results.push({ v: 1, w: { id: "a", name: "a" }, ms: 1, c: [[0, good]] });
    assert.equal(await executor.submit(faults.double, 1), 21);
    await executor.shutdown();
    await agent.close();
  },
});

Deno.test("Q12 what is read of the server is ours or nothing, whatever it says", () => {
  const before = Reflect.ownKeys(Object.prototype).length;
  const anything = fc.anything({ withNullPrototype: true, maxDepth: 3 });
  const field = (...values: unknown[]) => fc.oneof(fc.constantFrom(...values), anything);
  // As values look as text, and longer than the cap.
  const madeUp = fc.oneof(
    fc.json({ maxDepth: 2 }),
    fc.constantFrom(good, "[[1],[2],[-7,4294967295]]", `["${"x".repeat(200)}"]`),
    fc.string(),
  );
  const named = new NamedTasks(new TaskModules(tasks));
  const limits = { maxLength: 100 };
  const nearly = fc.record(
    {
      v: field(1),
      m: field("faults", "__proto__"),
      e: field("double"),
      a: fc.oneof(field([good], []), fc.array(madeUp, { maxLength: 3 })),
      t: field(5),
      r: field(1, { limit: 1, delay: 1 }),
      w: field({ id: "a", name: "a" }),
      ms: field(1),
      c: field([[0, good]], [[1, "["]]),
      at: field(0),
      fraction: field(0.5),
      detail: field(good),
      id: field("id"),
    },
    { requiredKeys: [] },
  );
  const check = (value: unknown) => {
    let data: JobData | undefined;
    try {
      data = readJobData(value);
    } catch (error) {
      assert(error instanceof TypeError);
    }
    if (data !== undefined) {
      assert.equal(data.v, 1);
      const task = named.find("job", data, 0);
      assert(task instanceof Error || data.m === "faults");
      for (const text of data.a) {
        try {
          assert(Array.isArray(decodeText(text, limits)) && text.length <= limits.maxLength);
        } catch (error) {
          assert(error instanceof Error && error.name !== "AssertionError");
        }
      }
    }
    const text = textOf(value);
    for (const read of [readJobResult, readOutcomes, readJobProgress, readAbortWord, parsed])
      read(text);
  };
  fc.assert(fc.property(fc.oneof(nearly, anything), check), { numRuns: RUNS });
  assert.equal(Reflect.ownKeys(Object.prototype).length, before);
});

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return String(value); // A bigint.
  }
}

Deno.test({
  name: "a user of the server with rights to one queue serves and submits there, and nowhere else",
  ...ALONE,
  async fn() {
    await using rig = await Rig.make();
    const admin = new Redis(rig.server.url);
    const rights = "~futures:q:* &futures:q:* +@all -@admin -@dangerous +info";
    await admin.call("ACL", "SETUSER", "worker", "reset", "on", ">swordfish", ...rights.split(" "));
    admin.disconnect();
    const url = `redis://worker:swordfish@127.0.0.1:${rig.server.port}`;
    await rig.agent("Bun", { connection: { url } });
    await using executor = executorAt(url);
    assert.equal(await executor.submit(faults.double, 21), 42);
    assert.equal((await executor.agents()).length, 1);
    const running = executor.submit(faults.nap, 60_000);
    await running.accepted;
    assert(running.cancel({ interrupt: true }));
    assert.deepEqual(await Array.fromAsync(executor.map(faults.double, [1, 2, 3])), [2, 4, 6]);
    assert.equal(await executor.schedule({ delay: 1, key: "once" }, faults.double, 4), 8);

    const elsewhere = executorAt(url, { queue: "other", onError: () => {} });
    const error = (await elsewhere.submit(faults.double, 1).exception()) as Error;
    assert(error instanceof BrokenExecutorError, String(error));
    assert.match(String(error.cause), /NOPERM/);
    assert.doesNotMatch(Deno.inspect(error, { depth: 10 }), /swordfish/);
    await elsewhere.shutdown();
  },
});

Deno.test({
  name: "over TLS both sides trust who they are told to, and nobody else",
  ...ALONE,
  async fn() {
    const { cert, key } = makeCertificate("localhost");
    const folder = Deno.makeTempDirSync();
    writeFileSync(`${folder}/cert.pem`, cert);
    writeFileSync(`${folder}/key.pem`, key);
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    try {
      await using rig = await Rig.make([
        ["tls-port", String(port)],
        ["tls-cert-file", `${folder}/cert.pem`],
        ["tls-key-file", `${folder}/key.pem`],
        ["tls-auth-clients", "no"],
      ]);
      const url = `rediss://127.0.0.1:${port}`;
      const tls = { ca: cert, servername: "localhost" };
      for (const runtime of ["Deno", "Bun", "Node"] as const) {
        const queue = `on-${runtime}`;
        await rig.agent(runtime, { connection: { url, tls }, queue });
        await using executor = executorAt(url, { connection: { url, tls }, queue });
        assert.equal(await executor.submit(faults.double, 21), 42, runtime);
      }
      // Another authority, none of ours, and another name.
      const wrong = [
        { ca: makeCertificate("localhost").cert, servername: "localhost" },
        {},
        { ca: cert, servername: "elsewhere" },
      ];
      for (const given of wrong) {
        await using executor = executorAt(url, {
          connection: { url, tls: given },
          submitTimeout: 2_000,
          onError: () => {},
        });
        const error = (await executor.submit(faults.double, 1).exception()) as Error;
        assert(error instanceof Error, JSON.stringify(given));
        assert.match(
          Deno.inspect(error, { depth: 5 }),
          /certificate|cert|altname|hostname|self.signed|issuer|NotValidForName/i,
        );
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
