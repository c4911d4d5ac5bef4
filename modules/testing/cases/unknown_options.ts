// Cases of options that there are not: a mistake in a name is told at the call, by the name that was meant.
import assert from "node:assert/strict";
import { asCompleted, EventLoopExecutor, Future, type PoolOptions, wait } from "../../../mod.ts";
import { everywhere, withOwnWorkers, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic } from "../tasks.ts";

const NO_RECORDS: readonly unknown[] = [
  null,
  3,
  "four",
  true,
  [],
  [{ maxWorkers: 1 }],
  () => {},
  // None of them has an option, so each would pass for none.
  AbortSignal.abort(),
  new Future(),
  new Map([["maxWorkers", 1]]),
  new Date(),
];

/** A mistake, and what the error names. */
const MISTAKES: readonly (readonly [Record<string, unknown>, RegExp])[] = [
  [{ maxWorker: 1 }, /unknown option "maxWorker", did you mean "maxWorkers"$/],
  [{ max_workers: 1 }, /unknown option "max_workers", did you mean "maxWorkers"$/],
  [{ MaxQueue: 1 }, /did you mean "maxQueue"$/],
  [{ grace: 1 }, /did you mean "interruptGrace"$/],
  [{ onEror: () => {} }, /did you mean "onError"$/],
  [{ thread_name_prefix: "mine" }, /did you mean "name"$/],
  [{ somethingElse: 1 }, /unknown option "somethingElse"; there are maxWorkers, /],
  [{ chunkSize: 1 }, /"chunkSize" is an option of map\(\)$/],
  [{ timeout: 1 }, /"timeout" is an option of tasks: task\.with\(\)$/],
  [{ timout: 1 }, /did you mean "timeout", which is an option of tasks: task\.with\(\)$/],
  [
    { permisions: 1 },
    /did you mean "permissions", which is an option of ProcessPool|"permissions"$/,
  ],
  [{ initargs: [1] }, /did you mean "initializerArgs"(, which is an option of pools.*)?$/],
];

function refuses(call: () => unknown, message: RegExp): void {
  assert.throws(call, (error) => {
    assert.ok(error instanceof TypeError, `${error}`);
    assert.match(error.message, message);
    return true;
  });
}

async function rejects(call: () => PromiseLike<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(
    async () => await call(),
    (error) => {
      assert.ok(error instanceof TypeError, `${error}`);
      assert.match(error.message, message);
      return true;
    },
  );
}

