// Cases of perKey and key: how many calls of a key run at once, and whose turn it is.
import assert from "node:assert/strict";
import type { Key } from "../../../mod.ts";
import { withOwnWaiting, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, attempts, deaths, gates, streams } from "../tasks.ts";

/** The key is what the first argument says. */
const byFirst = (_task: unknown, [first]: readonly unknown[]): Key | undefined =>
  (first as { key?: string }).key;

/** Cases of keys. */
export const keysCases: readonly ConformanceCase[] = [
  {
    id: "cf-key-limit",
    title: "no more calls of a key run at once than perKey allows, and those beyond block nobody",
    applies: withOwnWaiting(),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 4, perKey: { maxRunning: 2 } });
      const gate = context.gate();
      const submit = (key: string) =>
        executor.submit(gates.logAndWaitAt.with({ key }), log.path, key, gate.path);
      const futures = ["a", "a", "a", "a", "b"].map(submit);
      await context.until(() => log.lines().length === 3);
      assert.deepEqual(log.lines().toSorted(), ["a", "a", "b"]);
      const free = executor.submit(gates.logLine, log.path, "free");
      assert.equal(await free, "free", "no key, no limit");
      assert.deepEqual(
        futures.map(({ state }) => state),
        ["running", "running", "pending", "pending", "running"],
      );
      gate.open();
      await Promise.all(futures);
      const begun = log.lines().filter((line) => line === "a" || line === "a done");
      let running = 0;
      for (const line of begun) {
        running += line === "a" ? 1 : -1;
        assert.ok(running <= 2, begun.join());
      }
    },
  },
  {
    id: "cf-key-turns",
    title: "keys take turns at equal priority; calls of one key stay in order",
    applies: withOwnWaiting(),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1, perKey: { maxRunning: 1 } });
      executor.pause();
      const submit = (key: string, line: string, priority = 0) =>
        executor.submit(gates.logLine.with({ key, priority }), log.path, line);
      const futures = ["a1", "a2", "a3", "b1", "b2", "c1"].map((line) =>
        submit(line[0] as string, line),
      );
      futures.push(submit("a", "a-urgent", 1), submit("d", "d-urgent", 1));
      executor.resume();
      await Promise.all(futures);
      assert.deepEqual(log.lines(), [
        ...["a-urgent", "d-urgent"],
        ...["a1", "b1", "c1", "a2", "b2", "a3"],
      ]);
    },
  },
  {
    id: "cf-key-function",
    title: "perKey.key tells the key from the task and its arguments; the task's own comes first",
    applies: withOwnWaiting(),
    async run(context) {
      const asked: unknown[] = [];
      const executor = context.create({
        maxWorkers: 4,
        perKey: {
          maxRunning: 1,
          key: (task, args) => {
            asked.push([task, args]);
            return byFirst(task, args);
          },
        },
      });
      const log = context.log();
      executor.pause();
      const submit = (key: string) => executor.submit(attempts.logKey, { log: log.path, key });
      const futures = [submit("a"), submit("b")];
      const { logKey } = attempts;
      const own = executor.submit(logKey.with({ key: 7 }), { log: log.path, key: "own" });
      assert.equal(asked.length, 2, "in the submit, and not where the task has its own");
      assert.deepEqual(asked[0], [logKey, [{ log: log.path, key: "a" }]]);
      executor.resume();
      assert.deepEqual(await Promise.all([...futures, own]), ["a", "b", "own"]);
    },
  },
  {
    id: "cf-key-map",
    title: "elements of a map have keys of their own, take turns, and keep their places",
    applies: withOwnWaiting(),
    async run(context) {
      const log = context.log();
      const perKey = { maxRunning: 1, key: byFirst };
      const executor = context.create({ maxWorkers: 1, perKey });
      executor.pause();
      const items = [..."aaabbc"].map((key) => ({ log: log.path, key }));
      const results = executor.map(attempts.logKey, items);
      const spread = executor.starmap(attempts.logKey, [[{ log: log.path, key: "d" }]]);
      executor.resume();
      assert.deepEqual(await Array.fromAsync(results), [..."aaabbc"]);
      assert.deepEqual(await Array.fromAsync(spread), ["d"]);
      assert.deepEqual(log.lines(), [..."abcdaba"]);
      const own = executor.map(attempts.logKey.with({ key: "own" }), items, { bufferSize: 2 });
      assert.deepEqual(await Array.fromAsync(own), [..."aaabbc"]);
    },
  },
  {
    id: "cf-key-map-ends",
    title: "a map with keys ends as any: left early, out of time, or with its executor",
    applies: withOwnWaiting(),
    async run(context) {
      const perKey = { maxRunning: 1, key: () => "one" };
      const executor = context.create({ maxWorkers: 2, perKey });
      const gate = context.gate();
      const items = [1, 2, 3].map((n) => ({ gate: gate.path, n }));
      const left = executor.map(gates.doubleAt, items);
      await context.until(() => executor.stats().running === 1);
      await left.return();
      const late = executor.map(gates.doubleAt, items, { timeout: 20 });
      await assert.rejects(late.next(), { name: "TimeoutError" });
      gate.open();
      const delayed = executor.map(arithmetic.square.with({ delay: 5, ttl: 60_000 }), [1, 2, 3]);
      assert.deepEqual(await Array.fromAsync(delayed), [1, 4, 9]);
      executor.pause();
      const expired = executor.map(arithmetic.square.with({ ttl: 5 }), [1, 2]);
      await assert.rejects(expired.next(), { name: "QueueTimeoutError" });
      await assert.rejects(expired.next(), { name: "QueueTimeoutError" });
      assert.deepEqual(await expired.next(), { done: true, value: undefined });
      const cancelled = executor.map(arithmetic.square.with({ delay: 60_000 }), [1, 2]);
      const waiting = executor.map(arithmetic.square, [1, 2]);
      await executor.shutdown({ cancelFutures: true });
      await assert.rejects(cancelled.next(), { name: "CancelledError" });
      await assert.rejects(waiting.next(), { name: "CancelledError" });
    },
  },
  {
    id: "cf-key-throws",
    title: "a key function that throws, or tells what is no key, fails that call only",
    applies: withOwnWaiting(),
    async run(context) {
      const perKey = {
        maxRunning: 1,
        key: (_task: unknown, [first]: readonly unknown[]) => {
          if (first === 2) throw new RangeError("no key for 2");
          return first === 3 ? ({} as never) : "key";
        },
      };
      const executor = context.create({ maxWorkers: 1, perKey });
      const { square } = arithmetic;
      const failed = executor.submit(square, 2);
      await assert.rejects(failed.result(), { name: "RangeError", message: "no key for 2" });
      await assert.rejects(executor.submit(square, 3).result(), /perKey.key.+got Object/);
      const entries = await Array.fromAsync(executor.map(square, [1, 2, 3, 4], { entries: true }));
      assert.deepEqual(
        entries.map(({ outcome }) => outcome.status === "fulfilled" && outcome.value),
        [1, false, false, 16],
      );
      await assert.rejects(executor.stream(streams.count, 2).next(), /no key for 2/);
      assert.equal(await executor.submit(square, 5), 25);
      assert.equal(executor.stats().failed, 5);
    },
  },
  {
    id: "cf-key-reentry",
    title: "a key function may submit, end the map it is asked for, and end its executor",
    applies: withOwnWaiting(),
    async run(context) {
      let act: () => unknown = () => {};
      const key = () => {
        act();
        return "key";
      };
      const executor = context.create({ maxWorkers: 2, perKey: { maxRunning: 1, key } });
      const inside: unknown[] = [];
      act = () => {
        act = () => {};
        inside.push(executor.submit(arithmetic.square, 3));
      };
      assert.equal(await executor.submit(arithmetic.square, 2), 4);
      assert.equal(await inside[0], 9);
      const results = executor.map(arithmetic.square, [1, 2, 3], { bufferSize: 1 });
      act = () => void results.return();
      assert.equal((await results.next()).value, 1);
      act = () => void executor.shutdown({ cancelFutures: true });
      assert.throws(() => executor.submit(arithmetic.square, 4), { name: "ShutdownError" });
    },
  },
  {
    id: "cf-key-lost",
    title: "a call that is lost, cancelled, or cannot be sent makes room for the next of its key",
    applies: withOwnWaiting(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 2, perKey: { maxRunning: 1 } });
      const options = { key: "one" };
      const lost = executor.submit(deaths.exit.with(options), 3);
      const next = executor.submit(arithmetic.square.with(options), 2);
      await assert.rejects(lost.result(), { name: "WorkerLostError" });
      assert.equal(await next, 4);
      const retries = { limit: 1, delay: 5 };
      const again = executor.submit(
        deaths.exitTimes.with({ ...options, retries }),
        context.log().path,
        1,
        "saved",
      );
      assert.equal(await executor.submit(arithmetic.square.with(options), 3), 9);
      assert.equal(await again, "saved");
      const unsendable = [1, 2].map(() =>
        executor.submit(arithmetic.square.with(options), (() => 1) as never),
      );
      for (const future of unsendable) await future.exception();
      assert.equal(await executor.submit(arithmetic.square.with(options), 4), 16);
    },
  },
  {
    id: "cf-key-cancel",
    title: "what waits or runs of a key can be cancelled, and its next call runs",
    applies: withOwnWaiting(),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 2, perKey: { maxRunning: 1 } });
      const gate = context.gate();
      const options = { key: "one" };
      const task = gates.logAndWaitAt.with(options);
      const running = executor.submit(task, log.path, "running", gate.path);
      const waiting = executor.submit(task, log.path, "waiting", gate.path);
      const last = executor.submit(gates.logLine.with(options), log.path, "last");
      await context.until(() => log.lines().length === 1);
      assert.equal(waiting.cancel(), true);
      assert.equal(last.state, "pending");
      assert.equal(running.cancel({ interrupt: true }), true);
      // It counts as long as its code runs.
      gate.open();
      assert.equal(await last, "last");
      assert.deepEqual(log.lines(), ["running", "running done", "last"]);
    },
  },
  {
    id: "cf-key-short",
    title: "many short calls of many keys all run once, no key above its limit",
    applies: withOwnWaiting(),
    async run(context) {
      const key = (_task: unknown, [n]: readonly unknown[]) => Number(n) % 7;
      const executor = context.create({ maxWorkers: 3, perKey: { maxRunning: 2, key } });
      const numbers = Array.from({ length: 700 }, (_, n) => n);
      const futures = numbers.map((n) => executor.submit(arithmetic.square, n));
      for (let n = 0; n < 700; n += 10) futures[n]?.cancel();
      const results = executor.map(arithmetic.square, numbers);
      assert.deepEqual(
        await Array.fromAsync(results),
        numbers.map((n) => n * n),
      );
      for (const [n, future] of futures.entries())
        if (!future.cancelled()) assert.equal(await future, n * n);
      assert.equal(executor.stats().queued + executor.stats().running, 0);
    },
  },
  {
    id: "cf-key-only",
    title: "a key limits nothing where the executor has no perKey",
    applies: withOwnWaiting(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const [gate, log] = [context.gate(), context.log()];
      const task = gates.logAndWaitAt.with({ key: "one" });
      const futures = ["1", "2"].map((line) => executor.submit(task, log.path, line, gate.path));
      await context.until(() => log.lines().length === 2);
      gate.open();
      await Promise.all(futures);
    },
  },
];
