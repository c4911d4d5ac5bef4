// futures agent, started for real on each runtime, with a program that submits to it.

import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { startRedisServer } from "../../scripts/redis_server.ts";
import { importTasks } from "../core/import_tasks.ts";
import { QueueExecutor } from "../queue/mod.ts";
import { RUNTIMES, sideBySide, until, Workshop } from "./fixture.ts";

interface Jobs {
  double(n: number): number;
  late(text: string): Promise<number>;
  begin(file: string): Promise<string>;
}

/** What a table of modules is in a file of its own. */
const TABLE = `export const tasks = { jobs: new URL("./jobs.ts", import.meta.url), "jobs@2": "./noisy.ts" };`;

Deno.test("futures agent", async (test) => {
  await using server = await startRedisServer();
  using workshop = new Workshop();
  writeFileSync(workshop.path("tasks.ts"), TABLE);
  const tasks = { jobs: pathToFileURL(workshop.path("jobs.ts")) };
  const jobs = importTasks<Jobs>(tasks.jobs);
  const executorOf = (queue: string) =>
    new QueueExecutor({ connection: { url: server.url }, queue, tasks });
  const agentOf = (runtime: string, ...flags: string[]) =>
    workshop.start(runtime, ["agent", ...flags, "--redis", server.url]);
  const steps = Object.keys(RUNTIMES).map((runtime) => [
    `serves on ${runtime}, and lets what has begun finish at SIGTERM`,
    async () => {
      await using executor = executorOf(runtime);
      const kind = runtime === "Bun" ? "threads" : "processes";
      const flags = [
        "--queue",
        runtime,
        "--concurrency",
        "2",
        "--executor",
        kind,
        "--drain",
        "60s",
      ];
      const agent = agentOf(runtime, "jobs=./jobs.ts", ...flags, "--name", `on ${runtime}`);
      await until(() => agent.stderr.includes("serves"), "an agent that serves");
      assert.match(
        agent.stderr,
        new RegExp(
          `agent on ${runtime} serves ${runtime} at 127.0.0.1:\\d+: 2 at once, in ${kind}`,
        ),
      );
      assert.equal(await executor.submit(jobs.double, 21), 42);
      const [{ name, concurrency, pool } = {}] = await executor.agents();
      assert.deepEqual([name, concurrency], [`on ${runtime}`, 2]);
      assert.equal(pool, kind === "threads" ? "ThreadPoolExecutor" : "ProcessPoolExecutor");

      const mark = workshop.path(`begun on ${runtime}`);
      const begun = executor.submit(jobs.begin, mark);
      const waiting = executor.submit(jobs.begin, workshop.path("other"));
      await until(() => existsSync(mark), "a job that has begun");
      agent.kill("SIGTERM");
      await until(() => agent.stderr.includes("takes no more jobs"), "an agent that drains");
      assert.match(agent.stderr, /gives [12] jobs? 60 s to finish/);
      // It runs for a minute unless it is ended: it is told to end by whoever submitted it, and then the agent is free.
      assert(begun.cancel({ interrupt: true }));
      if (!waiting.cancel()) waiting.cancel({ interrupt: true });
      const { code, stderr } = await agent.ended;
      assert.equal(code, 0);
      assert.match(stderr, /has ended\n$/);
    },
  ]);
  await sideBySide(test, {
    ...(Object.fromEntries(steps) as Record<string, () => Promise<void>>),
    "serves a table of modules and several queues, no faster than its rate": async () => {
      const flags = ["--queue", "one,two", "--concurrency", "4", "--rate", "5/s"];
      const agent = agentOf("Deno", "./tasks.ts", ...flags, "--executor", "threads");
      await until(() => agent.stderr.includes("serves one, two"), "an agent that serves");
      assert.match(agent.stderr, /\n {2}jobs {2}file:.+jobs\.ts\n {2}jobs@2 {2}file:.+noisy\.ts\n/);
      await using executor = executorOf("one");
      await using other = executorOf("two");
      const began = performance.now();
      const all = Array.from({ length: 11 }, (_, n) => executor.submit(jobs.double, n));
      assert.equal(await other.submit(jobs.double, 1), 2);
      assert.deepEqual(
        await Promise.all(all),
        Array.from({ length: 11 }, (_, n) => 2 * n),
      );
      // Five at once, five after a second, and the last after another.
      assert(performance.now() - began >= 1_900);
      agent.kill("SIGINT");
      assert.equal((await agent.ended).code, 0);
    },
    "runs what is signed with the secret of its environment, and nothing else": async () => {
      const secret = "as long as it is secret";
      const env = { FUTURES_SECRET: secret };
      const flags = ["jobs=./jobs.ts", "--queue", "signed", "--executor", "threads"];
      const command = ["agent", ...flags, "--redis", server.url];
      const agent = workshop.start("Deno", command, { env });
      await until(() => agent.stderr.includes("serves"), "an agent that serves");
      const connection = { url: server.url };
      await using signing = new QueueExecutor({ connection, queue: "signed", tasks, secret });
      assert.equal(await signing.submit(jobs.double, 21), 42);
      await using plain = executorOf("signed");
      const error = await plain.submit(jobs.double, 21).exception();
      assert.match(String(error), /not signed/);
      agent.kill("SIGTERM");
      assert.equal((await agent.ended).code, 0);
      assert.equal(agent.stderr.includes(secret), false);
    },
    "says what is wrong before it serves": async () => {
      const wrong: [flags: string[], told: RegExp][] = [
        [["jobs=./jobs.ts"], /name the queue it serves/],
        [["--queue", "q"], /name the tasks it serves/],
        [["./jobs.ts", "--queue", "q"], /exports no table of tasks; .+ jobs=\.\/jobs\.ts$/],
        [["./none.ts", "--queue", "q"], /there is no file "\.\/none\.ts"/],
        [["a=./jobs.ts", "a=./noisy.ts", "--queue", "q"], /"a" is named twice/],
        [["a=./jobs.ts", "--queue", "q", "--concurrency", "0"], /whole number from 1/],
        [["a=./jobs.ts", "--queue", "q", "--executor", "loop"], /expected processes or threads/],
        [["a=./jobs.ts", "--queue", "q r"], /Cannot use queue/],
      ];
      for (const [flags, told] of wrong) {
        const { code, stderr } = await agentOf("Deno", ...flags).ended;
        assert.equal(code, 102, stderr);
        assert.match(stderr.trim(), told);
      }
      const secret = ["--redis", "redis://:hunter2@192.0.2.1:6379"];
      const far = await workshop.run("Deno", ["agent", "a=./jobs.ts", "--queue", "q", ...secret]);
      assert.equal(far.code, 102);
      assert.match(far.stderr, /would travel unencrypted to 192\.0\.2\.1/);
      assert.doesNotMatch(far.stderr, /hunter2/);
    },
  });
});
