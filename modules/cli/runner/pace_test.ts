// When jobs may start.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job } from "../input/item.ts";
import { Pace } from "./pace.ts";

function source(items: string[]): () => Job | undefined {
  let seq = 0;
  return () => {
    const item = items[seq];
    return item === undefined ? undefined : { seq: ++seq, turn: seq - 1, item };
  };
}

test("Pace leaves the pause between any two starts", () => {
  const pace = new Pace({ delay: 10, every: 0, key: undefined });
  const take = source(["a", "b"]);
  assert.equal((pace.next(take, 0) as Job).item, "a");
  assert.equal(pace.next(take, 5), 10);
  assert.equal((pace.next(take, 10) as Job).item, "b");
  assert.equal(pace.next(take, 30), undefined);
});

test("Pace counts a rate for each key by itself, and starts others meanwhile", () => {
  const pace = new Pace({ delay: 0, every: 100, key: "host" });
  const take = source(["http://a/1", "http://a/2", "http://b/1"]);
  const next = (now: number) => pace.next(take, now);
  assert.equal((next(0) as Job).item, "http://a/1");
  assert.equal((next(0) as Job).item, "http://b/1");
  assert.equal(next(0), 100);
  assert.equal(pace.waiting, 1);
  assert.equal((next(100) as Job).item, "http://a/2");
});

test("Pace gives back what waits", () => {
  const pace = new Pace({ delay: 0, every: 100, key: undefined });
  const take = source(["a", "b", "c"]);
  pace.next(take, 0);
  pace.next(take, 0);
  assert.deepEqual(
    pace.clear().map(({ item }) => item),
    ["b"],
  );
});
