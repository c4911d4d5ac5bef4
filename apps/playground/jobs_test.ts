// Tests of the jobs' own arithmetic, against values known from elsewhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLoopExecutor, importTasks } from "@concurrent/futures";
import { OUTPUT, type Printed } from "../../modules/dashboard/record/printed.ts";

const jobs = importTasks<typeof import("./jobs.ts")>(new URL("./jobs.ts", import.meta.url));
const bytes = (text: string) => new TextEncoder().encode(text);

test("primes() counts as the tables do", async () => {
  await using loop = new EventLoopExecutor();
  const rows: [n: number, count: number][] = [
    [2, 0],
    [3, 1],
    [10, 4],
    [100, 25],
    [262_144, 23_000],
    [1_000_000, 78_498],
  ];
  for (const [n, count] of rows) assert.equal((await loop.submit(jobs.primes, n)).count, count);
  assert.deepEqual((await loop.submit(jobs.primes, 262_147)).last.at(-1), 262_139);
  assert.deepEqual((await loop.submit(jobs.primes, 4)).last, [2, 3]);
});

test("wordFrequency() knows words of any script, and no endless ones", async () => {
  await using loop = new EventLoopExecutor();
  const text = `Straße strasse STRASSE, don't don’t — 日本 日本 42 ${"x".repeat(1000)}`;
  const { words, distinct, top } = await loop.submit(jobs.wordFrequency, bytes(text), 2);
  assert.deepEqual([words, distinct], [8, 6]);
  assert.deepEqual(top, [
    { word: "strasse", count: 2 },
    { word: "日本", count: 2 },
  ]);
  assert.deepEqual(await loop.submit(jobs.wordFrequency, bytes(""), 5), {
    words: 0,
    distinct: 0,
    top: [],
  });
});

test("long jobs leave the event loop to others, report progress, and stop when interrupted", async () => {
  await using loop = new EventLoopExecutor();
  const future = loop.submit(jobs.primes, 200_000_000);
  const progressed = new Promise<number>((resolve) => {
    // What it prints travels as progress, too.
    future.onProgress(({ fraction }) => fraction > 0 && resolve(fraction));
  });
  const fraction = await progressed;
  assert.ok(fraction > 0 && fraction < 1);
  assert.equal(future.cancel({ interrupt: true }), true);
});

test("csvRows() yields rows, and prints each, and its end", async () => {
  await using loop = new EventLoopExecutor();
  const file = bytes("a,b\nc,d\ne,f\n");
  const printed: string[] = [];
  const stream = loop.stream(jobs.csvRows, file, 0);
  stream.future.onProgress(({ detail }) => {
    const { [OUTPUT]: lines = [] } = Object(detail) as Partial<Printed>;
    printed.push(...lines.map(({ text }) => text));
  });
  assert.deepEqual(await Array.fromAsync(stream), [
    ["a", "b"],
    ["c", "d"],
    ["e", "f"],
  ]);
  assert.deepEqual(await stream.future, { rows: 3 });
  assert.deepEqual(printed, [
    "row 1: a | b",
    "row 2: c | d",
    "row 3: e | f",
    "closed behind 3 rows",
  ]);
});
