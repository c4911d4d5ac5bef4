// Cases of a Future on its own: states, transitions, callbacks, waiters. Rows 43 to 63.
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { CancelledError, Future, InvalidStateError, TimeoutError } from "../../../mod.ts";
import { everywhere } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";

const FAILURE = new RangeError("failed");

/** Cases of a Future on its own. */
export const futureCases: readonly ConformanceCase[] = [
  {
    id: "py-43",
    title: "a done callback runs inside setResult() and reads the result",
    applies: everywhere,
    async run() {
      const future = new Future<number>();
      let seen: Promise<number> | undefined;
      future.addDoneCallback((done) => {
        assert.equal(done, future);
        assert.equal(done.state, "finished");
        seen = done.result();
      });
      future.setResult(5);
      assert.ok(seen, "the callback has run before setResult() returned");
      assert.equal(await seen, 5);
    },
  },
  {
    id: "py-44",
    title: "a done callback runs inside setException() and reads the exception",
    applies: everywhere,
    async run() {
      const future = new Future<number>();
      let seen: Promise<unknown> | undefined;
      future.addDoneCallback((done) => {
        seen = done.exception();
      });
      future.setException(FAILURE);
      assert.ok(seen, "the callback has run before setException() returned");
      assert.equal(await seen, FAILURE);
    },
  },
  {
    id: "py-45",
    title: "a done callback runs inside cancel() and sees cancelled() true",
    applies: everywhere,
    run() {
      const future = new Future<number>();
      const seen: boolean[] = [];
      future.addDoneCallback((done) => seen.push(done.cancelled()));
      assert.equal(future.cancel(), true);
      assert.deepEqual(seen, [true]);
      return Promise.resolve();
    },
  },
  {
    id: "py-46",
    title: "a callback that throws is reported and the next one still runs",
    applies: everywhere,
    run() {
      const future = new Future<number>();
      const order: string[] = [];
      future.addDoneCallback(() => {
        order.push("first");
        throw FAILURE;
      });
      future.addDoneCallback(() => order.push("second"));
      const reported = withConsoleError(() => future.setResult(1));
      assert.deepEqual(order, ["first", "second"]);
      assert.equal(reported.length, 1, "without an executor, console.error is told once");
      assert.ok(inspect(reported).includes("failed"), "it is told of the error");
      return Promise.resolve();
    },
  },
  {
    id: "py-47",
    title: "addDoneCallback() on a successful future runs it at once",
    applies: everywhere,
    run() {
      const future = successful();
      let ran = 0;
      future.addDoneCallback(() => ran++);
      assert.equal(ran, 1);
      return Promise.resolve();
    },
  },
  {
    id: "py-48",
    title: "addDoneCallback() on a failed future runs it at once",
    applies: everywhere,
    run() {
      const future = failed();
      let ran = 0;
      future.addDoneCallback(() => ran++);
      assert.equal(ran, 1);
      return Promise.resolve();
    },
  },
  {
    id: "py-51",
    title: "toString() and inspect show the state and the type of the outcome",
    applies: everywhere,
    run() {
      const expected: [Future<unknown>, RegExp][] = [
        [pending(), /Future.*pending/],
        [running(), /Future.*running/],
        [cancelled(), /Future.*cancelled/],
        [failed(), /Future.*finished.*RangeError/],
        [successful(), /Future.*finished.*number/i],
      ];
      for (const [future, pattern] of expected) {
        assert.match(String(future), pattern);
        assert.match(inspect(future), pattern);
        assert.match(inspectOfRuntime(future), pattern);
      }
      return Promise.resolve();
    },
  },
  {
    id: "py-52",
    title: "cancel() drops a pending future and leaves every other state as it is",
    applies: everywhere,
    run() {
      const table: [Future<number>, boolean, string][] = [
        [pending(), true, "cancelled"],
        [running(), false, "running"],
        [cancelled(), true, "cancelled"],
        [cancelledAndNotified(), true, "cancelled"],
        [failed(), false, "finished"],
        [successful(), false, "finished"],
      ];
      for (const [future, answer, state] of table) {
        const before = future.state;
        assert.equal(future.cancel(), answer, `cancel() of a ${before} future`);
        assert.equal(future.state, state);
      }
      return Promise.resolve();
    },
  },
  {
    id: "py-53",
    title: "cancelled() is true for cancelled futures only",
    applies: everywhere,
    run() {
      assert.deepEqual(
        sixStates().map((future) => future.cancelled()),
        [false, false, true, true, false, false],
      );
      return Promise.resolve();
    },
  },
  {
    id: "py-54",
    title: "done() is true for cancelled and finished futures",
    applies: everywhere,
    run() {
      assert.deepEqual(
        sixStates().map((future) => future.done()),
        [false, false, true, true, true, true],
      );
      return Promise.resolve();
    },
  },
  {
    id: "py-55",
    title: "running() is true for a running future only",
    applies: everywhere,
    run() {
      assert.deepEqual(
        sixStates().map((future) => future.running()),
        [false, true, false, false, false, false],
      );
      return Promise.resolve();
    },
  },
  {
    id: "py-56",
    title: "result({ timeout: 0 }) answers by state: TimeoutError, CancelledError, error or value",
    applies: everywhere,
    async run() {
      const now = { timeout: 0 };
      await assert.rejects(pending().result(now), TimeoutError);
      await assert.rejects(running().result(now), TimeoutError);
      await assert.rejects(cancelled().result(now), CancelledError);
      await assert.rejects(cancelledAndNotified().result(now), CancelledError);
      await assert.rejects(failed().result(now), (error) => error === FAILURE);
      assert.equal(await successful().result(now), 42);
    },
  },
  {
    id: "py-57",
    title: "result() releases its waiter when the result is set later",
    applies: everywhere,
    async run() {
      const future = running();
      setTimeout(() => future.setResult(7), 1);
      assert.equal(await future.result({ timeout: 20_000 }), 7);
    },
  },
  {
    id: "py-59",
    title:
      "exception({ timeout: 0 }) answers by state: TimeoutError, CancelledError, error or undefined",
    applies: everywhere,
    async run() {
      const now = { timeout: 0 };
      await assert.rejects(pending().exception(now), TimeoutError);
      await assert.rejects(running().exception(now), TimeoutError);
      await assert.rejects(cancelled().exception(now), CancelledError);
      await assert.rejects(cancelledAndNotified().exception(now), CancelledError);
      assert.equal(await failed().exception(now), FAILURE);
      assert.equal(await successful().exception(now), undefined);
    },
  },
  {
    id: "py-60",
    title: "exception() releases its waiter when the exception is set later",
    applies: everywhere,
    async run() {
      const future = running();
      setTimeout(() => future.setException(FAILURE), 1);
      assert.equal(await future.exception({ timeout: 20_000 }), FAILURE);
    },
  },
  {
    id: "py-61",
    title: "a second outcome is an InvalidStateError and the first is kept",
    applies: everywhere,
    async run() {
      const future = successful();
      assert.throws(() => future.setResult(43), InvalidStateError);
      assert.throws(() => future.setException(FAILURE), /finished/);
      assert.equal(await future, 42);
      const broken = failed();
      assert.throws(() => broken.setResult(43), InvalidStateError);
      assert.equal(await broken.exception(), FAILURE);
      const dropped = cancelled();
      assert.throws(() => dropped.setResult(43), InvalidStateError);
      assert.throws(() => dropped.setException(FAILURE), /cancelled/);
      assert.equal(dropped.state, "cancelled");
    },
  },
  {
    id: "py-63",
    title: "snapshot() reads state and outcome of every state at once",
    applies: everywhere,
    run() {
      const outcomes = sixStates().map((future) => {
        const { state, value, error } = future.snapshot();
        return { state, value, error: error === FAILURE ? "FAILURE" : error instanceof Error };
      });
      assert.deepEqual(
        outcomes.map(({ state }) => state),
        ["pending", "running", "cancelled", "cancelled", "finished", "finished"],
      );
      assert.deepEqual(
        outcomes.map(({ value }) => value),
        [undefined, undefined, undefined, undefined, undefined, 42],
      );
      assert.equal(outcomes[4]?.error, "FAILURE");
      assert.equal("error" in successful().snapshot(), false, "a success has no error");
      assert.equal("value" in failed().snapshot(), false, "a failure has no value");
      return Promise.resolve();
    },
  },
];

