// Cases of what is let go: arguments, results, elements. Rows 18, 20, 102.
import assert from "node:assert/strict";
import { asCompleted, type Executor, type Future } from "../../../mod.ts";
import {
  everywhere,
  withCloning,
  withOwnWorkers,
  withRealWorkers,
  withWorkers,
} from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import { collectGarbage } from "../collect_garbage.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import type { Gate } from "../gate.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, failures, gates, memory } from "../tasks.ts";

// Bun's collector scans the stack conservatively: a stale pointer there may keep an object for long. So each promise is
// tried on several objects, of which a leak would keep every one.
const TRIES = 8;
const MOST_KEPT_BY_CHANCE = 2;
const MOST_COLLECTIONS = 40;
/** A collection more or less shows whether work that runs is let go with its pool. */
const FEW_COLLECTIONS = 3;
const POOLS = 3;

/** Cases of what is let go. */
export const memoryCases: readonly ConformanceCase[] = [
  {
    id: "py-18",
    title: "an argument is collected once its task has run, although the future is kept",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const submitted = times(() => submitAndForget(executor));
      for (const { future } of submitted) await future;
      await assertCollected(submitted.map(({ argument }) => argument));
      assert.ok(submitted.every(({ future }) => future.state === "finished"));
    },
  },
  {
    id: "py-20",
    title: "map() keeps no reference to a result it has handed out",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const items = times((n) => n);
      const iterator = executor
        .map(arithmetic.wrap, items, { chunkSize: 1 })
        [Symbol.asyncIterator]();
      const weak: WeakRef<object>[] = [];
      for (let read = 0; read < TRIES; read++) weak.push(await nextWeakly(iterator));
      await assertCollected(weak);
      assert.equal((await iterator.next()).done, true);
    },
  },
  {
    id: "cf-wait-leaves-nothing",
    title:
      "a wait that is given up leaves nothing on its future, nor on a signal that lives longer",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate, futures } = await occupy(context, executor);
      const future = futures[0] as Future<unknown>;
      const { signal } = new AbortController();
      const errors: WeakRef<object>[] = [];
      const giveUp = async (wait: () => Promise<unknown>) => {
        const error: unknown = await wait().then(
          () => assert.fail("it is not done"),
          (error: unknown) => error,
        );
        errors.push(new WeakRef(error as object));
      };
      const aborted = async (wait: (signal: AbortSignal) => Promise<unknown>) => {
        const controller = new AbortController();
        const waiting = giveUp(() => wait(controller.signal));
        controller.abort(new Error("enough"));
        await waiting;
      };
      for (let n = 0; n < TRIES; n++) {
        // Several at once, as a server's.
        await Promise.all([
          giveUp(() => future.result({ timeout: 0 })),
          giveUp(() => future.result({ timeout: 1, signal })),
          giveUp(() => future.exception({ timeout: 0, signal })),
          giveUp(() => Array.fromAsync(asCompleted([future], { timeout: 0, signal }))),
          aborted((own) => future.result({ signal: own })),
          aborted((own) => future.exception({ signal: own, timeout: 60_000 })),
          aborted((own) => Array.fromAsync(asCompleted([future], { signal: own }))),
        ]);
      }
      await assertCollected(errors);
      assert.equal(future.done(), false);
      // Nobody else who waits for it is passed over.
      const results = Promise.all([future.result({ timeout: 60_000 }), future.result(), future]);
      await future.result({ timeout: 0 }).catch(() => {});
      gate.open();
      assert.equal(new Set(await results).size, 1);
    },
  },
  {
    id: "py-102",
    title: "a worker lets a task's argument go when the task is over",
    applies: withRealWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await executor.submit(memory.watch, { large: new Uint8Array(1_000_000) });
      // One more task, as the argument list of the last one may stay in a register until the next call.
      await executor.submit(arithmetic.square, 1);
      let collected = false;
      for (let round = 0; round < MOST_COLLECTIONS && !collected; round++) {
        collected = await executor.submit(memory.isCollected);
      }
      assert.equal(collected, true);
    },
  },
  {
    id: "cf-memory-unsendable",
    title: "an argument that could not be sent is collected, although the future is kept",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const submitted = times(() => submitAndForget(executor, { f: () => {} }));
      for (const { future } of submitted) {
        await assert.rejects(future.result(), { name: "DataCloneError" });
      }
      await assertCollected(submitted.map(({ argument }) => argument));
    },
  },
  {
    id: "cf-memory-cancelled",
    title: "the argument of a cancelled task is collected, although the future is kept",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const submitted = times(() => submitAndForget(executor));
      for (const { future } of submitted) future.cancel();
      await assertCollected(submitted.map(({ argument }) => argument));
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-memory-pool",
    title: "a pool that is collected finishes what it has, and then its workers end",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const seen = { exited: 0 };
      const made = [];
      for (let n = 0; n < POOLS; n++) made.push(await makeAndForget(context, seen));
      for (let round = 0; round < FEW_COLLECTIONS; round++) await collectGarbage();
      for (const { gate, running, queued } of made) {
        gate.open();
        assert.equal(await running, "kept");
        assert.equal(await queued, 9);
      }
      // One may be kept by chance, and be ended by the program only.
      for (let round = 0; round < MOST_COLLECTIONS && seen.exited < POOLS - 1; round++) {
        await collectGarbage();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const { exited } = seen;
      for (const { pool } of made) await pool.deref()?.terminateWorkers();
      // One that has been collected meanwhile is ended by its finalizer, which may run later: its end is a part of the case.
      await context.until(() => seen.exited === POOLS);
      assert.ok(exited >= POOLS - 1, `${exited} of ${POOLS} have ended`);
    },
  },
  {
    id: "cf-memory-future",
    title: "an executor keeps no future whose success it has handed over",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const weak: WeakRef<object>[] = [];
      for (let submitted = 0; submitted < TRIES; submitted++)
        weak.push(await awaitWeakly(executor));
      await assertCollected(weak);
      await assert.rejects(executor.submit(failures.throwRangeError, "seen").result());
    },
  },
];

