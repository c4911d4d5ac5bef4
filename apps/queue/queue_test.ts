// The queue as newcomers meet it: two terminals and real work, with an agent that is killed; and everything by one command.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { poll } from "deno-std/async/poll.js";
import type { ExecutorView, JobRow, Trial } from "../../modules/dashboard/contract.ts";
import { isAlive } from "../../modules/testing/is_alive.ts";
import { bunPath } from "../../scripts/bun.ts";
import { launchChromium } from "../../scripts/chromium.ts";
import { startRedisServer } from "../../scripts/redis_server.ts";

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const COMMAND = pathOf("../../modules/cli/main.ts");
const FILES = 60;

/** It talks to other processes, and what they hold open is theirs. */
const ALONE = { sanitizeOps: false, sanitizeResources: false };

/** A program, and what it has printed on both. */
function run(program: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", ...env },
  });
  const said = { text: "" };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said.text += text;
    });
  return { child, said, ended: once(child, "close") };
}

/** Waits until there is something; the test runner's own deadline is the only one. */
async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  return (await poll(
    () => Promise.resolve(look()),
    (found) => found !== undefined,
    { interval: 20 },
  )) as T;
}

/** Not by its child process, which on Deno sends only one. */
function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid !== undefined && isAlive(pid)) process.kill(pid, name);
}

Deno.test({
  name: "files are counted by agents on Bun for a program on Deno, also if one agent is killed in the middle",
  ...ALONE,
  async fn() {
    await using server = await startRedisServer();
    const folder = mkdtempSync(join(tmpdir(), "futures-words-"));
    const env = { REDIS_URL: server.url };
    const serve = () =>
      run(
        bunPath(),
        [COMMAND, "agent", `words=${pathOf("./words_jobs.ts")}`, "--queue", "words"],
        env,
      );
    const agents = [serve(), serve()];
    try {
      const files = Array.from({ length: FILES }, (_, n) => {
        const path = join(folder, `${n}.txt`);
        writeFileSync(path, "word ".repeat(n + 1));
        return path;
      });
      for (const { said } of agents) await until(() => said.text.includes(" serves ") || undefined);
      const program = run(
        Deno.execPath(),
        ["run", "--allow-all", pathOf("./words.ts"), ...files],
        env,
      );
      await until(() => program.said.text.includes("\n") || undefined);
      signal((agents[0] as ReturnType<typeof run>).child, "SIGKILL");
      const [code] = await program.ended;
      assert.equal(code, 0, program.said.text);
      const lines = program.said.text.trim().split("\n");
      assert.equal(lines.length, FILES + 1);
      assert.equal(lines.at(-1), `${(FILES * (FILES + 1)) / 2}\ttotal`);
    } finally {
      for (const { child } of agents) signal(child, "SIGKILL");
      await Promise.all(agents.map(({ ended }) => ended));
      rmSync(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "deno task queue starts server, agents and playground, lets the server be paused and an agent be killed, and ends all of it",
  ...ALONE,
  async fn() {
    const flags = ["--port", "0", "--memory"];
    const app = run(Deno.execPath(), [
      "run",
      "--allow-all",
      "--no-check",
      pathOf("./main.ts"),
      ...flags,
    ]);
    try {
      const address = await until(() => /http:\/\/\S+/.exec(app.said.text)?.[0]);
      const get = async <T>(path: string, body?: object): Promise<T> => {
        const init = body && {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        };
        const answer = await fetch(new URL(path, address), init);
        const text = await answer.text();
        assert(answer.ok, text);
        return JSON.parse(text);
      };
      const { experiments } = await get<{ experiments: { name: string; executors: string[] }[] }>(
        "/api/experiments",
      );
      const offered = (name: string) => experiments.find((known) => known.name === name)?.executors;
      assert.deepEqual([offered("agent"), offered("server")], [["queue"], ["queue"]]);
      // What a queue does not carry is not offered over one.
      assert.equal(offered("deadlock")?.includes("queue"), false);
      const { kinds } = await get<{ kinds: { name: string; executors: string[] }[] }>("/api/kinds");
      assert(kinds.find(({ name }) => name === "primes")?.executors.includes("queue"));

      const tried = async (experiment: string): Promise<Trial> => {
        const { trial } = await get<{ trial: Trial }>("/api/trials", {
          experiment,
          executor: "queue",
        });
        return await until(async () => {
          const { trial: now } = await get<{ trial: Trial }>(`/api/trials/${trial.id}`);
          return now.state === "over" ? now : undefined;
        });
      };
      const over = await tried("server");
      assert.match(String(over.happened), /^24 of 24 jobs finished/);
      // It hung for three seconds, with jobs under way.
      assert(Number(over.tookMs) >= 3_000);
      const { workers } = await get<{ workers: { name: string; executor: string }[] }>(
        "/api/snapshot",
      );
      const lanes = workers.filter(({ executor }) => executor === "queue").map(({ name }) => name);
      assert.deepEqual(lanes.sort(), ["agent on Bun", "agent on Deno"]);
      await killAgent(get, () => breakInPage(new URL("/", address).href, "Kill an agent"));
      await lookAtEngine(new URL("/engine", address).href);
      signal(app.child, "SIGINT");
      const [code] = await app.ended;
      assert.equal(code, 0, app.said.text);
    } finally {
      signal(app.child, "SIGKILL");
      await app.ended;
    }
    const [, port] = /redis:\/\/127\.0\.0\.1:(\d+)/.exec(app.said.text) ?? [];
    await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port: Number(port) }), /refused/);
  },
});

