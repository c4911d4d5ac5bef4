// Tests of the edge service: bounded, in time, and idle as soon as nobody waits. On Deno and Bun.

import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import { test } from "node:test";
import { poll } from "deno-std/async/poll.js";
import { createApp, type Part } from "./app.ts";

const LONG_MS = 60_000;

test("it asks every source named, each for itself", async () => {
  await using upstream = await startUpstream();
  const { app } = createApp(upstream.sources, { loads: 4, waiting: 4, deadline: LONG_MS });
  const answer = await app.request("/pages?source=fast&source=broken");
  const { parts } = (await answer.json()) as { parts: Part[] };
  assert.deepEqual(parts[0], { source: "fast", text: "fast" });
  assert.match(parts[1]?.problem ?? "", /it answered 500/);
  assert.equal((await app.request("/pages?source=other")).status, 400);
});

test("no more loads run at once than allowed, whoever asks", async () => {
  await using upstream = await startUpstream();
  const { app, executor } = createApp(upstream.sources, {
    loads: 2,
    waiting: 10,
    deadline: LONG_MS,
  });
  const answers = [1, 2, 3].map(() => app.request("/pages?source=slow&source=slow"));
  await upstream.until(() => upstream.held.length === 2 && executor.stats().queued === 4);
  // Each answer lets the next one through.
  for (let answered = 0; answered < 6; answered++) {
    await upstream.until(() => upstream.held.length > 0);
    assert.ok(executor.stats().running <= 2);
    upstream.held.shift()?.end("slow");
  }
  for (const answer of await Promise.all(answers)) assert.equal(answer.status, 200);
  assert.equal(upstream.most, 2);
});

test("a request that finds no room is sent away whole, and others go on", async () => {
  await using upstream = await startUpstream();
  const { app, executor } = createApp(upstream.sources, {
    loads: 1,
    waiting: 1,
    deadline: LONG_MS,
  });
  const first = app.request("/pages?source=slow");
  await upstream.until(() => upstream.held.length === 1);
  const second = await app.request("/pages?source=slow&source=slow&source=slow");
  assert.equal(second.status, 503);
  assert.equal(second.headers.get("retry-after"), "1");
  assert.equal(executor.stats().queued, 0, "what it had submitted was taken back");
  upstream.held.shift()?.end("slow");
  assert.equal((await first).status, 200);
});

test("at the deadline the answer goes out with what is there", async () => {
  await using upstream = await startUpstream();
  const { app, executor } = createApp(upstream.sources, { loads: 4, waiting: 4, deadline: 300 });
  const answer = await app.request("/pages?source=slow");
  assert.deepEqual(await answer.json(), { parts: [{ source: "slow", problem: "too late" }] });
  await upstream.until(() => upstream.gone === 1);
  assert.equal(executor.stats().running, 0);
});

test("when the client goes away, what runs is interrupted and what waits never begins", async () => {
  await using upstream = await startUpstream();
  const { app, executor } = createApp(upstream.sources, {
    loads: 1,
    waiting: 4,
    deadline: LONG_MS,
  });
  const client = new AbortController();
  const answer = app.request("/pages?source=slow&source=slow&source=slow", {
    signal: client.signal,
  });
  await upstream.until(() => upstream.held.length === 1 && executor.stats().queued === 2);
  client.abort();
  const { parts } = (await (await answer).json()) as { parts: Part[] };
  assert.deepEqual(
    parts.map(({ problem }) => problem),
    ["too late", "too late", "too late"],
  );
  await upstream.until(() => upstream.gone === 1);
  const { running, queued, cancelled } = executor.stats();
  assert.deepEqual(
    { running, queued, cancelled, asked: upstream.asked },
    { running: 0, queued: 0, cancelled: 3, asked: 1 },
  );
});

test("a client that hangs up on the wire is noticed like that, too", async () => {
  await using upstream = await startUpstream();
  const { app, executor } = createApp(upstream.sources, {
    loads: 1,
    waiting: 4,
    deadline: LONG_MS,
  });
  await using service = await startService(app.fetch);
  const client = new AbortController();
  const answer = fetch(`${service.address}/pages?source=slow&source=slow`, {
    signal: client.signal,
  });
  await upstream.until(() => upstream.held.length === 1);
  client.abort();
  await assert.rejects(answer, { name: "AbortError" });
  await upstream.until(() => upstream.gone === 1 && executor.stats().cancelled === 2);
  assert.equal(upstream.asked, 1, "the second was never asked for");
});

/** Serves by the runtime's own server: its requests have the signal. */
async function startService(handle: (request: Request) => Response | Promise<Response>) {
  const runtime = globalThis as unknown as {
    Deno?: {
      serve(
        options: object,
        handler: unknown,
      ): { addr: { port: number }; shutdown(): Promise<void> };
    };
    Bun?: { serve(options: object): { port: number; stop(force: boolean): Promise<void> } };
  };
  const hostname = "127.0.0.1";
  if (runtime.Deno !== undefined) {
    const server = runtime.Deno.serve(
      { hostname, port: 0, onListen: () => {} },
      (request: Request) => handle(request),
    );
    return {
      address: `http://${hostname}:${server.addr.port}`,
      [Symbol.asyncDispose]: () => server.shutdown(),
    };
  }
  const server = runtime.Bun?.serve({
    hostname,
    port: 0,
    fetch: (request: Request) => handle(request),
  });
  return {
    address: `http://${hostname}:${server?.port}`,
    [Symbol.asyncDispose]: async () => void (await server?.stop(true)),
  };
}

/** A server whose slow answers the test gives. */
async function startUpstream() {
  const held: ServerResponse[] = [];
  const state = { asked: 0, gone: 0, most: 0, open: 0 };
  const server = createServer((request, response) => {
    if (request.url === "/fast") return void response.end("fast");
    if (request.url === "/broken") return void response.writeHead(500).end();
    state.asked++;
    state.most = Math.max(state.most, ++state.open);
    held.push(response);
    response.on("close", () => {
      state.open--;
      if (!response.writableFinished) state.gone++;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const at = (name: string): [string, string] => [name, `http://127.0.0.1:${port}/${name}`];
  return {
    held,
    sources: new Map(["fast", "slow", "broken"].map(at)),
    get asked() {
      return state.asked;
    },
    get gone() {
      return state.gone;
    },
    get most() {
      return state.most;
    },
    async until(condition: () => boolean) {
      await poll(condition, Boolean, { interval: 2 });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
