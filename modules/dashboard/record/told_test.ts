// Tests of how things are told: percentiles, JSON of anything, errors, bars, and the formats of others.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLoopExecutor } from "@concurrent/futures";
import { Histogram } from "@concurrent/futures/record";
import { delay } from "deno-std/async/delay.js";
import fc from "fast-check";
import type { Bar } from "../contract.ts";
import { mergeBars } from "./bars.ts";
import { viewError } from "./error_view.ts";
import { metricsOf } from "./metrics.ts";
import { keepOutput, printedIn } from "./output.ts";
import { percentilesOf } from "./percentiles.ts";
import { OUTPUT, OUTPUT_LIMIT } from "./printed.ts";
import { Recorder } from "./recorder.ts";
import { toJson } from "./to_json.ts";
import { traceOf } from "./trace.ts";

test("Histogram's percentiles are the exact ones, to about five percent", () => {
  const durations = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(durations, (list) => {
      const histogram = new Histogram();
      for (const ms of list) histogram.add(ms);
      const about = histogram.percentiles();
      const exact = percentilesOf(list);
      assert.ok(about !== null && exact !== null);
      for (const name of ["p50", "p95", "p99"] as const) {
        assert.ok(Math.abs(about[name] / exact[name] - 1) < 0.05, `${about[name]} ${exact[name]}`);
      }
    }),
  );
  const empty = new Histogram();
  empty.add(1);
  empty.clear();
  assert.deepEqual([empty.percentiles(), percentilesOf([])], [null, null]);
});

test("toJson() makes bounded JSON of anything", () => {
  const anything = fc.anything({ withBigInt: true, withMap: true, withSet: true, withDate: true });
  fc.assert(fc.property(anything, (value) => void JSON.parse(toJson(value))));
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  assert.equal(toJson(circle), '{"self":"[circular]"}');
  assert.ok(toJson("x".repeat(1e6)).length < 70_000);
  assert.ok(toJson(Array.from({ length: 1e6 }, (_, i) => i)).length < 100_000);
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  assert.match(toJson(deep), /nested deeper/);
  assert.equal(toJson(JSON.parse('{"__proto__":1}')), '{"__proto__":1}');
  const hostile = Object.defineProperty({}, "x", {
    enumerable: true,
    get: () => {
      throw new Error("no");
    },
  });
  assert.match(toJson(hostile), /unreadable/);
  assert.deepEqual(
    [new Uint8Array(3), 3n, () => 1, Number.NaN, undefined]
      .map(toJson)
      .map((json) => JSON.parse(json)),
    ["[Uint8Array of 3 bytes]", "3n", "[function ]", "NaN", null],
  );
});

test("viewError() tells anything that can be thrown, without a terminal's colours", () => {
  const circle = new Error("\u001b[31mround\u001b[0m and round");
  circle.cause = circle;
  const view = viewError(circle);
  assert.equal(view.message, "round and round");
  let depth = 0;
  for (let at: typeof view.cause = view; at !== null; at = at.cause) depth++;
  assert.ok(depth <= 8);
  for (const thrown of [undefined, null, 0, "text", {}, Symbol("s"), Object.create(null)]) {
    assert.equal(typeof viewError(thrown).message, "string");
  }
});

test("mergeBars() keeps what is long, and the sum of all", () => {
  const bar = (i: number, ms: number, worker = 0): Bar => [
    String(i),
    i,
    "echo",
    "threads",
    worker,
    0,
    i,
    i + ms,
    "finished",
    1,
  ];
  const short = Array.from({ length: 5000 }, (_, i) => bar(i, 0.5, i % 2));
  const long = [bar(6000, 900), bar(7000, 900, 1)];
  const merged = mergeBars([...short, ...long], 100);
  assert.ok(merged.length <= 100, String(merged.length));
  assert.equal(
    merged.reduce((sum, [, , , , , , , , , jobs]) => sum + jobs, 0),
    5002,
  );
  assert.deepEqual(merged.slice(-2), long);
  assert.deepEqual(mergeBars(short.slice(0, 10), 100), short.slice(0, 10), "few are left alone");
  const running = Array.from({ length: 300 }, (_, i): Bar => bar(i, 1, i).with(7, null) as Bar);
  assert.equal(mergeBars(running, 100).length, 300, "what runs is never merged");
});