type Get = <T>(path: string, body?: object) => Promise<T>;

/** Has an agent killed by the page, while each of the two has jobs that may run once only. */
async function killAgent(get: Get, kill: () => Promise<string>): Promise<void> {
  const submit = (parameters: object, count: number) =>
    get<{ jobs: JobRow[] }>("/api/jobs", { kind: "sleep", executor: "queue", parameters, count });
  const jobOf = ({ id }: JobRow) => get<{ job: JobRow }>(`/api/jobs/${id}`).then(({ job }) => job);
  // Each agent has two places: three that take long leave one to the trial's own jobs, which have retries.
  const { jobs } = await submit({ ms: 60_000 }, 3);
  const begun = await until(async () => {
    const now = await Promise.all(jobs.map(jobOf));
    return now.every(({ state }) => state === "running") ? now : undefined;
  });
  assert.equal(new Set(begun.map(({ worker }) => worker?.id)).size, 2);
  assert.match(await kill(), /24 of 24 jobs finished/);
  const lost = await until(async () =>
    (await Promise.all(jobs.map(jobOf))).find(({ state }) => state === "failed"),
  );
  assert.deepEqual(
    [lost.error?.name, lost.reason, lost.attempts],
    ["WorkerLostError", "worker-lost", 1],
  );
  // The others are taken back, for they would hold up what comes.
  await get("/api/jobs/cancel", { filter: { executor: "queue" }, interrupt: true });
  const [next] = (await submit({ ms: 0 }, 1)).jobs as [JobRow];
  const served = await until(async () => {
    const now = await jobOf(next);
    return now.finishedAt === null ? undefined : now;
  });
  assert.equal(served.state, "finished");
  assert.notEqual(served.worker?.id, lost.worker?.id);
  // The dashboard tells that a job was found without its agent, and what is left in the end.
  await until(async () => {
    const { executors } = await get<{ executors: ExecutorView[] }>("/api/executors");
    const { queue } = executors.find(({ name }) => name === "queue")?.stats ?? {};
    if (queue === undefined || queue.waiting + queue.running > 0) return undefined;
    return queue.agents >= 1 && queue.stalls >= 1 ? queue : undefined;
  });
}

/** Breaks something by the button of its experiment, as a visitor does; resolves with what the page says has happened. */
async function breakInPage(address: string, title: string): Promise<string> {
  await using browser = await launchChromium();
  const page = await browser.newPage();
  const errors: Error[] = [];
  page.on("pageerror", (error) => errors.push(error));
  // What an agent had begun is found when its lock has run out.
  page.setDefaultTimeout(0);
  await page.goto(address);
  await page.getByRole("link", { name: "Break it" }).first().click();
  await page
    .getByRole("group", { name: `${title} on` })
    .getByRole("button", { name: "queue" })
    .click();
  // Not of what was broken before, which the page tells until it has heard of this.
  const told = page
    .getByRole("status", { name: "What happened" })
    .filter({ hasText: `${title} on queue` });
  await told.getByText("jobs finished").waitFor();
  assert.deepEqual(errors, []);
  return String(await told.textContent());
}

/** Clicks through the engine's page: the queue is there, its jobs can be seen, and nothing be done to them. */
async function lookAtEngine(address: string): Promise<void> {
  await using browser = await launchChromium();
  const page = await browser.newPage();
  const errors: Error[] = [];
  page.on("pageerror", (error) => errors.push(error));
  await page.goto(address);
  await page.locator('a[href*="queue/playground"]').first().click();
  await page.locator('a[href*="status=completed"]').first().click();
  await page.getByText("sleep").first().waitFor();
  assert.equal(
    await page.getByRole("button", { name: /retry|clean|promote|pause|empty/i }).count(),
    0,
  );
  assert.deepEqual(errors, []);
  const refused = await fetch(`${address}/api/queues/playground/pause`, { method: "PUT" });
  assert.equal(refused.status, 405);
  await refused.body?.cancel();
}
