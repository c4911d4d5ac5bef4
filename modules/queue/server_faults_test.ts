// Faults of the server, of the way to it, and of clocks: nothing is lost in silence, and nothing hangs.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import { type Future, importTasks, TimeoutError } from "../../mod.ts";
import { startRedisServer } from "../../scripts/redis_server.ts";
import { Rig, type Runtime } from "./conformance/rig.ts";
import { JobLostError, QueueExecutor, type QueueExecutorOptions } from "./mod.ts";

const tasks = { faults: new URL("./conformance/fault_tasks.ts", import.meta.url) };
const faults = importTasks<typeof import("./conformance/fault_tasks.ts")>(tasks.faults);

/** A server answers before it has written, while it waits for the disk, unless it is told so: what it has acknowledged may be gone. */
const KEEPS_ALL = [["appendfsync", "always"]];

/** Milliseconds of a lock, and how many of them a busy task lasts; by hand more: `FUTURES_LOCKS=10`. */
const LOCK_MS = 2_500;
const LOCKS = Number(process.env.FUTURES_LOCKS ?? 3);

/**
 * A submitter looks at its connections once in a beat, and leaves one that has been silent for 6 s. So the eighth look at the
 * latest does, and a ninth beat makes another; the tenth is for beats of ours that fall between its own. All of it is on
 * one event loop, and needs nobody else: a machine that is busy makes beats longer, and not more.
 */
const BEAT_MS = 1000;
const MOST_BEATS = 10;

const RUNTIMES: readonly Runtime[] = ["Deno", "Bun", "Node"];

function executorAt(url: string, options: Partial<QueueExecutorOptions> = {}): QueueExecutor {
  return new QueueExecutor({ connection: { url }, queue: "q", tasks, ...options });
}

/** What became of each, in the order in which they were submitted. */
async function outcomes(futures: readonly Future<unknown>[]): Promise<unknown[]> {
  return await Promise.all(futures.map((future) => future.catch((error: unknown) => error)));
}

/** Sends commands by the side; each is a line of words. */
async function command(url: string, ...lines: string[]): Promise<unknown[]> {
  const client = new Redis(url);
  try {
    const replies: unknown[] = [];
    for (const line of lines) {
      const [name, ...words] = line.split(" ") as [string, ...string[]];
      replies.push(await client.call(name, ...words));
    }
    return replies;
  } finally {
    client.disconnect();
  }
}