/** Cases of options that there are not. */
export const unknownOptionsCases: readonly ConformanceCase[] = [
  {
    id: "cf-unknown-option",
    title: "an executor refuses an option that there is not, by the name that was meant",
    applies: withOwnWorkers(),
    async run({ subject }) {
      for (const [options, message] of MISTAKES) {
        refuses(() => subject.create(options as PoolOptions), message);
        refuses(() => subject.create(options as PoolOptions), /^Cannot create \w+Executor: /);
      }
    },
  },
  {
    id: "cf-unknown-option-other",
    title: "an option of another executor is refused, and the error says whose it is",
    applies: withOwnWorkers(),
    async run({ subject }) {
      const { executorName, traits } = subject;
      const others: [string, unknown, RegExp][] = [];
      if (!traits.workers) {
        others.push(["initializer", arithmetic.square, /is an option of pools of threads/]);
        others.push(["memoryLimit", 100, /is an option of ProcessPoolExecutor, and of Thread/]);
      }
      if (executorName !== "ProcessPoolExecutor") {
        others.push(["cwd", "/", /is an option of ProcessPoolExecutor$/]);
        others.push(["permissions", "none", /is an option of ProcessPoolExecutor on Deno$/]);
      }
      others.push(["returnWhen", "FIRST_COMPLETED", /is an option of wait\(\)$/]);
      for (const [name, value, message] of others)
        refuses(() => subject.create({ [name]: value } as PoolOptions), message);
    },
  },
  {
    id: "cf-options-no-record",
    title: "options that are no record are refused",
    applies: everywhere,
    async run({ subject }) {
      const future = new Future<number>();
      future.setResult(1);
      for (const options of NO_RECORDS as readonly never[]) {
        refuses(() => subject.create(options), /^Cannot create \w+: expected a record of options/);
        refuses(() => arithmetic.square.with(options), /expected a record of options/);
        refuses(() => future.cancel(options), /expected a record of options/);
        refuses(() => asCompleted([future], options), /expected a record of options/);
        await rejects(() => future.result(options), /expected a record of options/);
        await rejects(() => future.exception(options), /expected a record of options/);
        await rejects(() => wait([future], options), /expected a record of options/);
      }
    },
  },
  {
    id: "cf-unknown-option-call",
    title: "every call that takes options refuses one that there is not, and does nothing",
    applies: withOwnWorkers(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const future = executor.submit(arithmetic.square, 3);
      const wrong = { timeuot: 1 } as never;
      const meant = /unknown option "timeuot", did you mean "timeout"$/;
      refuses(() => arithmetic.square.with(wrong), /^Cannot set options of task "square": unknown/);
      refuses(() => arithmetic.square.with(wrong), meant);
      refuses(
        () => arithmetic.square.with({ retries: { limit: 1, delai: 1 } as never }),
        /"delay"/,
      );
      refuses(() => executor.map(arithmetic.square, [1], wrong), meant);
      refuses(() => executor.starmap(arithmetic.add, [[1, 2]], wrong), meant);
      refuses(() => executor.map(arithmetic.square, [1], { chunksize: 1 } as never), /"chunkSize"/);
      refuses(
        () => executor.map(arithmetic.square, [1], { retrys: 1 } as never),
        /did you mean "retries", which is an option of tasks: task\.with\(\)$/,
      );
      refuses(
        () => arithmetic.square.with({ chunksize: 1 } as never),
        /"chunkSize", which is .*map/,
      );
      refuses(() => asCompleted([future], wrong), meant);
      refuses(() => future.cancel({ interupt: true } as never), /did you mean "interrupt"$/);
      await rejects(() => wait([future], wrong), meant);
      await rejects(() => wait([future], { return_when: 1 } as never), /"returnWhen"/);
      await rejects(() => future.result(wrong), meant);
      await rejects(() => future.exception(wrong), meant);
      await rejects(() => executor.shutdown({ cancel_futures: true } as never), /"cancelFutures"/);
      assert.equal(await future, 9);
      await rejects(() => future.result(wrong), meant);
      assert.equal(await executor.submit(arithmetic.square, 2), 4, "it was not shut down");
    },
  },
  {
    id: "cf-option-undefined",
    title: "an option with the value undefined is as if absent, whatever its name",
    applies: withOwnWorkers(),
    async run(context) {
      const options = { maxWorkers: undefined, maxQueue: undefined, name: undefined };
      const executor = context.create({ ...options, nobody: undefined } as never);
      class Settings {
        get maxWorkers() {
          return 1;
        }
      }
      context.create(new Settings());
      context.create(Object.create(new Settings()));
      const square = arithmetic.square
        .with({ name: "mine", timeout: 20_000 })
        .with({ name: undefined, timeout: undefined } as never);
      assert.deepEqual(square.options, { name: "mine", timeout: 20_000 });
      const limits = { timeout: undefined, signal: undefined } as never;
      const future = executor.submit(square, 3);
      assert.equal(await future.result(limits), 9);
      assert.equal(future.cancel({ interrupt: undefined, reason: undefined } as never), false);
      assert.equal((await wait([future], limits)).done.size, 1);
      assert.deepEqual(await Array.fromAsync(executor.map(square, [1, 2], limits)), [1, 4]);
      await executor.shutdown({
        wait: undefined,
        cancelFutures: undefined,
        timeout: undefined,
      } as never);
    },
  },
  {
    id: "cf-option-getter",
    title: "an option that is a getter is read once",
    applies: withOwnWorkers(),
    async run(context) {
      const looks = new Map<string, number>();
      const counting = <O extends object>(options: O): O =>
        Object.defineProperties(
          {},
          Object.fromEntries(
            Object.entries(options).map(([name, value]) => [
              name,
              {
                enumerable: true,
                get() {
                  looks.set(name, (looks.get(name) ?? 0) + 1);
                  return value;
                },
              },
            ]),
          ),
        ) as O;
      const once = (what: string) => {
        for (const [name, count] of looks) assert.equal(count, 1, `${what}: ${name}`);
        assert.ok(looks.size > 0, what);
        looks.clear();
      };
      const executor = context.create(
        counting({ maxWorkers: 1, maxQueue: 9, name: "Once", interruptGrace: 30 }),
      );
      once("executor");
      const square = arithmetic.square.with(
        counting({ name: "s", priority: 1, retries: counting({ limit: 1, delay: 1, factor: 2 }) }),
      );
      once("task");
      const future = executor.submit(square, 3);
      assert.equal(await future.result(counting({ timeout: 20_000 })), 9);
      once("result");
      future.cancel(counting({ interrupt: true, reason: 1 }));
      once("cancel");
      const results = executor.map(
        square,
        [1, 2],
        counting({ chunkSize: 1, bufferSize: 2, ordered: true, entries: false, timeout: 20_000 }),
      );
      assert.deepEqual(await Array.fromAsync(results), [1, 4]);
      once("map");
      await wait([future], counting({ timeout: 1, returnWhen: "ALL_COMPLETED" as const }));
      once("wait");
      await executor.shutdown(counting({ wait: true, cancelFutures: false, timeout: 20_000 }));
      once("shutdown");
    },
  },
  {
    id: "cf-unknown-option-pool",
    title: "an option of pools is none of the event loop's executor, and is one of this",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const options: PoolOptions = { idleTimeout: 1_000, startTimeout: 20_000, heartbeat: 20_000 };
      refuses(() => new EventLoopExecutor(options), /is an option of pools of threads/);
      context.create(options);
    },
  },
];
