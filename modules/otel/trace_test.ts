// Tests of traces on the event loop, of what is refused, and of the text that goes with a call.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTraceState } from "@opentelemetry/api";
import { EventLoopExecutor, type Executor, memoize, QueueFullError } from "../../mod.ts";
import { Counter, HostSdk, inSpan, only, tasks, until } from "./fixture.ts";
import { trace } from "./mod.ts";
import { readRider, writeRider } from "./rider.ts";

test("on the event loop a task's spans are inside the span of its run, whatever it is named by", async () => {
  using host = new HostSdk();
  await using executor = new EventLoopExecutor();
  using _ = trace(executor);
  const own = async (n: number) => {
    await null;
    return inSpan("inner", () => n);
  };
  for (const submit of [() => executor.submit(own, 1), () => executor.submit(tasks.work, 1)]) {
    host.reset();
    await inSpan("request", submit);
    await until(() => host.spans.length === 4);
    const [inner, run, submitted] = [/^inner/, /^run/, /^submit/].map((name) =>
      host.spans.find((span) => name.test(span.name)),
    );
    const request = only(host.spans, "request");
    assert.equal(inner?.parent, run?.spanId);
    assert.equal(run?.parent, submitted?.spanId);
    assert.equal(submitted?.parent, request.spanId);
    assert.equal(run?.attributes["futures.outcome"], "finished");
  }
});

test("a stream's steps are inside the span of its run", async () => {
  using host = new HostSdk();
  await using executor = new EventLoopExecutor();
  using _ = trace(executor);
  assert.deepEqual(await Array.fromAsync(executor.stream(tasks.count, 2)), [1, 2]);
  await until(() => host.spans.some(({ name }) => name === "run count"));
  const run = only(host.spans, "run count");
  for (const item of ["item 1", "item 2"]) assert.equal(only(host.spans, item).parent, run.spanId);
});

test("a task that fails, and a submit that is refused, are spans that failed", async () => {
  using host = new HostSdk();
  await using executor = new EventLoopExecutor({ maxWorkers: 1, maxQueue: 0 });
  using _ = trace(executor);
  const failed = executor.submit(tasks.fail, "no");
  assert.throws(() => executor.submit(tasks.work, 1), QueueFullError);
  assert.ok((await failed.exception()) instanceof RangeError);
  await until(() => host.spans.length === 3);
  assert.equal(only(host.spans, "run fail").attributes["futures.outcome"], "failed");
  assert.ok(only(host.spans, "submit work"));
});

test("an actor, its methods, and what is broadcast are followed, whether later workers are told it or not", async () => {
  using host = new HostSdk();
  await using executor = new EventLoopExecutor({ maxWorkers: 2 });
  using _ = trace(executor);
  await using counter = await executor.actor(Counter, 1);
  assert.equal(await counter.add(2), 3);
  await executor.warm();
  await Promise.all(executor.broadcast(tasks.work.with({ remember: true }), 1));
  await until(() => host.spans.filter(({ name }) => name === "run work").length > 0);
  for (const name of ["new Counter", "Counter.add", "work"]) {
    const submitted = only(host.spans, `submit ${name}`);
    for (const run of host.spans.filter((span) => span.name === `run ${name}`))
      assert.equal(run.parent, submitted.spanId);
  }
  const inner = host.spans.filter(({ name }) => name === "inner").map(({ parent }) => parent);
  assert.ok(inner.includes(only(host.spans, "run Counter.add").spanId));
});

test("a call that is given a known result is submitted and not run, by its own arguments", async () => {
  using host = new HostSdk();
  await using executor = new EventLoopExecutor();
  using _ = trace(executor);
  const known = memoize(tasks.work);
  assert.deepEqual([await executor.submit(known, 2), await executor.submit(known, 2)], [4, 4]);
  assert.deepEqual(await Array.fromAsync(executor.map(known, [2, 3])), [4, 6]);
  await until(() => host.spans.filter(({ name }) => name === "run work").length === 2);
  const names = host.spans.map(({ name }) => name).filter((name) => name !== "inner");
  assert.deepEqual(names.toSorted(), ["run work", "run work", ...Array(3).fill("submit work")]);
});

test("observers are told the trace context that goes with a call, and none where no SDK is registered", async () => {
  await using executor = new EventLoopExecutor();
  using _ = trace(executor);
  const told: unknown[] = [];
  using _observing = executor.observe((event) => {
    if (event.type === "submitted") told.push(event.traceparent);
  });
  await executor.submit(tasks.work, 1);
  {
    using host = new HostSdk();
    await executor.submit(tasks.work, 1);
    const { traceId, spanId } = only(host.spans, "submit work");
    assert.deepEqual(told, [undefined, `00-${traceId}-${spanId}-01`]);
  }
});

test("trace() refuses what cannot be traced, and what is traced already", () => {
  const executor = new EventLoopExecutor();
  const first = trace(executor);
  assert.throws(() => trace(executor), { name: "InvalidStateError" });
  first[Symbol.dispose]();
  trace(executor)[Symbol.dispose]();
  assert.throws(() => trace({ observe() {} } as unknown as Executor), TypeError);
  assert.throws(() => trace(executor, { provider: 1 } as never), /unknown option "provider"/);
});

test("a rider is read as it was written, and nothing else is taken for one", () => {
  const context = {
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "00f067aa0ba902b7",
    traceFlags: 1,
    traceState: createTraceState("a=1, b=2"),
  };
  const text = writeRider(context, 12.5, 'a "task"', "pool [1] of two");
  assert.deepEqual(readRider(text), {
    traceId: context.traceId,
    spanId: context.spanId,
    traceFlags: 1,
    traceState: "a=1,b=2",
    submittedAt: 12.5,
    task: 'a "task"',
    executor: "pool [1] of two",
  });
  for (const other of [undefined, 3, "", "00-x", `${text.slice(1)}`])
    assert.equal(readRider(other), undefined);
});
