// Cases of asCompleted(). Rows 22 to 25.
import assert from "node:assert/strict";
import { asCompleted, Future, TimeoutError } from "../../../mod.ts";
import { everywhere } from "../applicability.ts";
import { isCollected } from "../collect_garbage.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, gates } from "../tasks.ts";

/** Cases of asCompleted(). */
export const asCompletedCases: readonly ConformanceCase[] = [
  {
    id: "py-22",
    title: "asCompleted() yields finished, failed, cancelled and live futures once each",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const [won, lost, dropped] = [new Future(), new Future(), new Future()];
      won.setResult(1);
      lost.setException(new Error("before"));
      dropped.cancel();
      dropped.setRunningOrNotifyCancel();
      const live = [executor.submit(arithmetic.square, 2), executor.submit(arithmetic.square, 3)];
      const all = new Set<Future<unknown>>([won, lost, dropped, ...live]);
      const seen = await futuresOf(asCompleted(all));
      assert.equal(seen.length, 5);
      assert.deepEqual(new Set(seen), all);
    },
  },
  {
    id: "py-23",
    title: "asCompleted({ timeout }) yields what is done, then throws TimeoutError",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 1 });
      const [won, lost, dropped] = [new Future(), new Future(), new Future()];
      won.setResult(1);
      lost.setException(new Error("before"));
      dropped.cancel();
      const slow = executor.submit(gates.waitAt, gate.path, 1);
      for (const timeout of [0, 20]) {
        const seen = new Set<Future<unknown>>();
        await assert.rejects(
          async () => {
            for await (const future of asCompleted([won, lost, dropped, slow], { timeout })) {
              seen.add(future);
            }
          },
          (error) => error instanceof TimeoutError && error.message.includes("1 (of 4)"),
        );
        assert.deepEqual(seen, new Set<Future<unknown>>([won, lost, dropped]));
      }
    },
  },
  {
    id: "py-24",
    title: "asCompleted() yields a future given three times once",
    applies: everywhere,
    async run(context) {
      const future = context.create().submit(arithmetic.square, 2);
      function* thrice(): Generator<Future<number>> {
        yield future;
        yield future;
        yield future;
      }
      assert.deepEqual(await futuresOf(asCompleted(thrice())), [future]);
    },
  },
  {
    id: "py-25",
    title: "asCompleted() keeps no reference to what it has yielded",
    applies: everywhere,
    async run() {
      const futures = Array.from({ length: 4 }, () => new Future<number>());
      const weak = futures.map((future) => new WeakRef(future));
      const iterator = asCompleted(futures)[Symbol.asyncIterator]();
      for (let index = 0; index < 3; index++) {
        futures[0]?.setResult(index);
        futures.shift();
        assert.equal((await iterator.next()).done, false);
        assert.ok(
          await isCollected(weak[index] as WeakRef<object>),
          `future ${index} is collected`,
        );
      }
      assert.notEqual(weak[3]?.deref(), undefined, "the one to come is kept");
      futures[0]?.setResult(3);
      assert.equal((await iterator.next()).done, false);
      assert.equal((await iterator.next()).done, true);
    },
  },
  {
    id: "cf-as-completed-order",
    title: "asCompleted() yields futures, not their values, in the order of completion",
    applies: everywhere,
    async run() {
      const futures = Array.from({ length: 3 }, () => new Future<number>());
      const [a, b, c] = futures as [Future<number>, Future<number>, Future<number>];
      const iterator = asCompleted(futures)[Symbol.asyncIterator]();
      c.setResult(3);
      a.setException(new Error("a"));
      assert.equal((await iterator.next()).value, c);
      assert.equal((await iterator.next()).value, a);
      const waiting = iterator.next();
      b.cancel();
      assert.equal((await waiting).value, b);
      assert.deepEqual(await iterator.next(), { done: true, value: undefined });
    },
  },
  {
    id: "cf-as-completed-deadline",
    title: "asCompleted({ timeout }) counts from the call, not from the first next()",
    applies: everywhere,
    async run(context) {
      const futures = [new Future<number>(), new Future<number>()];
      const started = performance.now();
      const iterator = asCompleted(futures, { timeout: 10 })[Symbol.asyncIterator]();
      await context.until(() => performance.now() - started > 30);
      await assert.rejects(
        async () => await iterator.next(),
        (error) =>
          error instanceof TimeoutError && /2 \(of 2\) futures unfinished/.test(error.message),
      );
      assert.equal((await iterator.next()).done, true);
    },
  },
  {
    id: "cf-as-completed-signal",
    title: "asCompleted({ signal }) ends with the signal's reason",
    applies: everywhere,
    async run() {
      const controller = new AbortController();
      const iterator = asCompleted([new Future<number>()], { signal: controller.signal })[
        Symbol.asyncIterator
      ]();
      const waiting = iterator.next();
      const reason = new Error("left");
      controller.abort(reason);
      await assert.rejects(waiting, (error) => error === reason);
      assert.equal((await iterator.next()).done, true);
    },
  },
  {
    id: "cf-as-completed-leave",
    title: "leaving asCompleted() early leaves the futures alone",
    applies: everywhere,
    async run() {
      const [first, second] = [new Future<number>(), new Future<number>()];
      first.setResult(1);
      for await (const future of asCompleted([first, second])) {
        assert.equal(future, first);
        break;
      }
      assert.equal(second.state, "pending");
      second.setResult(2);
      assert.equal(await second, 2);
    },
  },
  {
    id: "cf-as-completed-empty",
    title: "asCompleted() of nothing yields nothing",
    applies: everywhere,
    async run() {
      assert.deepEqual(await futuresOf(asCompleted([])), []);
    },
  },
  {
    id: "cf-as-completed-add",
    title: "asCompleted() takes more on the way, until its reader was told that it was all",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const completed = asCompleted([executor.submit(arithmetic.square, 1)]);
      const seen: number[] = [];
      for await (const future of completed) {
        seen.push(await future);
        completed.add(future);
        if (seen.length < 4) completed.add(executor.submit(arithmetic.square, seen.length + 1));
      }
      assert.deepEqual(seen, [1, 4, 9, 16]);
      assert.throws(() => completed.add(new Future<number>()), { name: "InvalidStateError" });
      const open = asCompleted<Future<number>>([]);
      assert.throws(() => open.add(5 as never), TypeError);
      const gate = context.gate();
      open.add(executor.submit(gates.doubleAt, { gate: gate.path, n: 7 }));
      const next = open.next();
      const done = new Future<number>();
      done.setResult(8);
      open.add(done);
      assert.equal((await next).value, done);
      gate.open();
      assert.equal(await (await open.next()).value, 14);
    },
  },
  {
    id: "cf-as-completed-add-deadline",
    title: "the deadline of asCompleted() counts from its call for what is added, too",
    applies: everywhere,
    async run() {
      const completed = asCompleted<Future<number>>([], { timeout: 1 });
      const controller = new AbortController();
      const bySignal = asCompleted<Future<number>>([], { signal: controller.signal });
      controller.abort("over");
      await new Promise((resolve) => setTimeout(resolve, 5));
      completed.add(new Future<number>());
      bySignal.add(new Future<number>());
      await assert.rejects(completed.next(), TimeoutError);
      await assert.rejects(bySignal.next(), (error) => error === "over");
    },
  },
  {
    id: "cf-as-completed-keys",
    title: "asCompleted() of a record hands out keys with the futures, and takes more by key",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const completed = asCompleted<"a" | "b" | "c", number>({
        a: executor.submit(arithmetic.square, 2),
        b: executor.submit(arithmetic.square, 3),
      });
      const seen: Record<string, number> = {};
      for await (const [key, future] of completed) {
        seen[key] = await future;
        if (key === "b") completed.add("c", future);
      }
      assert.deepEqual(seen, { a: 4, b: 9, c: 9 });
      assert.throws(() => asCompleted(new Future<number>() as never), TypeError);
      assert.throws(() => asCompleted({ a: 1 } as never), TypeError);
      assert.throws(() => asCompleted(7 as never), TypeError);
    },
  },
];

// Array.fromAsync would await each future and so turn it into its value; the type of `for await` does so for any
// AsyncIterable, hence the parameter's own shape.
async function futuresOf<F>(completed: {
  [Symbol.asyncIterator](): AsyncIterator<F>;
}): Promise<F[]> {
  const futures: F[] = [];
  for await (const future of completed) futures.push(future);
  return futures;
}
