// The test of a started server, the same for every runtime: the command a user types, and what it does.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type {
  JobDetail,
  JobFilter,
  JobRow,
  JobsPage,
  Trial,
} from "../../modules/dashboard/contract.ts";
import { EventReader } from "../../modules/dashboard/event_reader.ts";
import { until } from "../../modules/dashboard/fixture.ts";

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

  test("the started server, killed and started again, shows what ran, and as lost what was under way", async () => {
    // Where the task may write.
    const home = fileURLToPath(new URL("../../temp/playground/", import.meta.url));
    mkdirSync(home, { recursive: true });
    const folder = mkdtempSync(join(home, "test-"));
    try {
      const options = ["--port", "0", "--history", join(folder, "history.sqlite")];
      let lastId: string;
      {
        await using server = await started(start, options);
        const [done] = await server.submit({ kind: "echo", executor: start.pool });
        await until(
          async () => (await server.job(String(done?.id))).state === "finished" || undefined,
        );
        const body = {
          kind: "sleep",
          executor: start.pool,
          parameters: { ms: 60_000 },
          count: 500,
        };
        const [running] = await server.submit(body);
        await until(
          async () => (await server.job(String(running?.id))).state === "running" || undefined,
        );
        const filter = await server.json<JobsPage>("/api/jobs?kind=sleep&limit=1");
        assert.equal(filter.total, 500);
        {
          // Left before the server is killed: a reader would be told that its connection was reset.
          await using reader = new EventReader(await fetch(`${server.address}api/events`));
          lastId = (await reader.snapshot()).id;
        }
        await server.kill();
      }
      await using server = await started(start, options);
      const headers = { "last-event-id": lastId };
      await using reader = new EventReader(await fetch(`${server.address}api/events`, { headers }));
      const { counts, server: told } = (await reader.snapshot()).data;
      assert.deepEqual(
        [counts.states.finished, counts.states.failed, counts.reasons["server-lost"]],
        [1, 500, 500],
      );
      assert.equal(told.storage.kind, "file");
      await server.stop("SIGTERM", 0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("the started server lets in only who has the token, listens on loopback only, and tells no secret", async () => {
    const secret = "canary-5c1b0f";
    await using server = await started(start, ["--port", "0", "--memory", "--token"], secret);
    const token = /token=([\w-]+)/.exec(server.output())?.[1] ?? "";
    assert.ok(token.length >= 32, server.output());
    const paths = [
      "",
      "main.js",
      "api/jobs",
      "api/events",
      "metrics",
      "healthz",
      "api/docs",
      "none",
    ];
    for (const path of paths) {
      const response = await fetch(server.address + path);
      assert.equal(response.status, 401, path);
      assert.doesNotMatch(await response.text(), new RegExp(token));
    }
    const opened = await fetch(`${server.address}?token=${token}`, { redirect: "manual" });
    await opened.body?.cancel();
    assert.deepEqual([opened.status, opened.headers.get("location")], [303, "/"]);
    const set = opened.headers.get("set-cookie") ?? "";
    assert.match(set, /HttpOnly/);
    assert.match(set, /SameSite=Strict/);
    assert.match(set, new RegExp(`^[^=]*${new URL(server.address).port}`));
    assert.ok(!set.includes(token), "it does not hold the token");
    const headers = { cookie: set.split(";")[0] ?? "", "content-type": "application/json" };
    for (const kind of ["fail", "exit", "print"]) {
      const body = JSON.stringify({ kind, executor: start.pool });
      await server.json("/api/jobs", { method: "POST", body, headers });
    }
    await until(async () => {
      const { counts } = await server.json<JobsPage>("/api/jobs", { headers });
      return counts.states.pending + counts.states.running === 0 || undefined;
    });
    const { jobs } = await server.json<JobsPage>("/api/jobs", { headers });
    const told = [server.output(), server.errors()];
    for (const path of [
      ...jobs.map(({ id }) => `api/jobs/${id}`),
      "api/trace",
      "metrics",
      "api/snapshot",
    ]) {
      told.push(await (await fetch(server.address + path, { headers })).text());
    }
    assert.doesNotMatch(told.join("\n"), new RegExp(secret));
    if (process.platform === "linux") {
      assert.deepEqual(listeningOn(Number(new URL(server.address).port)), ["0100007F"]);
    }
    await server.stop("SIGTERM", 0);
    // Printed once, where it is started, and nowhere else.
    assert.equal(server.output().split(token).length, 2);
  });

  test("bodies that are missing, or of unknown length, have the runtime print nothing", async () => {
    await using server = await started(start);
    const nothing = await fetch(`${server.address}api/jobs/none/cancel`, { method: "POST" });
    assert.equal(nothing.status, 404, await nothing.text());
    const text = new TextEncoder().encode(JSON.stringify({ kind: "echo", executor: start.pool }));
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(text);
        controller.close();
      },
    });
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", body, headers, duplex: "half" } as RequestInit;
    const response = await fetch(`${server.address}api/jobs`, init);
    assert.equal(response.status, 202, await response.text());
    // It checks what was printed.
    await server.stop("SIGTERM", 0);
  });

  test("half a request's header is not held for ever, however it comes", async () => {
    await using server = await started(start);
    const port = Number(new URL(server.address).port);
    const half = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-`;
    const held = ["", half, "G"].flatMap((text) => [hold(port, text), hold(port, text, "a")]);
    // Nobody else waits for them meanwhile, nor for a reader of the stream.
    const stream = await fetch(`${server.address}api/events`);
    assert.equal((await fetch(`${server.address}healthz`)).status, 200);
    // Whatever is answered first, each of them comes to an end, which is all that is asked for.
    await Promise.all(held);
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    assert.equal((await reader.read()).done, false, "who has asked whole is served on");
    await reader.cancel();
    await server.stop("SIGTERM", 0);
  });

  test("a method that none has is no failure of the server", async () => {
    await using server = await started(start);
    const port = Number(new URL(server.address).port);
    for (const method of ["TRACE", "TRACK", "CONNECT", "PUT", "DELETE", "OPTIONS", "BREW", "get"]) {
      for (const path of ["/", "/api/jobs"]) {
        const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 2\r\n\r\n{}`;
        const status = Number(
          /^HTTP\/1.1 (\d{3})/.exec(await hold(port, head, "", true))?.[1] ?? 400,
        );
        assert.ok(status >= 400 && status < 500, `${method} ${path} is answered ${status}`);
      }
    }
    // It checks what was printed.
    await server.stop("SIGTERM", 0);
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

/**
 * Holds a connection that has sent a text, until the other side ends it or, if that is enough, answers.
 *
 * @param drop sent again and again, as by a very slow client.
 * @returns what was answered.
 */
async function hold(
  port: number,
  text: string,
  drop = "",
  answerIsEnough = false,
): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    answer += chunk;
    if (answerIsEnough) socket.end();
  });
  // Told of a connection that the other side has left.
  socket.on("error", () => {});
  socket.write(text);
  const drops = drop === "" ? undefined : setInterval(() => socket.write(drop), 200);
  await new Promise((resolve) => socket.on("end", resolve).on("close", resolve));
  clearInterval(drops);
  socket.destroy();
  return answer;
}

