// Cases of future.priority: of what waits, and is moved.
import assert from "node:assert/strict";
import { Future, InvalidStateError, TaskGroup } from "../../../mod.ts";
import { everywhere } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, gates } from "../tasks.ts";

/** Cases of priorities that change. */
export const prioritiesCases: readonly ConformanceCase[] = [
  {
    id: "cf-priority-set",
    title: "future.priority = n moves a call that waits; equal ones stay in order",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      executor.pause();
      const submit = (line: string, priority = 0) =>
        executor.submit(gates.logLine.with({ priority }), log.path, line);
      const futures = [..."abcdef"].map((line) => submit(line));
      const urgent = submit("urgent", 3);
      const [a, b, c, d, e, f] = futures as [Future<string>, ...Future<string>[]];
      assert.deepEqual([a.priority, urgent.priority], [0, 3]);
      a.priority = -1;
      for (const future of [e, c]) if (future !== undefined) future.priority = 5;
      if (f !== undefined) f.priority = 3;
      urgent.priority = 0;
      if (d !== undefined) [d.priority, d.priority] = [9, 0];
      if (b !== undefined) b.priority = 0;
      assert.deepEqual([a.priority, e?.priority, d?.priority], [-1, 5, 0]);
      executor.resume();
      await Promise.all([...futures, urgent]);
      assert.deepEqual(log.lines(), ["c", "e", "f", "b", "d", "urgent", "a"]);
    },
  },
  {
    id: "cf-priority-set-ahead",
    title: "future.priority = n takes a call back that was sent ahead, and begins it first",
    applies: everywhere,
    async run(context) {
      const [log, warm] = [context.log(), context.log()];
      const executor = context.create({ maxWorkers: 1 });
      for (let n = 0; n < 100; n++) await executor.submit(gates.logLine, warm.path, `${n}`);
      const lines = Array.from({ length: 50 }, (_, n) => `${n}`);
      const futures = lines.map((line) => executor.submit(gates.logLine, log.path, line));
      const last = futures.at(-1) as Future<string>;
      await Promise.resolve();
      const isHeld = last.state === "pending";
      last.priority = 1;
      // What is less urgent is taken back at the end of this tick: until then the worker goes on with it.
      await Promise.resolve();
      const waiting = futures.filter(({ state }) => state === "pending").length;
      await Promise.all(futures);
      // One call may be in front of its worker, which is about to begin it.
      const before = log.lines().indexOf("49");
      assert.ok(!isHeld || before <= lines.length - waiting + 1, log.lines().join());
      assert.deepEqual(log.lines().toSorted(), lines.toSorted(), "each once");
    },
  },
  {
    id: "cf-priority-set-done",
    title: "future.priority of what runs, is done or is cancelled can be set, and changes nothing",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate, futures } = await occupy(context, executor);
      const [running] = futures as [Future<unknown>];
      running.priority = 7;
      const waiting = executor.submit(arithmetic.square, 2);
      const cancelled = executor.submit(arithmetic.square, 3);
      cancelled.cancel();
      cancelled.priority = 4;
      gate.open();
      assert.equal(await waiting, 4);
      waiting.priority = 9;
      assert.equal(waiting.priority, 0);
      await running;
      assert.equal(await executor.submit(arithmetic.square, 4), 16);
    },
  },
  {
    id: "cf-priority-set-delayed",
    title: "a call that is delayed, or held by a group, takes the priority along that it was given",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const { gate, futures } = await occupy(context, executor);
      const delayed = executor.submit(gates.logLine.with({ delay: 5 }), log.path, "delayed");
      delayed.priority = 2;
      const group = new TaskGroup(executor, { maxRunning: 1 });
      const first = group.submit(gates.logLine, log.path, "first of the group");
      const held = group.submit(gates.logLine, log.path, "held by the group");
      held.priority = 1;
      assert.deepEqual([delayed.priority, held.priority], [2, 1]);
      const other = executor.submit(gates.logLine, log.path, "other");
      await new Promise((resolve) => setTimeout(resolve, 20));
      gate.open();
      await Promise.all([...futures, delayed, other, first, held]);
      await group.join();
      assert.deepEqual(log.lines()[0], "delayed");
    },
  },
  {
    id: "cf-priority-set-refused",
    title: "future.priority is a number, and that of a future in no executor cannot be set",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const future: Future<unknown> = executor.submit(arithmetic.square, 2);
      for (const wrong of ["1", null, undefined, 1n]) {
        assert.throws(() => {
          future.priority = wrong as never;
        }, TypeError);
      }
      assert.throws(() => {
        future.priority = Number.NaN;
      }, RangeError);
      const bare = new Future<number>();
      assert.equal(bare.priority, 0);
      assert.throws(() => {
        bare.priority = 1;
      }, InvalidStateError);
      assert.equal(await future, 4);
    },
  },
];
