// Cases of what user code may do from inside the library's calls, and of floods.
import assert from "node:assert/strict";
import { type Executor, type Future, ShutdownError, wait } from "../../../mod.ts";
import {
  everywhere,
  inProcessOnly,
  withCloning,
  withOwnWaiting,
  withRealWorkers,
} from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, contexts, gates } from "../tasks.ts";

/** What user code may do while a value of its own is looked at: the future is that of the call itself. */
type Deed = readonly [
  what: string,
  act: (executor: Executor, own: () => Future<unknown> | undefined) => unknown,
];
const USING: readonly Deed[] = [
  ["submits", (executor) => executor.submit(arithmetic.square, 5).exception()],
  ["maps", (executor) => executor.map(arithmetic.square, [1, 2, 3])],
  ["cancels its own call", (_, own) => own()?.cancel({ interrupt: true })],
];
const ENDING: readonly Deed[] = [
  ["shuts down", (executor) => executor.shutdown()],
  ["shuts down and cancels", (executor) => executor.shutdown({ cancelFutures: true })],
  ["terminates the workers", (executor) => executor.terminateWorkers()],
];

/** Where such code may stand: each way makes a call that looks at it. */
const PLACES: readonly (readonly [
  where: string,
  call: (executor: Executor, look: () => void) => Future<unknown>,
])[] = [
  ["a field of an argument", (executor, look) => executor.submit(contexts.ignore, looking(look))],
  [
    "a field of an argument beside a file",
    (executor, look) =>
      executor.submit(contexts.ignore, [
        new Blob(["text"]),
        new URL("http://host/"),
        looking(look),
      ]),
  ],
  [
    "the function that gives its transfer list",
    (executor, look) => {
      const transfer = () => {
        look();
        return [];
      };
      return executor.submit(contexts.ignore.with({ transfer }), new Uint8Array(4));
    },
  ],
  [
    "an item of its transfer list",
    (executor, look) => {
      const list = Object.defineProperty([], 0, {
        enumerable: true,
        get() {
          look();
          return new ArrayBuffer(4);
        },
      });
      return executor.submit(contexts.ignore.with({ transfer: () => list }), 1);
    },
  ],
  [
    "the reason it is cancelled for",
    (executor, look) => {
      const future = executor.submit(contexts.untilAborted);
      void (async () => {
        while (future.state === "pending") await new Promise((resolve) => setTimeout(resolve, 1));
        future.cancel({ interrupt: true, reason: looking(look) });
      })();
      return future;
    },
  ],
];

function looking(look: () => void): object {
  return {
    before: 1,
    get x() {
      look();
      return 2;
    },
  };
}

