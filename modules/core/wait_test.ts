// The types of wait and asCompleted, which the conformance suite cannot see break. What they do is proved there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Future } from "./future.ts";
import { asCompleted, wait } from "./wait.ts";

function settled<T>(value: T): Future<T> {
  const future = new Future<T>();
  future.setResult(value);
  return future;
}

test("asCompleted() gives futures, not their values, to the compiler too", async () => {
  const futures = [settled(1), settled(2)];
  const byFuture = new Map(futures.map((future, index) => [future, index]));
  // More than once: the compiler remembers what it has found, and has been seen to change its mind.
  for await (const future of asCompleted(futures)) {
    const same: Future<number> = future;
    assert(byFuture.has(same));
    const value: number = await future;
    assert.equal(await future.result(), value);
  }
  for await (const future of asCompleted(futures)) assert.equal(future.state, "finished");
  const iterator = asCompleted(futures);
  for await (const future of iterator) assert.equal(future.done(), true);
});

test("asCompleted() takes futures of different types together", async () => {
  const seen = new Set<Future<number> | Future<string>>();
  for await (const future of asCompleted([settled(1), settled("one")])) seen.add(future);
  assert.equal(seen.size, 2);
});

test("asCompleted() is an AsyncIterable of futures", () => {
  const iterable: AsyncIterable<Future<number>> = asCompleted([settled(1)]);
  assert.equal(typeof iterable[Symbol.asyncIterator], "function");
});

test("wait() keeps the futures' types", async () => {
  const { done, notDone } = await wait([settled(1)]);
  const [first]: Future<number>[] = [...done];
  assert.equal(await first, 1);
  assert.equal(notDone.size, 0);
});

test("a future of a narrower type is one of a wider type", async () => {
  const wide: Future<unknown> = settled(1);
  assert.equal(await wide, 1);
});

test("asCompleted() takes as long for each future, however many there are", async () => {
  const timeFor = async (count: number) => {
    const futures = Array.from({ length: count }, (_, n) => settled(n));
    const since = performance.now();
    let handed = 0;
    for await (const future of asCompleted(futures)) if (future.done()) handed++;
    assert.equal(handed, count);
    return performance.now() - since;
  };
  // What else the machine does makes a time longer, never shorter: the shortest of some is near to what it takes.
  const shortest = async (count: number) => {
    const times: number[] = [];
    for (let time = 0; time < 3; time++) times.push(await timeFor(count));
    return Math.min(...times);
  };
  const few = await shortest(20_000);
  // It would be a hundred times as long, and more, if each moved all that are behind it.
  assert.ok((await shortest(200_000)) < 60 * few);
});
