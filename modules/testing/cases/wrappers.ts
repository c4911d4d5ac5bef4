// Cases of what wraps tasks: memoize, singleFlight, limit, timeout.
import assert from "node:assert/strict";
import {
  CancelledError,
  type Future,
  limit,
  memoize,
  QueueFullError,
  retry,
  singleFlight,
  type Task,
  timeout,
} from "../../../mod.ts";
import { everywhere, withLinks, withOwnWaiting } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, attempts, contexts, failures, gates, streams } from "../tasks.ts";

/** Cases of what wraps tasks. */
export const wrappersCases: readonly ConformanceCase[] = [
  {
    id: "cf-wrap-memoize",
    title:
      "memoize() keeps results by the arguments: a call that is the same is done at once, and makes none",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const known = memoize(gates.logLine);
      assert.equal(await executor.submit(known, log.path, "a"), "a");
      const hit = executor.submit(known.with({ priority: 1 }), log.path, "a");
      assert.equal(hit.state, "finished");
      assert.equal(await hit, "a");
      assert.equal(await executor.submit(known, log.path, "b"), "b");
      assert.equal(await executor.submit(memoize(gates.logLine), log.path, "a"), "a");
      assert.deepEqual(log.lines(), ["a", "b", "a"], "each wrapper keeps its own");
      assert.equal(executor.stats().finished, 4, "a call is one, wherever its result comes from");
    },
  },
  {
    id: "cf-wrap-memoize-key",
    title:
      "memoize({ key }) takes calls of one key for the same; without it arguments must be primitive values",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const log = context.log();
      const byName = memoize(gates.logElement, { key: ({ n }) => n % 10 });
      assert.equal(await executor.submit(byName, { log: log.path, n: 1 }), 1);
      assert.equal(await executor.submit(byName, { log: log.path, n: 11 }), 1);
      assert.equal(await executor.submit(byName, { log: log.path, n: 2 }), 2);
      assert.deepEqual(log.lines(), ["1", "2"]);
      const byArguments = memoize(gates.logElement);
      await assert.rejects(executor.submit(byArguments, { log: log.path, n: 1 }).result(), {
        name: "TypeError",
        message: /memoize task "logElement": argument 1 is of type Object.*key function/,
      });
      const strings = memoize(arithmetic.concat);
      assert.equal(await executor.submit(strings, "a,", "b"), "a,b");
      assert.equal(await executor.submit(strings, "a", ",bc"), "a,bc");
    },
  },
  {
    id: "cf-wrap-memoize-failure",
    title: "memoize() keeps no failure, and no call that was cancelled",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const failing = memoize(gates.logAndFail);
      for (let round = 1; round <= 2; round++) {
        await assert.rejects(executor.submit(failing, log.path, "no").result(), /no/);
        assert.equal(log.lines().length, round);
      }
      const { gate } = await occupy(context, executor);
      const known = memoize(arithmetic.square);
      assert.equal(executor.submit(known, 3).cancel(), true);
      gate.open();
      assert.equal(await executor.submit(known, 3), 9);
    },
  },
  {
    id: "cf-wrap-memoize-bounds",
    title:
      "memoize({ maxSize, maxAge }) lets go of what nobody has asked for the longest, and of what is too old",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const two = memoize(arithmetic.square, { maxSize: 2 });
      const isKept = (task: typeof two, n: number) => executor.submit(task, n).done();
      for (const n of [1, 2]) await executor.submit(two, n);
      assert.equal(isKept(two, 1), true, "asked for again: now 2 is the oldest");
      await executor.submit(two, 3);
      assert.deepEqual([isKept(two, 1), isKept(two, 3)], [true, true]);
      assert.equal(isKept(two, 2), false);
      for (const limits of [{ maxSize: 0 }, { maxAge: 0 }]) {
        const none = memoize(arithmetic.square, limits);
        await executor.submit(none, 1);
        assert.equal(isKept(none, 1), false);
      }
      const brief = memoize(arithmetic.square, { maxAge: 50 });
      await executor.submit(brief, 1);
      const came = performance.now();
      await context.until(() => performance.now() - came > 50);
      assert.equal(isKept(brief, 1), false);
    },
  },
  {
    id: "cf-wrap-single-flight",
    title:
      "singleFlight() has calls that are the same and come while one runs wait for that, and keeps nothing",
    applies: everywhere,
    async run(context) {
      const [log, gate] = [context.log(), context.gate()];
      const executor = context.create({ maxWorkers: 2 });
      const once = singleFlight(gates.logAndWaitAt);
      const call = (line: string) => executor.submit(once, log.path, line, gate.path, 7);
      const herd = Array.from({ length: 5 }, () => call("a"));
      await context.until(() => log.lines().length === 1);
      const other = call("b");
      await context.until(() => log.lines().length === 2);
      assert.equal(executor.stats().running, 2, "who waits holds no worker");
      assert.equal(executor.stats().queued, 4);
      assert.equal(herd[3]?.state, "pending");
      gate.open();
      assert.deepEqual(await Promise.all([...herd, other]), [7, 7, 7, 7, 7, 7]);
      assert.deepEqual(log.lines().toSorted(), ["a", "a done", "b", "b done"]);
      assert.equal(await call("a"), 7);
      assert.equal(log.lines().length, 6);
    },
  },
  {
    id: "cf-wrap-single-flight-failure",
    title: "all who wait for a call of singleFlight() fail with it, by the same error",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 1 });
      const once = singleFlight(gates.failAt);
      const [first, second] = [1, 2].map(() => executor.submit(once, gate.path, "no")) as [
        Future<never>,
        Future<never>,
      ];
      gate.open();
      const [one, other] = await Promise.all([first.exception(), second.exception()]);
      assert.equal(one, other);
      assert.equal((one as Error).message, "no");
    },
  },
  {
    id: "cf-wrap-single-flight-cancel",
    title:
      "whoever waits for a call of singleFlight() can be cancelled alone; if the call itself is, the next one runs",
    applies: withOwnWaiting(),
    async run(context) {
      const [log, gate] = [context.log(), context.gate()];
      const executor = context.create({ maxWorkers: 1 });
      const once = singleFlight(contexts.logAbort, { key: () => "one" });
      const first = executor.submit(once, log.path);
      await context.until(() => log.lines().length === 1);
      const [second, third] = [1, 2].map(() => executor.submit(once, log.path));
      assert.equal(second?.cancel(), true);
      assert.deepEqual([first.state, third?.state], ["running", "pending"]);
      assert.equal(first.cancel({ interrupt: true }), true);
      await context.until(() => log.lines().filter((line) => line === "started").length === 2);
      assert.equal(third?.running(), true, "the next one has begun");
      third?.cancel({ interrupt: true });
      await assert.rejects(third?.result() ?? Promise.resolve(), CancelledError);
      gate.open();
    },
  },
  {
    id: "cf-wrap-limit",
    title:
      "limit() lets so many run at once; the others hold no worker and let others pass, by priority and in order",
    applies: everywhere,
    async run(context) {
      const [log, gate] = [context.log(), context.gate()];
      const executor = context.create({ maxWorkers: 3 });
      const one = limit(gates.logAndWaitAt, 1);
      const call = (line: string, priority = 0) =>
        executor.submit(one.with({ priority }), log.path, line, gate.path);
      const all = ["a", "b", "c", "cancelled"].map((line) => call(line));
      all.push(call("urgent", 1));
      await context.until(() => log.lines().length === 1);
      assert.equal(await executor.submit(arithmetic.square, 3), 9, "a worker is free");
      assert.equal(executor.stats().workers <= 2, true, "none is started for who waits here");
      assert.equal(all[3]?.cancel(), true);
      gate.open();
      await Promise.allSettled(all);
      const begun = log.lines().filter((line) => !line.endsWith("done"));
      assert.deepEqual(begun, ["a", "urgent", "b", "c"]);
    },
  },
  {
    id: "cf-wrap-limit-pools",
    title: "limit() counts the calls of all executors together",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const log = context.log();
      const [left, right] = [context.create({ maxWorkers: 1 }), context.create({ maxWorkers: 1 })];
      const one = limit(gates.logAndWaitAt, 1);
      const first = left.submit(one, log.path, "left", gate.path);
      const second = right.submit(one, log.path, "right", gate.path);
      await context.until(() => first.running() && log.lines().length === 1);
      assert.equal(second.state, "pending");
      assert.equal(right.stats().running, 0);
      gate.open();
      await Promise.all([first, second]);
      assert.deepEqual(log.lines(), ["left", "left done", "right", "right done"]);
    },
  },
  {
    id: "cf-wrap-retry",
    title:
      "retry() runs a task again that fails, three times if not said otherwise; within memoize() all have its last try",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const [first, second, third] = [context.log(), context.log(), context.log()];
      assert.equal(await executor.submit(retry(attempts.failTimes), first.path, 3, 7), 7);
      assert.equal(first.lines().length, 4);
      const once = retry(attempts.failTimes, { limit: 1, delay: 1 });
      await assert.rejects(executor.submit(once, second.path, 3, 7).result(), { message: "run 2" });
      const known = memoize(
        retry(attempts.failTimes, { limit: 2, on: (error) => error instanceof RangeError }),
      );
      const both = [1, 2].map(() => executor.submit(known, third.path, 2, 7));
      assert.deepEqual(await Promise.all(both), [7, 7]);
      assert.equal(third.lines().length, 3);
      assert.throws(() => retry(attempts.failTimes, { limt: 1 } as never), {
        name: "TypeError",
        message: /"limt", did you mean "limit"/,
      });
      assert.throws(() => retry(attempts.failTimes, { limit: -1 }), RangeError);
    },
  },
  {
    id: "cf-wrap-compose",
    title: "wrappers compose: each is around the one before",
    applies: everywhere,
    async run(context) {
      const [log, gate] = [context.log(), context.gate()];
      const executor = context.create({ maxWorkers: 2 });
      // What is kept passes no limit.
      const kept = memoize(limit(gates.logAndWaitAt, 1));
      const call = (line: string, at: string) => executor.submit(kept, log.path, line, at, 1);
      const open = context.gate();
      open.open();
      await call("a", open.path);
      const held = call("held", gate.path);
      const waiting = call("waiting", open.path);
      await context.until(() => held.running());
      assert.equal(call("a", open.path).state, "finished");
      assert.equal(waiting.state, "pending");
      gate.open();
      await Promise.all([held, waiting]);
      const late = await executor
        .submit(limit(timeout(contexts.logAbort, 10), 1), log.path)
        .exception();
      assert.equal((late as Error).name, "TimeoutError");
    },
  },
  {
    id: "cf-wrap-map",
    title:
      "map() and starmap() of what is wrapped: in order or not, with entries, failures at their positions",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const known = memoize(arithmetic.square);
      const squares = executor.map(known, [1, 2, 1, 2, 3], { bufferSize: 2 });
      assert.deepEqual(await Array.fromAsync(squares), [1, 4, 1, 4, 9]);
      assert.deepEqual(squares.progress, { done: 5, failed: 0, total: 5 });
      assert.deepEqual(
        (await Array.fromAsync(executor.map(known, [3, 1], { ordered: false }))).toSorted(),
        [1, 9],
      );
      const sums = executor.starmap(limit(arithmetic.add, 1), [
        [1, 2],
        [3, 4],
      ]);
      assert.deepEqual(await Array.fromAsync(sums), [3, 7]);
      const failing = executor.map(singleFlight(failures.throwRangeError), ["no", "never"], {
        entries: true,
      });
      const entries = await Array.fromAsync(failing);
      assert.deepEqual(
        entries.map(({ index, item, outcome }) => [index, item, outcome.status]),
        [
          [0, "no", "rejected"],
          [1, "never", "rejected"],
        ],
      );
      const at = executor.map(limit(failures.throwRangeError, 2), ["no"]);
      await assert.rejects(at.next(), RangeError);
      assert.equal((await at.next()).done, true);
    },
  },
  {
    id: "cf-wrap-map-end",
    title: "a map of what is wrapped ends as any: left early, by its timeout, by its signal",
    applies: withOwnWaiting(),
    async run(context) {
      const [log, gate] = [context.log(), context.gate()];
      const executor = context.create({ maxWorkers: 1 });
      const one = limit(gates.logAndWaitAt, 1);
      const items = ["a", "b", "c"].map((line): [string, string, string] => [
        log.path,
        line,
        gate.path,
      ]);
      const left = executor.starmap(one, items);
      await context.until(() => log.lines().length === 1);
      await left.return();
      assert.equal(executor.stats().queued, 0, "nothing more of it begins");
      gate.open();
      await context.until(() => executor.stats().running === 0);
      assert.deepEqual(log.lines(), ["a", "a done"]);

      const aborting = context.log();
      const late = executor.map(limit(contexts.logAbort, 1), [aborting.path, aborting.path], {
        timeout: 200,
      });
      await assert.rejects(late.next(), { name: "TimeoutError", message: /2 \(of 2\) elements/ });
      await context.until(() => executor.stats().running === 0);
      const controller = new AbortController();
      const second = context.log();
      const aborted = executor.map(limit(contexts.logAbort, 1), [second.path, second.path], {
        signal: controller.signal,
      });
      await context.until(() => second.lines().length === 1);
      controller.abort("enough");
      await assert.rejects(
        aborted.next(),
        (error) => error instanceof CancelledError && error.cause === "enough",
      );
      await context.until(() => executor.stats().running === 0);
      assert.equal(executor.stats().queued, 0);
    },
  },
  {
    id: "cf-wrap-map-unobserved",
    title:
      "failures of a map of what is wrapped that nobody reads are reported once, when the executor shuts down",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const results = executor.map(limit(failures.throwRangeError, 1), ["a", "a", "a"]);
      await assert.rejects(results.next(), RangeError);
      await executor.shutdown();
      assert.deepEqual(
        context.reports.map(({ about }) => [about.kind, about.task, about.count]),
        [["unobserved", "throwRangeError", 2]],
      );
    },
  },
  {
    id: "cf-wrap-stream",
    title: "limit() limits streams; memoize() and singleFlight() refuse them at the call",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const one = limit(streams.count, 1);
      const [first, second] = [executor.stream(one, 2).start(), executor.stream(one, 2)];
      second.start();
      assert.deepEqual(await Array.fromAsync(first), [0, 1]);
      assert.deepEqual(await Array.fromAsync(second), [0, 1]);
      for (const wrap of [memoize, singleFlight]) {
        const wrapped = wrap(streams.count as unknown as Task<[]>) as unknown as typeof one;
        assert.throws(() => executor.stream(wrapped, 2), {
          name: "TypeError",
          message: /Cannot stream task "count".*one result/,
        });
      }
    },
  },
  {
    id: "cf-wrap-shutdown",
    title:
      "calls that wait in a wrapper run before a shutdown ends, or are cancelled with it; none is lost",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const draining = context.create({ maxWorkers: 2 });
      const one = limit(gates.waitAt, 1);
      const calls = [1, 2, 3].map((n) => draining.submit(one, gate.path, n));
      const ended = draining.shutdown();
      assert.throws(() => draining.submit(one, gate.path, 4), { name: "ShutdownError" });
      gate.open();
      await ended;
      assert.deepEqual(await Promise.all(calls), [1, 2, 3]);

      const closed = context.gate();
      const other = context.create({ maxWorkers: 2 });
      const [first, ...rest] = [1, 2, 3].map((n) => other.submit(one, closed.path, n));
      await context.until(() => first?.running() === true);
      const cancelled = other.shutdown({ cancelFutures: true });
      assert.deepEqual(
        rest.map((future) => future.state),
        ["cancelled", "cancelled"],
      );
      closed.open();
      await cancelled;
      assert.equal(await first, 1);

      const third = context.create({ maxWorkers: 1 });
      const shut = context.gate();
      const herd = [1, 2].map(() => third.submit(singleFlight(gates.waitAt), shut.path, 1));
      const waiting = third.submit(one, shut.path, 2);
      await third.terminateWorkers();
      assert.deepEqual(
        [...herd, waiting].map((future) => future.state),
        Array(3).fill("cancelled"),
      );
    },
  },
  {
    id: "cf-wrap-queue",
    title: "calls that wait in a wrapper count for maxQueue, and a map waits for room",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 1, maxQueue: 1 });
      const one = limit(gates.waitAt, 1);
      const calls = [1, 2].map((n) => executor.submit(one, gate.path, n));
      assert.throws(() => executor.submit(one, gate.path, 3), QueueFullError);
      const results = executor.map(limit(arithmetic.square, 1), [1, 2, 3, 4]);
      gate.open();
      assert.deepEqual(await Promise.all(calls), [1, 2]);
      assert.deepEqual(await Array.fromAsync(results), [1, 4, 9, 16]);
    },
  },
  {
    id: "cf-wrap-key-throws",
    title: "a key function that throws, or returns a promise, fails its call and no other",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const fault = new RangeError("no key");
      const key = (n: number) => {
        if (n < 0) throw fault;
        return n === 0 ? Promise.resolve(n) : n;
      };
      for (const wrapped of [
        memoize(arithmetic.square, { key }),
        singleFlight(arithmetic.square, { key }),
      ]) {
        const [bad, good] = [executor.submit(wrapped, -1), executor.submit(wrapped, 2)];
        assert.equal(await bad.exception(), fault);
        assert.equal(await good, 4);
        await assert.rejects(executor.submit(wrapped, 0).result(), /its key is a promise/);
        const entries = executor.map(wrapped, [-1, 3], { entries: true });
        const statuses = (await Array.fromAsync(entries)).map(({ outcome }) => outcome.status);
        assert.deepEqual(statuses, ["rejected", "fulfilled"]);
      }
    },
  },
  {
    id: "cf-wrap-key-reenters",
    title: "a key function may submit, cancel and shut down: every call settles once",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const inner: Future<number>[] = [];
      const nested: Task<[number], number> = memoize(arithmetic.square, {
        key: (n) => {
          if (n > 1) inner.push(executor.submit(nested, n - 1));
          return n;
        },
      });
      assert.equal(await executor.submit(nested, 3), 9);
      assert.deepEqual(await Promise.all(inner), [1, 4]);

      const closing = context.create({ maxWorkers: 1 });
      const last = memoize(arithmetic.square, {
        key: (n) => {
          void closing.shutdown({ cancelFutures: true });
          return n;
        },
      });
      const future = closing.submit(last, 2);
      assert.equal(future.state, "cancelled");
      await closing.shutdown();
    },
  },
  {
    id: "cf-wrap-options",
    title: "wrappers refuse at the call what is no task, and options they have not",
    applies: everywhere,
    run() {
      const wrong = (call: () => unknown, message: RegExp, name = "TypeError") =>
        assert.throws(call, { name, message });
      const { square } = arithmetic;
      wrong(() => memoize(square, { maxsize: 1 } as never), /"maxsize", did you mean "maxSize"/);
      wrong(() => memoize(square, { key: "n" as never }), /key: expected a function, got string/);
      wrong(() => memoize(square, { maxAge: -1 }), /maxAge/, "RangeError");
      wrong(() => memoize(square, { maxSize: 0.5 }), /maxSize/);
      wrong(() => singleFlight(square, { maxAge: 1 } as never), /"maxAge" is an option of memoize/);
      wrong(() => limit(square, 0), /limit/, "RangeError");
      wrong(() => limit(square, Number.POSITIVE_INFINITY), /limit/, "RangeError");
      wrong(() => timeout(square, "1" as never), /timeout/);
      wrong(() => memoize((() => 1) as never), /Cannot memoize: expected a task, got function/);
      return Promise.resolve();
    },
  },
];
