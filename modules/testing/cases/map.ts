// Cases of map() as Python has it. Rows 3 to 15, 142.
import assert from "node:assert/strict";
import { TimeoutError } from "../../../mod.ts";
import { everywhere } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, gates } from "../tasks.ts";

/** Cases of map() as Python has it. */
export const mapCases: readonly ConformanceCase[] = [
  {
    id: "py-3",
    title: "map() and starmap() give what a sequential loop gives, also in chunks of 3",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const pairs = Array.from({ length: 10 }, (_, n): [number, number] => [n, n + 1]);
      const sums = pairs.map(([a, b]) => a + b);
      assert.deepEqual(await Array.fromAsync(executor.starmap(arithmetic.add, pairs)), sums);
      assert.deepEqual(
        await Array.fromAsync(executor.starmap(arithmetic.add, pairs, { chunkSize: 3 })),
        sums,
      );
      assert.deepEqual(
        await Array.fromAsync(executor.map(arithmetic.square, range(10))),
        squares(10),
      );
      assert.deepEqual(
        await Array.fromAsync(executor.map(arithmetic.square, range(10), { chunkSize: 3 })),
        squares(10),
      );
    },
  },
  {
    id: "py-4",
    title: "map() throws a failing element at its own position and goes on after it",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      for (const chunkSize of [1, 3, "auto"] as const) {
        const tuples = range(6).map((n): [number, number] => [3, n]);
        const results = executor.starmap(arithmetic.squareOrThrowAt, tuples, { chunkSize });
        const iterator = results[Symbol.asyncIterator]();
        const seen: unknown[] = [];
        for (let index = 0; index < 6; index++) {
          seen.push(
            await iterator.next().then(
              ({ value }) => value,
              (error) => error.message,
            ),
          );
        }
        assert.deepEqual(seen, [0, 1, 4, "bad element 3", 16, 25], `chunkSize ${chunkSize}`);
        for (let more = 0; more < 2; more++) {
          assert.deepEqual(await iterator.next(), { done: true, value: undefined });
        }
      }
    },
  },
  {
    id: "py-6",
    title: "map() gives at most the results in time, then TimeoutError, then is ended",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 3 });
      const open = context.gate();
      open.open();
      const items = [open, open, gate].map(({ path }, n) => ({ gate: path, n }));
      const results = executor.map(gates.doubleAt, items, { timeout: 80, chunkSize: 1 });
      const iterator = results[Symbol.asyncIterator]();
      const values: unknown[] = [];
      await assert.rejects(async () => {
        for (;;) values.push((await iterator.next()).value);
      }, TimeoutError);
      assert.deepEqual(values, [0, 2].slice(0, values.length));
      assert.equal((await iterator.next()).done, true);
    },
  },
  {
    id: "py-7",
    title: "return() of the result iterator ends it for good, also in chunks of 3",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      for (const chunkSize of [1, 3]) {
        const results = executor.map(arithmetic.square, range(6), { chunkSize });
        const iterator = results[Symbol.asyncIterator]();
        assert.deepEqual(await iterator.next(), { done: false, value: 0 });
        assert.equal((await iterator.return?.())?.done, true);
        assert.equal((await iterator.next()).done, true);
        assert.equal((await iterator.next()).done, true);
      }
    },
  },
  {
    id: "py-8",
    title: "map() itself throws TypeError for a bufferSize that is no whole number",
    applies: everywhere,
    run(context) {
      const executor = context.create();
      for (const bufferSize of ["foo", 2.5, Number.NaN] as number[]) {
        assert.throws(() => executor.map(arithmetic.square, range(3), { bufferSize }), {
          name: "TypeError",
          message: /bufferSize/,
        });
      }
      return Promise.resolve();
    },
  },
  {
    id: "py-9",
    title: "map() itself throws RangeError for a bufferSize below 1",
    applies: everywhere,
    run(context) {
      const executor = context.create();
      for (const bufferSize of [0, -1]) {
        assert.throws(() => executor.map(arithmetic.square, range(3), { bufferSize }), {
          name: "RangeError",
          message: /bufferSize/,
        });
      }
      return Promise.resolve();
    },
  },
  {
    id: "py-10",
    title: "map() gives the full ordered result for buffers of 1, 2, n and 2n",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      for (const bufferSize of [1, 2, 8, 16]) {
        const results = executor.map(arithmetic.square, range(8), { bufferSize });
        assert.deepEqual(await Array.fromAsync(results), squares(8), `bufferSize ${bufferSize}`);
      }
    },
  },
  {
    id: "py-12",
    title: "map() with a buffer works on an endless source",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const results = executor.map(arithmetic.square, naturals(), { bufferSize: 4 });
      assert.deepEqual(await firstOf(results, 3), [0, 1, 4]);
    },
  },
  {
    id: "py-13",
    title: "starmap() with a buffer works on two endless sources",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      function* pairs(): Generator<[number, number]> {
        const right = naturals();
        for (const left of naturals()) yield [left, right.next().value as number];
      }
      const results = executor.starmap(arithmetic.add, pairs(), { bufferSize: 4 });
      assert.deepEqual(await firstOf(results, 3), [0, 2, 4]);
    },
  },
  {
    id: "py-14",
    title: "map() over an empty source yields nothing",
    applies: everywhere,
    async run(context) {
      const executor = context.create();
      assert.deepEqual(await Array.fromAsync(executor.map(arithmetic.square, [])), []);
      assert.deepEqual(
        await Array.fromAsync(executor.map(arithmetic.square, [], { bufferSize: 2 })),
        [],
      );
      async function* none(): AsyncGenerator<number> {}
      assert.deepEqual(await Array.fromAsync(executor.map(arithmetic.square, none())), []);
    },
  },
  {
    id: "py-15",
    title:
      "map() without a source yields nothing; one that is no iterable is a TypeError at the call",
    applies: everywhere,
    async run(context) {
      const executor = context.create();
      const nothing = undefined as unknown as number[];
      assert.deepEqual(await Array.fromAsync(executor.map(arithmetic.square, nothing)), []);
      assert.throws(() => executor.map(arithmetic.square, 5 as unknown as number[]), TypeError);
    },
  },
  {
    id: "py-142",
    title: "map() runs every element although nobody iterates",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 2 });
      executor.map(
        gates.logElement,
        range(10).map((n) => ({ log: log.path, n })),
      );
      await executor.shutdown();
      assert.deepEqual(log.lines().toSorted(), range(10).map(String));
    },
  },
];

function range(length: number): number[] {
  return Array.from({ length }, (_, n) => n);
}

function squares(length: number): number[] {
  return range(length).map((n) => n * n);
}

function* naturals(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

async function firstOf<T>(results: AsyncIterable<T>, count: number): Promise<T[]> {
  const values: T[] = [];
  for await (const value of results) {
    values.push(value);
    if (values.length === count) break;
  }
  return values;
}