test("printedIn() takes nothing for output that is none, and keepOutput() keeps 64 kB", () => {
  const line = { at: 1, level: "log", text: "hello" };
  for (const detail of [undefined, null, "text", 1, [], {}, { [OUTPUT]: "x" }]) {
    assert.equal(printedIn(detail), undefined);
  }
  const mixed = [line, { ...line, level: "evil" }, { ...line, text: 1 }, null, "x"];
  assert.deepEqual(printedIn({ [OUTPUT]: mixed, cut: "yes" }), { [OUTPUT]: [line], cut: true });
  const bulk = { result: null, picture: null, output: [], outputChars: 0, outputCut: false };
  const flood = printedIn({ [OUTPUT]: [{ ...line, text: "x".repeat(30_000) }], cut: false });
  assert.ok(flood);
  for (let i = 0; i < 10; i++) keepOutput(bulk, flood);
  assert.ok(JSON.stringify(bulk.output).length < OUTPUT_LIMIT + 1000);
  assert.equal(bulk.outputCut, true);
});

/** A record of a few jobs of every outcome. */
async function recorded() {
  const loop = new EventLoopExecutor({ name: 'a "quoted"\nname', maxWorkers: 1 });
  const history = { session: "s", keepJobs: 100, keepFor: 1e9, keepBytes: 1e9 };
  const recorder = new Recorder(new Map([[loop.name, loop]]), { history });
  await loop.submit(function fine() {
    return 1;
  });
  await loop
    .submit(function bad() {
      throw new Error("no");
    })
    .exception();
  loop.submit(function never() {
    return new Promise(() => {});
  });
  loop.submit(function dropped() {}).cancel();
  await delay(0);
  return {
    loop,
    recorder,
    async [Symbol.asyncDispose]() {
      await loop.terminateWorkers();
      recorder[Symbol.dispose]();
    },
  };
}

