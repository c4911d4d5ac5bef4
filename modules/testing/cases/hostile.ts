// Cases of values that fight back while they cross: what is thrown, passed, or given as a reason.
import assert from "node:assert/strict";
import { type Future, wait } from "../../../mod.ts";
import { everywhere, withCloning, withOwnWorkers, withRealWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, contexts, failures, gates } from "../tasks.ts";

const UNREADABLE = [
  ["name", "an error whose name cannot be made text", failures.throwUnreadableName],
  ["tag", "an object whose tag throws when it is read", failures.throwUnreadableTag],
  ["proxy", "a revoked proxy", failures.throwRevokedProxy],
] as const;

/** Cases of values that fight back. */
export const hostileCases: readonly ConformanceCase[] = [
  ...UNREADABLE.map(
    ([name, what, thrower]): ConformanceCase => ({
      id: `cf-hostile-thrown-${name}`,
      title: `a task that throws ${what} fails, and its worker goes on`,
      applies: withCloning,
      async run(context) {
        const executor = context.create({ maxWorkers: 1 });
        const future = executor.submit(thrower);
        const behind = executor.submit(arithmetic.square, 3);
        assert.notEqual(await future.exception(), undefined);
        assert.equal(await behind, 9);
        assert.equal(await executor.submit(arithmetic.square, 4), 16);
        const { failed, lost, workers } = executor.stats();
        assert.deepEqual({ failed, lost, workers }, { failed: 1, lost: 0, workers: 1 });
      },
    }),
  ),
  {
    id: "cf-hostile-argument",
    title: "an argument's getter that cancels its own future and throws costs nobody else",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await executor.submit(arithmetic.square, 1);
      let future: Future<unknown> | undefined;
      const trap = {
        get x(): number {
          future?.cancel({ interrupt: true });
          throw new RangeError("trap");
        },
      };
      future = executor.submit(arithmetic.identity, trap);
      await wait([future]);
      assert.equal(future.state, "cancelled");
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      const { cancelled, failed, busy, queued } = executor.stats();
      assert.deepEqual([cancelled, failed, busy, queued], [1, 0, 0, 0]);
    },
  },
  {
    id: "cf-hostile-signal",
    title: "a signal whose own fields throw cancels and is let go all the same",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const rage = () => {
        throw new RangeError("hostile");
      };
      const raging = () => {
        const controller = new AbortController();
        for (const field of ["reason", "addEventListener", "removeEventListener"])
          Object.defineProperty(controller.signal, field, { get: rage });
        return controller;
      };
      const { signal } = raging();
      assert.equal(await executor.submit(arithmetic.square.with({ signal }), 3), 9);
      assert.equal((await executor.map(arithmetic.square, [4], { signal }).next()).value, 16);
      // What only looks like one is refused before anything is counted.
      const other = Object.create(AbortSignal.prototype);
      assert.throws(() => executor.submit(arithmetic.square.with({ signal: other }), 3), TypeError);
      assert.throws(() => executor.map(arithmetic.square, [4], { signal: other }), TypeError);
      assert.equal(executor.stats().queued, 0);
      const gate = context.gate();
      const controller = raging();
      const task = gates.waitAt.with({ signal: controller.signal });
      const future = executor.submit(task, gate.path, 1);
      const results = executor.map(arithmetic.square, [5], { signal: controller.signal });
      controller.abort("enough");
      assert.equal(future.state, "cancelled");
      assert.equal(((await future.exception().catch((error) => error)) as Error).cause, "enough");
      await assert.rejects(results.next(), { name: "CancelledError", cause: "enough" });
      gate.open();
      assert.equal(await executor.submit(arithmetic.square, 6), 36);
    },
  },
  {
    id: "cf-hostile-file-in-chunk",
    title: "a file in a chunk that is refused for another element comes in its own place",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const file = new Blob(["content"]);
      // The file has to be read before it can go to a process; what is behind it must not overtake it.
      const items = [file, () => {}, { at: 2 }, 3, file, { at: 5 }];
      const results = executor.map(arithmetic.identity, items, { chunkSize: 3 });
      for (const item of items) {
        if (typeof item === "function") {
          await assert.rejects(results.next(), { name: "DataCloneError" });
          continue;
        }
        const { value } = await results.next();
        if (item instanceof Blob) assert.equal(await (value as Blob).text(), "content");
        else assert.deepEqual(value, item);
      }
      assert.equal((await results.next()).done, true);
    },
  },
  {
    id: "cf-hostile-reason",
    title: "a reason whose getter cancels the same future again settles it once",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1, interruptGrace: 10 });
      const gate = context.gate();
      const future = executor.submit(gates.waitAt, gate.path, 1);
      await context.until(() => future.running());
      let settled = 0;
      future.addDoneCallback(() => settled++);
      const reason = {
        get x(): number {
          future.cancel({ interrupt: true });
          return 1;
        },
      };
      assert.equal(future.cancel({ interrupt: true, reason }), true);
      assert.equal(future.state, "cancelled");
      assert.deepEqual([settled, executor.stats().cancelled], [1, 1]);
      gate.open();
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      const { cancelled, finished, running, queued } = executor.stats();
      assert.deepEqual([cancelled, finished, running, queued], [1, 1, 0, 0]);
    },
  },
  {
    id: "cf-hostile-thrown-while-written",
    title: "whatever is thrown while a call is written fails that call, and no other",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      for (let n = 0; n < 20; n++) await executor.submit(arithmetic.square, n);
      const raging = (): never => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        throw proxy;
      };
      const argument = Object.defineProperty({}, "x", { get: raging, enumerable: true });
      const transfer = arithmetic.identity.with({ transfer: raging });
      const futures = [
        executor.submit(arithmetic.square, 2),
        executor.submit(arithmetic.identity, argument),
        executor.submit(arithmetic.square, 3),
        executor.submit(transfer, 1),
        executor.submit(arithmetic.square, 4),
      ];
      const outcomes = await Promise.allSettled(futures);
      assert.deepEqual(
        outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : "failed")),
        [4, "failed", 9, "failed", 16],
      );
      const elements = executor.map(arithmetic.identity, [1, argument, 3], { chunkSize: 3 });
      assert.equal((await elements.next()).value, 1);
      await elements.next().then(
        () => assert.fail("it was sent"),
        () => undefined,
      );
      assert.equal((await elements.next()).value, 3);
    },
  },
  {
    id: "cf-hostile-reason-sees-end",
    title: "a reason whose getter ends the executor as the call has ended throws nothing of ours",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const open = context.gate();
      open.open();
      await executor.submit(gates.waitAt, open.path, 1);
      const gate = context.gate();
      const future = executor.submit(gates.waitAt, gate.path, 1);
      await context.until(() => future.running());
      let closed: Promise<void> | undefined;
      const reason = {
        get x(): number {
          gate.open();
          // Most often long enough for the worker to be done; where it is not, there is nothing to see.
          for (const since = performance.now(); performance.now() - since < 200; );
          closed ??= executor.terminateWorkers();
          return 1;
        },
      };
      const isCancelled = future.cancel({ interrupt: true, reason });
      assert.equal(isCancelled, future.state === "cancelled");
      await closed;
    },
  },
  {
    id: "cf-hostile-worker-without-class",
    title: "arguments that a worker cannot put together any more cost their own call",
    applies: withRealWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await executor.submit(failures.takeAwayClass, "URL");
      assert.equal(await executor.submit(arithmetic.square, 2), 4);
      const url = new URL("http://example.net");
      const refused = executor.submit(arithmetic.identity, { url });
      const { name, message } = (await refused.exception()) as Error;
      assert.equal(name, "DataCloneError");
      assert.match(message, /^Cannot begin task "identity": argument 1 cannot be put together: /);
      // In one message with it go others, of which one has a part that can be put together.
      const items = [1, { error: new RangeError("mine") }, { url }, new Map([[1, url]]), "last"];
      const results = executor.map(arithmetic.identity, items, { chunkSize: items.length });
      assert.equal((await results.next()).value, 1);
      const { value } = (await results.next()) as { value: { error: Error } };
      assert.ok(value.error instanceof RangeError);
      for (let at = 2; at < 4; at++) await assert.rejects(results.next(), { name });
      assert.equal((await results.next()).value, "last");
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      assert.equal(executor.stats().lost, 0);
    },
  },
  {
    id: "cf-hostile-progress-proxy",
    title: "a report of progress that the platform refuses does not fail its task either",
    applies: withOwnWorkers(withCloning),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      assert.equal(await executor.submit(failures.reportProxy), "reported");
      await context.until(() => context.reports.length === 1);
      assert.match(
        String(context.reports[0]?.error),
        /^DataCloneError: Cannot report progress of task "reportProxy": /,
      );
    },
  },
  {
    id: "cf-progress-after-started",
    title: "no task's progress is observed before its start or after its end",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      // Measured short, so that several are sent ahead.
      for (let n = 0; n < 50; n++) await executor.submit(contexts.progressAtOnce);
      const events = new Map<number | string, string[]>();
      using _ = executor.observe((event) => {
        if (!("id" in event)) return;
        const seen = events.get(event.id) ?? [];
        events.set(event.id, [...seen, event.type]);
      });
      await Promise.all(Array.from({ length: 20 }, () => executor.submit(contexts.progressAtOnce)));
      assert.equal(events.size, 20);
      for (const seen of events.values()) {
        const expected = ["submitted", "started", "progress", "settled"];
        assert.deepEqual(seen, seen.includes("progress") ? expected : expected.toSpliced(2, 1));
      }
    },
  },
];
