// Cases of observe(), stats(), onError and the queue's bounds.
import assert from "node:assert/strict";
import {
  BrokenExecutorError,
  QueueFullError,
  ShutdownError,
  type TaskEvent,
  TaskGroup,
  wait,
} from "../../../mod.ts";
import { Lock } from "../../sync/mod.ts";
import { everywhere, withLinks, withOwnWorkers, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, contexts, deaths, failures, gates, sharing } from "../tasks.ts";

/** Cases of observe(), stats(), onError and the queue's bounds. */
export const observeCases: readonly ConformanceCase[] = [
  {
    id: "cf-observe-order",
    title: "observe() tells of a task in order: submitted, started, progress, settled",
    applies: withOwnWorkers(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const gate = context.gate();
      gate.open();
      const events: TaskEvent[] = [];
      const subscription = executor.observe((event) => events.push(event));
      const future = executor.submit(contexts.progressThenWaitAt, [0.5], gate.path);
      await future;
      const own = events.filter((event) => "future" in event && event.future === future);
      assert.deepEqual(
        own.map(({ type }) => type),
        ["submitted", "started", "progress", "settled"],
      );
      const times = events.map(({ at }) => at);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
        "times never run backwards",
      );
      const last = own.at(-1);
      assert.equal(last?.type === "settled" && last.outcome, "finished");
      if (context.subject.traits.workers) {
        assert.ok(events.some(({ type }) => type === "worker-started"));
      }
      subscription[Symbol.dispose]();
      const told = events.length;
      await executor.submit(arithmetic.square, 2);
      assert.equal(events.length, told, "a disposed observer is told nothing");
    },
  },
  {
    id: "cf-observe-outcomes",
    title: "observe() tells how a task was settled: finished, failed or cancelled",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      const outcomes = new Map<number, unknown[]>();
      const started = new Set<number>();
      using _ = executor.observe((event) => {
        if (event.type === "settled") outcomes.set(event.id, [event.task, event.outcome]);
        if (event.type === "started") started.add(event.id);
      });
      const futures = [
        executor.submit(arithmetic.square, 1),
        executor.submit(failures.throwRangeError, "no"),
        executor.submit(gates.logLine, context.log().path, "never"),
      ];
      futures[2]?.cancel();
      gate.open();
      await wait(futures);
      await futures[1]?.exception();
      await context.until(() => outcomes.size >= 4);
      assert.deepEqual([...outcomes.values()].slice(-4).toSorted(), [
        ["logAndWaitAt", "finished"],
        ["logLine", "cancelled"],
        ["square", "finished"],
        ["throwRangeError", "failed"],
      ]);
      assert.equal(started.size, 2, "a task cancelled while it waited was never started");
    },
  },
  {
    id: "cf-observe-worker-exited",
    title: "observe() tells of a worker's end, with its exit code",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const events: TaskEvent[] = [];
      using _ = executor.observe((event) => events.push(event));
      await executor.submit(deaths.exit, 5).exception();
      await context.until(() => events.some(({ type }) => type === "worker-exited"));
      const exited = events.find((event) => event.type === "worker-exited");
      assert.ok(exited?.type === "worker-exited");
      assert.equal(exited.exitCode, context.exitCode(5));
      assert.equal(exited.abandoned, false);
    },
  },
  {
    id: "cf-observe-hold",
    title: "observe() tells what a call waits for and holds, until it settles",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const lock = new Lock({ name: "cache" });
      const log = context.log();
      const events: TaskEvent[] = [];
      using _ = executor.observe((event) => events.push(event));
      const own = await lock.acquire();
      const call = executor.submit(sharing.logInside, lock, log.path);
      await context.until(() => events.some(({ type }) => type === "hold"));
      own.release();
      await call;
      const [submitted, started, waits, holds] = events.filter(({ type }) => !/worker/.test(type));
      assert.equal(submitted?.type, "submitted");
      assert.equal(started?.type, "started");
      assert.ok(waits?.type === "hold" && holds?.type === "hold");
      const { id } = waits.hold;
      assert.deepEqual(waits.hold, { id, of: 'lock "cache"', state: "waits" });
      assert.deepEqual(holds.hold, { id, of: 'lock "cache"', state: "holds" });
      assert.ok(waits.future === call && waits.task === "logInside" && waits.at <= holds.at);
      assert.equal(events.filter(({ type }) => !/worker/.test(type)).at(-1)?.type, "settled");
    },
  },
  {
    id: "cf-observe-group",
    title: "observe() tells which calls are of one group",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const groups: (number | undefined)[] = [];
      using _ = executor.observe((event) => {
        if (event.type !== "submitted") return;
        groups.push(event.group);
        // What an observer submits when it is told of a child is no child.
        if (groups.length === 1) void executor.submit(arithmetic.square, 0);
      });
      await using first = new TaskGroup(executor, { maxRunning: 1 });
      for (const n of [1, 2, 3]) first.submit(arithmetic.square, n);
      await using second = new TaskGroup(executor);
      second.submit(arithmetic.square, 4);
      await Promise.all([first.join(), second.join()]);
      const numbers = new Set(groups);
      assert.equal(groups.length, 5);
      assert.equal(numbers.size, 3);
      assert.equal(groups.filter((group) => group === groups[0]).length, 3);
      assert.equal(groups.filter((group) => group === undefined).length, 1);
      assert.equal(groups[1], undefined);
    },
  },
  {
    id: "cf-observe-throws",
    title: "an observer that throws is reported and disturbs neither tasks nor other observers",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      let told = 0;
      using _ = executor.observe(() => {
        throw new RangeError("observer broke");
      });
      using _second = executor.observe(() => {
        told++;
      });
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      assert.ok(told >= 2);
      assert.ok(context.reports.length >= 1);
      assert.equal(context.reports[0]?.about.kind, "observer");
      assert.match(String(context.reports[0]?.error), /observer broke/);
    },
  },
  {
    id: "cf-stats",
    title: "stats() counts what is queued, running and done, by outcome",
    applies: withOwnWorkers(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const { gate, futures } = await occupy(context, executor, 2);
      const waiting = [1, 2, 3].map((n) => executor.submit(arithmetic.square, n));
      const failing = executor.submit(failures.throwRangeError, "no");
      const dropped = executor.submit(arithmetic.square, 4);
      dropped.cancel();
      const { queued, running, busy, finished } = executor.stats();
      assert.deepEqual(
        { queued, running, busy, finished },
        { queued: 4, running: 2, busy: 2, finished: 0 },
      );
      const { utilisation } = executor.stats();
      assert.ok(utilisation > 0 && utilisation <= 1, `${utilisation}`);
      gate.open();
      await Promise.all([...futures, ...waiting]);
      await failing.exception();
      const after = executor.stats();
      assert.deepEqual(
        [after.queued, after.running, after.busy, after.finished, after.failed, after.cancelled],
        [0, 0, 0, 5, 1, 1],
      );
      assert.deepEqual([after.lost, after.abandoned], [0, 0]);
    },
  },
  {
    id: "cf-stats-map",
    title: "stats() counts the elements of map()",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      await Array.fromAsync(executor.map(arithmetic.square, [1, 2, 3, 4, 5], { chunkSize: 2 }));
      assert.equal(executor.stats().finished, 5);
    },
  },
  {
    id: "cf-unobserved",
    title: "a failure nobody looked at is reported once, when the executor shuts down",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const future = executor.submit(failures.throwRangeError, "unseen");
      await wait([future]);
      assert.equal(future.snapshot().state, "finished");
      assert.equal(context.reports.length, 0, "not before shutdown()");
      await executor.shutdown();
      await executor.shutdown();
      assert.equal(context.reports.length, 1);
      const [report] = context.reports;
      assert.equal(report?.about.kind, "unobserved");
      assert.equal(report?.about.future, future);
      assert.match(String(report?.error), /unseen/);
    },
  },
  {
    id: "cf-observed",
    title: "a failure that was looked at in any way is not reported",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const submit = () => executor.submit(failures.throwRangeError, "seen");
      await submit()
        .result()
        .catch(() => {});
      await submit().exception();
      await submit().catch(() => {});
      await submit().then(undefined, () => {});
      await (async () => await submit())().catch(() => {});
      const withCallback = submit();
      withCallback.addDoneCallback(() => {});
      await wait([withCallback]);
      const lookedAtLater = submit();
      await wait([lookedAtLater]);
      await lookedAtLater.exception();
      await executor.shutdown();
      assert.deepEqual(context.reports, []);
    },
  },
  {
    id: "cf-unobserved-cancelled",
    title: "a cancelled future nobody looked at is not reported",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      executor.submit(arithmetic.square, 1).cancel();
      gate.open();
      await executor.shutdown();
      assert.deepEqual(context.reports, []);
    },
  },
  {
    id: "cf-unobserved-console",
    title: "without onError, an unseen failure goes to console.error and ends nothing",
    applies: everywhere,
    async run(context) {
      const executor = context.keep(context.subject.create({ maxWorkers: 1 }));
      const printed: unknown[][] = [];
      const { error } = console;
      console.error = (...args: unknown[]) => printed.push(args);
      try {
        executor.submit(failures.throwRangeError, "unseen by all");
        await executor.shutdown();
      } finally {
        console.error = error;
      }
      assert.equal(printed.length, 1);
      assert.ok(printed.flat().some((part) => String(part).includes("unseen by all")));
    },
  },
  {
    id: "cf-callback-reported",
    title: "a done callback that throws is reported to the executor's onError",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const future = executor.submit(arithmetic.square, 3);
      future.addDoneCallback(() => {
        throw new RangeError("callback broke");
      });
      assert.equal(await future, 9);
      assert.equal(context.reports.length, 1);
      assert.deepEqual(
        [context.reports[0]?.about.kind, context.reports[0]?.about.future],
        ["callback", future],
      );
      assert.equal(await executor.submit(arithmetic.square, 4), 16);
    },
  },
  {
    id: "cf-onerror-throws",
    title: "an onError that throws itself disturbs nothing",
    applies: everywhere,
    async run(context) {
      const executor = context.create({
        maxWorkers: 1,
        onError: () => {
          throw new Error("onError broke");
        },
      });
      const printed: unknown[][] = [];
      const { error } = console;
      console.error = (...args: unknown[]) => printed.push(args);
      try {
        const future = executor.submit(arithmetic.square, 3);
        future.addDoneCallback(() => {
          throw new RangeError("callback broke");
        });
        assert.equal(await future, 9);
        assert.equal(await executor.submit(arithmetic.square, 4), 16);
      } finally {
        console.error = error;
      }
    },
  },
  {
    id: "cf-maxqueue",
    title: "submit() to a full queue throws QueueFullError, and ready resolves when there is room",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1, maxQueue: 2 });
      await executor.ready;
      const { gate } = await occupy(context, executor);
      const waiting = [1, 2].map((n) => executor.submit(arithmetic.square, n));
      assert.throws(() => executor.submit(arithmetic.square, 3), QueueFullError);
      let ready = false;
      const whenReady = executor.ready.then(() => {
        ready = true;
      });
      await Promise.resolve();
      assert.equal(ready, false);
      gate.open();
      await whenReady;
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      assert.deepEqual(await Promise.all(waiting), [1, 4]);
    },
  },
  {
    id: "cf-maxqueue-cancel",
    title: "cancelling a queued task makes room in a full queue",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1, maxQueue: 1 });
      const { gate } = await occupy(context, executor);
      const waiting = executor.submit(arithmetic.square, 1);
      const { ready } = executor;
      waiting.cancel();
      await ready;
      const second = executor.submit(arithmetic.square, 2);
      gate.open();
      assert.equal(await second, 4);
    },
  },
  {
    id: "cf-maxqueue-ready-closed",
    title: "ready does not hang when the executor is shut down or terminated while it is full",
    applies: everywhere,
    async run(context) {
      for (const end of ["shutdown", "terminateWorkers"] as const) {
        const executor = context.create({ maxWorkers: 1, maxQueue: 1 });
        const { gate } = await occupy(context, executor);
        executor.submit(arithmetic.square, 1);
        const settled = executor.ready.then(
          () => "resolved",
          (error: unknown) =>
            error instanceof ShutdownError || error instanceof BrokenExecutorError,
        );
        const ending = executor[end]();
        gate.open();
        assert.ok(await settled);
        await ending;
      }
    },
  },
];
