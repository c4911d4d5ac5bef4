// The worker's loop: it fails a call, or ends its worker; it never dies alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { poll } from "deno-std/async/poll.js";
import { Constant, RingWriter } from "../memory/ring.ts";
import { hostMemory, SHARED_BYTES } from "../memory/shared_memory.ts";
import type { Port } from "../seam/channel.ts";
import type { HostMessage, WorkerMessage } from "../seam/messages.ts";
import { serve } from "./serve.ts";

const TASKS = "data:text/javascript,export const give = (make) => make();";

/** A worker whose port is a list, and who may be disturbed. */
function worker(changes: Partial<Port> = {}, begin?: () => boolean) {
  const sent: WorkerMessage[] = [];
  const ends: string[] = [];
  let tell: (message: HostMessage) => void = () => {};
  const words = new Int32Array(new SharedArrayBuffer(SHARED_BYTES));
  serve(
    {
      memory: { words, claims: begin && { begin } },
      send: (message) => void sent.push(message),
      listen: (onMessage) => {
        tell = onMessage;
      },
      exit: () => void ends.push("exit"),
      ...changes,
    },
    { sharedRealm: true },
  );
  const memory = hostMemory({ words });
  assert.ok(memory !== undefined);
  tell({ kind: "start", worker: { id: 0, name: "one" }, rings: true });
  return { sent, ends, memory, tell: (message: HostMessage) => tell(message) };
}

/** Waits until something is true; the test's own limit ends a wait in vain. */
async function until(isTrue: () => boolean): Promise<void> {
  await poll(isTrue, Boolean, { interval: 0 });
}

test("a ring that cannot be read ends the worker, and the host is told why", async () => {
  const { sent, ends, memory, tell } = worker();
  await until(() => sent.some(({ kind }) => kind === "ready"));
  const { calls } = memory;
  assert.ok(calls instanceof RingWriter);
  // A run begins with a number.
  calls.putValue("no number", 0);
  calls.commit();
  calls.publish();
  tell({ kind: "look" });
  await until(() => ends.length > 0);
  assert.deepEqual(ends, ["exit"]);
  const faults = sent.filter(({ kind }) => kind === "fault");
  assert.equal(faults.length, 1);
  assert.match(JSON.stringify(faults), /a number is missing/);
});

test("a claim that cannot be asked for ends the worker", async () => {
  const { sent, ends, memory, tell } = worker({}, () => {
    throw new RangeError("the file is gone");
  });
  await until(() => sent.some(({ kind }) => kind === "ready"));
  const { calls } = memory;
  for (const word of [1, 0, 0, 0]) calls.putNumber(word);
  calls.commit();
  calls.publish();
  tell({ kind: "look" });
  await until(() => ends.length > 0);
  assert.match(JSON.stringify(sent.at(-1)), /the file is gone/);
});

test("a call whose error the port refuses, again and again, fails all the same", async () => {
  for (const [most, told] of [
    [1, /its own/],
    [2, /not this one/],
    [3, /could not be cloned/],
  ] as const) {
    const sent: WorkerMessage[] = [];
    let refusals = 0;
    const { memory, tell } = worker({
      send(message) {
        const isError = message.kind === "settled" && message.errors !== undefined;
        if (isError && refusals++ < most) throw new DOMException("not this one", "DataCloneError");
        sent.push(message);
      },
    });
    await until(() => sent.some(({ kind }) => kind === "ready"));
    const { calls, claims } = memory;
    claims.offer(0);
    calls.put(Constant.throughChannel);
    calls.commit();
    calls.publish();
    const fail = () => {
      throw new Error("its own");
    };
    const define = [{ module: TASKS, export: "give" }];
    const runs = [{ task: 0, id: 0, count: 1, arity: 1, args: [fail] }];
    tell({ kind: "run", first: 0, define, runs });
    await until(() => sent.some(({ kind }) => kind === "settled"));
    assert.match(JSON.stringify(sent.find(({ kind }) => kind === "settled")), told);
  }
});

test("a module that webpack has copied as it is, and that does not load, is told of as that", async () => {
  const messages: string[] = [];
  for (const name of ["8b1f0c2ad93e47f6a5d0.ts", "jobs.ts"]) {
    const { sent, memory, tell } = worker();
    await until(() => sent.some(({ kind }) => kind === "ready"));
    const { calls, claims } = memory;
    claims.offer(0);
    calls.put(Constant.throughChannel);
    calls.commit();
    calls.publish();
    const define = [{ module: `data:text/x-none,/${name}`, export: "give" }];
    tell({
      kind: "run",
      first: 0,
      define,
      runs: [{ task: 0, id: 0, count: 1, arity: 0, args: [] }],
    });
    await until(() => sent.some(({ kind }) => kind === "settled"));
    messages.push(JSON.stringify(sent.find(({ kind }) => kind === "settled")));
  }
  assert.match(
    messages[0] as string,
    /cannot be imported: .*make the module an entry of the build/,
  );
  assert.doesNotMatch(messages[1] as string, /entry of the build/);
});
