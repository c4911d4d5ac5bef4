// Cases of what a stream may carry, and of what can be one: items of each kind, promises, a ReadableStream.

import assert from "node:assert/strict";
import { withCloning, withLinks } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { type Specimen, specimens, tellOf } from "../fixtures/specimens.ts";
import { streams, values } from "../tasks.ts";
import { readAll } from "./streams.ts";

/** A kind that exists here, and that a task can give back. */
function isSent({ make, isUnreturnable }: Specimen): boolean {
  try {
    make();
    return isUnreturnable !== true;
  } catch {
    return false;
  }
}

/** What is said of a value that cannot cross, without the words for what it was to be. */
function whyNot(error: unknown): string {
  const { name, message } = error as Error;
  return `${name}: ${message.replace(/^Cannot (return|yield) from task "\w+": (result|item)?/, "")}`;
}

/** Cases of the items of streams. */
export const streamValuesCases: readonly ConformanceCase[] = [
  {
    id: "cf-stream-moved",
    title: "items are moved that the task says are to be",
    applies: withLinks(withCloning),
    async run(context) {
      const log = context.log();
      const task = streams.buffers.with({ buffer: 1 });
      const stream = context.create().stream(task, log.path, 3, 100_000);
      const all = await readAll(stream);
      assert.equal((all[2] as Uint8Array).length, 100_000);
      assert.deepEqual(all[3], { returned: true });
    },
  },
  {
    id: "cf-stream-uncloneable",
    title: "an item that cannot cross is an error in its place, and the stream goes on",
    applies: withLinks(withCloning),
    async run(context) {
      const stream = context.create().stream(streams.unsendable);
      const [before, fn, deep, getter, behind] = await readAll(stream);
      assert.deepEqual([before, behind], ["before", "behind"]);
      assert.match(
        String(fn),
        /DataCloneError: Cannot yield from task "unsendable": item is a func/,
      );
      assert.match(String(deep), /DataCloneError: .*: item\.field is a symbol/);
      assert.match(String(getter), /RangeError: its getter throws/);
    },
  },
  {
    id: "cf-stream-values",
    title: "an item arrives as whole as a result does",
    applies: withLinks(),
    async run(context) {
      const stream = context.create().stream(streams.richItems);
      const [error, map, url, nothing, nul] = await readAll(stream);
      assert.ok(error instanceof Error && (error.cause as RangeError) instanceof RangeError);
      assert.deepEqual(map, new Map([["a", new Set([1])]]));
      assert.equal((url as URL).href, "https://example.com/?q=1");
      assert.deepEqual([nothing, nul], [undefined, null]);
    },
  },
  {
    id: "cf-stream-each-kind",
    title: "of each kind of value becomes what becomes of it as a result, and the stream goes on",
    applies: withLinks(withCloning),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const names = specimens.filter(isSent).map(({ name }) => name);
      const stream = executor.stream(streams.specimensOf, names);
      for (const name of names) {
        const [item, result] = await Promise.all(
          [stream.next().then(({ value }) => value), executor.submit(values.give, name)].map(
            (given) => Promise.resolve(given).then((value) => tellOf(name, value), whyNot),
          ),
        );
        assert.equal(item, result, name);
        assert.equal((await stream.next()).value, `behind ${name}`);
      }
      assert.ok((await stream.next()).done);
    },
  },
  {
    id: "cf-stream-promises",
    title: "of a synchronous generator that yields promises their values are handed out",
    applies: withLinks(),
    async run(context) {
      const all = await readAll(context.create().stream(streams.promises));
      assert.deepEqual(all, ["one", "two", { returned: undefined }]);
    },
  },
  {
    id: "cf-stream-readable",
    title: "a ReadableStream that the task returns counts as a generator, and is cancelled early",
    applies: withLinks(),
    async run(context) {
      const executor = context.create();
      const all = await readAll(executor.stream(streams.readable, 100));
      assert.deepEqual(all, [...Array(100).keys(), { returned: undefined }]);
      const log = context.log();
      for await (const n of executor.stream(streams.endlessReadable, log.path)) if (n === 7) break;
      assert.deepEqual(log.lines(), ["cancelled"]);
    },
  },
];
