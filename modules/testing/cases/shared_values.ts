// Cases of share(): a value that crosses once to each worker. Decision 49.
import assert from "node:assert/strict";
import {
  type ErrorCode,
  type ErrorContext,
  EventLoopExecutor,
  InvalidStateError,
  PoolExecutor,
  type Shared,
  share,
} from "../../../mod.ts";
import { Lock } from "../../sync/mod.ts";
import { withCloning, withLinks, withRealWorkers, withWorkers } from "../applicability.ts";
import { collectGarbage } from "../collect_garbage.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, sharedValues } from "../tasks.ts";

/** Entries of a table that takes long to copy. */
const MANY = 50_000;
/** So many bytes are worth a hint, when they are copied again and again. */
const LARGE = 2 ** 20;
const MOST_COLLECTIONS = 50;

/** Cases of shared values. */
export const sharedValueCases: readonly ConformanceCase[] = [
  {
    id: "cf-share-value",
    title: "a task reads a shared value, by submit(), map(), starmap() and broadcast()",
    applies: withLinks(),
    async run(context) {
      const pool = context.create({ maxWorkers: 2 });
      const table = share(
        new Map([
          ["a", 1],
          ["b", 2],
        ]),
      );
      assert.equal((await pool.submit(sharedValues.look, table, "b")).value, 2);
      const rows = ["a", "b", "c"].map((key): [typeof table, string] => [table, key]);
      const found = await Array.fromAsync(pool.starmap(sharedValues.look, rows));
      assert.deepEqual(
        found.map(({ value }) => value),
        [1, 2, undefined],
      );
      const [same] = await Array.fromAsync(pool.map(sharedValues.read, [table]));
      assert.deepEqual(same, table.value);
      if (!(pool instanceof PoolExecutor)) return;
      const told = await Promise.all(pool.broadcast(sharedValues.look, table, "a"));
      assert.ok(told.length > 0 && told.every(({ value }) => value === 1));
    },
  },
  {
    id: "cf-share-once",
    title: "it crosses once to each worker: there it is one object for all calls",
    applies: withLinks(withCloning),
    async run(context) {
      const pool = context.create({ maxWorkers: 1 });
      let looks = 0;
      const counted = {
        get text() {
          looks++;
          return "counted";
        },
      };
      const shared = share(counted);
      assert.equal(looks, 0, "nothing happens before a call is sent that has it");
      const counts = [];
      for (let n = 0; n < 20; n++)
        counts.push(pool.submit(sharedValues.countObjects, shared, shared));
      assert.equal(new Set(await Promise.all(counts)).size, 1);
      assert.equal(looks, 1);
      assert.deepEqual(await pool.submit(sharedValues.read, shared), { text: "counted" });
      assert.equal(looks, 1);
    },
  },
  {
    id: "cf-share-reference",
    title: "on an event loop it is the value itself",
    applies: ({ traits }) => !traits.clones || "it is copied, once",
    async run(context) {
      const value = { f: () => 1 };
      const pool = context.create();
      assert.equal(await pool.submit(sharedValues.read, share(value)), value);
    },
  },
  {
    id: "cf-share-fast",
    title: "a table of 50 000 entries costs a call hardly more than a short list, after the first",
    applies: withLinks(withCloning),
    async run(context) {
      const pool = context.create({ maxWorkers: 1 });
      const large = new Map(Array.from({ length: MANY }, (_, n) => [`key ${n}`, n]));
      const time = async (table: Shared<Map<string, number>>) => {
        await pool.submit(sharedValues.look, table, "key 7");
        const since = performance.now();
        for (let n = 0; n < 50; n++) await pool.submit(sharedValues.look, table, "key 7");
        return performance.now() - since;
      };
      const copied = performance.now();
      structuredClone(large);
      const oneCopy = performance.now() - copied;
      const took = await time(share(large));
      assert.ok(took < 50 * oneCopy, `50 calls took ${took} ms, one copy takes ${oneCopy} ms`);
    },
  },
  {
    id: "cf-share-replaced",
    title: "a worker that follows one that was ended is sent its own",
    applies: withLinks(withWorkers),
    async run(context) {
      const pool = context.create({ maxWorkers: 1 });
      assert.ok(pool instanceof PoolExecutor);
      const table = share(new Map([["a", 1]]));
      assert.deepEqual(await pool.submit(sharedValues.look, table, "a"), { value: 1, workerId: 0 });
      pool.terminateWorker(0);
      await context.until(() => pool.stats().workers === 0);
      assert.deepEqual(await pool.submit(sharedValues.look, table, "a"), { value: 1, workerId: 1 });
    },
  },
  {
    id: "cf-share-cancelled",
    title: "it has arrived though the call was cancelled that it came with",
    applies: withLinks(withCloning),
    async run(context) {
      const pool = context.create({ maxWorkers: 1 });
      await pool.submit(arithmetic.square, 1);
      const table = share(new Map([["a", 1]]));
      const first = pool.submit(sharedValues.look, table, "a");
      await Promise.resolve();
      first.cancel({ interrupt: true });
      assert.equal((await pool.submit(sharedValues.look, table, "a")).value, 1);
    },
  },
  {
    id: "cf-share-disposed",
    title: "after it was disposed of it is refused; a call that was sent has it still",
    applies: withLinks(),
    async run(context) {
      const pool = context.create({ maxWorkers: 1 });
      const gate = context.gate();
      const shared = share({ text: "kept" });
      const running = pool.submit(sharedValues.readAt, shared, gate.path);
      await context.until(() => running.running());
      const clones = context.subject.traits.clones;
      await pool.ready;
      if (clones) await context.until(() => pool.stats().busy === 1);
      const waiting = pool.submit(sharedValues.read, shared);
      shared[Symbol.dispose]();
      shared[Symbol.dispose]();
      assert.throws(() => shared.value, InvalidStateError);
      gate.open();
      if (clones) {
        assert.deepEqual(await running, { text: "kept" });
        const error = await waiting.exception();
        assert.ok(error instanceof TypeError);
        assert.match(
          error.message,
          /task "read": argument 1 is a shared value that was disposed of$/,
        );
      } else {
        assert.ok((await running.exception()) instanceof InvalidStateError);
        assert.ok((await waiting.exception()) instanceof InvalidStateError);
      }
      assert.equal(await pool.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-share-freed",
    title: "workers forget it when it is disposed of",
    applies: withLinks(withRealWorkers),
    async run(context) {
      const pool = context.create({ maxWorkers: 1 });
      const shared = share({ large: new Uint8Array(100_000) });
      await pool.submit(sharedValues.watch, shared);
      assert.equal(await pool.submit(sharedValues.isThere), true);
      shared[Symbol.dispose]();
      await untilForgotten(() => pool.submit(sharedValues.isThere));
    },
  },
  {
    id: "cf-share-collected",
    title: "workers forget it when nobody here has it any more",
    applies: withLinks(withRealWorkers),
    async run(context) {
      const pool = context.create({ maxWorkers: 1 });
      // One behind the other: what a frame has had may lie on the stack until the next one is there.
      for (let n = 0; n < 3; n++) await pool.submit(sharedValues.watch, share({ n }));
      await untilForgotten(async () => {
        await collectGarbage();
        return await pool.submit(sharedValues.isThere);
      });
    },
  },
  {
    id: "cf-share-uncloneable",
    title: "what cannot cross fails each call that is given it, by its path, and nothing else",
    applies: withLinks(withCloning),
    async run(context) {
      const pool = context.create({ maxWorkers: 1 });
      const shared = share({ inner: { f: () => {} } });
      for (let n = 0; n < 2; n++) {
        const error = (await pool.submit(sharedValues.read, shared).exception()) as Error;
        assert.equal(error.name, "DataCloneError");
        assert.match(
          error.message,
          /task "read": argument 1 is a shared value whose inner\.f is a function/,
        );
      }
      const itself = (await pool
        .submit(
          sharedValues.read,
          share(() => {}),
        )
        .exception()) as Error;
      assert.match(itself.message, /argument 1 is a shared value, a function/);
      assert.equal(await pool.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-share-mended",
    title: "one that could not cross crosses once it can",
    applies: withLinks(withCloning),
    async run(context) {
      const pool = context.create({ maxWorkers: 1 });
      const value: { part: unknown } = { part: () => {} };
      const shared = share(value);
      assert.ok((await pool.submit(sharedValues.read, shared).exception()) instanceof Error);
      value.part = [new Error("told"), new URL("file:///there")];
      const { part } = (await pool.submit(sharedValues.read, shared)) as { part: [Error, URL] };
      assert.equal(part[0].message, "told");
      assert.equal(part[1].href, "file:///there");
    },
  },
  {
    id: "cf-share-places",
    title: "it crosses as an argument of its own only: not within another value, nor back",
    applies: withLinks(withCloning),
    async run(context) {
      const pool = context.create({ maxWorkers: 1 });
      const shared = share([1]);
      const nested = await pool.submit(sharedValues.readTwo, shared, { shared }).exception();
      assert.ok(nested instanceof TypeError);
      assert.match(
        nested.message,
        /argument 2, shared is a shared value: .* an argument of its own/,
      );
      const lock = new Lock();
      const locked = await pool
        .submit(sharedValues.readTwo, lock as never, { shared: lock } as never)
        .exception();
      assert.ok(locked instanceof TypeError);
      const back = await pool.submit(sharedValues.giveBack, shared).exception();
      assert.ok(back instanceof TypeError);
      assert.match(back.message, /a shared value: it can be given to a task, and not sent/);
      assert.deepEqual(await pool.submit(sharedValues.read, shared), [1]);
      assert.throws(
        () => context.create({ initializer: sharedValues.keep, initializerArgs: [shared] }),
        context.subject.traits.workers ? /a shared value: give the value/ : TypeError,
      );
    },
  },
  {
    id: "cf-share-beside",
    title: "it crosses beside handles and other values, and can be given on",
    applies: withLinks(),
    async run(context) {
      const pool = context.create({ maxWorkers: 1 });
      const [table, lock] = [share(new Map([["a", 1]])), new Lock()];
      assert.equal((await pool.submit(sharedValues.lookInside, lock, table, "a"))?.value, 1);
      assert.equal(await pool.submit(sharedValues.nest, table, "a"), 1);
      const local = context.keep(new EventLoopExecutor());
      assert.equal((await local.submit(sharedValues.look, table, "a")).value, 1);
    },
  },
  {
    id: "cf-share-kept",
    title: "a task that keeps it has it after its call, and may dispose of what it was given",
    applies: withLinks(withCloning),
    async run(context) {
      const pool = context.create({ maxWorkers: 1 });
      const shared = share("kept");
      await pool.submit(sharedValues.keep, shared);
      assert.equal(await pool.submit(sharedValues.dispose, shared), "InvalidStateError");
      assert.equal(await pool.submit(sharedValues.readKept), "kept");
      assert.equal(await pool.submit(sharedValues.read, shared), "kept");
    },
  },
  {
    id: "cf-share-hint",
    title:
      "the same large argument in more than ten calls of a task is one hint that names share(): a list, bytes, a text, and what is taken apart",
    applies: withLinks(withCloning),
    async run(context) {
      const hints: [error: unknown, about: ErrorContext][] = [];
      const pool = context.create({ maxWorkers: 1, onError: (...told) => hints.push(told) });
      const text = "x".repeat(LARGE);
      const values = {
        list: [text],
        packed: { at: new URL("file:///there"), text },
        bytes: new Uint8Array(LARGE),
        text,
      };
      for (const [kind, value] of Object.entries(values)) {
        const task = sharedValues.takers[kind as keyof typeof values];
        for (let n = 0; n < 10; n++) await pool.submit(task, value);
        assert.equal(hints.length, 0);
        await pool.submit(task, value);
        const [error, about] = hints.pop() ?? [];
        assert.deepEqual(about, { kind: "hint", task: `takers.${kind}`, count: 11 });
        assert.equal((error as { code?: ErrorCode }).code, "CF_LARGE_ARGUMENT");
        assert.match(String(error), /argument 1, about 1\.\d MiB.* share\(value\)/);
        await pool.submit(task.with({ priority: 1 }), value);
        assert.equal(hints.length, 0);
      }
    },
  },
  {
    id: "cf-share-no-hint",
    title: "no hint for other values each time, nor for what is shared",
    applies: withLinks(withCloning),
    async run(context) {
      const hints: unknown[] = [];
      const pool = context.create({ maxWorkers: 1, onError: (error) => hints.push(error) });
      const shared = share("x".repeat(LARGE));
      for (let n = 0; n < 11; n++)
        await pool.submit(sharedValues.takers.others, shared, new Uint8Array(LARGE));
      assert.deepEqual(hints, []);
    },
  },
  {
    id: "cf-share-waits",
    title: "calls that wait keep it, though nobody else has it any more",
    applies: withLinks(),
    async run(context) {
      const pool = context.create({ maxWorkers: 1 });
      const { gate, futures } = await occupy(context, pool);
      const waiting = pool.submit(sharedValues.read, share({ n: 7 }));
      await collectGarbage();
      gate.open();
      assert.deepEqual(await waiting, { n: 7 });
      await Promise.all(futures);
    },
  },
];

/** Memory in a worker is collected when it likes: what its tasks take hastens that. */
async function untilForgotten(isThere: () => PromiseLike<boolean>): Promise<void> {
  for (let round = 0; round < MOST_COLLECTIONS; round++) if (!(await isThere())) return;
  assert.fail("the worker still has it");
}
