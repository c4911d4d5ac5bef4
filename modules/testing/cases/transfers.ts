// Cases of transfer lists: all of one can be moved, or nothing is, and the task does not run.
import assert from "node:assert/strict";
import type { Executor, Task } from "../../../mod.ts";
import { everywhere, withCloning } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { unmovable, unmovables } from "../fixtures/disguised_bytes.ts";
import { arithmetic, disguises, gates } from "../tasks.ts";

const REFUSED = { name: "DataCloneError" };

/** What a list may be instead of one. */
const NO_LISTS: readonly [what: string, list: unknown][] = [
  ["a text", "list"],
  ["a number", 5],
  ["a record", {}],
  ["a set", new Set()],
  ["a list of holes", new Array(2)],
];

/** The calls behind one that has failed get their own results, in order. */
async function goesOn(executor: Executor, after: string): Promise<void> {
  const calls = [3, 4, 5].map((n) => executor.submit(arithmetic.square, n));
  assert.deepEqual(await Promise.all(calls), [9, 16, 25], after);
}

/** Cases of transfer lists. */
export const transferCases: readonly ConformanceCase[] = [
  {
    id: "cf-transfer-unmovable",
    title:
      "a transfer list with what cannot be moved fails its task, which does not run, and nothing is moved",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const log = context.log();
      await executor.submit(gates.logLine, log.path, "first");
      await goesOn(executor, "the first");
      for (const name of unmovables) {
        const good = [new ArrayBuffer(6), new ArrayBuffer(100_000)];
        for (const transfer of [
          [...good, unmovable(name)],
          [unmovable(name), ...good],
          () => [...good, unmovable(name)],
        ]) {
          const task: Task<[string, string], string> = gates.logLine.with({ transfer });
          const failed = executor.submit(task, log.path, name);
          const behind = executor.submit(arithmetic.square, 7);
          await assert.rejects(failed.result(), REFUSED, name);
          assert.equal(await behind, 49, name);
        }
        assert.deepEqual(
          good.map(({ byteLength }) => byteLength),
          [6, 100_000],
          `${name} has taken others along`,
        );
        await goesOn(executor, name);
      }
      assert.deepEqual(log.lines(), ["first"]);
      assert.equal(executor.stats().lost, 0);
    },
  },
  {
    id: "cf-transfer-own",
    title: "an argument that is moved beside what cannot be is still there",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await goesOn(executor, "the first");
      for (const name of unmovables) {
        for (const length of [6, 100_000, 300_000]) {
          const bytes = new Uint8Array(length).fill(7);
          const task = arithmetic.lengthOf.with({
            transfer: () => [bytes.buffer, unmovable(name)],
          });
          await assert.rejects(executor.submit(task, bytes).result(), REFUSED, name);
          assert.deepEqual([bytes.length, bytes.at(-1)], [length, 7], name);
          assert.equal(await executor.submit(arithmetic.lengthOf, bytes), length, name);
        }
      }
    },
  },
  {
    id: "cf-transfer-refused",
    title: "what is moved stays where it is if another argument cannot cross",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await goesOn(executor, "the first");
      const { buffer } = new Uint8Array(8);
      const away = new Uint8Array(8);
      structuredClone(null, { transfer: [away.buffer] });
      const never = [() => 1, { never: Symbol.iterator }, away, { away }, new WeakMap()];
      for (const length of [8, 300_000]) {
        for (const argument of never) {
          const bytes = new Uint8Array(length);
          const task = disguises.count.with({ transfer: [bytes.buffer, buffer] });
          await assert.rejects(executor.submit(task, bytes, argument).result(), REFUSED);
          assert.deepEqual([bytes.length, buffer.byteLength], [length, 8]);
        }
      }
      await goesOn(executor, "the last");
    },
  },
  {
    id: "cf-transfer-no-list",
    title: "a transfer function that returns no list, or one twice the same is in, fails its task",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const log = context.log();
      await goesOn(executor, "the first");
      const buffer = new ArrayBuffer(8);
      const lists: typeof NO_LISTS = [...NO_LISTS, ["a list of one twice", [buffer, buffer]]];
      for (const [what, list] of lists) {
        const task = gates.logLine.with({ transfer: () => list as ArrayBuffer[] });
        await assert.rejects(executor.submit(task, log.path, what).result(), REFUSED, what);
        await goesOn(executor, what);
      }
      const raging = Object.defineProperty([new ArrayBuffer(8)], Symbol.iterator, {
        get(): never {
          throw new RangeError("looked at");
        },
      });
      const task = gates.logLine.with({ transfer: raging });
      await assert.rejects(executor.submit(task, log.path, "raging").result(), /looked at/);
      await goesOn(executor, "a list whose iterator throws");
      assert.deepEqual(log.lines(), []);
      assert.equal(buffer.byteLength, 8);
    },
  },
  {
    id: "cf-transfer-several",
    title: "several buffers are moved at once, wherever they lie in the arguments",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      for (const length of [6, 65_536, 300_000]) {
        const parts = Array.from({ length: 3 }, () => new Uint8Array(length));
        const transfer = parts.map(({ buffer }) => buffer);
        const [first, ...others] = parts;
        assert.equal(
          await executor.submit(disguises.count.with({ transfer }), first, { others }),
          2,
        );
        assert.deepEqual(
          parts.map((part) => part.length),
          [0, 0, 0],
        );
      }
    },
  },
  {
    id: "cf-move-unmovable",
    title: "a result to be moved together with what cannot be fails its task, and nothing is moved",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await goesOn(executor, "the first");
      for (const name of unmovables) {
        const failed = executor.submit(disguises.moveUnmovable, name);
        const behind = executor.submit(disguises.lengthsLeft);
        await assert.rejects(failed.result(), REFUSED, name);
        assert.deepEqual(await behind, [6, 100_000], name);
        await goesOn(executor, name);
      }
      await assert.rejects(executor.submit(disguises.moveTwice).result(), REFUSED);
      await goesOn(executor, "one moved twice");
      const { lost, workers } = executor.stats();
      assert.deepEqual({ lost, workers }, { lost: 0, workers: 1 });
    },
  },
];