function pending(): Future<number> {
  return new Future<number>();
}

function running(): Future<number> {
  const future = pending();
  assert.equal(future.setRunningOrNotifyCancel(), true);
  return future;
}

function cancelled(): Future<number> {
  const future = pending();
  assert.equal(future.cancel(), true);
  return future;
}

function cancelledAndNotified(): Future<number> {
  const future = cancelled();
  assert.equal(future.setRunningOrNotifyCancel(), false);
  return future;
}

function failed(): Future<number> {
  const future = pending();
  future.setException(FAILURE);
  return future;
}

function successful(): Future<number> {
  const future = pending();
  future.setResult(42);
  return future;
}

function sixStates(): Future<number>[] {
  return [pending(), running(), cancelled(), cancelledAndNotified(), failed(), successful()];
}

function withConsoleError(action: () => void): unknown[][] {
  const calls: unknown[][] = [];
  const { error } = console;
  console.error = (...args: unknown[]) => calls.push(args);
  try {
    action();
  } finally {
    console.error = error;
  }
  return calls;
}

function inspectOfRuntime(value: unknown): string {
  const { Deno: deno, Bun: bun } = globalThis as {
    Deno?: { inspect(value: unknown): string };
    Bun?: { inspect(value: unknown): string };
  };
  return (deno ?? bun)?.inspect(value) ?? inspect(value);
}
