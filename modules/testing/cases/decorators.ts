// Cases of decorators: static methods that submit themselves.
import assert from "node:assert/strict";
import { importTasks, type TaskStream, threaded } from "../../../mod.ts";
import { withAnyModule, withLinks } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { hiddenAnswer, Numbers, submitTo } from "../fixtures/decorated.ts";

/** Cases of decorators. */
export const decoratorsCases: readonly ConformanceCase[] = [
  {
    id: "cf-decorate-threaded",
    title: "@threaded has a static method run elsewhere, with its class for this, exported or not",
    applies: withAnyModule(),
    async run(context) {
      const executor = opened(context);
      assert.equal(await Numbers.scale(4), 40);
      assert.equal(Numbers.scale.name, "scale");
      assert.equal(Numbers.scale.length, 1);
      assert.equal(await hiddenAnswer(), 42);
      assert.equal(executor.stats().finished, 2);
      const events: string[] = [];
      using _ = executor.observe((event) => {
        if (event.type === "submitted") events.push(event.task);
      });
      await Numbers.scale(1);
      assert.deepEqual(events, ["Numbers.scale"]);
    },
  },
  {
    id: "cf-decorate-stream",
    title: "@threaded makes of a generator a stream",
    applies: withLinks(),
    async run(context) {
      opened(context);
      const stream = Numbers.upTo(3) as unknown as TaskStream<number, string>;
      assert.deepEqual(await Array.fromAsync(stream), [0, 1, 2]);
      assert.equal(await stream.future, "all");
    },
  },
  {
    id: "cf-decorate-wrappers",
    title:
      "@memoize, @singleFlight, @limit, @timeout and @retry stand above @threaded, called or bare",
    applies: withAnyModule(),
    async run(context) {
      opened(context);
      const [log, gate] = [context.log(), context.gate()];
      for (const n of [1, 1, 2, 2]) assert.equal(await Numbers.known(log.path, n), n);
      assert.deepEqual(log.lines(), ["known 1", "known 2"]);
      const bare = context.log();
      for (let round = 0; round < 2; round++) await Numbers.bare(bare.path);
      assert.deepEqual(bare.lines(), ["bare"]);
      const shared = context.log();
      const both = [1, 2].map(() => Numbers.shared(shared.path, gate.path));
      await context.until(() => shared.lines().length === 1);
      gate.open();
      assert.deepEqual(await Promise.all(both), ["shared", "shared"]);
      assert.equal(shared.lines().length, 1);
      assert.equal(await Numbers.flaky(context.log().path), 7);
      await assert.rejects(Numbers.slow(context.gate().path), { name: "TimeoutError" });
    },
  },
  {
    id: "cf-decorate-named",
    title: "a decorated method is a task of its module, too",
    applies: withAnyModule(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const module = importTasks<typeof import("../fixtures/decorated.ts")>(
        new URL("../fixtures/decorated.ts", import.meta.url),
      );
      assert.equal(await executor.submit(module.Numbers.scale, 2), 20);
    },
  },
  {
    id: "cf-decorate-refused",
    title: "a decorator on a method of an instance, on a field or on nothing says what to do",
    applies: withAnyModule(),
    run(context) {
      const executor = context.create();
      const decorate = threaded(executor, import.meta.url) as (...given: unknown[]) => unknown;
      const ofInstance = { kind: "method", name: "load", static: false };
      assert.throws(() => decorate(() => {}, ofInstance), {
        name: "TypeError",
        message: /@threaded on "load".*make the method static/,
      });
      assert.throws(() => decorate({}, "load", { value: () => {} }), {
        name: "TypeError",
        message: /@threaded on "load".*make the method static/,
      });
      assert.throws(() => decorate(undefined, { kind: "field", name: "size", static: true }), {
        name: "TypeError",
        message: /@threaded on field "size": expected a static method/,
      });
      assert.throws(() => decorate(() => {}), {
        name: "TypeError",
        message: /decorator of static/,
      });
      assert.throws(() => threaded({} as never, import.meta.url), {
        name: "TypeError",
        message: /expected an executor, got Object/,
      });
      return Promise.resolve();
    },
  },
];

function opened(context: CaseContext): ReturnType<CaseContext["create"]> {
  const executor = context.create({ maxWorkers: 2 });
  submitTo(executor);
  return executor;
}
