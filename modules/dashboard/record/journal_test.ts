// Tests of the journal: what came after a place in it, as long as it is known.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job } from "./job.ts";
import { Journal } from "./journal.ts";

const job = (id: string) => ({ id, change: 0 }) as Job;

const ids = (journal: Journal, known: number) =>
  journal.since(known)?.map((change) => (change.what === "job" ? change.job.id : change.what));

test("since() gives what came after, each job once, where it changed last", () => {
  const journal = new Journal();
  const [a, b] = [job("a"), job("b")];
  for (const changed of [a, b, a, a]) journal.changed(changed);
  const known = journal.last;
  assert.deepEqual(ids(journal, 0), ["b", "a"]);
  journal.add({ what: "storage" });
  journal.changed(b);
  assert.deepEqual(ids(journal, known), ["storage", "b"]);
  assert.deepEqual(ids(journal, journal.last), []);
});

test("since() does not know a place that was overwritten, or one that is yet to come", () => {
  const journal = new Journal();
  const a = job("a");
  for (let i = 0; i < 100_000; i++) journal.changed(a);
  assert.equal(journal.since(0), undefined);
  assert.deepEqual(ids(journal, 90_000), ["a"]);
  assert.equal(journal.since(100_001), undefined);
});

test("onChange() wakes once", () => {
  const journal = new Journal();
  let woken = 0;
  journal.onChange(() => woken++);
  using _unused = journal.onChange(() => assert.fail("it is disposed before"));
  _unused[Symbol.dispose]();
  journal.changed(job("a"));
  journal.changed(job("b"));
  assert.equal(woken, 1);
});
