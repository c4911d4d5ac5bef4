// Cases of listeners that are async functions: what they reject with is told to onError, and ends no program.
import assert from "node:assert/strict";
import { everywhere } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, contexts, failures } from "../tasks.ts";

async function rejectLater(): Promise<never> {
  await Promise.resolve();
  throw new RangeError("mine");
}

/** Cases of listeners that reject. */
export const rejectionsCases: readonly ConformanceCase[] = [
  {
    id: "cf-rejects-callback",
    title: "a done callback that rejects is reported, with its future",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const future = executor.submit(arithmetic.square, 3);
      future.addDoneCallback(rejectLater);
      assert.equal(await future, 9);
      future.addDoneCallback(rejectLater);
      future.addDoneCallback(() => ({
        // biome-ignore lint/suspicious/noThenProperty: a thenable that is no promise
        then: (_: unknown, reject: (e: unknown) => void) => reject(1),
      }));
      await context.until(() => context.reports.length === 3);
      for (const { about } of context.reports) {
        assert.equal(about.kind, "callback");
        assert.equal(about.future, future);
      }
    },
  },
  {
    id: "cf-rejects-progress",
    title: "a progress listener that rejects is reported, also at the replay",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const future = context
        .create({ maxWorkers: 1 })
        .submit(contexts.progressThenWaitAt, [0.5], gate.path);
      future.onProgress(rejectLater);
      await context.until(() => future.snapshot().progress !== undefined);
      future.onProgress(rejectLater);
      await context.until(() => context.reports.length === 2);
      assert.deepEqual(
        new Set(context.reports.map(({ about }) => about.kind)),
        new Set(["callback"]),
      );
      gate.open();
      await future;
    },
  },
  {
    id: "cf-rejects-observer",
    title: "an observer that rejects is reported",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      {
        using _ = executor.observe(async (event) => {
          if (event.type === "settled") await rejectLater();
        });
        await executor.submit(arithmetic.square, 3);
      }
      await context.until(() => context.reports.length === 1);
      assert.equal(context.reports[0]?.about.kind, "observer");
    },
  },
  {
    id: "cf-rejects-onerror",
    title: "an onError that rejects is printed, with what it was told",
    applies: everywhere,
    async run(context) {
      const printed: unknown[] = [];
      const { error: print } = console;
      context.defer(() => {
        console.error = print;
      });
      console.error = (...texts: unknown[]) => printed.push(texts[1]);
      const executor = context.create({ maxWorkers: 1, onError: rejectLater });
      const future = executor.submit(arithmetic.square, 3);
      const mistake = new Error("of the callback");
      future.addDoneCallback(() => {
        throw mistake;
      });
      await future;
      await context.until(() => printed.length === 2);
      assert.ok(printed[0] instanceof RangeError);
      assert.equal(printed[1], mistake);
    },
  },
  {
    id: "cf-rejects-future",
    title: "a future that a callback returns tells of its own failure, once, as it would anyway",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const first = executor.submit(arithmetic.square, 3);
      first.addDoneCallback(() => executor.submit(failures.throwRangeError, "later"));
      const failed = executor.submit(failures.throwRangeError, "looked at");
      failed.addDoneCallback((future) => future);
      await failed.exception();
      await executor.shutdown();
      assert.deepEqual(
        context.reports.map(({ about }) => about.kind),
        ["unobserved"],
      );
    },
  },
];
