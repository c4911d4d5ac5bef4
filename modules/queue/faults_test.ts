// What a queue does when agents die, freeze or are asked to go, when its server comes and goes, and when a program that waits
// is frozen itself: every future settles once, with the truth.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { WorkerLostError } from "../../mod.ts";
import { type RedisServer, startRedisServer } from "../../scripts/redis_server.ts";
import { CaseLog, Gate } from "../testing/mod.ts";
import { arithmetic, deaths, gates } from "../testing/tasks.ts";
import {
  AgentProcess,
  type KillableAgent,
  newFolder,
  OWN_RUNTIME,
  until,
} from "./conformance/fault_scene.ts";
import { tasks } from "./conformance/table.ts";
import { QueueExecutor } from "./mod.ts";

/** Milliseconds after which a lost agent's jobs are another's. In use it is thirty times as long. */
const LOCK_MS = 1000;

/** One that never runs out here. */
const MINUTES_MS = 600_000;

let server: RedisServer;
let folder: ReturnType<typeof newFolder>;

before(async () => {
  server = await startRedisServer();
  folder = newFolder();
});
after(async () => {
  folder[Symbol.dispose]();
  await server.stop();
});

function scene(pool: KillableAgent["pool"] = "loop", maxWorkers = 1) {
  const queue = `faults-${crypto.randomUUID()}`;
  const executor = new QueueExecutor({ connection: { url: server.url }, queue, tasks });
  const log = new CaseLog(folder.path());
  const gate = new Gate(folder.path());
  const agent = (more: Partial<KillableAgent> = {}) =>
    AgentProcess.start({ url: server.url, queue, pool, maxWorkers, lock: LOCK_MS, ...more });
  return { queue, executor, log, gate, agent };
}

test("an agent that is killed loses its task, once", async () => {
  const { executor, log, gate, agent } = scene();
  await using _ = executor;
  await using first = await agent();
  const future = executor.submit(gates.logAndWaitAt, log.path, "lost", gate.path);
  await until(() => log.lines().length === 1);
  first.kill("SIGKILL");
  await using _second = await agent();
  gate.open();
  const error = await future.exception();
  assert.ok(error instanceof WorkerLostError, String(error));
  assert.equal(error.taskName, "logAndWaitAt");
  assert.deepEqual(log.lines(), ["lost"]);
  assert.equal((await executor.queueStats()).stalls, 1);
  assert.equal(await executor.submit(arithmetic.add, 1, 2), 3);
});

test("a task with retries that is lost with its agent is run again by another", async () => {
  const { executor, log, gate, agent } = scene();
  await using _ = executor;
  await using first = await agent();
  const task = gates.logAndWaitAt.with({ retries: 1 });
  const future = executor.submit(task, log.path, "again", gate.path);
  await until(() => log.lines().length === 1);
  first.kill("SIGKILL");
  await using _second = await agent();
  gate.open();
  await future;
  assert.deepEqual(log.lines(), ["again", "again", "again done"]);
});

test("an agent that is asked to go finishes what it has, and gives up what takes too long", async () => {
  const { executor, log, gate, agent } = scene("loop", 2);
  await using _ = executor;
  await using first = await agent();
  const [late, soon] = [new Gate(folder.path()), gate];
  const lost = executor.submit(gates.logAndWaitAt, log.path, "late", late.path);
  const done = executor.submit(gates.logAndWaitAt, log.path, "soon", soon.path);
  await until(() => log.lines().length === 2);
  first.kill("SIGTERM");
  soon.open();
  await done;
  assert.ok((await lost.exception()) instanceof WorkerLostError);
  await first.exit;
  late.open();
});

test("an agent that was frozen for longer than its lock tells nothing that counts", async () => {
  const { executor, log, gate, agent } = scene();
  await using _ = executor;
  await using first = await agent();
  const task = gates.logAndWaitAt.with({ retries: 1 });
  const future = executor.submit(task, log.path, "run", gate.path);
  await until(() => log.lines().length === 1);
  first.kill("SIGSTOP");
  await using _second = await agent();
  await until(() => log.lines().length === 2);
  first.kill("SIGCONT");
  gate.open();
  await future;
  // The first has run it to its end, too, or has been told to stop.
  assert.equal(await executor.submit(arithmetic.add, 1, 2), 3);
  assert.deepEqual([executor.stats().finished, executor.stats().failed], [2, 0]);
});

