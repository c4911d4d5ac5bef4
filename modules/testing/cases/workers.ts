// Cases of how many workers there are, which one is used, and what they are called. Rows 19, 83 to 92, 103 to 106, 129 to 145.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { BrokenExecutorError } from "../../../mod.ts";
import {
  everywhere,
  withOwnWorkers,
  withProcesses,
  withRealWorkers,
  withWorkers,
} from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, gates, places } from "../tasks.ts";

/** Cases of the number, use and names of workers. */
export const workersCases: readonly ConformanceCase[] = [
  {
    id: "py-19",
    title: "maxWorkers of 0 or -1 is a RangeError with a fixed message",
    applies: withOwnWorkers(),
    run(context) {
      for (const maxWorkers of [0, -1]) {
        assert.throws(() => context.create({ maxWorkers }), {
          name: "RangeError",
          message: /maxWorkers/,
        });
      }
      return Promise.resolve();
    },
  },
  {
    id: "py-83",
    title: "4 places and 60 blocked tasks: exactly 4 run",
    applies: withOwnWorkers(),
    async run(context) {
      const executor = context.create({ maxWorkers: 4 });
      const { gate } = await occupy(context, executor, 4);
      const waiting = Array.from({ length: 56 }, (_, n) =>
        executor.submit(gates.waitAt, gate.path, n),
      );
      const { busy, queued, running } = executor.stats();
      assert.deepEqual({ busy, queued, running }, { busy: 4, queued: 56, running: 4 });
      if (context.subject.traits.workers) assert.equal(executor.stats().workers, 4);
      gate.open();
      assert.deepEqual(
        await Promise.all(waiting),
        waiting.map((_, n) => n),
      );
    },
  },
  {
    id: "py-84",
    title: "ten blocked tasks are released step by step",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 10 });
      const steps = Array.from({ length: 10 }, () => context.gate());
      const futures = steps.map(({ path }, n) => executor.submit(gates.waitAt, path, n));
      for (const [n, step] of steps.entries()) {
        assert.equal(futures[n]?.done(), false);
        step.open();
        assert.equal(await futures[n], n);
      }
    },
  },
  {
    id: "py-85",
    title: "ten blocked tasks are released step by step by 4 workers",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 4 });
      const steps = Array.from({ length: 10 }, () => context.gate());
      const futures = steps.map(({ path }, n) => executor.submit(gates.waitAt, path, n));
      for (const [n, step] of steps.entries()) {
        step.open();
        assert.equal(await futures[n], n);
        assert.ok(executor.stats().busy <= 4);
      }
    },
  },
  {
    id: "py-91",
    title: "a worker's default name starts with its executor's class",
    applies: withOwnWorkers(),
    async run(context) {
      const { workerName } = await context.create({ maxWorkers: 1 }).submit(places.whereAmI);
      assert.ok(workerName.startsWith(`${context.subject.executorName}-`), workerName);
    },
  },
  {
    id: "py-92",
    title: "a worker's name is seen inside it and by observers alike",
    applies: withOwnWorkers(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, name: "Seen" });
      const names = new Set<string>();
      using _ = executor.observe((event) => {
        if (event.type === "started") names.add(event.worker.name);
      });
      const { workerName } = await executor.submit(places.whereAmI);
      assert.deepEqual([...names], [workerName]);
    },
  },
  {
    id: "py-103",
    title: "15 times more tasks than places: the worker count is the maximum",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 3 });
      const { gate } = await occupy(context, executor, 3);
      const rest = Array.from({ length: 42 }, () => executor.submit(gates.waitAt, gate.path, 1));
      assert.equal(executor.stats().workers, 3);
      gate.open();
      await Promise.all(rest);
      assert.equal(executor.stats().workers, 3);
    },
  },
  {
    id: "py-104",
    title: "three calls one after another use one worker, whatever the maximum",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 4 });
      for (const n of [1, 2, 3]) await executor.submit(arithmetic.square, n);
      assert.equal(executor.stats().workers, 1);
    },
  },
  {
    id: "py-106",
    title: "maxTasksPerWorker of 3: calls 1 to 3 share a worker, the 4th has another",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, maxTasksPerWorker: 3 });
      const ids: (number | string)[] = [];
      for (let call = 0; call < 7; call++) {
        ids.push((await executor.submit(places.whereAmI)).workerId);
        assert.ok(executor.stats().workers <= 1);
      }
      assert.equal(new Set(ids.slice(0, 3)).size, 1);
      assert.equal(new Set(ids.slice(3, 6)).size, 1);
      assert.equal(new Set(ids).size, 3);
      assert.equal(executor.stats().lost, 0, "a retired worker is not a lost one");
    },
  },
  {
    id: "py-129",
    title: "three blocked tasks make three workers, and all end with shutdown()",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 5 });
      let exited = 0;
      using _ = executor.observe((event) => {
        if (event.type === "worker-exited") exited++;
      });
      const { gate } = await occupy(context, executor, 3);
      assert.equal(executor.stats().workers, 3);
      gate.open();
      await executor.shutdown();
      assert.equal(executor.stats().workers, 0);
      assert.equal(exited, 3);
    },
  },
  {
    id: "py-133",
    title: "workers of a named executor are called after it",
    applies: withOwnWorkers(),
    async run(context) {
      const executor = context.create({ maxWorkers: 3, name: "SpecialPool" });
      const gate = context.gate();
      const running = [1, 2, 3].map(() => executor.submit(places.whereAmIAt, gate.path));
      await context.until(() => running.every((future) => future.running()));
      gate.open();
      const names = (await Promise.all(running)).map(({ workerName }) => workerName).toSorted();
      assert.deepEqual(names, ["SpecialPool_0", "SpecialPool_1", "SpecialPool_2"]);
    },
  },
  {
    id: "py-134",
    title: "default names count executors and workers",
    applies: withOwnWorkers(),
    async run(context) {
      const executors = [context.create({ maxWorkers: 1 }), context.create({ maxWorkers: 1 })];
      const names = await Promise.all(
        executors.map(async (executor) => (await executor.submit(places.whereAmI)).workerName),
      );
      for (const name of names) {
        assert.match(name, new RegExp(`^${context.subject.executorName}-\\d+_0$`));
      }
      assert.notEqual(names[0], names[1], "two executors, two names");
    },
  },
  {
    id: "py-136",
    title: "workers start on demand: a free one is used before a new one is started",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 5 });
      assert.equal(executor.stats().workers, 0, "none before the first task");
      const { gate } = await occupy(context, executor, 3);
      assert.equal(executor.stats().workers, 3);
      gate.open();
      await context.until(() => executor.stats().busy === 0);
      for (const n of [1, 2, 3, 4]) await executor.submit(arithmetic.square, n);
      assert.equal(executor.stats().workers, 3);
      await executor.shutdown();
      assert.equal(executor.stats().workers, 0);
    },
  },
  {
    id: "py-143",
    title: "the default maxWorkers is that of the contract",
    applies: withOwnWorkers(),
    async run(context) {
      const cores = Math.max(1, navigator.hardwareConcurrency ?? availableParallelism());
      const expected = context.subject.traits.workers ? cores : Math.min(32, cores + 4);
      const executor = context.create();
      const gate = context.gate();
      const futures = Array.from({ length: expected + 3 }, () =>
        executor.submit(gates.waitAt, gate.path, 1),
      );
      await context.until(() => futures.slice(0, expected).every((future) => future.running()));
      const { running, queued } = executor.stats();
      assert.deepEqual({ running, queued }, { running: expected, queued: 3 });
      gate.open();
      await Promise.all(futures);
    },
  },
  {
    id: "py-144",
    title: "a saturated executor never starts more workers than its maximum",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 4 });
      let alive = 0;
      let most = 0;
      using _ = executor.observe((event) => {
        if (event.type === "worker-started") most = Math.max(most, ++alive);
        if (event.type === "worker-exited") alive--;
      });
      const { gate } = await occupy(context, executor, 4);
      const rest = Array.from({ length: 56 }, (_, n) =>
        executor.submit(gates.waitAt, gate.path, n),
      );
      gate.open();
      await Promise.all(rest);
      assert.equal(most, 4);
    },
  },
  {
    id: "py-145",
    title: "calls one after another run in the same worker",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 4 });
      const ids = new Set<number | string>();
      for (let call = 0; call < 3; call++) {
        ids.add((await executor.submit(places.whereAmI)).workerId);
      }
      assert.equal(ids.size, 1);
    },
  },
  {
    id: "cf-idle-timeout",
    title: "idleTimeout ends a worker that had nothing to do, and the next task gets a new one",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 2, idleTimeout: 10 });
      const first = await executor.submit(places.whereAmI);
      await context.until(() => executor.stats().workers === 0);
      const second = await executor.submit(places.whereAmI);
      assert.notEqual(first.workerId, second.workerId);
      assert.equal(executor.stats().lost, 0);
    },
  },
  {
    id: "cf-idle-timeout-busy",
    title: "idleTimeout spares a worker that is busy",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, idleTimeout: 5 });
      const { gate, futures } = await occupy(context, executor);
      const started = performance.now();
      await context.until(() => performance.now() - started > 30);
      assert.equal(futures[0]?.running(), true);
      gate.open();
      await futures[0];
    },
  },
  {
    id: "cf-start-cwd",
    title: "a working directory that is none is what the error names, not the program",
    applies: withOwnWorkers(withProcesses),
    async run(context) {
      const file = join(context.directory, "file");
      writeFileSync(file, "");
      for (const cwd of [join(context.directory, "missing"), file]) {
        const options = { maxWorkers: 1, cwd, onError: () => {} };
        const error = await context.create(options).submit(places.whereAmI).exception();
        assert.ok(error instanceof BrokenExecutorError, String(error));
        assert.ok(error.message.includes(`its cwd "${cwd}" is no folder`), error.message);
      }
    },
  },
  {
    id: "cf-process-env",
    title: "a variable of env is a string, or undefined, and is read once",
    applies: withOwnWorkers(withProcesses),
    async run(context) {
      const name = "FUTURES_TEST";
      for (const value of [1, null, true, {}]) {
        assert.throws(() => context.create({ env: { [name]: value } } as never), {
          name: "TypeError",
          message: /^Cannot use variable "FUTURES_TEST" of env: expected a string, got /,
        });
      }
      for (const env of [null, "A=1"]) {
        assert.throws(() => context.create({ env } as never), {
          name: "TypeError",
          message: /^Cannot use env: expected a record of strings, got /,
        });
      }
      let reads = 0;
      const env = {
        get [name]() {
          return `read ${++reads}`;
        },
        [`${name}_NONE`]: undefined,
      };
      const options = { maxWorkers: 1, maxTasksPerWorker: 1, env };
      const executor = context.create(options);
      for (let worker = 0; worker < 2; worker++)
        assert.equal(await executor.submit(places.variable, name), "read 1");
      assert.equal(await executor.submit(places.variable, `${name}_NONE`), undefined);
    },
  },
  {
    id: "cf-one-at-a-time",
    title: "a worker runs one task at a time, async ones included",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const log = context.log();
      const open = context.gate();
      open.open();
      await Promise.all(
        ["a", "b", "c"].map((line) =>
          executor.submit(gates.logAndWaitAt, log.path, line, open.path),
        ),
      );
      assert.deepEqual(log.lines(), ["a", "a done", "b", "b done", "c", "c done"]);
    },
  },
];