function times<T>(make: (n: number) => T): T[] {
  return Array.from({ length: TRIES }, (_, n) => make(n));
}

/** Makes a pool that nobody keeps, with a task that runs and one that has run; gives what ends it, and its observations. */
async function makeAndForget(
  context: CaseContext,
  seen: { exited: number },
): Promise<{
  gate: Gate;
  running: Future<unknown>;
  queued: Future<number>;
  pool: WeakRef<Executor>;
}> {
  // Not by the context, which keeps it.
  const executor = context.subject.create({ maxWorkers: 1 });
  executor.observe(({ type }) => {
    if (type === "worker-exited") seen.exited++;
  });
  await executor.submit(arithmetic.square, 1);
  const gate = context.gate();
  const running = executor.submit(gates.waitAt, gate.path, "kept");
  const queued = executor.submit(arithmetic.square, 3);
  return { gate, running, queued, pool: new WeakRef(executor) };
}

function submitAndForget(
  executor: Executor,
  argument: object = { n: 1 },
): { future: Future<unknown>; argument: WeakRef<object> } {
  const held = { argument };
  return {
    future: executor.submit(arithmetic.forgetArgument, held),
    argument: new WeakRef(held),
  };
}

async function awaitWeakly(executor: Executor): Promise<WeakRef<object>> {
  const future = executor.submit(arithmetic.square, 2);
  await future;
  return new WeakRef(future);
}

async function nextWeakly(iterator: AsyncIterator<object>): Promise<WeakRef<object>> {
  const { value } = await iterator.next();
  return new WeakRef(value as object);
}

async function assertCollected(weak: readonly WeakRef<object>[]): Promise<void> {
  const kept = (): number => weak.filter((reference) => reference.deref() !== undefined).length;
  let left = weak.length;
  for (let round = 0; round < MOST_COLLECTIONS && left > MOST_KEPT_BY_CHANCE; round++) {
    await collectGarbage();
    left = kept();
  }
  assert.ok(left <= MOST_KEPT_BY_CHANCE, `${left} of ${weak.length} are kept`);
}
