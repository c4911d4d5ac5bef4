// Cases of TaskGroup: children that end together. Decision 45.
import assert from "node:assert/strict";
import {
  CancelledError,
  type Future,
  GroupClosedError,
  TaskGroup,
  TimeoutError,
} from "../../../mod.ts";
import { everywhere } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { waitAt } from "../fixtures/gates.ts";
import { arithmetic, failures, gates, groups } from "../tasks.ts";

/** Cases of TaskGroup. */
export const taskGroupCases: readonly ConformanceCase[] = [
  {
    id: "cf-group-join",
    title: "join() resolves with the results in the order of submission, those of run() among them",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      await using group = new TaskGroup<number>(context.create({ maxWorkers: 2 }));
      group.submit(gates.doubleAt, { gate: gate.path, n: 1 });
      group.submit(arithmetic.square, 2);
      group.run(async () => 9);
      await group.submit(arithmetic.square, 4);
      gate.open();
      assert.deepEqual(await group.join(), [2, 4, 9, 16]);
    },
  },
  {
    id: "cf-group-failure",
    title: "a child's failure interrupts the others, and join() throws that failure itself",
    applies: everywhere,
    async run(context) {
      const [gate, held] = [context.gate(), context.gate()];
      const executor = context.create({ maxWorkers: 2 });
      await using group = new TaskGroup(executor);
      const failing = group.submit(gates.failAt, gate.path, "first");
      const running = group.submit(gates.doubleAt, { gate: held.path, n: 1 });
      const waiting = group.submit(arithmetic.square, 2);
      const local = group.run((signal) => aborted(signal));
      await context.until(() => running.state === "running");
      gate.open();
      const error = await group.join().then(unexpected, (error) => error);
      assert.equal(error.message, "first");
      assert.equal(error, await failing.exception());
      assert.deepEqual(group.failures, [error]);
      for (const other of [running, waiting, local]) assert.equal(other.cancelled(), true);
      assert.equal(group.signal.aborted, true);
      assert.equal(group.signal.reason, error);
      held.open();
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-group-continue",
    title:
      "onFailure: continue lets the others go on, and join() has undefined in the place of a failure",
    applies: everywhere,
    async run(context) {
      await using group = new TaskGroup<number>(context.create({ maxWorkers: 2 }), {
        onFailure: "continue",
      });
      group.submit(arithmetic.square, 1);
      group.submit(failures.throwRangeError, "noted");
      group.submit(arithmetic.square, 3);
      assert.deepEqual(await group.join(), [1, undefined, 9]);
      assert.deepEqual(
        group.failures.map((error) => (error as Error).message),
        ["noted"],
      );
    },
  },
  {
    id: "cf-group-closed",
    title: "submit() and run() after a failure throw GroupClosedError, whose cause is the failure",
    applies: everywhere,
    async run(context) {
      await using group = new TaskGroup(context.create({ maxWorkers: 1 }));
      const error = await group.submit(failures.throwRangeError, "first").exception();
      for (const add of [() => group.submit(arithmetic.square, 2), () => group.run(() => 1)]) {
        assert.throws(add, (thrown) => {
          return thrown instanceof GroupClosedError && thrown.cause === error;
        });
      }
    },
  },
  {
    id: "cf-group-leave",
    title: "leaving without join() interrupts what is open, waits for it, and throws nothing",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 1 });
      const left: Future<unknown>[] = [];
      let hasEnded = false;
      {
        await using group = new TaskGroup(executor);
        left.push(
          group.submit(gates.doubleAt, { gate: gate.path, n: 1 }),
          group.submit(arithmetic.square, 2),
        );
        const begun = Promise.withResolvers<void>();
        left.push(
          group.run(async (signal) => {
            begun.resolve();
            await aborted(signal).catch(() => {});
            // Slow to end: the group waits for it in fact. A few turns, for its future is done at once.
            for (let turn = 0; turn < 5; turn++)
              await new Promise((resolve) => setTimeout(resolve));
            hasEnded = true;
          }),
        );
        await begun.promise;
        await context.until(() => left[0]?.state === "running");
      }
      assert.equal(hasEnded, true);
      for (const future of left) assert.equal(future.cancelled(), true);
      gate.open();
    },
  },
  {
    id: "cf-group-left-join",
    title: "join() that is not awaited in its block says so, unless every child has ended before",
    applies: everywhere,
    async run(context) {
      const executor = context.create();
      const gate = context.gate();
      for (const wait of ["join", "any"] as const) {
        const left = async () => {
          await using group = new TaskGroup<number>(executor);
          group.submit(gates.doubleAt, { gate: gate.path, n: 1 });
          // Without an await the block is left first.
          return group[wait]();
        };
        await assert.rejects(left(), {
          name: "CancelledError",
          message: /await join\(\) within it/,
        });
      }
      const done = async () => {
        await using group = new TaskGroup<number>(executor);
        await group.submit(arithmetic.square, 3);
        return group.join();
      };
      assert.deepEqual(await done(), [9]);
    },
  },
  {
    id: "cf-group-unseen",
    title: "disposal throws a failure that nobody has looked at, and none that somebody has",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const leave = async (isSeen: boolean): Promise<void> => {
        await using group = new TaskGroup(executor);
        const future = group.submit(failures.throwRangeError, "unseen");
        if (isSeen) await future.exception();
        else await context.until(() => future.done());
      };
      await assert.rejects(leave(false), { message: "unseen" });
      await leave(true);
    },
  },
  {
    id: "cf-group-run",
    title: "TaskGroup.run() interrupts the children when its body throws, and throws that on",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 1 });
      const children: Future<unknown>[] = [];
      const thrown = new Error("of the body");
      const running = TaskGroup.run(executor, async (group) => {
        children.push(group.submit(gates.doubleAt, { gate: gate.path, n: 1 }));
        await context.until(() => children[0]?.state === "running");
        throw thrown;
      });
      await assert.rejects(running, (error) => error === thrown);
      assert.equal(children[0]?.cancelled(), true);
      gate.open();
      const joined = await TaskGroup.run(executor, { keepResults: false }, async (group) => {
        children.push(group.submit(arithmetic.square, 5));
        return "body";
      });
      assert.equal(joined, "body");
      assert.equal(await children[1], 25);
    },
  },
  {
    id: "cf-group-run-failure",
    title: "TaskGroup.run() throws a child's failure when its body returns",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const running = TaskGroup.run(executor, (group) => {
        group.submit(failures.throwRangeError, "of a child");
      });
      await assert.rejects(running, { name: "RangeError", message: "of a child" });
    },
  },
  {
    id: "cf-group-any",
    title: "any() resolves with the first success, whatever failed before, and interrupts the rest",
    applies: everywhere,
    async run(context) {
      const [gate, held] = [context.gate(), context.gate()];
      await using group = new TaskGroup<number>(context.create({ maxWorkers: 3 }));
      group.submit(failures.throwRangeError, "collected");
      const slow = group.submit(gates.doubleAt, { gate: held.path, n: 1 });
      const winner = group.submit(gates.doubleAt, { gate: gate.path, n: 7 });
      const first = group.any();
      await context.until(() => slow.state === "running" && winner.state === "running");
      gate.open();
      assert.equal(await first, 14);
      assert.equal(slow.cancelled(), true);
      held.open();
    },
  },
  {
    id: "cf-group-none",
    title: "any() throws an AggregateError of all failures when no child succeeds",
    applies: everywhere,
    async run(context) {
      await using group = new TaskGroup<number>(context.create({ maxWorkers: 1 }));
      group.submit(failures.throwRangeError, "a");
      group.submit(failures.throwRangeError, "b");
      const error = await group.any().then(unexpected, (error) => error);
      assert.ok(error instanceof AggregateError);
      assert.deepEqual(
        error.errors.map(({ message }: Error) => message),
        ["a", "b"],
      );
      await assert.rejects(new TaskGroup(context.create()).any(), AggregateError);
    },
  },
  {
    id: "cf-group-cancel",
    title:
      "cancel() interrupts the children for its reason; join() throws CancelledError, disposal nothing",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      await using group = new TaskGroup(context.create({ maxWorkers: 1 }));
      const running = group.submit(gates.doubleAt, { gate: gate.path, n: 1 });
      await context.until(() => running.state === "running");
      group.cancel("enough");
      group.cancel("too late");
      await assert.rejects(group.join(), (error) => {
        return error instanceof CancelledError && error.cause === "enough";
      });
      await assert.rejects(running.result(), { cause: "enough" });
      assert.equal(group.signal.reason, "enough");
      gate.open();
    },
  },
  {
    id: "cf-group-signal",
    title: "a signal cancels the group; one that has aborted before lets it take nothing",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const gate = context.gate();
      const controller = new AbortController();
      {
        await using group = new TaskGroup(executor, { signal: controller.signal });
        group.submit(arithmetic.square, 2);
        await group.join();
      }
      await using group = new TaskGroup(executor, { signal: controller.signal });
      const running = group.submit(gates.doubleAt, { gate: gate.path, n: 1 });
      controller.abort("outer");
      await assert.rejects(group.join(), (error) => (error as Error).cause === "outer");
      assert.equal(running.cancelled(), true);
      assert.throws(() => group.submit(arithmetic.square, 1), GroupClosedError);
      gate.open();
      const late = new TaskGroup(executor, { signal: controller.signal });
      assert.throws(() => late.submit(arithmetic.square, 1), GroupClosedError);
    },
  },
  {
    id: "cf-group-deadline",
    title:
      "a deadline interrupts what is open: join() throws TimeoutError, or resolves with what there is",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 2 });
      const make = async (onDeadline: "throw" | "partial") => {
        const group = new TaskGroup<number>(executor, { deadline: 1, onDeadline });
        // From here on without a turn of the event loop: the deadline passes with both children submitted.
        group.submit(gates.doubleAt, { gate: gate.path, n: 1 });
        return { group, joined: group.join() };
      };
      const strict = await make("throw");
      await assert.rejects(strict.joined, TimeoutError);
      await assert.rejects(strict.group.any(), TimeoutError);
      const partial = await make("partial");
      assert.deepEqual(await partial.joined, [undefined]);
      assert.throws(() => partial.group.submit(arithmetic.square, 1), GroupClosedError);
      gate.open();
    },
  },
  {
    id: "cf-group-max-running",
    title: "maxRunning bounds submit() and run() together; a child that waits can be cancelled",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 4 });
      await using group = new TaskGroup<number>(executor, { maxRunning: 2 });
      const [first] = [
        group.submit(gates.doubleAt, { gate: gate.path, n: 1 }),
        group.run(() => waitAt(gate.path, 0)),
      ];
      const held = [group.submit(arithmetic.square, 2), group.run(() => 3)];
      const dropped = group.submit(arithmetic.square, 4);
      await context.until(() => first?.state === "running");
      assert.deepEqual(
        [...held, dropped].map(({ state }) => state),
        ["pending", "pending", "pending"],
      );
      assert.equal(dropped.cancel(), true);
      assert.equal(executor.stats().queued + executor.stats().running, 1);
      gate.open();
      assert.deepEqual(await group.join(), [2, 0, 4, 3, undefined]);
    },
  },
  {
    id: "cf-group-held-failure",
    title:
      "a child that waited for its turn fails as any, and so does one whose executor takes no more",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await using group = new TaskGroup(executor, { maxRunning: 1, onFailure: "continue" });
      group.submit(arithmetic.square, 1);
      group.submit(failures.throwRangeError, "waited");
      await group.join();
      assert.equal((group.failures[0] as Error).message, "waited");
      const gate = context.gate();
      group.submit(gates.doubleAt, { gate: gate.path, n: 1 });
      const refused = group.submit(arithmetic.square, 2);
      const closing = executor.shutdown();
      gate.open();
      await closing;
      assert.equal(((await refused.exception()) as Error).name, "ShutdownError");
    },
  },
  {
    id: "cf-group-siblings",
    title:
      "children added while the group is joined or iterated over are waited for and handed out",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await using group = new TaskGroup<number>(executor);
      const first = group.submit(arithmetic.square, 1);
      first.addDoneCallback(() => void group.submit(arithmetic.square, 2));
      assert.deepEqual(await group.join(), [1, 4]);
      const seen: number[] = [];
      for await (const child of group) {
        seen.push(await child);
        if (seen.length === 2) group.submit(arithmetic.square, 3);
      }
      assert.deepEqual(seen, [1, 4, 9]);
    },
  },
  {
    id: "cf-group-count",
    title: "keepResults: false keeps none, and join() resolves with their number",
    applies: everywhere,
    async run(context) {
      await using group = new TaskGroup(context.create({ maxWorkers: 2 }), { keepResults: false });
      for (let n = 0; n < 20; n++) group.submit(arithmetic.square, n);
      const count: number = await group.join();
      assert.equal(count, 20);
    },
  },
  {
    id: "cf-group-in-task",
    title: "a group that a task leaves open has ended before the task's outcome is told",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const log = context.log();
      assert.equal(await executor.submit(groups.leaveGroupOpen, log.path, false), "left");
      assert.deepEqual(log.lines(), ["child ended"]);
      await assert.rejects(executor.submit(groups.leaveGroupOpen, log.path, true).result(), {
        name: "RangeError",
      });
      assert.deepEqual(log.lines(), ["child ended", "child ended"]);
      const atOnce = [1, 2].map(() => executor.submit(groups.leaveGroupAtOnce, log.path));
      assert.deepEqual(await Promise.all(atOnce), ["left at once", "left at once"]);
      assert.equal(log.lines().length, 2);
    },
  },
  {
    id: "cf-group-of-interrupted-task",
    title: "a task that is interrupted cancels the group it has made",
    applies: everywhere,
    async run(context) {
      const executor = context.create({
        maxWorkers: 1,
        interruptGrace: Number.POSITIVE_INFINITY,
      });
      const log = context.log();
      const future = executor.submit(groups.joinGroup, log.path);
      await context.until(() => log.lines().includes("begun"));
      assert.equal(future.cancel({ interrupt: true, reason: "outer" }), true);
      await context.until(() => log.lines().includes("child ended"));
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-group-reentry",
    title: "an observer that ends a group in the midst of a submit leaves no child of it open",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const gate = context.gate();
      const groups = [new TaskGroup(executor), new TaskGroup(executor, { maxRunning: 1 })];
      for (const group of groups) {
        const occupied = group.submit(arithmetic.square, 2);
        await occupied;
        using _ = executor.observe(({ type }) => {
          if (type === "submitted") group.cancel("from inside");
        });
        const child = group.submit(gates.waitAt, gate.path, 1);
        assert.equal(child.cancelled(), true);
        await assert.rejects(group.join(), { cause: "from inside" });
      }
      gate.open();
      const held = new TaskGroup(executor, { maxRunning: 1 });
      const second = context.gate();
      const first = held.submit(gates.waitAt, second.path, 1);
      const waiting = held.submit(gates.waitAt, context.gate().path, 2);
      using _ = executor.observe(({ type }) => {
        if (type === "submitted") waiting.cancel();
      });
      second.open();
      await first;
      await context.until(() => executor.stats().running + executor.stats().queued === 0);
      assert.equal(waiting.cancelled(), true);
      await held.join();
    },
  },
  {
    id: "cf-group-options",
    title: "options of a group that cannot be are refused at the call",
    applies: everywhere,
    run(context) {
      const executor = context.create();
      const make = (options: object) => () => new TaskGroup(executor, options);
      assert.throws(make({ maxRunning: 0 }), RangeError);
      assert.throws(make({ maxRunning: 1.5 }), TypeError);
      assert.throws(make({ maxRunning: "2" }), TypeError);
      assert.throws(make({ deadline: -1 }), RangeError);
      assert.throws(make({ onFailure: "stop" }), /onFailure: expected "cancel" or "continue"/);
      assert.throws(make({ onDeadline: true }), TypeError);
      assert.throws(make({ signal: {} }), TypeError);
      assert.throws(make({ keepResults: 1 }), TypeError);
      assert.throws(make({ onfailure: "cancel" }), /did you mean "onFailure"/);
      assert.throws(() => new TaskGroup({} as never), TypeError);
      return Promise.resolve();
    },
  },
];

function unexpected(value: unknown): never {
  throw new assert.AssertionError({ message: `expected a failure, got ${String(value)}` });
}

/** Rejects when the signal aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
