// Cases of Python's deadlock suite: error, exit and crash on either side of a task. Rows 27 to 41, 97 to 101, 112.
import assert from "node:assert/strict";
import { BrokenExecutorError, PoolExecutor, WorkerLostError } from "../../../mod.ts";
import type { Spawn } from "../../core/seam/channel.ts";
import {
  everywhere,
  withCloning,
  withExitCodes,
  withOwnWorkers,
  withProcesses,
  withRealWorkers,
  withWorkers,
} from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, deaths, exitsOnImport, failures, gates, killsOnImport } from "../tasks.ts";

/** Cases of Python's deadlock suite. */
export const deadlockCases: readonly ConformanceCase[] = [
  {
    id: "py-27",
    title: "an argument that cannot be cloned rejects only its future, with that very error",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const before = executor.submit(arithmetic.square, 2);
      const uncloneable = executor.submit(arithmetic.identity, { f: () => {} });
      const trapped = executor.submit(arithmetic.identity, {
        get trap(): number {
          throw new RangeError("trapped");
        },
      });
      const after = executor.submit(arithmetic.square, 3);
      await assert.rejects(uncloneable.result(), { name: "DataCloneError" });
      await assert.rejects(trapped.result(), (error) => {
        assert.ok(error instanceof RangeError);
        assert.equal(error.message, "trapped");
        return true;
      });
      assert.deepEqual(await Promise.all([before, after]), [4, 9]);
      assert.deepEqual([executor.stats().lost, executor.stats().workers], [0, 1]);
    },
  },
  {
    id: "cf-emptied-in-silence",
    title:
      "a platform object that a runtime would clone to {} is refused, as argument and as result",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      for (const value of [new AbortController().signal, new FormData(), new Event("e")]) {
        for (const argument of [value, { deep: [value] }, new Map([["deep", value]])]) {
          const refused = executor.submit(arithmetic.identity, argument);
          await assert.rejects(refused.result(), { name: "DataCloneError" });
        }
      }
      const result = executor.submit(arithmetic.returnSignal);
      await assert.rejects(result.result(), { name: "DataCloneError" });
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "py-28",
    title: "a worker that exits while it imports a task's module loses that task only",
    applies: withRealWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const dying = executor.submit(exitsOnImport.never);
      const after = executor.submit(arithmetic.square, 3);
      await assert.rejects(
        dying.result(),
        (error) => error instanceof WorkerLostError && error.exitCode === context.exitCode(7),
      );
      assert.equal(await after, 9);
    },
  },
  {
    id: "py-30",
    title: "a worker killed while it imports a task's module loses that task only",
    applies: withProcesses,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const dying = executor.submit(killsOnImport.never);
      const after = executor.submit(arithmetic.square, 3);
      await assert.rejects(
        dying.result(),
        (error) => error instanceof WorkerLostError && error.signal === "SIGKILL",
      );
      assert.equal(await after, 9);
    },
  },
  {
    id: "py-31",
    title: "a worker killed while it runs a task loses that task only",
    applies: withProcesses,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const dying = executor.submit(deaths.killOwnProcess);
      const after = executor.submit(arithmetic.square, 3);
      await assert.rejects(
        dying.result(),
        (error) => error instanceof WorkerLostError && error.signal === "SIGKILL",
      );
      assert.equal(await after, 9);
    },
  },
  {
    id: "py-32",
    title: "exit in a task is a WorkerLostError with the exit code",
    applies: withWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      for (const code of [0, 1, 42]) {
        const error = await executor.submit(deaths.exit.with({ name: "leaver" }), code).exception();
        assert.ok(error instanceof WorkerLostError);
        assert.ok(error instanceof BrokenExecutorError);
        assert.equal(error.exitCode, context.exitCode(code));
        assert.equal(error.taskName, "leaver");
        assert.equal(typeof error.workerId, "number");
        assert.match(error.message, /leaver/);
      }
      assert.equal(executor.stats().lost, 3);
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "py-33",
    title: "an error thrown by a task arrives as the same class",
    applies: everywhere,
    async run(context) {
      const error = await context.create().submit(failures.throwRangeError, "no").exception();
      assert.ok(error instanceof RangeError);
      assert.equal(error.message, "no");
    },
  },
  {
    id: "py-34",
    title: "a worker killed while it encodes a result loses that task only",
    applies: withProcesses,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const dying = executor.submit(deaths.killWhileEncoding);
      const after = executor.submit(arithmetic.square, 3);
      await assert.rejects(dying.result(), WorkerLostError);
      assert.equal(await after, 9);
    },
  },
  {
    id: "py-35",
    title: "a worker that exits while it encodes a result loses that task only",
    applies: withRealWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const dying = executor.submit(deaths.exitWhileEncoding, 8);
      const after = executor.submit(arithmetic.square, 3);
      await assert.rejects(
        dying.result(),
        (error) => error instanceof WorkerLostError && error.exitCode === context.exitCode(8),
      );
      assert.equal(await after, 9);
    },
  },
  {
    id: "py-41",
    title: "workers that die while large payloads are in flight cost their own tasks only",
    applies: withWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const large = "x".repeat(1_000_000);
      const futures = Array.from({ length: 12 }, (_, n) =>
        n % 3 === 1
          ? executor.submit(deaths.exitWith, large, 1)
          : executor.submit(arithmetic.identity, large),
      );
      for (const [n, future] of futures.entries()) {
        if (n % 3 === 1) await assert.rejects(future.result(), WorkerLostError);
        else assert.equal(((await future) as string).length, large.length);
      }
    },
  },
  {
    id: "py-97",
    title: "a killed worker loses the task it ran, and the next submit() works",
    applies: withWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const behind = [executor.submit(arithmetic.square, 1)];
      const dying = executor.submit(deaths.exit, 1);
      behind.push(executor.submit(arithmetic.square, 2), executor.submit(arithmetic.square, 3));
      await assert.rejects(dying.result(), WorkerLostError);
      assert.deepEqual(await Promise.all(behind), [1, 4, 9]);
      assert.equal(await executor.submit(arithmetic.square, 4), 16);
      assert.equal(executor.stats().lost, 1);
    },
  },
  {
    id: "py-98",
    title: "each future of a broken executor gets an error of its own",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, onWorkerDeath: "break" });
      const futures = [
        executor.submit(deaths.exit, 1),
        ...[1, 2, 3].map((n) => executor.submit(arithmetic.square, n)),
      ];
      const errors = await Promise.all(futures.map((future) => future.exception()));
      assert.ok(errors[0] instanceof WorkerLostError);
      for (const error of errors) assert.ok(error instanceof BrokenExecutorError);
      assert.equal(new Set(errors).size, 4);
    },
  },
  {
    id: "py-100",
    title: "the cause chain of a task's error ends in the worker's stack, with file and function",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const error = await executor.submit(failures.throwFromNamedFunction).exception();
      assert.ok(error instanceof Error);
      let last: unknown = error.cause;
      while (last instanceof Error && last.cause !== undefined) last = last.cause;
      const text = last instanceof Error ? `${last.message}\n${last.stack}` : String(last);
      assert.match(text, /deepInTheTask/);
      assert.match(text, /failures\.[jt]s/);
    },
  },
  {
    id: "py-101",
    title: "the text of a lost worker's error names exit code 99",
    applies: withExitCodes,
    async run(context) {
      const error = await context.create().submit(deaths.exit, 99).exception();
      assert.ok(error instanceof WorkerLostError);
      assert.match(error.message, /99/);
      assert.equal(error.exitCode, 99);
      assert.equal(error.signal, undefined);
    },
  },
  {
    id: "py-112",
    title: "an executor whose replacement workers cannot be started breaks, with the cause",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const { spawn } = context.subject;
      assert.ok(spawn);
      let spawned = 0;
      const once: Spawn = (handlers, worker) => {
        if (spawned++ === 0) return spawn(handlers, worker);
        throw new RangeError("no more processes");
      };
      const executor = context.keep(
        new PoolExecutor(once, { maxWorkers: 1, onError: context.onError }),
      );
      const dying = executor.submit(deaths.exit, 1);
      const behind = [1, 2].map((n) => executor.submit(arithmetic.square, n));
      await assert.rejects(dying.result(), WorkerLostError);
      for (const future of behind) {
        const error = await future.exception();
        assert.ok(error instanceof BrokenExecutorError);
        assert.match(String(error.cause), /no more processes/);
      }
      assert.throws(() => executor.submit(arithmetic.square, 1), BrokenExecutorError);
      assert.ok(spawned <= 10, `${spawned} starts were tried`);
      assert.ok(context.reports.every(({ about }) => about.kind === "worker"));
    },
  },
  {
    id: "cf-start-failing",
    title:
      "workers that die before they are ready break the executor instead of respawning for ever",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({
        maxWorkers: 2,
        initializer: deaths.exit,
        initializerArgs: [5],
      });
      let started = 0;
      using _ = executor.observe(({ type }) => {
        if (type === "worker-started") started++;
      });
      const futures = [1, 2, 3].map((n) => executor.submit(arithmetic.square, n));
      for (const future of futures) {
        const error = await future.exception();
        assert.ok(error instanceof BrokenExecutorError);
        assert.equal(error instanceof WorkerLostError, false, "no task was running");
      }
      assert.throws(() => executor.submit(arithmetic.square, 1), BrokenExecutorError);
      assert.ok(started <= 10, `${started} starts were tried`);
      void context.reports;
    },
  },
  {
    id: "cf-death-break",
    title: 'onWorkerDeath: "break" fails all that is pending and refuses more, as Python does',
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 2, onWorkerDeath: "break" });
      const { futures } = await occupy(context, executor);
      const dying = executor.submit(deaths.exit, 4);
      const waiting = [1, 2].map((n) => executor.submit(arithmetic.square, n));
      await assert.rejects(dying.result(), WorkerLostError);
      for (const future of [...futures, ...waiting]) {
        await assert.rejects(future.result(), BrokenExecutorError);
      }
      assert.throws(() => executor.submit(arithmetic.square, 1), BrokenExecutorError);
      await context.until(() => executor.stats().workers === 0);
      await executor.shutdown();
    },
  },
  {
    id: "cf-death-exactly-once",
    title: "tasks behind a dying one run elsewhere exactly once",
    applies: withWorkers,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      // Short tasks first, so that several are sent ahead in one message.
      for (let n = 0; n < 50; n++) await executor.submit(arithmetic.square, n);
      const lines = Array.from({ length: 40 }, (_, n) => `${n}`);
      const futures = lines.map((line, n) =>
        n % 10 === 5
          ? executor.submit(deaths.logAndExit, log.path, line, 1)
          : executor.submit(gates.logLine, log.path, line),
      );
      for (const [n, future] of futures.entries()) {
        if (n % 10 === 5) await assert.rejects(future.result(), WorkerLostError);
        else assert.equal(await future, `${n}`);
      }
      assert.deepEqual(
        log.lines().toSorted((a, b) => Number(a) - Number(b)),
        lines,
      );
    },
  },
  {
    id: "cf-death-idle",
    title: "a worker that dies while it is idle is replaced and costs no task",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await executor.submit(deaths.exitWhenIdle, 6);
      await context.until(() => executor.stats().workers === 0);
      assert.equal(executor.stats().lost, 0);
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      void context.reports;
    },
  },
  {
    id: "cf-death-large-result",
    title: "a large result sent right before the worker exits is not lost",
    applies: withRealWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 1, maxTasksPerWorker: 1 });
      for (let round = 0; round < 3; round++) {
        assert.equal((await executor.submit(arithmetic.makeText, 5_000_000)).length, 5_000_000);
      }
      assert.equal(executor.stats().lost, 0);
    },
  },
];