/** Each fault has a server of its own, so they are tried side by side; what they start ends with them. */
const FAULTS: Readonly<Record<string, () => Promise<void>>> = {
  "Q3 a server that is killed and comes back has lost nothing": async () => {
    await using rig = await Rig.make(KEEPS_ALL);
    await rig.agent("Bun", { lock: LOCK_MS });
    await using executor = executorAt(rig.server.url);
    // A job that was handed out while the server died may never have reached its agent, which nobody can tell from one that was
    // begun: at most once, it fails.
    const task = faults.double.with({ retries: 3 });
    const futures = Array.from({ length: 300 }, (_, n) => executor.submit(task, n));
    await futures[10];
    await rig.server.kill();
    await rig.server.restart();
    assert.deepEqual(
      await outcomes(futures),
      futures.map((_, n) => 2 * n),
    );
  },
  "Q3 a server that comes back without its jobs is told of: each of them fails": async () => {
    await using rig = await Rig.make([["appendonly", "no"]]);
    const told: unknown[] = [];
    const agent = await rig.agent("Bun");
    await using executor = executorAt(rig.server.url, { onError: (error) => told.push(error) });
    assert.equal(await executor.submit(faults.double, 1), 2);
    // It had been said that this may come.
    assert.match(String(told[0]), /may lose jobs: it has no append-only file/);
    await executor.pauseQueue();
    const futures = Array.from({ length: 50 }, (_, n) => executor.submit(faults.double, n));
    await Promise.all(futures.map((future) => future.accepted));
    await rig.server.kill();
    await rig.server.restart();
    for (const outcome of await outcomes(futures)) assert(outcome instanceof JobLostError);
    // And it goes on, with the agent that there was.
    assert.equal(await executor.submit(faults.double, 4), 8);
    assert.equal(agent.child.exitCode, null);
  },
  "Q4 a server that is not there: tasks fail by submitTimeout, or wait as they are told":
    async () => {
      await using rig = await Rig.make();
      const { url } = rig.server;
      await rig.server.kill();
      await using patient = executorAt(url, { submitTimeout: Number.POSITIVE_INFINITY });
      const future = patient.submit(faults.double, 2);
      // Long enough for both to have tried in vain, and more than once.
      await using hasty = executorAt(url, { submitTimeout: 1_000, onError: () => {} });
      const error = await hasty.submit(faults.double, 1).exception();
      assert(error instanceof TimeoutError, String(error));
      assert(!future.done());
      await rig.server.restart();
      await rig.agent("Bun");
      assert.equal(await future, 4);
    },
  "Q4 a server that is full refuses what it cannot keep, and takes it again when it has room":
    async () => {
      await using rig = await Rig.make();
      await rig.agent("Bun");
      await using executor = executorAt(rig.server.url);
      assert.equal(await executor.submit(faults.double, 1), 2);
      await command(rig.server.url, "CONFIG SET maxmemory 1");
      const futures = Array.from({ length: 20 }, (_, n) => executor.submit(faults.double, n));
      for (const outcome of await outcomes(futures)) assert.match(String(outcome), /OOM|memory/);
      await command(rig.server.url, "CONFIG SET maxmemory 0");
      assert.equal(await executor.submit(faults.double, 3), 6);
    },
  "Q4 a server that has become a replica is asked again until it takes what is written":
    async () => {
      await using rig = await Rig.make();
      await rig.agent("Bun");
      await using executor = executorAt(rig.server.url);
      assert.equal(await executor.submit(faults.double, 1), 2);
      // Its master is nowhere: it keeps what it has, and takes nothing.
      await command(rig.server.url, "REPLICAOF 127.0.0.1 1");
      const future = executor.submit(faults.double, 21);
      await command(rig.server.url, "REPLICAOF NO ONE");
      assert.equal(await future, 42);
    },
  "Q4 a server that refuses us breaks the executor, and no secret is told": async () => {
    await using rig = await Rig.make();
    const { port, url } = rig.server;
    await command(
      url,
      "ACL SETUSER poor on >hunter2 ~other:* +@read",
      "ACL SETUSER rich on >swordfish ~* &* +@all",
    );
    for (const user of ["poor:hunter2", "rich:hunter2", "nobody:hunter2"]) {
      const told: unknown[] = [];
      const executor = executorAt(`redis://${user}@127.0.0.1:${port}`, {
        onError: (error) => told.push(error),
      });
      const error = (await executor.submit(faults.double, 1).exception()) as Error;
      assert.match(String(error.cause), /NOPERM|WRONGPASS/, user);
      assert.equal(error.name, "BrokenExecutorError");
      await executor.shutdown();
      assert.doesNotMatch(Deno.inspect([error, told], { depth: 10 }), /hunter2|swordfish/);
    }
  },
  "Q4 an agent that starts while its server is away serves when that is there": async () => {
    await using rig = await Rig.make();
    await rig.server.kill();
    const serving = rig.agent("Bun");
    await using executor = executorAt(rig.server.url, { submitTimeout: 1_000, onError: () => {} });
    assert(await executor.submit(faults.double, 1).exception());
    await rig.server.restart();
    await serving;
    assert.equal(await executor.submit(faults.double, 1), 2);
  },
  "Q5 a submitter whose connections have died without a word notices, and has its outcome":
    async () => {
      await using rig = await Rig.make();
      await rig.agent("Bun");
      const link = await rig.link();
      await using executor = executorAt(link.url);
      assert.equal(await executor.submit(faults.double, 1), 2);
      const running = executor.submit(faults.nap, 300);
      await running.accepted;
      const { made } = link;
      link.cut();
      let beats = 0;
      for (; link.made === made; beats++) await pause(BEAT_MS);
      assert(beats <= MOST_BEATS, `noticed after ${beats} beats`);
      assert.equal(await running, 300);
      assert.equal(await executor.submit(faults.double, 4), 8);
    },
  // Without a bound: its clock, 15 s for an answer, runs in a program of its own, and no beat of ours counts what that has had.
  "Q5 an agent whose connections have died without a word notices, and goes on": async () => {
    await using rig = await Rig.make();
    const link = await rig.link();
    await rig.agent("Bun", { connection: { url: link.url }, lock: LOCK_MS });
    await using executor = executorAt(rig.server.url);
    assert.equal(await executor.submit(faults.double, 1), 2);
    link.cut();
    assert.equal(await executor.submit(faults.double.with({ retries: 1 }), 4), 8);
  },
  "Q11 a delayed task runs once and on time, over a restart of the server and of its agents":
    async () => {
      await using rig = await Rig.make(KEEPS_ALL);
      const agent = await rig.agent("Bun");
      await using executor = executorAt(rig.server.url);
      const began = Date.now();
      const delay = 3_000;
      const future = executor.schedule({ delay }, faults.note, rig.path("due"), "ran");
      await future.accepted;
      await Promise.all([rig.server.kill(), agent.kill()]);
      await rig.server.restart();
      await rig.agent("Bun");
      const ranAt = await future;
      assert(ranAt >= began + delay, `${ranAt - began} ms after it was submitted`);
      assert.equal(readFileSync(rig.path("due"), "utf8"), "ran\n");
    },
  "Q11 a submitter whose clock is wrong by an hour has its tasks on time": async () => {
    await using rig = await Rig.make();
    await rig.agent("Bun");
    for (const skew of [3_600_000, -3_600_000]) {
      const file = rig.path(`${skew}`);
      const began = Date.now();
      const submitter = rig.submitter("Bun", { skew, delay: 500, file });
      await submitter.prints("accepted");
      await submitter.prints("value ");
      assert(existsSync(file));
      // An hour late would never end, and an hour early comes before it was asked for.
      const [, ranAt] = /value (\d+)/.exec(submitter.printed) ?? [];
      assert(Number(ranAt) >= began + 500);
    }
  },
  "Q15 a task that is busy for several times the lock is its agent's all the while": async () => {
    await using rig = await Rig.make();
    await rig.agent("Bun", { lock: LOCK_MS, maxWorkers: 1 });
    await using executor = executorAt(rig.server.url);
    const future = executor.submit(faults.spin, LOCKS * LOCK_MS);
    assert.equal(await future, LOCKS * LOCK_MS);
    const [stalls] = await command(rig.server.url, `HGET futures:q:${future.jobId} stc`);
    assert.equal(stalls ?? "0", "0");
  },
  ...Object.fromEntries(
    RUNTIMES.map((runtime) => [
      `Q16 an idle program on ${runtime} ends by itself, also after a break, and one with work does not`,
      async () => {
        await using rig = await Rig.make();
        await rig.agent("Bun");
        const calm = rig.submitter(runtime, {});
        const broken = rig.submitter(runtime, { nap: 1_500 });
        const waiting = rig.submitter(runtime, { queue: "nobody serves".replaceAll(" ", "-") });
        assert.deepEqual(await calm.ended, [0, null]);
        assert.match(calm.printed, /value 0/);
        await Promise.all([broken.prints("accepted"), waiting.prints("accepted")]);
        await rig.server.kill();
        await rig.server.restart();
        assert.deepEqual(await broken.ended, [0, null]);
        assert.match(broken.printed, /value 1500/);
        assert.equal(waiting.child.exitCode, null);
      },
    ]),
  ),
};

/** By hand one is tried alone: `FUTURES_FAULT=Q5 deno task test:deno modules/queue/server_faults_test.ts`. So many are tried at once: each is several programs, which mostly wait. */
const AT_ONCE = 4;

Deno.test("faults of the server", async (test) => {
  // Fetched and unpacked once, before all of them ask for it.
  await (await startRedisServer()).stop();
  const only = process.env.FUTURES_FAULT ?? "";
  const left = Object.entries(FAULTS).filter(([name]) => name.includes(only));
  const next = async (): Promise<void> => {
    const fault = left.shift();
    if (fault === undefined) return;
    const [name, fn] = fault;
    const alone = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
    await test.step({ name, fn, ...alone });
    await next();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
});