test("metricsOf() writes the text format, names escaped and buckets adding up", async () => {
  await using site = await recorded();
  const view = {
    name: site.loop.name,
    type: "EventLoopExecutor",
    sharesEventLoop: true,
    intake: "open",
    paused: false,
    canResize: true,
    canEndWorkers: false,
    maxWorkers: 1,
    stats: site.loop.stats(),
  } as const;
  const waited = { p50: 1, p95: 20, p99: 3000 };
  const queue = { waiting: 7, delayed: 1, running: 2, agents: 3, stalls: 4, waited };
  const overQueue = { ...view, name: "queue", stats: { ...view.stats, queue } };
  const unheard = {
    ...view,
    name: "new",
    stats: { ...view.stats, queue: { ...queue, waited: undefined } },
  };
  const text = metricsOf(site.recorder, [view, overQueue, unheard]);
  assert.ok(text.endsWith("\n"));
  const sample = /^[a-z_]+(\{([a-z_]+="(\\.|[^"\\\n])*",?)+\})? -?[0-9.e+-]+$/;
  for (const line of text.trimEnd().split("\n")) {
    if (!line.startsWith("# ")) assert.match(line, sample);
  }
  const value = (start: string) => {
    const line = text.split("\n").find((line) => line.startsWith(start));
    return Number(line?.split(" ").at(-1));
  };
  const name = String.raw`executor="a \"quoted\"\nname"`;
  assert.equal(value(`futures_tasks_submitted_total{${name}}`), 4);
  assert.equal(value(`futures_tasks_settled_total{${name},outcome="failed"}`), 1);
  assert.equal(value(`futures_tasks_settled_total{${name},outcome="cancelled"}`), 1);
  assert.equal(value(`futures_tasks_running{${name}}`), 1);
  assert.equal(value(`futures_task_run_seconds_bucket{${name},le="+Inf"}`), 2);
  assert.equal(value(`futures_task_wait_seconds_count{${name}}`), 3);
  assert.ok(value("process_resident_memory_bytes") > 1e7);
  const told = ["waiting", "delayed", "running", "agents", "stalls_total"];
  assert.deepEqual(
    told.map((what) => value(`futures_queue_${what}{executor="queue"}`)),
    [7, 1, 2, 3, 4],
  );
  assert.deepEqual(
    text.split("\n").filter((line) => line.startsWith("futures_queue_waited_seconds{")),
    ["0.5", "0.95", "0.99"].map(
      (quantile, at) =>
        `futures_queue_waited_seconds{executor="queue",quantile="${quantile}"} ${[0.001, 0.02, 3][at]}`,
    ),
  );
  // Where there is no queue nothing is said of any.
  assert.doesNotMatch(metricsOf(site.recorder, [view]), /queue_/);
});

test("traceOf() writes trace events: slices inside their threads, waits that begin and end", async () => {
  await using site = await recorded();
  const text = [...traceOf(site.recorder)].join("");
  const { traceEvents } = JSON.parse(text) as {
    traceEvents: {
      ph: string;
      name: string;
      ts: number;
      dur?: number;
      pid: number;
      tid: number;
      id?: string;
      cat?: string;
    }[];
  };
  const of = (ph: string) => traceEvents.filter((event) => event.ph === ph);
  assert.deepEqual(
    of("M").map(({ name }) => name),
    ["process_name", "thread_name", "thread_name"],
  );
  const runs = of("X").filter(({ cat }) => cat !== "submit");
  assert.deepEqual(
    runs.map(({ name }) => name),
    ["fine", "bad", "never"],
  );
  for (const { ts, dur, pid, tid } of runs) {
    assert.ok(ts > 0 && (dur ?? -1) >= 0 && pid === 1 && tid === 1);
  }
  // What was cancelled before it ran has waited, too.
  assert.deepEqual(
    of("b").map(({ id }) => id),
    ["1.1", "1.2", "1.3", "1.4"],
  );
  assert.deepEqual(
    of("e").map(({ id }) => id),
    ["1.1", "1.2", "1.3", "1.4"],
  );
  for (const [i, { ts }] of of("b").entries()) assert.ok(ts <= (of("e")[i]?.ts ?? 0));
});

test("seconds in which nothing happens are told together, and what changes meanwhile at once", async () => {
  await using loop = new EventLoopExecutor({ name: "loop", maxWorkers: 1 });
  const history = { session: "s", keepJobs: 100, keepFor: 1e9, keepBytes: 1e9 };
  let standing = "open";
  const executors = new Map([[loop.name, loop]]);
  using recorder = new Recorder(executors, { history, standing: () => standing });
  const { journal } = recorder;
  // The clock's own seconds, which a slow machine would bring in between, are left out.
  const sample = recorder.sample.bind(recorder);
  recorder.sample = () => {};
  /** How many samples are told after so many seconds. */
  function told(seconds: number): number {
    const before = journal.last;
    for (let i = 0; i < seconds; i++) sample();
    const news = journal.since(before) ?? [];
    return news.filter(({ what }) => what === "sample").length;
  }
  assert.equal(told(1), 1);
  assert.deepEqual([told(4), told(1), told(4), told(6)], [0, 5, 0, 10]);
  standing = "paused";
  assert.equal(told(1), 1);
  assert.equal(told(3), 0);
  await loop.submit(() => 1);
  assert.equal(told(1), 4, "with the ones that were left");
  assert.equal(told(1), 1, "figures go back to zero");
  assert.equal(told(1), 0);
});