/** The addresses, as the kernel writes them, that a port is listened to on. */
function listeningOn(port: number): string[] {
  const tables = execFileSync("cat", ["/proc/net/tcp", "/proc/net/tcp6"], { encoding: "utf8" });
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return [...tables.matchAll(/^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:0000 0A /gm)]
    .filter(([, , listening]) => listening === hex)
    .map(([, address]) => address as string);
}

function run({ command, args }: Start, more: string[], secret = ""): Running {
  const child = spawn(command, [...args, ...more], {
    // Where tasks are run, for permissions that name folders.
    cwd: new URL("../../", import.meta.url),
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", PORT: "", SECRET: secret },
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

/** Less than a server waits that lets idle connections end by themselves; much more than a busy machine takes. */
const PROMPT_MS = 4500;

/**
 * Finds a free port below those that systems lend to outgoing connections: one of those may be lent as soon as its server
 * has stopped, even to the very connection that looks for the server, and then no other can start there.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** A server that runs, and requests to it that must be answered. */
export type StartedServer = Awaited<ReturnType<typeof started>>;

/** Starts a server as a user does; by default on any port, and nothing is kept. */
export async function started(start: Start, options = ["--port", "0", "--memory"], secret = "") {
  const child = run(start, options, secret);
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
    pid: child.process.pid as number,
    output: child.output,
    errors: child.errors,
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
    /** Ends it as nothing can be prevented from. */
    async kill() {
      const exited = once(child.process, "exit");
      process.kill(child.process.pid as number, "SIGKILL");
      await exited;
    },
    async stop(signal: NodeJS.Signals, code: number) {
      const exited = once(child.process, "exit");
      const before = performance.now();
      // Not `child.kill`: on Deno it takes the signal for the end before the process has ended.
      process.kill(child.process.pid as number, signal);
      assert.deepEqual(await exited, [code, null], child.errors());
      assert.ok(performance.now() - before < PROMPT_MS, "it stops promptly");
      assert.equal(child.errors(), "");
    },
    async [Symbol.asyncDispose]() {
      if (child.process.exitCode !== null || child.process.signalCode !== null) return;
      child.process.kill("SIGKILL");
      await once(child.process, "exit");
    },
  };
}
