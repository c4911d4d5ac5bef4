// Jobs out of batches.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Intake } from "./intake.ts";

async function* source(...batches: string[][]) {
  yield* batches;
}

const open = (items: AsyncIterator<string[], unknown>) =>
  new Intake({ items, total: undefined }, (item) => item === "done");

test("Intake takes jobs as far as they are there, counts them, and leaves out what is done", async () => {
  const intake = open(source(["a", "done"], ["b"]));
  assert.deepEqual([intake.take(5), intake.isEmpty], [[], true]);
  await intake.more();
  assert.deepEqual(intake.take(5), [{ seq: 1, turn: 0, item: "a" }]);
  assert.equal(intake.ended, false);
  await intake.more();
  assert.deepEqual(intake.take(5), [{ seq: 3, turn: 1, item: "b" }]);
  await intake.more();
  assert.deepEqual([intake.ended, intake.taken, intake.skipped], [true, 3, 1]);
});

test("Intake knows how many there are while it still hands out the last of them", async () => {
  const intake = open(source(["a", "b", "c"]));
  await intake.more();
  intake.take(1);
  while (intake.total === undefined) await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual([intake.total, intake.taken, intake.isEmpty], [3, 1, false]);
});

test("Intake fails where its source does, and not before", async () => {
  const intake = open(
    (async function* () {
      yield ["a"];
      throw new Error("no more");
    })(),
  );
  await intake.more();
  assert.equal(intake.take(1).length, 1);
  await assert.rejects(intake.more(), /no more/);
});