test("an agent that was frozen for less than its lock loses nothing, whoever looks", async () => {
  const { queue, executor, log, gate, agent } = scene();
  await using _ = executor;
  await using first = await agent({ lock: MINUTES_MS, stalledCheck: 50 });
  const future = executor.submit(gates.logAndWaitAt, log.path, "run", gate.path);
  await until(() => log.lines().length === 1);
  first.kill("SIGSTOP");
  await using _second = await agent({ lock: MINUTES_MS, stalledCheck: 50 });
  const client = new Redis(server.url);
  // The first look marks what is there, each later one takes what was marked and has no lock.
  await until(async () => (await client.scard(`futures:${queue}:stalled`)) === 1);
  const at = await client.get(`futures:${queue}:stalled-check`);
  await until(async () => ![at, null].includes(await client.get(`futures:${queue}:stalled-check`)));
  client.disconnect();
  first.kill("SIGCONT");
  gate.open();
  await future;
  assert.deepEqual(log.lines(), ["run", "run done"]);
  assert.equal((await executor.queueStats()).stalls, 0);
});

test("an agent that was frozen for longer than its lock goes on where nobody has taken its task", async () => {
  const { queue, executor, log, gate, agent } = scene();
  await using _ = executor;
  await using only = await agent();
  const future = executor.submit(gates.logAndWaitAt, log.path, "run", gate.path);
  await until(() => log.lines().length === 1);
  const client = new Redis(server.url);
  const lock = `futures:${queue}:${future.jobId}:lock`;
  await until(async () => (await client.scard(`futures:${queue}:stalled`)) === 1);
  only.kill("SIGSTOP");
  await until(async () => (await client.exists(lock)) === 0);
  only.kill("SIGCONT");
  await until(async () => (await client.exists(lock)) === 1);
  client.disconnect();
  gate.open();
  await future;
  assert.deepEqual(log.lines(), ["run", "run done"]);
  assert.equal((await executor.queueStats()).stalls, 0);
});

test("a task that kills its process costs no agent where the pool is of processes", async () => {
  const { executor, agent } = scene("processes");
  await using _ = executor;
  await using only = await agent();
  for (let time = 0; time < 3; time++)
    assert.ok(
      (await executor.submit(deaths.killOwnProcess).exception()) instanceof WorkerLostError,
    );
  assert.equal(await executor.submit(arithmetic.add, 1, 2), 3);
  assert.equal(only.process.exitCode, null);
});

test("a verdict is waited for while the server hangs: what is taken out was revoked", async () => {
  const { executor } = scene();
  await using _ = executor;
  const future = executor.submit(arithmetic.add, 1, 2);
  await future.accepted;
  server.freeze();
  const verdict = executor.revoke(future);
  // Longer than a program that ends would wait.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  server.thaw();
  assert.equal(await verdict, true);
  assert.ok(future.cancelled());
});

test("a task that kills agents kills no more than it may", async () => {
  const { executor, agent } = scene();
  await using _ = executor;
  const agents: AgentProcess[] = [];
  const future = executor.submit(deaths.killOwnProcess.with({ retries: 9 }));
  let died = 0;
  while (!future.done()) {
    const next = await agent({ maxAgentLosses: 1 });
    agents.push(next);
    await Promise.race([next.exit, future.exception()]);
    if (!future.done()) died++;
  }
  assert.ok((await future.exception()) instanceof WorkerLostError);
  assert.equal(died, 2);
  assert.equal(await executor.submit(arithmetic.add, 1, 2), 3);
  for (const one of agents) await one[Symbol.asyncDispose]();
});

test("a program that is frozen while its events are cut off learns all the same what became of its tasks", async () => {
  const { queue, agent } = scene("loop", 4);
  await using _agent = await agent();
  const main = new URL(
    import.meta.url.replace(/faults_test(\.\w+)$/, "conformance/frozen_submitter$1"),
  );
  const { executable, flags } = OWN_RUNTIME;
  const program = spawn(executable, [...flags, fileURLToPath(main), server.url, queue, "300"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(program, "exit");
  let told = "";
  program.stdout?.on("data", (data) => {
    told += data;
  });
  await until(() => told.includes("submitted"));
  process.kill(program.pid as number, "SIGSTOP");
  const client = new Redis(server.url);
  await client.hdel(`futures:${queue}:meta`, "paused");
  const admin = new QueueExecutor({ connection: { url: server.url }, queue, tasks });
  await admin.resumeQueue();
  await until(async () => (await client.zcard(`futures:${queue}:completed`)) === 300);
  await client.xtrim(`futures:${queue}:events`, "MAXLEN", 0);
  process.kill(program.pid as number, "SIGCONT");
  await exit;
  client.disconnect();
  await admin.shutdown();
  assert.match(told, /settled 300 of 300/);
});
