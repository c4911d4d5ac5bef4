// Cases of outcomes that fight back when they are looked at: whatever a task throws or returns, its future is done.
import assert from "node:assert/strict";
import { asCompleted, type Executor, Future, wait } from "../../../mod.ts";
import { everywhere, inProcessOnly } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { type Oddity, oddities } from "../fixtures/odd_values.ts";
import { arithmetic, oddValues } from "../tasks.ts";

/** Does the same with each of them, on one executor. */
function forEachOddity(check: (executor: Executor, oddity: Oddity) => Promise<void>) {
  return async (context: CaseContext) => {
    const executor = context.create({ maxWorkers: 1 });
    for (const oddity of oddities) {
      try {
        await check(executor, oddity);
      } catch (cause) {
        throw new Error(`Cannot settle ${oddity}: ${cause}`, { cause });
      }
      assert.equal(await executor.submit(arithmetic.square, 3), 9, `after ${oddity}`);
    }
    assert.equal(executor.stats().lost, 0);
  };
}

/** Asks everything that can be asked of a future. Returns how it ended. */
async function lookAt(future: Future<unknown>): Promise<"fulfilled" | "rejected"> {
  let calls = 0;
  future.addDoneCallback(() => calls++);
  const awaited = ended(future);
  for await (const done of asCompleted([future])) assert.equal(done.done(), true);
  assert.equal((await wait([future], { returnWhen: "FIRST_EXCEPTION" })).done.size, 1);
  const outcome = await awaited;
  assert.equal(await ended(future), outcome, "asked again, it says the same");
  assert.equal(await ended(future.result({ timeout: 20_000 })), outcome);
  await ended(future.exception());
  await ended(future.finally(() => {}));
  assert.equal(future.state, "finished");
  assert.equal(future.snapshot().state, "finished");
  assert.match(String(future), /^Future \{ finished, (raised|returned) /);
  assert.throws(() => future.setResult(1), { name: "InvalidStateError" });
  future.addDoneCallback(() => calls++);
  assert.equal(calls, 2, "each callback is called once");
  return outcome;
}

/** How a wait ended. */
function ended(waiting: PromiseLike<unknown>): Promise<"fulfilled" | "rejected"> {
  return Promise.resolve(waiting).then(
    () => "fulfilled",
    () => "rejected",
  );
}

/** Cases of outcomes that fight back. */
export const oddOutcomesCases: readonly ConformanceCase[] = [
  {
    id: "cf-odd-thrown",
    title: "a task that throws what fights back fails, and whoever waits is told",
    applies: everywhere,
    run: forEachOddity(async (executor, oddity) => {
      assert.equal(await lookAt(executor.submit(oddValues.throwOdd, oddity)), "rejected");
    }),
  },
  {
    id: "cf-odd-rejected",
    title: "a task that rejects with what fights back fails, and whoever waits is told",
    applies: everywhere,
    run: forEachOddity(async (executor, oddity) => {
      assert.equal(await lookAt(executor.submit(oddValues.rejectOdd, oddity)), "rejected");
    }),
  },
  {
    id: "cf-odd-returned",
    title: "a task that returns what fights back, at once or later, is done",
    applies: everywhere,
    run: forEachOddity(async (executor, oddity) => {
      await lookAt(executor.submit(oddValues.returnOdd, oddity));
      await lookAt(executor.submit(oddValues.resolveOdd, oddity));
    }),
  },
  {
    id: "cf-odd-map",
    title: "an element of map that throws what fights back fails at its place, the rest goes on",
    applies: everywhere,
    run: forEachOddity(async (executor, oddity) => {
      const results = executor.map(oddValues.throwOdd, [oddity, oddity]);
      assert.equal(await ended(results.next()), "rejected");
      assert.equal(await ended(results.next()), "rejected");
      assert.deepEqual(await results.next(), { done: true, value: undefined });
    }),
  },
  {
    id: "cf-odd-unobserved",
    title: "a failure that fights back and that nobody looked at is reported; the executor closes",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await wait(oddities.map((oddity) => executor.submit(oddValues.throwOdd, oddity)));
      executor.map(oddValues.throwOdd, oddities);
      await executor.shutdown();
      const kinds = context.reports.map(({ about }) => about.kind);
      assert.deepEqual(new Set(kinds), new Set(["unobserved"]));
      assert.ok(kinds.length > oddities.length, `${kinds.length} reports`);
    },
  },
  {
    id: "cf-odd-printed",
    title: "a failure that the console cannot show is printed all the same; the executor closes",
    applies: everywhere,
    async run(context) {
      const printed: unknown[] = [];
      const { error: print } = console;
      context.defer(() => {
        console.error = print;
      });
      console.error = (what: string, error: unknown) => {
        printed.push(what);
        // A console looks at what it is to show.
        if (typeof error === "object" && error !== null) String(error);
      };
      const executor = context.keep(context.subject.create({ maxWorkers: 1 }));
      await wait(oddities.map((oddity) => executor.submit(oddValues.throwOdd, oddity)));
      await executor.shutdown();
      assert.ok(printed.length >= oddities.length, `${printed.length} printed`);
    },
  },
  {
    id: "cf-odd-same",
    title: "what a task throws comes as the very same object, whatever it is made of",
    applies: inProcessOnly,
    async run(context) {
      const executor = context.create();
      for (const oddity of oddities) {
        const future = executor.submit(oddValues.throwOdd, oddity);
        const error = await future.then(undefined, (thrown: unknown) => ({ thrown }));
        assert.ok(Object.is((error as { thrown: unknown }).thrown, future.snapshot().error));
      }
    },
  },
  {
    id: "cf-odd-thenable-once",
    title: "a thenable is asked once for its method, as by a promise",
    applies: inProcessOnly,
    async run(context) {
      let looks = 0;
      const thenable = () =>
        // biome-ignore lint/suspicious/noThenProperty: what the case is about
        Object.defineProperty({}, "then", {
          get: () => (++looks === 1 ? (resolve: (value: number) => void) => resolve(7) : undefined),
        });
      assert.equal(await context.create().submit(thenable as never), 7);
      assert.equal(looks, 1);
    },
  },
  {
    id: "cf-odd-thenable-error",
    title: "exception() of an error that is a thenable rejects with it, and waits for nobody",
    applies: inProcessOnly,
    async run(context) {
      // biome-ignore lint/suspicious/noThenProperty: what the case is about
      const thenable = { then() {} };
      const fail = () => {
        throw thenable;
      };
      const future: Future<unknown> = context.create().submit(fail as never);
      const raised = await future.exception().then(
        () => undefined,
        (error: unknown) => [error],
      );
      assert.deepEqual(raised, [thenable]);
    },
  },
  {
    id: "cf-odd-promise-value",
    title: "a future given a promise whose constructor cannot be read rejects whoever waits",
    applies: everywhere,
    async run() {
      const future = new Future<unknown>();
      const promise = Object.defineProperty(Promise.resolve(1), "constructor", {
        get() {
          throw new RangeError("looked at");
        },
      });
      future.setResult(promise);
      await ended(future.result());
      await ended(future.then());
      await ended(future.finally());
      assert.match(String(future), /^Future \{ finished, returned /);
    },
  },
];
