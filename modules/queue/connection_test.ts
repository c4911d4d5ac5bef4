// What is refused of a connection and of an executor's options, at the call, and that no secret is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefusal, Server, withoutSecrets } from "./connection.ts";
import { QueueExecutor, type QueueExecutorOptions } from "./mod.ts";

test("a password does not travel unencrypted to another machine, unless that is wanted", () => {
  const url = "redis://me:s3cr3t@queue.example";
  assert.throws(() => new Server({ url }), {
    name: "RangeError",
    message: /unencrypted to queue\.example/,
  });
  assert.throws(
    () => new Server({ url: "redis://queue.example", password: "s3cr3t" }),
    (error: Error) => error instanceof RangeError && !error.message.includes("s3cr3t"),
  );
  assert.equal(new Server({ url, insecure: true }).address, "queue.example:6379");
  assert.equal(
    new Server({ url: "rediss://me:s3cr3t@queue.example:7000/3" }).address,
    "queue.example:7000",
  );
  for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"])
    assert.ok(new Server({ url: `redis://:s3cr3t@${host}` }));
});

test("an address that is none of a server is refused without being told", () => {
  for (const url of [
    "http://me:s3cr3t@127.0.0.1",
    "me:s3cr3t",
    "",
    "redis://127.0.0.1/jobs",
    7,
    undefined,
  ])
    assert.throws(
      () => new Server({ url: url as string }),
      (error: Error) => error instanceof TypeError && !error.message.includes("s3cr3t"),
    );
});

test("an error of a client is told without what stands beside it", () => {
  const error = Object.assign(new Error("WRONGPASS invalid username-password pair"), {
    command: { name: "auth", args: ["s3cr3t"] },
  });
  const told = withoutSecrets(error);
  assert.deepEqual(Object.keys(told), ["name"]);
  assert.ok(isRefusal(error) && isRefusal(told));
  assert.ok(!isRefusal(new Error("LOADING")));
});

test("options of QueueExecutor are refused at the call", () => {
  const good: QueueExecutorOptions = {
    connection: { url: "redis://127.0.0.1" },
    queue: "jobs",
    tasks: { jobs: "tasks:jobs" },
  };
  assert.ok(new QueueExecutor(good));
  const bad: [Partial<Record<keyof QueueExecutorOptions | "maxWorkers", unknown>>, RegExp][] = [
    [{ queue: "a:b" }, /Cannot use queue/],
    [{ queue: "" }, /Cannot use queue/],
    [{ queue: 7 }, /Cannot use queue/],
    [{ tasks: { jobs: "./jobs.ts" } }, /"jobs" has no absolute URL/],
    [{ tasks: null }, /Cannot use tasks/],
    [{ maxPayload: 0 }, /Cannot use maxPayload/],
    [{ maxQueue: -1 }, /Cannot use maxQueue/],
    [{ keepResults: Number.POSITIVE_INFINITY }, /Cannot use keepResults/],
    [{ submitTimeout: -1 }, /Cannot use submitTimeout/],
    [{ durability: "perhaps" }, /Cannot use durability/],
    [{ priorities: 1 }, /Cannot use priorities/],
    [{ connection: { url: "redis://127.0.0.1", prefix: "a:b" } }, /Cannot use prefix/],
    [{ connection: { url: "redis://127.0.0.1", tls: {} } }, /Cannot use tls/],
    [{ connection: { url: "redis://127.0.0.1", pasword: "x" } }, /did you mean "password"/],
    [{ maxWorkers: 2 }, /maxWorkers/],
    [{ onError: "log" }, /Cannot use onError/],
  ];
  for (const [options, message] of bad)
    assert.throws(() => new QueueExecutor({ ...good, ...options } as never), { message });
});
