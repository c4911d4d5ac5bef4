// futures agent, started for real on each runtime, with a program that submits to it.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { startRedisServer } from "../../scripts/redis_server.ts";
import { importTasks } from "../core/import_tasks.ts";
import { QueueExecutor } from "../queue/mod.ts";
import { agent } from "./agent.ts";
import { readCommandLine } from "./command_line.ts";
import { RUNTIMES, sideBySide, until, Workshop } from "./fixture.ts";
import { map } from "./map.ts";

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
    "runs what futures map hands in, on other runtimes, too": async () => {
      const flags = ["--queue", "mapped", "--concurrency", "2", "--executor", "threads"];
      const agent = agentOf("Deno", "jobs=./jobs.ts", ...flags);
      await until(() => agent.stderr.includes("serves"), "an agent that serves");
      const over = ["--queue", "mapped", "--redis", server.url, "--keep-order"];
      const numbers = Array.from({ length: 300 }, (_, n) => n);
      const stdin = numbers.map((n) => `${n}\t1\n`).join("");
      const log = workshop.path("mapped.tsv");
      const [bun, node] = await Promise.all([
        // What agents call the module is said; its parameters tell that texts are to be numbers.
        workshop.run("Bun", ["map", "jobs=./jobs.ts#add", "--tsv", "-", ...over, "--joblog", log], {
          stdin,
        }),
        workshop.run("Node", ["map", "./jobs.ts#reject", ...over, "--tag", ":::", "a", "bad", "b"]),
      ]);
      assert.equal(bun.stdout, numbers.map((n) => `${n + 1}\n`).join(""), bun.stderr);
      assert.equal(bun.code, 0);
      assert.equal(readFileSync(log, "utf8").trim().split("\n").length, 301);
      assert.deepEqual([node.code, node.stdout], [1, "a\ta\nb\tb\n"], node.stderr);
      assert.match(node.stderr, / {2}bad: RangeError: no bad \(jobs\.ts:10:\d+\)\n/);
      agent.kill("SIGTERM");
      assert.equal((await agent.ended).code, 0);
    },
    "is waited for by futures map, which says so, and takes its jobs back when it is interrupted":
      async () => {
        const args = ["map", "./jobs.ts#double", "--queue", "nobody", "--redis", server.url];
        const command = workshop.start("Deno", [...args, ":::", "1", "2"]);
        await until(() => command.stderr.includes("no agent serves nobody yet"), "a word");
        assert.match(command.stderr, /to start one: futures agent jobs=… --queue nobody\n/);
        await command.interrupt(2);
        const { code, stdout, stderr } = await command.ended;
        assert.deepEqual([code, stdout], [130, ""]);
        assert.match(stderr, /0 done, 0 failed, 2 interrupted/);
      },
    "says what of futures map is not for a queue": async () => {
      const module = workshop.path("jobs.ts");
      const wrong: [flags: string[], told: RegExp][] = [
        [["--queue", "q", "--threads"], /--threads with --queue: .+ futures agent --executor thr/],
        [["--queue", "q", "--memory-limit", "1G"], /futures agent --memory-limit$/],
        [["--queue", "q", "--permissions", "none"], /futures agent --permissions$/],
        [["--queue", "q", "--line-buffer"], /stays with its agent/],
        [["--queue", "q", "--jobs", "50%"], /Cannot use --jobs/],
        [["--queue", "q r"], /Cannot use queue/],
        [["--redis", server.url], /--redis without --queue/],
      ];
      for (const [flags, told] of wrong) {
        const line = readCommandLine(["map", `${module}#double`, ...flags, ":::", "1"]);
        await assert.rejects(map(line), { name: "UsageError", message: told });
      }
    },
    "says what is wrong before it serves": async () => {
      const [jobs, none] = [workshop.path("jobs.ts"), workshop.path("none.ts")];
      const far = ["--redis", "redis://:hunter2@192.0.2.1:6379"];
      const wrong: [flags: string[], told: RegExp][] = [
        [[`jobs=${jobs}`], /name the queue it serves/],
        [["--queue", "q"], /name the tasks it serves/],
        [[jobs, "--queue", "q"], /exports no table of tasks; .+ jobs=.+jobs\.ts$/],
        [[none, "--queue", "q"], /there is no file ".+none\.ts"/],
        [[`a=${jobs}`, `a=${jobs}`, "--queue", "q"], /"a" is named twice/],
        [[`a=${jobs}`, "--queue", "q", "--concurrency", "0"], /whole number from 1/],
        [[`a=${jobs}`, "--queue", "q", "--executor", "loop"], /expected processes or threads/],
        [[`a=${jobs}`, "--queue", "q r"], /Cannot use queue/],
        [[`a=${jobs}`, "--queue", "q", ...far], /^(?!.*hunter2).*unencrypted to 192\.0\.2\.1/],
      ];
      for (const [flags, told] of wrong) {
        const line = readCommandLine(["agent", ...flags]);
        await assert.rejects(agent(line), { name: "UsageError", message: told });
      }
    },
  });
});
