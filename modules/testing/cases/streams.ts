// Cases of stream(): what comes of a generator, in which order, and how much is made ahead.

import assert from "node:assert/strict";
import { CancelledError, type Executor, type Task, TaskStream, type Yields } from "../../../mod.ts";
import { inProcessOnly, withLinks } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, streams } from "../tasks.ts";

/** What a reader sees of a stream that is read to its end: items, errors in their places, and what is returned. */
export async function readAll(stream: AsyncIterator<unknown, unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (;;) {
    try {
      const { done, value } = await stream.next();
      if (done === true) return [...seen, { returned: value }];
      seen.push(value);
    } catch (error) {
      seen.push(error);
    }
  }
}

/** Has everything settled that is on its way to a worker and back: whatever it has sent before has arrived. */
async function roundTrips(executor: Executor): Promise<void> {
  for (let round = 0; round < 5; round++) await executor.submit(arithmetic.square, round);
}

/** Cases of streams that are read. */
export const streamCases: readonly ConformanceCase[] = [
  {
    id: "cf-stream-items",
    title: "a stream hands out what its task yields, in order, and then what it returns, once",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      for (const generator of [streams.count, streams.countAtOnce]) {
        for (const to of [0, 1, 31, 32, 33, 1000]) {
          const stream = executor.stream(generator, to);
          const expected = [...Array(to).keys(), { returned: to }];
          assert.deepEqual(await readAll(stream), expected);
          assert.deepEqual(await stream.next(), { done: true, value: undefined });
          assert.equal(await stream.future, to);
        }
      }
    },
  },
  {
    id: "cf-stream-for-await",
    title: "`for await` reads a stream to its end",
    applies: withLinks(),
    async run(context) {
      const stream = context.create().stream(streams.count, 100);
      assert.ok(stream instanceof TaskStream && stream[Symbol.asyncIterator]() === stream);
      let sum = 0;
      for await (const n of stream) sum += n;
      assert.equal(sum, 4950);
    },
  },
  {
    id: "cf-stream-lazy",
    title: "nothing is submitted before the first next(), start() or a look at the future",
    applies: withLinks(),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 4 });
      const begin: ((stream: TaskStream<number, string>) => unknown)[] = [
        (stream) => stream.next(),
        (stream) => stream.start(),
        (stream) => stream.future,
      ];
      for (const [at, how] of begin.entries()) {
        const stream = executor.stream(streams.logged, log.path, 1);
        await roundTrips(executor);
        assert.equal(log.lines().length, 2 * at);
        await how(stream);
        assert.equal(await stream.future, "all");
        await stream.return();
      }
      const unread = executor.stream(streams.logged, log.path, 1);
      assert.deepEqual(await unread.return(), { done: true, value: undefined });
      assert.deepEqual(await unread.next(), { done: true, value: undefined });
      assert.throws(() => unread.start(), CancelledError);
      assert.equal(log.lines().length, 6);
    },
  },
  {
    id: "cf-stream-buffer",
    title: "at most `buffer` items are made that nobody has read",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      for (const [buffer, given] of [
        [1, 1],
        [5, 5],
        [32, undefined],
      ] as const) {
        const log = context.log();
        const task = given === undefined ? streams.logged : streams.logged.with({ buffer: given });
        await using stream = executor.stream(task, log.path, 1000).start();
        await context.until(() => log.lines().length === buffer);
        await roundTrips(executor);
        assert.equal(log.lines().length, buffer);
        for (let read = 1; read <= buffer; read++) {
          assert.equal((await stream.next()).value, read - 1);
          await roundTrips(executor);
          assert.ok(log.lines().length <= buffer + read);
        }
        // What was read makes room again.
        await context.until(() => log.lines().length > buffer);
      }
    },
  },
  {
    id: "cf-stream-buffer-bytes",
    title: "of items that are many bytes fewer are made ahead",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const log = context.log();
      const task = streams.buffers.with({ buffer: 8 });
      const bytes = 4 * 2 ** 20;
      await using stream = executor.stream(task, log.path, 6, bytes).start();
      // The second one has used up all credit.
      await context.until(() => log.lines().length === 2);
      await roundTrips(executor);
      assert.equal(log.lines().length, 2);
      for (let n = 0; n < 6; n++) {
        const { value } = (await stream.next()) as { value: Uint8Array };
        assert.deepEqual([value.length, value[0], value[bytes - 1]], [bytes, n, n]);
      }
      assert.ok((await stream.next()).done);
    },
  },
  {
    id: "cf-stream-error",
    title: "what the task throws comes at its own position, and is what its future failed with",
    applies: withLinks(),
    async run(context) {
      const executor = context.create();
      for (const to of [0, 3, 100]) {
        const stream = executor.stream(streams.failAfter, to, "enough");
        const all = await readAll(stream);
        assert.deepEqual(all.slice(0, to), [...Array(to).keys()]);
        const [error, end] = all.slice(to);
        assert.ok(error instanceof RangeError && error.message === "enough");
        assert.deepEqual(end, { returned: undefined });
        assert.equal(await stream.future.exception(), error);
      }
    },
  },
  {
    id: "cf-stream-kind",
    title: "submit() and map() of a generator and stream() of another task tell what to use",
    applies: withLinks(),
    async run(context) {
      const executor = context.create();
      const generators = [streams.count, streams.countAtOnce] as unknown as Task<
        [number],
        number
      >[];
      for (const generator of generators) {
        await assert.rejects(executor.submit(generator, 3).result(), {
          name: "TypeError",
          message: /generator.*use stream\(\)/,
        });
        await assert.rejects(executor.map(generator, [3]).next(), /use stream\(\)/);
      }
      for (const other of [streams.noGenerator, arithmetic.square]) {
        const task = other as unknown as Task<[number], unknown, Yields<unknown>>;
        const stream = executor.stream(task, 3);
        await assert.rejects(stream.next(), { name: "TypeError", message: /no generator/ });
        assert.ok((await stream.next()).done);
      }
    },
  },
  {
    id: "cf-stream-functions",
    title: "an in-process executor streams a function, by reference",
    applies: inProcessOnly,
    async run(context) {
      const executor = context.create() as Executor & {
        stream(task: unknown): TaskStream<unknown>;
      };
      const item = { fn() {} };
      const stream = executor.stream(function* () {
        yield item;
      });
      assert.equal((await stream.next()).value, item);
      await stream.return();
    },
  },
  {
    id: "cf-stream-readers",
    title: "several who ask at once get the items in the order in which they asked",
    applies: withLinks(),
    async run(context) {
      const stream = context.create().stream(streams.count, 50);
      const results = await Promise.all(Array.from({ length: 52 }, () => stream.next()));
      const values = results.map(({ done, value }) => (done === true ? `end ${value}` : value));
      assert.deepEqual(values, [...Array(50).keys(), "end 50", "end undefined"]);
    },
  },
  {
    id: "cf-stream-context",
    title: "each step of a generator finds the context of its task, and reports progress",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const [one, other] = [0, 1].map(() => executor.stream(streams.contexts));
      const fractions: number[] = [];
      one?.future.onProgress(({ fraction }) => fractions.push(fraction));
      const seen = await Promise.all([one, other].map((stream) => readAll(stream as never)));
      for (const all of seen) {
        const [first, ...more] = all.slice(0, 3);
        for (const step of more) assert.deepEqual(step, first);
      }
      assert.notDeepEqual(seen[0]?.[0], seen[1]?.[0]);
      assert.equal(fractions.at(-1), 1);
    },
  },
  {
    id: "cf-stream-response",
    title: "a stream is the body of a response",
    applies: withLinks(),
    async run(context) {
      const executor = context.create();
      const stream = executor.stream(streams.count, 40);
      const encoder = new TextEncoder();
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { done, value } = await stream.next();
          if (done === true) controller.close();
          else controller.enqueue(encoder.encode(`${value} `));
        },
        cancel: async () => void (await stream.return()),
      });
      const text = await new Response(body).text();
      assert.equal(text, `${[...Array(40).keys()].join(" ")} `);
    },
  },
  {
    id: "cf-stream-options",
    title: "options of streams are checked where they are given",
    applies: withLinks(),
    run() {
      const { count } = streams;
      for (const buffer of [0, -1, Number.POSITIVE_INFINITY])
        assert.throws(() => count.with({ buffer }), RangeError);
      assert.throws(() => count.with({ buffer: 1.5 }), TypeError);
      assert.throws(() => count.with({ itemTimeout: "1" as never }), TypeError);
      assert.throws(() => count.with({ itemTimeout: -1 }), RangeError);
      assert.equal(count.with({ buffer: 3 }).options.buffer, 3);
      return Promise.resolve();
    },
  },
];
