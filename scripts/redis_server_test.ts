// Tests of the server for tests: what it has acknowledged survives a crash, and it survives nobody who started it.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createConnection } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { poll } from "deno-std/async/poll.js";
import { isAlive } from "../modules/testing/is_alive.ts";
import { bunPath } from "./bun.ts";
import { nodePath } from "./node.ts";
import { type RedisServer, serverForTests, startRedisServer } from "./redis_server.ts";

Deno.test("a killed server that is started again has what it had acknowledged", async () => {
  await using server = await startRedisServer();
  assert.equal(await ask(server, "SET kept 42"), "+OK\r\n");
  const { pid, url, folder } = server;
  await server.kill();
  assert.equal(isAlive(pid), false);
  await assert.rejects(ask(server, "PING"), /ECONNREFUSED/);

  await server.restart();
  assert.deepEqual([server.url, server.folder], [url, folder]);
  assert.notEqual(server.pid, pid);
  assert.equal(await ask(server, "GET kept"), "$2\r\n42\r\n");
});

Deno.test("a server that is frozen answers once it is thawed, and stops all the same", async () => {
  const server = await startRedisServer();
  server.freeze();
  const answer = ask(server, "PING");
  const { stdout } = spawnSync("ps", ["-o", "state=", "-p", `${server.pid}`], { encoding: "utf8" });
  assert.match(stdout, /^T/); // Stopped: it answers nobody.
  server.thaw();
  assert.equal(await answer, "+PONG\r\n");

  server.freeze();
  const { pid, folder } = server;
  await server.stop();
  assert.deepEqual([isAlive(pid), existsSync(folder)], [false, false]);
});

Deno.test("startRedisServer() takes settings, and tells what a server says of bad ones", async () => {
  await using server = await startRedisServer({ settings: [["maxmemory", "20mb"]] });
  assert.match(await ask(server, "CONFIG GET maxmemory"), /\r\n20971520\r\n/);
  await assert.rejects(
    startRedisServer({ settings: [["maxmemory", "much"]] }),
    /^Error: Cannot start .+-server: it has ended\n[\s\S]*argument must be a memory value/,
  );
});

Deno.test("serverForTests() is the one that REDIS_URL names, and leaves it alone", async () => {
  await using server = await startRedisServer();
  const { REDIS_URL: before } = process.env;
  process.env.REDIS_URL = server.url;
  try {
    const { url, [Symbol.asyncDispose]: stop } = await serverForTests();
    assert.equal(url, server.url);
    await stop();
    assert.equal(await ask(server, "PING"), "+PONG\r\n");
  } finally {
    if (before === undefined) delete process.env.REDIS_URL;
    else process.env.REDIS_URL = before;
  }
});

/** Node may have to be fetched: asked for once. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  Deno: [Deno.execPath(), "run", "--allow-all", "--no-check"],
  Bun: [bunPath(), "run"],
  Node: [nodePath()],
};

for (const [runtime, program] of Object.entries(PROGRAMS)) {
  for (const end of ["is killed", "falls off its end"]) {
    Deno.test(`a server ends when the program on ${runtime} that started it ${end}`, async () => {
      const script = fileURLToPath(new URL("./fixtures/start_redis_server.ts", import.meta.url));
      const [path, ...flags] = program;
      const child = spawn(path as string, [...flags, script, end], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = once(child, "exit");
      const [text] = await once(child.stdout, "data");
      const { pid, folder } = JSON.parse(String(text)) as { pid: number; folder: string };
      if (end === "is killed") {
        assert.equal(isAlive(pid), true);
        child.kill("SIGKILL");
      }
      const [code] = await ended;
      assert.equal(code, end === "is killed" ? null : 0);
      await poll(
        () => isAlive(pid) || existsSync(folder),
        (isThere) => !isThere,
        { interval: 10 },
      );
    });
  }
}

/** What the server says to one command. */
function ask({ port }: RedisServer, command: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = createConnection({ host: "127.0.0.1", port });
  let text = "";
  socket.setEncoding("utf8");
  socket.on("connect", () => socket.write(`${command}\r\nQUIT\r\n`));
  socket.on("data", (part: string) => {
    text += part;
  });
  socket.on("error", reject);
  socket.on("close", () => resolve(text.replace(/\+OK\r\n$/, "")));
  return promise;
}
