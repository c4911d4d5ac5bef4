// What a queue does beside what every executor does: jobs that outlive their program, keys, delays, verdicts, order, and what
// it answers to a server or a job that is not as it should be. The agent's pool is an event loop: nothing has to start.

import assert from "node:assert/strict";
import { appendFileSync, readFileSync } from "node:fs";
import process from "node:process";
import { after, before, test } from "node:test";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import {
  BrokenExecutorError,
  CancelledError,
  EventLoopExecutor,
  type Executor,
  type ExecutorOptions,
  importTasks,
  TimeoutError,
} from "../../mod.ts";
import { serverForTests } from "../../scripts/redis_server.ts";
import { HostSdk, only } from "../otel/fixture.ts";
import { trace } from "../otel/mod.ts";
import { CaseLog, Gate } from "../testing/mod.ts";
import { arithmetic, contexts, failures, gates } from "../testing/tasks.ts";
import { encodeText } from "./codec.ts";
import { newFolder, until } from "./conformance/fault_scene.ts";
import { tasks } from "./conformance/table.ts";
import {
  type Agent,
  type AgentOptions,
  JobLostError,
  PayloadTooLargeError,
  QueueExecutor,
  type QueueExecutorOptions,
  serveQueue,
} from "./mod.ts";
import { engineOf } from "./queue_executor.ts";

let server: Awaited<ReturnType<typeof serverForTests>>;
let folder: ReturnType<typeof newFolder>;
/** How many tasks are taken back while an agent is after them: a hundred thousand by hand, `FUTURES_RACED=100000`. */
const RACED = Number(process.env.FUTURES_RACED ?? 400);

let queues = 0;

