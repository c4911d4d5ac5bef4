// Tests of what forms are made of: figures for people, fields read by their schema, the program beside the form.

import assert from "node:assert/strict";
import { test } from "node:test";
import { count, counted, duration, literal, size } from "../../../modules/dashboard/page/format.ts";
import type { KindDescription } from "../contract.ts";
import { libraryCode } from "./library_code.ts";
import { limitsOf, readTyped, typedFrom } from "./parameters.ts";

const TILE: KindDescription = {
  name: "tile",
  title: "Tile",
  description: "",
  group: "work",
  file: null,
  needsWorker: false,
  stopsAfter: null,
  executors: ["threads"],
  parameters: {
    x: { type: "number", title: "X", default: -0.5, minimum: -2, maximum: 2 },
    size: {
      type: "integer",
      title: "Side",
      default: 256,
      minimum: 16,
      maximum: 512,
      unit: "pixels",
    },
    name: { type: "string", title: "Name", default: "a", maxLength: 3 },
    sharp: { type: "boolean", title: "Sharp", default: true },
  },
  task: { export: "tile", arguments: ["(all)"] },
  samples: [],
};

test("durations are said as exactly as they matter", () => {
  const said = [0, 0.42, 4.2, 42, 999.7, 4200, 59_994, 59_999, 125_000, 7_500_000].map(duration);
  assert.deepEqual(said, [
    "0 ms",
    "0.42 ms",
    "4.2 ms",
    "42 ms",
    "1.00 s",
    "4.20 s",
    "59.99 s",
    "1 min 00 s",
    "2 min 05 s",
    "2 h 05 min",
  ]);
  assert.equal(duration(-3), "0 ms", "clocks may disagree by a little");
});

test("counts, sizes and literals are grouped", () => {
  assert.deepEqual(
    [count(1234567), counted(1, "job"), counted(2, "job")],
    ["1,234,567", "1 job", "2 jobs"],
  );
  assert.deepEqual([size(1), size(1400), size(3_200_000)], ["1 byte", "1.4 kB", "3.2 MB"]);
  assert.deepEqual([20_000_000, 999, 0.5, 'a"b'].map(literal), [
    "20_000_000",
    "999",
    "0.5",
    '"a\\"b"',
  ]);
});

test("a form begins with the defaults, or with what is given", () => {
  assert.deepEqual(typedFrom(TILE), { x: "-0.5", size: "256", name: "a", sharp: "true" });
  assert.equal(typedFrom(TILE, { size: 64 }).size, "64");
});

test("fields are read by their types, and each wrong one says why", () => {
  assert.deepEqual(readTyped(TILE, typedFrom(TILE)), {
    values: { x: -0.5, size: 256, name: "a", sharp: true },
    wrong: new Map(),
  });
  const { wrong } = readTyped(TILE, { x: "3", size: "16.5", name: "abcd", sharp: "false" });
  assert.deepEqual(
    [...wrong],
    [
      ["x", "must be at most 2"],
      ["size", "must be a whole number"],
      ["name", "1 characters too many"],
    ],
  );
  assert.equal(
    readTyped(TILE, { ...typedFrom(TILE), size: " " }).wrong.get("size"),
    "must be a number",
  );
  assert.equal(
    readTyped(TILE, { ...typedFrom(TILE), size: "1" }).wrong.get("size"),
    "must be at least 16",
  );
});

test("limits are said with their unit", () => {
  const said = Object.values(TILE.parameters).map(limitsOf);
  assert.deepEqual(said, ["-2 to 2", "16 to 512 pixels", "text, at most 3 characters", ""]);
});

test("one job is one call, with its options", () => {
  const code = libraryCode({
    kind: { ...TILE, task: { export: "primes", arguments: ["size"] } },
    parameters: { size: 20_000 },
    executor: { type: "ThreadPoolExecutor", sharesEventLoop: false },
    runtime: "Deno 2.9.6",
    count: 1,
    options: { timeout: 5000, priority: undefined, retries: undefined },
  });
  assert.equal(
    code,
    `import { importTasks } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/deno";

const jobs = importTasks<typeof import("./jobs.ts")>(
  new URL("./jobs.ts", import.meta.url),
);
await using pool = new ThreadPoolExecutor();

const future = pool.submit(
  jobs.primes.with({ timeout: 5000 }),
  20_000,
);
console.log(await future);
`,
  );
});

test("many jobs are awaited as they complete, on the entry of the runtime, or on the core's", () => {
  const wanted = {
    kind: { ...TILE, file: "any file", task: { export: "tile", arguments: ["(file)", "(all)"] } },
    parameters: { x: 1, size: 16 },
    count: 12,
    options: {},
    fileName: 'a"b.txt',
  };
  const onBun = libraryCode({
    ...wanted,
    executor: { type: "ProcessPoolExecutor", sharesEventLoop: false },
    runtime: "Bun 1.4.5",
  });
  assert.match(onBun, /from "@concurrent\/futures\/bun"/);
  assert.match(onBun, /import { asCompleted, importTasks }/);
  assert.match(onBun, /readFile\("a\\"b\.txt"\)/);
  assert.match(onBun, /length: 12/);
  assert.match(onBun, /pool\.submit\(task, file, { x: 1, size: 16 }\)/);
  const onLoop = libraryCode({
    ...wanted,
    executor: { type: "EventLoopExecutor", sharesEventLoop: true },
    runtime: "Bun 1.4.5",
  });
  assert.match(
    onLoop,
    /import { asCompleted, EventLoopExecutor, importTasks } from "@concurrent\/futures"/,
  );
});

test("a job that takes a lock is given one of its own", () => {
  const code = libraryCode({
    kind: { ...TILE, task: { export: "deadlock", arguments: ["(lock)"] } },
    parameters: {},
    executor: { type: "EventLoopExecutor", sharesEventLoop: true },
    runtime: "Deno 2.9.6",
    count: 1,
    options: {},
  });
  assert.match(code, /^import { Lock } from "@concurrent\/futures\/sync";$/m);
  assert.match(code, /^const lock = new Lock\({ name: "vault" }\);$/m);
  assert.match(code, /pool\.submit\(jobs\.deadlock, lock\)/);
});
