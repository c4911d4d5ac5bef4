// Tests of how much a stream makes ahead; what comes of it is the conformance suite's.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLoopExecutor } from "../event_loop_executor.ts";
import { turn } from "../serving/server.ts";
import { task } from "../task.ts";

test("a stream of no given buffer makes more ahead for a reader who takes all at once, and no more than before for a slow one", async () => {
  await using executor = new EventLoopExecutor();
  let made = 0;
  await using stream = executor.stream(function* () {
    for (;;) yield ++made;
  });
  const read = async () => made - ((await stream.next()).value as number);
  let most = 0;
  for (let n = 0; n < 20_000; n++) most = Math.max(most, await read());
  assert.ok(most > 32 && most <= 256);
  const readSlowly = async () => {
    await turn();
    return await read();
  };
  for (let n = 0; n < 1000; n++) await readSlowly();
  for (let n = 0; n < 100; n++) assert.ok((await readSlowly()) <= 32);
});

test("a buffer that is given is never exceeded, however fast the reader is", async () => {
  await using executor = new EventLoopExecutor();
  let made = 0;
  function* count() {
    for (;;) yield ++made;
  }
  await using stream = executor.stream(task(import.meta.url, count).with({ buffer: 32 }));
  for (let n = 0; n < 10_000; n++) {
    const { value } = await stream.next();
    assert.ok(made - (value as number) <= 32);
  }
});