before(async () => {
  server = await serverForTests();
  folder = newFolder();
});
after(async () => {
  folder[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

function newQueue(): string {
  return `test-${crypto.randomUUID()}-${queues++}`;
}

function submitter(queue: string, options: Partial<QueueExecutorOptions> = {}): QueueExecutor {
  return new QueueExecutor({ connection: { url: server.url }, queue, tasks, ...options });
}

async function agentOf(
  queue: string,
  maxWorkers = 1,
  options: Partial<AgentOptions> = {},
): Promise<Agent> {
  return await serveQueue({
    connection: { url: server.url },
    queues: queue,
    tasks,
    executor: () => new EventLoopExecutor({ maxWorkers }),
    ...options,
  });
}

test("a task runs with an agent, and its error and progress come back", async () => {
  const queue = newQueue();
  await using _agent = await agentOf(queue, 2, { progressInterval: 0 });
  await using executor = submitter(queue);
  assert.equal(await executor.submit(arithmetic.add, 20, 22), 42);
  const error = await executor.submit(failures.throwRangeError, "no").exception();
  assert.ok(error instanceof RangeError && error.message === "no");
  const gate = new Gate(folder.path());
  const future = executor.submit(contexts.progressThenWaitAt, [0.25, 0.5], gate.path);
  const seen: number[] = [];
  future.onProgress(({ fraction }) => seen.push(fraction));
  gate.open();
  await future;
  assert.deepEqual(seen, [0.25, 0.5]);
});

test("spans of a queue's calls are made here, and end when nobody follows any more", async () => {
  const queue = newQueue();
  await using _agent = await agentOf(queue);
  await using executor = submitter(queue);
  using host = new HostSdk();
  {
    using _ = trace(executor);
    assert.throws(() => trace(executor), { name: "InvalidStateError" });
    assert.equal(await executor.submit(arithmetic.add, 20, 22), 42);
    const [submitted, run] = [only(host.spans, "submit add"), only(host.spans, "run add")];
    assert.deepEqual([run.parent, run.traceId], [submitted.spanId, submitted.traceId]);
    assert.equal(run.attributes["futures.outcome"], "finished");
  }
  host.reset();
  assert.equal(await executor.submit(arithmetic.add, 1, 2), 3);
  assert.deepEqual(host.spans, []);
});

test("an agent's spans are children of the submitter's, also of a map's; without a trace nothing goes along", async () => {
  const queue = newQueue();
  using host = new HostSdk();
  await using pool = new EventLoopExecutor({ name: "agent's" });
  using _agents = trace(pool);
  await using _agent = await agentOf(queue, 1, { executor: pool });
  await using executor = submitter(queue);
  /** The spans of that name, of one side. */
  const of = (side: string, name: string) =>
    host.spans.filter((span) => span.name === name && span.attributes["futures.executor"] === side);
  const ways = [
    () => executor.submit(arithmetic.add, 20, 22).result(),
    () => Array.fromAsync(executor.map(arithmetic.square, [1, 2], { chunkSize: 2 })),
  ];
  for (const [at, name] of ["add", "square"].entries()) {
    host.reset();
    using _ = trace(executor);
    await ways[at]?.();
    await until(() => of(pool.name, `run ${name}`).length === at + 1);
    const here = only(of(executor.name, `submit ${name}`), `submit ${name}`);
    const there = of(pool.name, `submit ${name}`);
    const parents = new Set(there.map(({ parent }) => parent));
    assert.deepEqual([there.length, [...parents]], [at + 1, [here.spanId]]);
    for (const run of of(pool.name, `run ${name}`)) {
      assert.equal(run.traceId, here.traceId);
      assert.ok(there.some(({ spanId }) => spanId === run.parent));
    }
  }
  host.reset();
  const last = executor.submit(arithmetic.add, 1, 2);
  assert.equal(await last, 3);
  await until(() => host.spans.length === 2);
  assert.equal(only(host.spans, "submit add").parent, undefined);
  await using admin = adminOf(queue);
  const job: { data: object } | undefined = await admin.getJob(last.jobId);
  assert.equal(job !== undefined && !("p" in job.data), true);
});

test("jobs begin in the order of their priorities, and equal ones in the order of submission", async () => {
  const queue = newQueue();
  await using executor = submitter(queue);
  await executor.pauseQueue();
  await using _agent = await agentOf(queue);
  const log = new CaseLog(folder.path());
  const futures = [0, 0, 5, -5, 999_999, 5, -999_999, 0].map((priority, at) =>
    executor.submit(gates.logLine.with({ priority }), log.path, `${priority} ${at}`),
  );
  await Promise.all(futures.map((future) => future.accepted));
  await executor.resumeQueue();
  await Promise.all(futures);
  assert.deepEqual(log.lines(), [
    "999999 4",
    "5 2",
    "5 5",
    "0 0",
    "0 1",
    "0 7",
    "-5 3",
    "-999999 6",
  ]);
});

test("a priority that no queue has is refused at the call", async () => {
  await using executor = submitter(newQueue());
  for (const priority of [0.5, 1_000_000, Number.POSITIVE_INFINITY])
    assert.throws(() => executor.submit(arithmetic.add.with({ priority }), 1, 2), RangeError);
  await using plain = submitter(newQueue(), { priorities: false });
  assert.throws(() => plain.submit(arithmetic.add.with({ priority: 1 }), 1, 2), RangeError);
});

test("map sends several elements in a job, and one that fails is one that fails", async () => {
  const queue = newQueue();
  await using _agent = await agentOf(queue, 2);
  await using executor = submitter(queue, { maxPayload: 10_000 });
  const large = "x".repeat(20_000);
  const results = executor.map(arithmetic.identity, [1, large, () => 2, 3], {
    chunkSize: 4,
    entries: true,
  });
  const outcomes: unknown[] = [];
  for await (const { outcome } of results)
    outcomes.push(outcome.status === "fulfilled" ? outcome.value : outcome.reason.name);
  assert.deepEqual(outcomes, [1, "PayloadTooLargeError", "DataCloneError", 3]);
  const ten = await Array.fromAsync(
    executor.map(arithmetic.square, Array.from({ length: 500 }).keys(), { chunkSize: 50 }),
  );
  assert.equal(ten[499], 499 * 499);
});

test("a result that is too large fails its call, and one that is long stands beside its job", async () => {
  const queue = newQueue();
  await using _agent = await agentOf(queue, 2, { maxPayload: 200_000 });
  await using executor = submitter(queue);
  const long = "é".repeat(150_000);
  assert.equal(await executor.submit(arithmetic.identity, long), long);
  const error = await executor.submit(arithmetic.identity, "x".repeat(300_000)).exception();
  assert.ok(error instanceof PayloadTooLargeError);
});

test("a map that is left early takes out of the queue what nobody has begun", async () => {
  const queue = newQueue();
  await using _agent = await agentOf(queue);
  await using executor = submitter(queue);
  const [gate, log] = [new Gate(folder.path()), new CaseLog(folder.path())];
  const lists = Array.from({ length: 10 }, (_, n): [string, string, string] => [
    log.path,
    `${n}`,
    gate.path,
  ]);
  const results = executor.starmap(gates.logAndWaitAt, lists, { chunkSize: 1 });
  await until(() => log.lines().length === 1);
  await results.return();
  await until(() => executor.stats().cancelled === 9);
  gate.open();
  assert.equal(await executor.submit(arithmetic.add, 1, 2), 3);
  assert.deepEqual(log.lines(), ["0", "0 done"]);
});

test("schedule() runs a task when its time has come", async () => {
  const queue = newQueue();
  await using _agent = await agentOf(queue);
  await using executor = submitter(queue);
  const log = new CaseLog(folder.path());
  const at = executor.schedule({ at: new Date(Date.now() + 300) }, gates.logLine, log.path, "at");
  const late = executor.schedule({ delay: 600 }, gates.logLine, log.path, "late");
  await executor.submit(gates.logLine, log.path, "now");
  await Promise.all([late, at]);
  assert.deepEqual(log.lines(), ["now", "at", "late"]);
  assert.throws(
    () => executor.schedule({ delay: 1, at: new Date() }, arithmetic.add, 1, 2),
    TypeError,
  );
  assert.throws(() => executor.schedule({ delay: -1 }, arithmetic.add, 1, 2), RangeError);
});

test("what is scheduled with a key has the outcome of the first, while that waits, when it is done, and anew when it is forgotten", async () => {
  const queue = newQueue();
  await using _agent = await agentOf(queue);
  await using executor = submitter(queue);
  await using other = submitter(queue);
  const key = "invoice: 7";
  await executor.pauseQueue();
  const first = executor.schedule({ key }, arithmetic.add, 1, 1);
  const same = executor.schedule({ key }, arithmetic.add, 2, 2);
  const elsewhere = other.schedule({ key }, arithmetic.add, 3, 3);
  await Promise.all([first.accepted, same.accepted, elsewhere.accepted]);
  await executor.resumeQueue();
  assert.deepEqual(await Promise.all([first, same, elsewhere]), [2, 2, 2]);
  assert.equal(await other.schedule({ key }, arithmetic.add, 4, 4), 2, "it is done");
  await using admin = adminOf(queue);
  await admin.remove(first.jobId);
  assert.equal(await other.schedule({ key }, arithmetic.add, 5, 5), 10, "it is forgotten");
});

test("get() has the outcome of a job by its name: one that waits, one that is done, none", async () => {
  const queue = newQueue();
  const ids: string[] = [];
  {
    const executor = submitter(queue);
    const futures = [
      executor.submit(arithmetic.add, 1, 2),
      executor.submit(failures.throwRangeError, "x"),
    ];
    await Promise.all(futures.map((future) => future.accepted));
    ids.push(...futures.map(({ jobId }) => jobId));
    // The program is gone, as it were: nobody has shut it down.
    engineOf(executor).ledger.break("the program is gone", undefined);
    await Promise.all(
      futures.map((future) => assert.rejects(future.result(), BrokenExecutorError)),
    );
  }
  await using executor = submitter(queue);
  const [sum, failed] = ids.map((id) => executor.get(id));
  await using _agent = await agentOf(queue);
  assert.equal(await sum, 3);
  assert.ok((await failed?.exception()) instanceof RangeError);
  assert.equal(await executor.get(ids[0] as string), 3);
  assert.ok((await executor.get("none").exception()) instanceof JobLostError);
  assert.throws(() => executor.get("not:one"), TypeError);
});

test("cancel() of what was sent answers false, and the future stays pending; revoke() has it out of the queue", async () => {
  const queue = newQueue();
  await using executor = submitter(queue);
  const log = new CaseLog(folder.path());
  const future = executor.submit(gates.logLine, log.path, "ran");
  await future.accepted;
  assert.deepEqual([future.cancel(), future.state], [false, "pending"]);
  assert.equal(await executor.revoke(future), true);
  assert.equal(future.state, "cancelled");
  await using _agent = await agentOf(queue);
  const next = executor.submit(gates.logLine, log.path, "next");
  await next;
  assert.equal(await executor.revoke(next), false);
  assert.deepEqual(log.lines(), ["next"]);
});

test("revoke() that races an agent never lies", async () => {
  const queue = newQueue();
  await using _agent = await agentOf(queue, 4);
  await using executor = submitter(queue);
  const log = new CaseLog(folder.path());
  const verdicts = new Map<string, boolean>();
  const race = async (n: number) => {
    const future = executor.submit(gates.logLine, log.path, `${n}`);
    if (n % 3 === 0) await future.accepted;
    verdicts.set(`${n}`, await executor.revoke(future));
    await future.exception().catch((error) => assert.ok(error instanceof CancelledError));
  };
  // As many at once as the agent takes, and a few more: of four hundred all but a few would be taken back before their turn.
  for (let n = 0; n < RACED; n += 8)
    await Promise.all(Array.from({ length: Math.min(8, RACED - n) }, (_, at) => race(n + at)));
  const ran = new Set(log.lines());
  for (const [n, isRevoked] of verdicts) assert.equal(ran.has(n), !isRevoked, n);
  assert.ok(ran.size > 0 && ran.size < RACED, `${ran.size} ran`);
  if (RACED > 400) console.log(`${RACED} raced, ${ran.size} ran, 0 wrong`);
});

/** A pool of threads of this runtime. */
async function threads(options: ExecutorOptions): Promise<Executor> {
  const runtime = "deno" in process.versions ? "deno" : "bun" in process.versions ? "bun" : "node";
  const entry = new URL(import.meta.url.replace(/queue\/queue_test(\.\w+)$/, `${runtime}/mod$1`));
  const { ThreadPoolExecutor } = (await import(entry.href)) as {
    ThreadPoolExecutor: new (options: ExecutorOptions) => Executor;
  };
  return new ThreadPoolExecutor({ ...options, onError() {} });
}

test("an agent whose pool is broken ends, and leaves its tasks to others", async () => {
  const queue = newQueue();
  await using executor = submitter(queue);
  const options = { maxWorkers: 1, initializer: failures.throwRangeError, initializerArgs: ["no"] };
  const broken = await threads(options);
  await using first = await agentOf(queue, 1, { executor: () => broken, onError() {} });
  const future = executor.submit(arithmetic.add, 20, 22);
  await assert.rejects(first.closed, { name: "BrokenExecutorError" });
  await using _second = await agentOf(queue);
  assert.equal(await future, 42);
});

test("an agent whose pool is broken leaves the chunks of a map to others", async () => {
  const queue = newQueue();
  await using executor = submitter(queue);
  const options = { maxWorkers: 1, initializer: failures.throwRangeError, initializerArgs: ["no"] };
  const broken = await threads(options);
  await using first = await agentOf(queue, 2, { executor: () => broken, onError() {} });
  const squares = executor.map(arithmetic.square, [1, 2, 3, 4, 5, 6], { chunkSize: 3 });
  const all = Array.fromAsync(squares);
  await assert.rejects(first.closed, { name: "BrokenExecutorError" });
  await using _second = await agentOf(queue);
  assert.deepEqual(await all, [1, 4, 9, 16, 25, 36]);
});

test("a pool that breaks under a chunk is as an agent that is lost: it runs again where it may, and nowhere else", async () => {
  for (const retries of [0, 1]) {
    const queue = newQueue();
    const module = import.meta.url.replace(/queue_test(\.\w+)$/, "conformance/fault_tasks$1");
    const tasks = { faults: new URL(module) };
    const { hangAtFirst, failBehindFirst } = importTasks<
      typeof import("./conformance/fault_tasks.ts")
    >(tasks.faults);
    await using executor = submitter(queue, { tasks });
    const [taken, file] = [folder.path(), folder.path()];
    const breaking = await threads({
      ...{ maxWorkers: 2, initializer: failBehindFirst, initializerArgs: [taken, file] },
    });
    await using first = await agentOf(queue, 1, { tasks, executor: () => breaking, onError() {} });
    const items = ["a", "b", "c"].map((name): [string, string] => [file, name]);
    const options = { chunkSize: 3, entries: true } as const;
    const all = Array.fromAsync(
      executor.starmap(hangAtFirst.with({ retries }), items, options),
      ({ outcome }) => (outcome.status === "fulfilled" ? outcome.value : outcome.reason),
    );
    await assert.rejects(first.closed, { name: "BrokenExecutorError" });
    const before = readFileSync(file, "utf8").length;
    // What has not begun there hangs at its first run here, and ends at the one after.
    for (const name of ["a", "b", "c"]) appendFileSync(file, `${name}\n`);
    await using _second = await agentOf(queue, 3, { tasks });
    const ends = await all;
    if (retries === 1) assert.deepEqual(ends, ["a", "b", "c"]);
    else for (const end of ends) assert.equal((end as Error).name, "WorkerLostError");
    const runs = retries === 1 ? 3 : 0;
    assert.equal(readFileSync(file, "utf8").length, before + 2 * (3 + runs));
  }
});

test("a future that is interrupted is cancelled at once, and its task's signal aborts", async () => {
  const queue = newQueue();
  await using _agent = await agentOf(queue);
  await using executor = submitter(queue);
  const log = new CaseLog(folder.path());
  const future = executor.submit(contexts.logAbort, log.path);
  await until(() => log.lines().length === 1);
  assert.equal(future.cancel({ interrupt: true, reason: "enough" }), true);
  await until(() => log.lines().length === 2);
  assert.equal(await executor.submit(arithmetic.add, 1, 2), 3, "the agent is free again");
});

test("a burst is settled by events: nothing is left to be looked after", async () => {
  const queue = newQueue();
  await using _agent = await agentOf(queue, 8);
  await using executor = submitter(queue);
  const futures = Array.from({ length: 1500 }, (_, n) => executor.submit(arithmetic.square, n));
  const squares = await Promise.all(futures);
  assert.equal(squares[1499], 1499 * 1499);
  assert.equal(engineOf(executor).swept, 0);
});

test("two programs on one queue have each their own outcomes", async () => {
  const queue = newQueue();
  await using _agent = await agentOf(queue, 4);
  await using one = submitter(queue);
  await using other = submitter(queue);
  const sums = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      Promise.all([one.submit(arithmetic.add, n, 1), other.submit(arithmetic.add, n, 2)]),
    ),
  );
  for (const [n, [first, second]] of sums.entries())
    assert.deepEqual([first, second], [n + 1, n + 2]);
});

test("jobs that are none are refused by name, and the agent goes on", async () => {
  const queue = newQueue();
  await using _agent = await agentOf(queue, 1, { maxPayload: 1000 });
  await using executor = submitter(queue);
  await using admin = adminOf(queue);
  const ok = {
    v: 1,
    m: "arithmetic",
    e: "add",
    a: [encodeText([1, 2], { maxLength: 1000 }) as string],
  };
  const hostile: [unknown, RegExp][] = [
    [{}, /another version/],
    [{ ...ok, v: 2 }, /another version/],
    [{ ...ok, m: "file:///etc/passwd" }, /knows no module/],
    [{ ...ok, m: "__proto__" }, /knows no module/],
    [{ ...ok, m: "toString" }, /knows no module/],
    [{ ...ok, e: "noSuchExport" }, /noSuchExport/],
    [{ ...ok, e: "constructor" }, /constructor/],
    [{ ...ok, e: 7 }, /names no task/],
    [{ ...ok, a: [] }, /no calls/],
    [{ ...ok, a: ["no text of ours"] }, /none of ours/],
    [{ ...ok, a: ["[[1],[-7,4294967295]]"] }, /none of ours|places/],
    [{ ...ok, a: [`[${"[".repeat(100)}`] }, /none of ours/],
    [{ ...ok, a: ["x".repeat(2000)] }, /maxPayload/],
    [{ ...ok, t: "soon" }, /timeout/],
    [{ ...ok, r: -1 }, /retries/],
    ["a text", /another version/],
    [null, /another version/],
  ];
  const ids = hostile.map((_, n) => `hostile-${n}`);
  for (const [n, [data]] of hostile.entries())
    await admin.add("hostile", data, { jobId: ids[n] as string, priority: 1 });
  for (const [n, [, message]] of hostile.entries()) {
    const error = await executor.get(ids[n] as string).exception();
    assert.match(String(error), message, JSON.stringify(hostile[n]?.[0]).slice(0, 100));
  }
  assert.equal(await executor.submit(arithmetic.add, 1, 2), 3);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test("results that are none fail their future", async () => {
  const queue = newQueue();
  await using executor = submitter(queue);
  await executor.pauseQueue();
  await using _agent = await agentOf(queue);
  const client = newClient();
  const results = [
    "7",
    "null",
    '{"v":2}',
    '{"v":1,"w":{"id":"a","name":"b"},"ms":1,"c":[[0,"[[]"]]}',
    '{"v":1,"w":{"id":"a","name":"b"},"ms":1,"c":[]}',
    '{"v":1,"w":{"id":"a","name":"b"},"ms":1,"c":[["__proto__","x"]]}',
    '{"v":1,"w":{"id":"a","name":"b"},"ms":1}',
  ];
  for (const returned of results) {
    const future = executor.submit(arithmetic.add, 1, 2);
    await future.accepted;
    const event = ["event", "completed", "jobId", future.jobId, "returnvalue", returned];
    await client.xadd(`futures:${queue}:events`, "*", ...event);
    assert.ok((await future.exception()) instanceof Error, returned);
  }
  client.disconnect();
  assert.equal(executor.stats().failed, results.length);
});

test("with a secret only what is signed is run, and only what is signed is believed", async () => {
  const queue = newQueue();
  const secret = "known to both sides, and to nobody else";
  await using _agent = await agentOf(queue, 2, { secret });
  await using executor = submitter(queue, { secret });
  assert.equal(await executor.submit(arithmetic.add, 20, 22), 42);
  const long = "x".repeat(100_000);
  assert.equal(await executor.submit(arithmetic.identity, long), long);
  for (const other of [undefined, "another secret, as long as that one"]) {
    await using stranger = submitter(queue, other === undefined ? {} : { secret: other });
    const future = stranger.submit(arithmetic.add, 1, 2);
    await future.accepted;
    const told = await executor.get(future.jobId).exception();
    assert.match(String(told), /not signed/);
    stranger.terminateWorkers();
  }
  await executor.pauseQueue();
  const future = executor.submit(arithmetic.add, 1, 2);
  await future.accepted;
  const client = newClient();
  const forged = '{"v":1,"w":{"id":"a","name":"b"},"ms":1,"c":[[0,"[[1],[2],7]"]]}';
  const event = ["event", "completed", "jobId", future.jobId, "returnvalue", forged];
  await client.xadd(`futures:${queue}:events`, "*", ...event);
  client.disconnect();
  await executor.resumeQueue();
  assert.equal(await future, 3);
  assert.throws(() => submitter(queue, { secret: "short" }), RangeError);
});

test("agents tell of themselves, and stats() counts them", async () => {
  const queue = newQueue();
  await using executor = submitter(queue);
  assert.deepEqual(await executor.agents(), []);
  const agent = await agentOf(queue, 3, { name: "left" });
  const [status, ...others] = await executor.agents();
  assert.equal(others.length, 0);
  assert.deepEqual(
    [status?.name, status?.pool, status?.concurrency, status?.id],
    ["left", "EventLoopExecutor", 3, agent.id],
  );
  await executor.submit(arithmetic.add, 1, 2);
  assert.equal(executor.stats().workers, 1);
  await agent.close();
  assert.deepEqual(await executor.agents(), []);
});

test("queueStats() tells how deep the queue is, who serves it, and how long jobs have waited; stats() what it was", async () => {
  const queue = newQueue();
  await using executor = submitter(queue);
  assert.equal(executor.stats().queue, undefined);
  await executor.pauseQueue();
  const futures = [1, 2, 3].map((n) => executor.submit(arithmetic.add, n, n));
  const later = executor.schedule({ delay: 600_000 }, arithmetic.add, 1, 2);
  await Promise.all([...futures, later].map(({ accepted }) => accepted));
  const before = { waiting: 3, delayed: 1, running: 0, agents: 0, stalls: 0 };
  assert.deepEqual(await executor.queueStats(), before);
  assert.deepEqual(executor.stats().queue, before);
  await using _agent = await agentOf(queue);
  await executor.resumeQueue();
  await Promise.all(futures);
  const { waited, ...after } = await executor.queueStats();
  assert.deepEqual(after, { ...before, waiting: 0, agents: 1 });
  assert.ok(waited !== undefined && waited.p50 > 0);
  assert.equal(await executor.revoke(later), true);
});

test("stats() tells of the queue as it was left by the last job, and not as it was in the middle", async () => {
  const queue = newQueue();
  await using _agent = await agentOf(queue);
  await using executor = submitter(queue);
  await executor.pauseQueue();
  const future = executor.submit(arithmetic.add, 1, 2);
  await future.accepted;
  assert.equal((await executor.queueStats()).waiting, 1);
  await executor.resumeQueue();
  await future;
  await until(() => executor.stats().queue?.waiting === 0);
});

test("a call that ends before its progress is listened to has told its last all the same", async () => {
  const queue = newQueue();
  await using _agent = await agentOf(queue, 1, { progressInterval: 600_000 });
  await using executor = submitter(queue);
  const gate = new Gate(folder.path());
  gate.open();
  const future = executor.submit(contexts.progressThenWaitAt, [0.25, 0.5], gate.path);
  const seen: number[] = [];
  future.onProgress(({ fraction }) => seen.push(fraction));
  await future;
  assert.deepEqual(seen, [0.5]);
});

test("an old and a new version of a module run side by side, and an agent that knows one of them says so of the other", async () => {
  const [first, second] = [1, 2].map(
    (n) => new URL(`data:text/javascript,export const version = (n) => ${n} * n`),
  ) as [URL, URL];
  const queue = newQueue();
  const table = { jobs: first, "jobs@2": second };
  await using one = submitter(queue, { tasks: { jobs: first } });
  await using two = submitter(queue, { tasks: { "jobs@2": second } });
  const of = (url: URL) => importTasks<{ version(n: number): number }>(url).version;
  const both = await agentOf(queue, 2, { tasks: table });
  const results = [1, 2, 3].map((n) => [one.submit(of(first), n), two.submit(of(second), n)]);
  assert.deepEqual(await Promise.all(results.flat()), [1, 2, 2, 4, 3, 6]);
  await both.close();
  await using _old = await agentOf(queue, 1, { tasks: { jobs: first } });
  const error = await two.submit(of(second), 1).exception();
  assert.match(String(error), /knows no module "jobs@2"/);
  assert.equal(await one.submit(of(first), 4), 4);
});

test("get() has the outcome of a job that runs", async () => {
  const queue = newQueue();
  await using _agent = await agentOf(queue, 2);
  await using first = submitter(queue);
  await using second = submitter(queue);
  const [log, gate] = [new CaseLog(folder.path()), new Gate(folder.path())];
  const future = first.submit(gates.logAndWaitAt, log.path, "runs", gate.path);
  await until(() => log.lines().length === 1);
  const same = second.get(future.jobId);
  gate.open();
  assert.deepEqual(await same, await future);
});

test("a result is kept as long as its job says, whatever others say, and is gone after that", async () => {
  const queue = newQueue();
  await using agent = await agentOf(queue, 2);
  await using pool = submitter(queue);
  const client = new Redis(server.url);
  const isKept = async (id: string) => (await client.exists(`futures:${queue}:${id}`)) === 1;
  const brief = () => pool.schedule({ keepResult: 1 }, arithmetic.add, 1, 2);
  try {
    const gone = brief();
    await gone;
    // It is removed when a later one is done, and not before each agent could have heard of a longer age.
    await until(async () => {
      await brief();
      return !(await isKept(gone.jobId));
    });
    assert.ok((await pool.get(gone.jobId).exception()) instanceof JobLostError);
    // From now on there is one that is to be kept for an hour. An agent that has never had it knows of that, too.
    const kept = pool.schedule({ keepResult: 3_600_000 }, arithmetic.add, 3, 4);
    await kept;
    await agent.close();
    await using _other = await agentOf(queue, 2);
    await client.zadd(`futures:${queue}:completed`, 1, kept.jobId);
    for (let n = 0; n < 5; n++) await brief();
    assert.equal(await isKept(kept.jobId), false, "by the server's list it is older than an hour");
    const young = pool.schedule({ keepResult: 3_600_000 }, arithmetic.add, 3, 4);
    await young;
    await client.zadd(`futures:${queue}:completed`, Date.now() - 1_800_000, young.jobId);
    for (let n = 0; n < 5; n++) await brief();
    assert.equal(await pool.get(young.jobId), 7);
  } finally {
    client.disconnect();
  }
});

test("a server that is not there fails what was submitted in time, and says why", async () => {
  const executor = new QueueExecutor({
    connection: { url: "redis://127.0.0.1:1" },
    queue: "none",
    tasks,
    submitTimeout: 300,
  });
  const future = executor.submit(arithmetic.add, 1, 2);
  await assert.rejects(future.accepted, TimeoutError);
  const error = (await future.exception()) as Error;
  assert.ok(error instanceof TimeoutError);
  assert.match(String(error.cause), /ECONNREFUSED|refused/i);
  await executor.shutdown();
});

test("a server that refuses the password breaks the executor, and nothing tells it", async () => {
  const executor = submitter(newQueue(), {
    connection: { url: server.url, username: "nobody", password: "s3cr3t-word" },
  });
  const error = (await executor.submit(arithmetic.add, 1, 2).exception()) as Error;
  assert.ok(error instanceof BrokenExecutorError);
  const { inspect } = await import("node:util");
  assert.match(String(error.cause), /WRONGPASS|AUTH/);
  assert.doesNotMatch(inspect(error, { depth: 20, showHidden: true }), /s3cr3t-word/);
  assert.throws(() => executor.submit(arithmetic.add, 1, 2), BrokenExecutorError);
  await executor.shutdown();
});

/** BullMQ's own hand on a queue. */
function adminOf(queue: string): Queue & AsyncDisposable {
  const client = newClient();
  const admin = new Queue(queue, { connection: client, prefix: "futures" });
  return Object.assign(admin, {
    async [Symbol.asyncDispose]() {
      await admin.close();
      client.disconnect();
    },
  });
}

function newClient(): Redis {
  return new Redis(server.url, { maxRetriesPerRequest: null });
}
