// Cases of broadcast(): a call for each worker. Decision 49.
import assert from "node:assert/strict";
import {
  EventLoopExecutor,
  PoolExecutor,
  type PoolOptions,
  QueueFullError,
  ShutdownError,
  WorkerLostError,
} from "../../../mod.ts";
import { withCloning, withOwnWorkers, withRealWorkers, withWorkers } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, deaths, gates, places, warm } from "../tasks.ts";

/** Cases of calls for each worker. */
export const broadcastCases: readonly ConformanceCase[] = [
  {
    id: "cf-broadcast-each",
    title: "broadcast() calls a task once in each worker, and has its futures at once",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 3 });
      assert.deepEqual(pool.broadcast(warm.tell, "nobody"), []);
      await pool.warm();
      const futures = pool.broadcast(warm.tell, "hello");
      assert.equal(futures.length, 3);
      assert.deepEqual(await Promise.all(futures), [0, 1, 2]);
      assert.equal(pool.stats().finished, 3);
    },
  },
  {
    id: "cf-broadcast-busy",
    title: "a worker at work does it when its turn comes, before what was submitted later",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 1 });
      const { gate, futures } = await occupy(context, pool);
      const log = context.log();
      const before = pool.submit(gates.logLine, log.path, "before");
      const [told] = pool.broadcast(gates.logLine, log.path, "told");
      const behind = pool.submit(gates.logLine, log.path, "behind");
      assert.equal(told?.state, "pending");
      gate.open();
      await Promise.all([...futures, before, told, behind]);
      assert.deepEqual(log.lines(), ["before", "told", "behind"]);
    },
  },
  {
    id: "cf-broadcast-others",
    title: "others take what was submitted meanwhile, and no worker is started for it",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      const { gate, futures } = await occupy(context, pool);
      const told = pool.broadcast(warm.tell, "hello");
      assert.equal(told.length, 1);
      assert.equal(await pool.submit(arithmetic.square, 3), 9);
      assert.equal(told[0]?.state, "pending");
      gate.open();
      await Promise.all([...futures, ...told]);
    },
  },
  {
    id: "cf-broadcast-short",
    title: "it is not held up by short calls that go on coming, and they are not by it",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      await pool.warm();
      const many = pool.map(arithmetic.square, Array(2_000).fill(2));
      const told = [1, 2, 3].flatMap(() => pool.broadcast(warm.tell, "hello"));
      assert.deepEqual(await Promise.all(told), [0, 1, 0, 1, 0, 1]);
      let sum = 0;
      for await (const square of many) sum += square;
      assert.equal(sum, 8_000);
    },
  },
  {
    id: "cf-broadcast-cancel",
    title: "a call that waits for its worker is cancelled as any other",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 1 });
      const { gate, futures } = await occupy(context, pool);
      const log = context.log();
      const [first] = pool.broadcast(gates.logLine, log.path, "first");
      const [second] = pool.broadcast(gates.logLine, log.path, "second");
      assert.equal(first?.cancel(), true);
      gate.open();
      await Promise.all([...futures, second]);
      assert.deepEqual(log.lines(), ["second"]);
      const { gate: held, futures: others } = await occupy(context, pool);
      const [third] = pool.broadcast(gates.logLine, log.path, "third");
      const closed = pool.shutdown({ cancelFutures: true });
      assert.equal(third?.cancelled(), true);
      held.open();
      await Promise.all([...others, closed]);
    },
  },
  {
    id: "cf-broadcast-lost",
    title: "what waits for a worker that ends fails with WorkerLostError, the rest goes on",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2, interruptGrace: 0 });
      const { gate, futures } = await occupy(context, pool);
      await pool.warm();
      const [lost, kept] = pool.broadcast(warm.tell, "hello");
      assert.equal(await kept, 1);
      assert.equal(pool.terminateWorker(0), true);
      const error = await lost?.exception();
      assert.ok(error instanceof WorkerLostError);
      assert.deepEqual([error.workerId, error.taskName], [0, "tell"]);
      gate.open();
      await futures[0]?.exception();
      assert.equal(await pool.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-broadcast-dies",
    title: "a call that ends its worker costs itself, and is not run again",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      await pool.warm();
      const futures = pool.broadcast(deaths.exit.with({ retries: 3 }), 3);
      const behind = pool.broadcast(warm.tell, "hello");
      for (const future of [...futures, ...behind])
        assert.ok((await future.exception()) instanceof WorkerLostError);
      assert.equal(await pool.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-broadcast-starting",
    title: "a worker that is starting does it, before its first task",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const [gate, log] = [context.gate(), context.log()];
      const pool = poolOf(context, {
        maxWorkers: 1,
        initializer: gates.logAndWaitAt,
        initializerArgs: [log.path, "starting", gate.path],
      });
      const warming = pool.warm();
      await context.until(() => log.lines().length === 1);
      const told = pool.broadcast(gates.logLine, log.path, "told");
      const task = pool.submit(gates.logLine, log.path, "task");
      assert.equal(told.length, 1);
      gate.open();
      await Promise.all([warming, ...told, task]);
      assert.deepEqual(log.lines(), ["starting", "starting done", "told", "task"]);
    },
  },
  {
    id: "cf-broadcast-remember",
    title:
      "what is remembered is called in workers that start later, in its order, before their first task",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 1 });
      const log = context.log();
      const remember = gates.logLine.with({ remember: true });
      assert.deepEqual(pool.broadcast(remember, log.path, "one"), []);
      assert.deepEqual(pool.broadcast(remember, log.path, "two"), []);
      pool.broadcast(gates.logLine, log.path, "never");
      await pool.submit(gates.logLine.with({ priority: 9 }), log.path, "task");
      assert.deepEqual(log.lines(), ["one", "two", "task"]);
      const [now] = pool.broadcast(remember, log.path, "three");
      await now;
      pool.terminateWorker(0);
      await context.until(() => pool.stats().workers === 0);
      await pool.submit(gates.logLine, log.path, "again");
      assert.deepEqual(log.lines().slice(3), ["three", "one", "two", "three", "again"]);
    },
  },
  {
    id: "cf-broadcast-remember-fails",
    title:
      "what a remembered call throws in a later worker is told to onError, and costs nothing else",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 1 });
      pool.broadcast(warm.refuse.with({ remember: true }), "no");
      assert.equal(await pool.submit(arithmetic.square, 3), 9);
      const [report] = context.reports;
      assert.equal(String(report?.error), "RangeError: no");
      assert.deepEqual(report?.about, { kind: "worker", workerId: 0, task: "refuse" });
    },
  },
  {
    id: "cf-broadcast-spent",
    title: "a worker that has served its number of tasks does what waits for it before it ends",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 1, maxTasksPerWorker: 1 });
      const { gate, futures } = await occupy(context, pool);
      const told = [1, 2].flatMap(() => pool.broadcast(warm.tell, "hello"));
      gate.open();
      assert.deepEqual(await Promise.all(told), [0, 0]);
      await Promise.all(futures);
      assert.equal((await pool.submit(places.whereAmI)).workerId, 1);
    },
  },
  {
    id: "cf-broadcast-uncloneable",
    title: "an argument that cannot cross fails each of its futures, and nothing else",
    applies: withOwnWorkers(withCloning),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      await pool.warm();
      for (const future of pool.broadcast(warm.tell, (() => {}) as never)) {
        const error = (await future.exception()) as Error;
        assert.equal(error.name, "DataCloneError");
        assert.match(error.message, /task "tell": argument 1 is a function/);
      }
      assert.deepEqual(await Promise.all(pool.broadcast(warm.tell, "hello")), [0, 1]);
    },
  },
  {
    id: "cf-broadcast-refused",
    title: "broadcast() refuses at the call what it cannot do",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 1, maxQueue: 1 });
      assert.throws(() => pool.broadcast(warm.tell.with({ transfer: [] }), "x"), /one worker only/);
      assert.throws(() => pool.broadcast("tell" as never), TypeError);
      assert.throws(() => warm.tell.with({ remember: 1 as never }), TypeError);
      const { gate, futures } = await occupy(context, pool);
      const waiting = pool.submit(arithmetic.square, 2);
      assert.throws(() => pool.broadcast(warm.tell, "x"), QueueFullError);
      gate.open();
      await Promise.all([...futures, waiting]);
      await pool.shutdown();
      assert.throws(() => pool.broadcast(warm.tell, "x"), ShutdownError);
    },
  },
  {
    id: "cf-broadcast-function",
    title: "a plain function goes to each slot of an event loop, and nowhere else",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      await pool.warm();
      const double = (n: number) => 2 * n;
      if (pool instanceof EventLoopExecutor)
        assert.deepEqual(await Promise.all(pool.broadcast(double, 4)), [8, 8]);
      else assert.throws(() => pool.broadcast(double as never, 4), TypeError);
    },
  },
];

function poolOf(context: CaseContext, options: PoolOptions): PoolExecutor {
  const executor = context.create(options);
  assert.ok(executor instanceof PoolExecutor);
  return executor;
}