/** Cases of re-entry and of floods. */
export const reentryCases: readonly ConformanceCase[] = [
  ...PLACES.flatMap(([where, call], at) =>
    Object.entries({ uses: USING, ends: ENDING }).map(
      ([verb, deeds]): ConformanceCase => ({
        id: `cf-reentry-looked-at-${at + 1}-${verb}`,
        title: `${where} that ${verb} the executor when it is looked at settles all once`,
        applies: everywhere,
        async run(context) {
          for (const [what, act] of deeds) {
            const executor = context.create({ maxWorkers: 1, interruptGrace: 50 });
            // So that the next ones may go by the ring.
            for (let n = 0; n < 3; n++)
              assert.equal(await executor.submit(arithmetic.square, n), n * n);
            const before = [1, 2].map((n) => executor.submit(arithmetic.square, n));
            let looks = 0;
            let future: Future<unknown> | undefined;
            future = call(executor, () => {
              // Once: what looks at a value twice would be told two things.
              if (looks++ === 0) act(executor, () => future);
            });
            const behind = [3, 4].flatMap((n) => {
              try {
                return [executor.submit(arithmetic.square, n)];
              } catch (error) {
                assert.ok(error instanceof ShutdownError, what);
                return [];
              }
            });
            const all = [...before, future, ...behind];
            const callbacks = new Map<unknown, number>();
            for (const each of all)
              each.addDoneCallback((done) => callbacks.set(done, (callbacks.get(done) ?? 0) + 1));
            await wait(all);
            await executor.shutdown();
            assert.deepEqual(
              [...callbacks.values()],
              all.map(() => 1),
              what,
            );
            for (const [n, each] of [...before, ...behind].entries()) {
              if (!each.cancelled()) assert.equal(await each, (n + 1) ** 2, what);
            }
            await future.exception().catch(() => undefined);
            const { lost, queued, running, workers } = executor.stats();
            assert.deepEqual([lost, queued, running, workers], [0, 0, 0, 0], what);
          }
        },
      }),
    ),
  ),
  {
    id: "cf-reentry-submit",
    title: "a done callback may submit() more work",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const results: number[] = [];
      await new Promise<void>((resolve) => {
        const next = (n: number): void => {
          executor.submit(arithmetic.square, n).addDoneCallback((done) => {
            results.push(done.snapshot().value as number);
            if (n === 20) resolve();
            else next(n + 1);
          });
        };
        next(1);
      });
      assert.deepEqual(
        results,
        Array.from({ length: 20 }, (_, n) => (n + 1) ** 2),
      );
    },
  },
  {
    id: "cf-reentry-cancel",
    title: "a done callback may cancel() what waits behind it, which then never starts",
    applies: withOwnWaiting(),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const { gate, futures } = await occupy(context, executor);
      const behind = ["a", "b", "c"].map((line) => executor.submit(gates.logLine, log.path, line));
      let answers: boolean[] = [];
      futures[0]?.addDoneCallback(() => {
        answers = behind.map((future) => future.cancel());
      });
      gate.open();
      await wait(behind);
      await executor.shutdown();
      const expected = ["a", "b", "c"].filter((_, index) => !answers[index]);
      assert.deepEqual(log.lines(), expected, "cancel() told the truth");
      assert.equal(answers.at(-1), true);
    },
  },
  {
    id: "cf-reentry-shutdown",
    title: "a done callback may shut its executor down; what waits still runs",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const first = executor.submit(arithmetic.square, 1);
      const behind = [2, 3, 4].map((n) => executor.submit(arithmetic.square, n));
      let closing: Promise<void> | undefined;
      first.addDoneCallback(() => {
        closing = executor.shutdown();
        assert.throws(() => executor.submit(arithmetic.square, 5), ShutdownError);
      });
      assert.deepEqual(await Promise.all(behind), [4, 9, 16]);
      await closing;
      assert.ok(closing);
    },
  },
  {
    id: "cf-reentry-terminate",
    title: "a done callback may terminate its executor",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate, futures } = await occupy(context, executor);
      const behind = [1, 2].map(() => executor.submit(gates.waitAt, context.gate().path, 1));
      let terminating: Promise<void> | undefined;
      futures[0]?.addDoneCallback(() => {
        terminating = executor.terminateWorkers();
      });
      gate.open();
      await wait(behind);
      await terminating;
      assert.deepEqual(
        behind.map(({ state }) => state),
        ["cancelled", "cancelled"],
      );
    },
  },
  {
    id: "cf-reentry-cancel-in-cancel",
    title: "a callback of cancel() that cancels others settles each of them once",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      const futures = Array.from({ length: 5 }, (_, n) => executor.submit(arithmetic.square, n));
      const settled: number[] = [];
      for (const [n, future] of futures.entries()) {
        future.addDoneCallback(() => {
          settled.push(n);
          for (const other of futures) other.cancel();
        });
      }
      futures[2]?.cancel();
      assert.deepEqual(settled.toSorted(), [0, 1, 2, 3, 4]);
      assert.equal(executor.stats().cancelled, 5);
      gate.open();
    },
  },
  {
    id: "cf-reentry-abort-listener",
    title: "a task whose abort listener cancels its own future settles it once",
    applies: inProcessOnly,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      let future: Future<unknown> | undefined;
      let settled = 0;
      const controller = new AbortController();
      future = executor.submit(contexts.logAbort.with({ signal: controller.signal }), log.path);
      controller.signal.addEventListener("abort", () => future?.cancel({ interrupt: true }));
      future.addDoneCallback(() => settled++);
      await context.until(() => log.lines().length === 1);
      controller.abort();
      assert.equal(future.state, "cancelled");
      assert.equal(settled, 1);
      assert.equal(executor.stats().cancelled, 1);
    },
  },
  {
    id: "cf-reentry-task-cancels-itself",
    title: "an in-process task whose signal's listener cancels it again settles once",
    applies: inProcessOnly,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { taskContext } = await import("../../../mod.ts");
      let future: Future<unknown> | undefined;
      const running = Promise.withResolvers<void>();
      const body = async (): Promise<void> => {
        const { signal } = taskContext();
        signal.addEventListener("abort", () => future?.cancel({ interrupt: true }));
        running.resolve();
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      };
      let settled = 0;
      future = executor.submit(body as never);
      future.addDoneCallback(() => settled++);
      await running.promise;
      assert.equal(future.cancel({ interrupt: true }), true);
      assert.equal(settled, 1);
      assert.equal(executor.stats().cancelled, 1);
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-reentry-observer-submits",
    title: "an observer may submit() more work",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const more: Future<number>[] = [];
      using _ = executor.observe((event) => {
        if (event.type === "settled" && more.length < 5)
          more.push(executor.submit(arithmetic.square, more.length));
      });
      await executor.submit(arithmetic.square, 9);
      await context.until(() => more.length === 5);
      assert.deepEqual(await Promise.all(more), [0, 1, 4, 9, 16]);
    },
  },
  {
    id: "cf-reentry-task-submits",
    title:
      "an in-process task may submit() to its own executor, whose one place it gives up while it waits elsewhere",
    applies: inProcessOnly,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const outer = async (): Promise<number> => (await executor.submit(arithmetic.square, 3)) + 1;
      assert.equal(await executor.submit(outer as never), 10);
    },
  },
  {
    id: "cf-flood-unsendable",
    title: "20 000 tasks in a row that cannot be sent do not grow the stack",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      const futures = Array.from({ length: 20_000 }, () =>
        executor.submit(arithmetic.identity, uncloneable),
      );
      gate.open();
      await wait(futures);
      for (const future of futures) {
        const { error } = future.snapshot();
        assert.equal((error as Error).name, "DataCloneError");
      }
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      assert.deepEqual([executor.stats().failed, executor.stats().lost], [20_000, 0]);
      await Promise.all(futures.map((future) => future.exception()));
    },
  },
  {
    id: "cf-flood-cancel",
    title: "10 000 queued tasks can be cancelled, and none of them ever starts",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      const futures = Array.from({ length: 10_000 }, () =>
        executor.submit(gates.logLine, log.path, "ran"),
      );
      assert.ok(futures.every((future) => future.cancel()));
      gate.open();
      await executor.shutdown();
      assert.deepEqual(log.lines(), []);
    },
  },
  {
    id: "cf-flood-short",
    title: "5 000 short tasks each get their own result, in one burst",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const futures = Array.from({ length: 5_000 }, (_, n) =>
        executor.submit(arithmetic.square, n),
      );
      const results = await Promise.all(futures);
      assert.ok(results.every((value, n) => value === n * n));
      assert.equal(executor.stats().finished, 5_000);
    },
  },
  {
    id: "cf-flood-cancel-truth",
    title: "cancel() in the middle of a burst tells the truth for every task",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 2 });
      const futures = Array.from({ length: 300 }, (_, n) =>
        executor.submit(gates.logLine, log.path, `${n}`),
      );
      await futures[20];
      const answers = futures.map((future) => future.cancel());
      await executor.shutdown();
      const ran = new Set(log.lines());
      for (const [n, cancelled] of answers.entries()) {
        assert.equal(ran.has(`${n}`), !cancelled, `task ${n}: cancel() said ${cancelled}`);
      }
      assert.equal(log.lines().length, ran.size, "none ran twice");
    },
  },
  {
    id: "cf-long-behind-short",
    title: "a task sent ahead does not wait behind one that turns out long",
    applies: withRealWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      // Measured short, so that several are sent ahead.
      for (let n = 0; n < 100; n++) await executor.submit(gates.shortOrLong, undefined, n);
      await assertOnlyFirstWaits(context, (gate, n) => executor.submit(gates.shortOrLong, gate, n));
    },
  },
  {
    id: "cf-long-behind-medium",
    title: "nor does the next one, which was sent behind one of some milliseconds",
    applies: withRealWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      for (let n = 0; n < 5; n++) await executor.submit(gates.mediumOrLong, undefined, n);
      await assertOnlyFirstWaits(context, (gate, n) =>
        executor.submit(gates.mediumOrLong, gate, n),
      );
    },
  },
];

/** Of twenty tasks the first is held at a gate: all others finish before. */
async function assertOnlyFirstWaits(
  context: CaseContext,
  submit: (gate: string | undefined, n: number) => Future<unknown>,
): Promise<void> {
  const gate = context.gate();
  const numbers = Array.from({ length: 20 }, (_, n) => n);
  const [first, ...others] = numbers.map((n) => submit(n === 0 ? gate.path : undefined, n));
  assert.deepEqual(await Promise.all(others), numbers.slice(1));
  assert.equal(first?.done(), false);
  gate.open();
  assert.equal(await first, 0);
}

const uncloneable = (): void => {};
