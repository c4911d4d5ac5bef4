// Cases of actors: an object in a worker of its own. Decision 49.
import assert from "node:assert/strict";
import {
  EventLoopExecutor,
  InvalidStateError,
  PoolExecutor,
  type PoolOptions,
  ShutdownError,
  WorkerLostError,
} from "../../../mod.ts";
import {
  inProcessOnly,
  withCloning,
  withOwnWorkers,
  withRealWorkers,
  withWorkers,
} from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import { collectGarbage } from "../collect_garbage.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { actors, arithmetic, missing, places, warm } from "../tasks.ts";

/** Cases of actors. */
export const actorCases: readonly ConformanceCase[] = [
  {
    id: "cf-actor-state",
    title: "an actor keeps its state, in one worker that no task is given",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 3 });
      const log = context.log();
      const one = await pool.actor(actors.Session, log.path, 10);
      const other = await pool.actor(actors.Session, log.path);
      assert.deepEqual([await one.count(), await other.count(), await one.count()], [11, 1, 12]);
      assert.deepEqual(await one.keep(1), [1]);
      assert.deepEqual(await one.keep(2), [1, 2]);
      const [at, elsewhere] = [await one.where(), await other.where()];
      assert.notEqual(at, elsewhere);
      for (let n = 0; n < 5; n++) {
        const [{ workerId }, square] = [await pool.submit(places.whereAmI), arithmetic.square];
        assert.ok(workerId !== at && workerId !== elsewhere);
        assert.equal(await pool.submit(square, n), n * n);
      }
      assert.equal(await one.where(), at);
      assert.equal(pool.stats().workers, 3);
      assert.equal(await one.inherited(), "inherited by Session");
    },
  },
  {
    id: "cf-actor-serial",
    title: "its methods run one after another in the order of the calls, across what they await",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      const log = context.log();
      const session = await pool.actor(actors.Session, log.path);
      const counts = Array.from({ length: 20 }, () => session.countSlowly());
      const expected = Array.from({ length: 20 }, (_, n) => n + 1);
      assert.deepEqual(await Promise.all(counts), expected);
      const quick = await Promise.all(Array.from({ length: 500 }, () => session.count()));
      assert.deepEqual(
        quick,
        Array.from({ length: 500 }, (_, n) => n + 21),
      );
    },
  },
  {
    id: "cf-actor-future",
    title:
      "a method answers a future: it can be cancelled while it waits, and fails as a task does",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      const [log, gate] = [context.log(), context.gate()];
      const session = await pool.actor(actors.Session, log.path);
      const running = session.waitAt(gate.path, "first");
      const cancelled = session.waitAt(gate.path, "never");
      const last = session.waitAt(gate.path, "last");
      await context.until(() => running.running() && log.lines().length === 1);
      assert.equal(cancelled.state, "pending");
      assert.equal(cancelled.cancel(), true);
      gate.open();
      assert.deepEqual([await running, await last], ["first", "last"]);
      assert.deepEqual(log.lines(), ["first", "first done", "last", "last done"]);
      const error = await session.fail().exception();
      assert.ok(error instanceof RangeError);
      assert.equal(error.message, "a method failed");
      assert.equal(await session.count(), 1);
    },
  },
  {
    id: "cf-actor-dispose",
    title:
      "disposing of it waits for its calls, disposes of the object there, and gives the worker back",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      const log = context.log();
      const session = await pool.actor(actors.Session, log.path);
      const at = await session.where();
      const last = session.countSlowly();
      await session[Symbol.asyncDispose]();
      assert.equal(last.state, "finished");
      assert.deepEqual(log.lines(), ["ended at 1"]);
      assert.throws(() => session.count(), InvalidStateError);
      await session[Symbol.asyncDispose]();
      const { gate, futures } = await occupy(context, pool, 2);
      assert.ok(pool.workers().some(({ id }) => id === at));
      gate.open();
      await Promise.all(futures);
      await using again = await pool.actor(actors.Session, log.path);
      assert.equal(await again.count(), 1);
    },
  },
  {
    id: "cf-actor-dispose-fails",
    title: "what its disposal throws is thrown, and the worker is given back",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      const stubborn = await pool.actor(actors.Stubborn);
      assert.equal(await stubborn.ask(), "no");
      await assert.rejects(async () => await stubborn[Symbol.asyncDispose](), /does not want to/);
      const { gate, futures } = await occupy(context, pool, 2);
      gate.open();
      await Promise.all(futures);
    },
  },
  {
    id: "cf-actor-places",
    title: "one worker must be left for tasks: else actor() and resize() refuse",
    applies: withOwnWorkers(),
    async run(context) {
      const log = context.log();
      const single = poolOf(context, { maxWorkers: 1 });
      await assert.rejects(single.actor(actors.Session, log.path), /at least 2 workers, not 1/);
      assert.equal(single.stats().workers, 0);
      const pool = poolOf(context, { maxWorkers: 2 });
      const making = pool.actor(actors.Session, log.path);
      await assert.rejects(pool.actor(actors.Session, log.path), RangeError);
      const session = await making;
      assert.throws(() => pool.resize(1), RangeError);
      pool.resize(3);
      const other = await pool.actor(actors.Session, log.path);
      await session[Symbol.asyncDispose]();
      pool.resize(2);
      assert.equal(await other.count(), 1);
      assert.equal(await pool.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-actor-waits",
    title: "an actor waits for a worker as a task does, and has the one that is free first",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      const log = context.log();
      const { gate, futures } = await occupy(context, pool, 2);
      const making = pool.actor(actors.Session, log.path);
      const behind = pool.submit(arithmetic.square, 3);
      gate.open();
      assert.equal(await (await making).count(), 1);
      assert.equal(await behind, 9);
      await Promise.all(futures);
    },
  },
  {
    id: "cf-actor-lost",
    title: "its worker is ended: every pending and later call fails with WorkerLostError",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2, interruptGrace: 0 });
      const [log, gate] = [context.log(), context.gate()];
      const session = await pool.actor(actors.Session, log.path);
      const at = await session.where();
      const calls = [session.waitAt(gate.path, "first"), session.count(), session.count()];
      await context.until(() => log.lines().length === 1);
      pool.terminateWorker(at);
      for (const call of calls) assertLost(await call.exception(), at);
      assertLost(await session.count().exception(), at);
      await session[Symbol.asyncDispose]();
      gate.open();
      await context.until(() => pool.stats().workers < 2);
      const { gate: held, futures } = await occupy(context, pool, 2);
      held.open();
      await Promise.all(futures);
    },
  },
  {
    id: "cf-actor-dies",
    title: "a method that ends the worker costs the actor, and nothing else",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      const log = context.log();
      const session = await pool.actor(actors.Session.with({ retries: 5 }), log.path);
      const at = await session.where();
      const [dying, behind] = [session.exit(3), session.count()];
      for (const call of [dying, behind]) {
        const error = await call.exception();
        assertLost(error, at);
        assert.match(String(error), /task "Session\.(exit|count)".*, and its actor with it$/);
      }
      assertLost(await session.count().exception(), at);
      assert.equal(await pool.submit(arithmetic.square, 3), 9);
      assert.equal(await (await pool.actor(actors.Session, log.path)).count(), 1);
    },
  },
  {
    id: "cf-actor-interrupted",
    title: "a method that is interrupted and goes on is ended with its actor",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2, interruptGrace: 10 });
      const log = context.log();
      const options = { timeout: 60_000, name: "Patience" };
      const session = await pool.actor(actors.Session.with(options), log.path);
      assert.equal(await session.count(), 1);
      const late = session.heedNothing();
      const behind = session.count();
      // Running it is for the host as soon as it was sent; one that has not begun is taken back, and costs nobody anything.
      await context.until(() => log.lines().includes("heeds nothing"));
      assert.equal(late.cancel({ interrupt: true }), true);
      assert.match(String(await behind.exception()), /WorkerLostError.*"Patience.count"/);
      assert.ok((await behind.exception()) instanceof WorkerLostError);
    },
  },
  {
    id: "cf-actor-kept",
    title: "its worker is not retired: not when idle, nor after its number of tasks",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2, idleTimeout: 1, maxTasksPerWorker: 1 });
      const log = context.log();
      const session = await pool.actor(actors.Session, log.path);
      for (let n = 1; n <= 3; n++) {
        assert.equal(await session.count(), n);
        await pool.submit(arithmetic.square, n);
        await context.until(() => pool.stats().workers === 1);
      }
      await session[Symbol.asyncDispose]();
      await context.until(() => pool.stats().workers === 0);
    },
  },
  {
    id: "cf-actor-refused",
    title: "what is no class, no method or no argument fails at its own call",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      const log = context.log();
      await assert.rejects(pool.actor(actors.Session, log.path, -1), /cannot begin at -1/);
      await assert.rejects(pool.actor("Session" as never), TypeError);
      // @ts-expect-error: no class
      await assert.rejects(pool.actor(actors.noClass), TypeError);
      await assert.rejects(pool.actor(missing.never as never), ReferenceError);
      const none = await pool.actor(actors.Session, log.path);
      const unknown = none as unknown as Record<string, () => PromiseLike<unknown>>;
      for (const name of ["nothing", "kept", "hasOwnProperty", "__defineGetter__"])
        await assert.rejects(async () => await unknown[name]?.(), /it is no method$/);
      assert.equal(unknown.constructor, undefined);
      assert.equal(await Promise.resolve(none), none);
      assert.equal(String(none), "[actor Session]");
      assert.equal(await none.count(), 1);
      await pool.shutdown();
      assert.throws(() => none.count(), ShutdownError);
      await none[Symbol.asyncDispose]();
      await assert.rejects(pool.actor(actors.Session, log.path), ShutdownError);
    },
  },
  {
    id: "cf-actor-uncloneable",
    title: "an argument that cannot cross fails that call, by its place",
    applies: withOwnWorkers(withCloning),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 3 });
      const session = await pool.actor(actors.Session, context.log().path);
      const error = (await session.keep((() => {}) as never).exception()) as Error;
      assert.equal(error.name, "DataCloneError");
      assert.match(error.message, /task "Session\.keep": argument 1 is a function/);
      assert.equal(await session.count(), 1);
      await assert.rejects(pool.actor(actors.Session, (() => {}) as never), /argument 1/);
      assert.equal(await (await pool.actor(actors.Stubborn)).ask(), "no");
    },
  },
  {
    id: "cf-actor-told",
    title: "its worker is told what is broadcast, between its methods",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      const session = await pool.actor(actors.Session, context.log().path);
      const at = await session.where();
      const told = pool.broadcast(warm.tell, "hello");
      assert.ok((await Promise.all(told)).includes(at));
      assert.equal(await session.count(), 1);
    },
  },
  {
    id: "cf-actor-collected",
    title: "an actor that nobody has any more is ended, behind its calls",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      const log = context.log();
      const calls = await countAndForget(pool, log.path);
      for (let round = 0; round < 100 && log.lines().length === 0; round++) {
        await collectGarbage();
        await pool.submit(arithmetic.square, round);
      }
      assert.equal(await calls[0], 1);
      await context.until(() => log.lines()[0] === "ended at 1");
    },
  },
  {
    id: "cf-actor-nested",
    title: "a task that waits for one of its own executor is lent a slot, though an actor has one",
    applies: inProcessOnly,
    async run(context) {
      const pool = context.keep(new EventLoopExecutor({ maxWorkers: 2 }));
      const session = await pool.actor(actors.Session, context.log().path);
      const nested = pool.submit(async () => await pool.submit(arithmetic.square, 3));
      assert.equal(await nested, 9);
      assert.equal(await session.count(), 1);
    },
  },
  {
    id: "cf-actor-class",
    title: "an event loop takes a class itself, and no other executor does",
    applies: withOwnWorkers(),
    async run(context) {
      class Counter {
        n = 0;
        add(n: number): number {
          this.n += n;
          return this.n;
        }
      }
      const pool = poolOf(context, { maxWorkers: 3 });
      if (!(pool instanceof EventLoopExecutor)) {
        await assert.rejects(pool.actor(Counter as never), TypeError);
        return;
      }
      await using one = await pool.actor(Counter);
      await using other = await pool.actor(Counter);
      assert.deepEqual([await one.add(1), await other.add(5), await one.add(2)], [1, 5, 3]);
    },
  },
];

function poolOf(context: CaseContext, options: PoolOptions): PoolExecutor {
  const executor = context.create(options);
  assert.ok(executor instanceof PoolExecutor);
  return executor;
}

function assertLost(error: unknown, workerId: number): void {
  assert.ok(error instanceof WorkerLostError, String(error));
  assert.equal(error.workerId, workerId);
}

/** In a frame of its own, in which the actor is left. */
async function countAndForget(pool: PoolExecutor, log: string): Promise<PromiseLike<number>[]> {
  const session = await pool.actor(actors.Session, log);
  return [session.count()];
}
