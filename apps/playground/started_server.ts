// The test of a started server, the same for every runtime: the command a user types, and what it does.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import process from "node:process";
import { test } from "node:test";
import type { JobDetail, JobFilter, JobRow, Trial } from "./contract.ts";
import { until } from "./fixture.ts";

/** A text whose words are known: this repository's licence never changes. */
const TEXT = new URL("../../LICENSE", import.meta.url);

/** How a runtime starts the playground, and what its pool is called there. */
export interface Start {
  command: string;
  args: string[];
  pool: string;
}

/** Registers the tests of a started server. */
export function testStartedServer(start: Start): void {
  test("the started server runs an uploaded file's job from pending to finished", async () => {
    await using server = await started(start);
    const { pool } = start;
    // More sleepers than any machine here has cores, so that the next job has to wait.
    const blocking = await server.submit({
      kind: "sleep",
      executor: pool,
      count: 200,
      parameters: { ms: 60_000 },
    });
    const form = new FormData();
    form.set("kind", "wordFrequency");
    form.set("executor", pool);
    form.set("top", "1");
    form.set("file", new File([readFileSync(TEXT)], "LICENSE"));
    const { jobs } = await server.json<{ jobs: JobRow[] }>("/api/jobs", {
      method: "POST",
      body: form,
    });
    const id = String(jobs[0]?.id);
    assert.equal((await server.job(id)).state, "pending");
    const first = blocking[0] as JobRow;
    await until(async () => (await server.job(first.id)).state === "running" || undefined);
    assert.deepEqual(await server.cancelAll({ kind: "sleep" }), { matched: 200, cancelled: 200 });
    const done = await until(async () => {
      const job = await server.job(id);
      return job.state === "finished" ? job : undefined;
    });
    const words =
      readFileSync(TEXT, "utf8")
        .toLowerCase()
        .match(/[a-z0-9]+/g) ?? [];
    const the = words.filter((word) => word === "the").length;
    assert.deepEqual((done.result as { top: unknown }).top, [{ word: "the", count: the }]);
    await server.stop("SIGTERM", 0);
  });

  test("the started server interrupts a job that spins, and survives one that ends its worker", async () => {
    await using server = await started(start);
    const [spinning] = await server.submit({
      kind: "spin",
      executor: start.pool,
      parameters: { ms: 30_000 },
    });
    const id = String(spinning?.id);
    await until(async () => (await server.job(id)).state === "running" || undefined);
    assert.equal(await server.cancel(id), true);
    assert.equal((await server.job(id)).state, "cancelled");
    const [exiting] = await server.submit({ kind: "exit", executor: start.pool });
    const lost = await until(async () => {
      const job = await server.job(String(exiting?.id));
      return job.state === "failed" ? job : undefined;
    });
    assert.equal(lost.error?.name, "WorkerLostError");
    const [next] = await server.submit({
      kind: "primes",
      executor: start.pool,
      parameters: { n: 100 },
    });
    await until(async () => (await server.job(String(next?.id))).state === "finished" || undefined);
    await server.stop("SIGINT", 0);
  });

  test("the started server shows a worker's end, and how soon another takes over", async () => {
    await using server = await started(start);
    const body = { experiment: "exit", executor: start.pool };
    const { trial } = await server.post<{ trial: Trial }>("/api/trials", body);
    const over = await until(async () => {
      const { trial: now } = await server.json<{ trial: Trial }>(`/api/trials/${trial.id}`);
      return now.state === "over" ? now : undefined;
    });
    assert.equal(over.job?.reason, "worker-lost");
    assert.deepEqual(over.lostWorkers, [over.job?.worker]);
    assert.ok(over.newWorkers.length > 0 && (over.recoveryMs ?? -1) >= 0);
    // What it printed before it ended its worker is there.
    const { output } = await server.job(String(over.job?.id));
    assert.deepEqual(
      output.map(({ text }) => text),
      ["Ending this worker with code 3"],
    );
    await server.stop("SIGTERM", 0);
  });

  test("the started server serves its page and its live stream, and stops while one is read", async () => {
    await using server = await started(start);
    const page = await fetch(server.address);
    assert.match(await page.text(), /<title>Playground/);
    const stream = await fetch(`${server.address}api/events`);
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    assert.match(new TextDecoder().decode((await reader.read()).value), /event: snapshot/);
    await server.stop("SIGINT", 0);
    while (!(await reader.read().catch(() => ({ done: true }))).done);
  });

  test("a taken port is one clear line and exit code 1", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as { port: number };
    const child = run(start, ["--port", String(port)]);
    const [code] = await once(child.process, "exit");
    assert.equal(code, 1);
    assert.match(
      child.errors(),
      new RegExp(`^Cannot start playground: port ${port} .*--port N.*\n$`),
    );
    holder.close();
    await once(holder, "close");
  });

  test("a bad option is one clear line and exit code 1; --help ends with 0", async () => {
    const bad = run(start, ["--port", "many"]);
    assert.deepEqual((await once(bad.process, "exit"))[0], 1);
    assert.match(bad.errors(), /^Cannot start playground: --port must be a number.*\n$/);
    const help = run(start, ["--help"]);
    assert.deepEqual((await once(help.process, "exit"))[0], 0);
    assert.match(help.output(), /--port N/);
  });
}

interface Running {
  process: ChildProcess;
  output(): string;
  errors(): string;
}

function run({ command, args }: Start, more: string[]): Running {
  const child = spawn(command, [...args, ...more], {
    // Where tasks are run, for permissions that name folders.
    cwd: new URL("../../", import.meta.url),
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", PORT: "" },
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  return { process: child, output: () => output, errors: () => errors };
}

/** A server that runs, and requests to it that must be answered. */
export type StartedServer = Awaited<ReturnType<typeof started>>;

/** Starts a server as a user does; by default on any port, and nothing is kept. */
export async function started(start: Start, options = ["--port", "0", "--memory"]) {
  const child = run(start, options);
  const address = await until(() => {
    assert.equal(child.process.exitCode, null, child.errors());
    return /http:\/\/127\.0\.0\.1:\d+\//.exec(child.output())?.[0];
  });
  const json = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const response = await fetch(`${address.slice(0, -1)}${path}`, init);
    const body = await response.json();
    assert.ok(response.ok, JSON.stringify(body));
    return body as T;
  };
  const post = <T>(path: string, body: unknown) =>
    json<T>(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  return {
    address,
    json,
    post,
    submit: async (body: unknown) => (await post<{ jobs: JobRow[] }>("/api/jobs", body)).jobs,
    job: async (id: string) => (await json<{ job: JobDetail }>(`/api/jobs/${id}`)).job,
    cancel: async (id: string) => {
      const path = `/api/jobs/${id}/cancel`;
      return (await post<{ cancelled: boolean }>(path, { interrupt: true })).cancelled;
    },
    cancelAll: (filter: JobFilter) =>
      post<{ matched: number; cancelled: number }>("/api/jobs/cancel", { filter, interrupt: true }),
    async stop(signal: NodeJS.Signals, code: number) {
      const exited = once(child.process, "exit");
      const before = performance.now();
      // Not `child.kill`: on Deno it takes the signal for the end before the process has ended.
      process.kill(child.process.pid as number, signal);
      assert.deepEqual(await exited, [code, null], child.errors());
      assert.ok(performance.now() - before < 2000, "it stops promptly");
      assert.equal(child.errors(), "");
    },
    async [Symbol.asyncDispose]() {
      if (child.process.exitCode !== null || child.process.signalCode !== null) return;
      child.process.kill("SIGKILL");
      await once(child.process, "exit");
    },
  };
}
