// Cases of what is seen of an executor beside its events: how long calls take, and what a recording tells of them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Executor, UnsupportedRuntimeError, wait } from "../../../mod.ts";
import { type Recording, record } from "../../record/mod.ts";
import { everywhere, withLinks, withWorkers } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, deaths, failures } from "../tasks.ts";

/** One event of a trace, as far as it is looked at here. */
interface TraceEvent {
  readonly name: string;
  readonly cat?: string;
  readonly ph: string;
  readonly id?: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly args?: { readonly name?: string };
}

/** So long, in milliseconds, something is made to take at least. */
const LONG = 20;
/** A percentile may be off by so much. */
const OFF = 1.05;

/** Cases of what is seen of an executor beside its events. */
export const seeingInsideCases: readonly ConformanceCase[] = [
  {
    id: "cf-latency",
    title: "stats() tells how long calls waited and ran, of those that were observed",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await executor.submit(arithmetic.square, 3);
      assert.equal("latency" in executor.stats(), false, "nobody has observed anything");
      const observing = executor.observe(() => {});
      await pass(context, executor);
      const { wait: waited, run: ran } = executor.stats().latency ?? assert.fail("none");
      assert.ok(waited.p99 * OFF >= LONG, `waited ${waited.p99} ms`);
      assert.ok(ran.p99 * OFF >= LONG, `ran ${ran.p99} ms`);
      for (const { p50, p95, p99 } of [waited, ran]) assert.ok(p50 <= p95 && p95 <= p99);
      observing[Symbol.dispose]();
      await pass(context, executor);
      assert.deepEqual(executor.stats().latency, { wait: waited, run: ran }, "nobody observes");
    },
  },
  {
    id: "cf-latency-map",
    title: "stats() counts every element of a map among the calls that were observed",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      using _ = executor.observe(() => {});
      const { gate, futures } = await occupy(context, executor);
      const results = Array.fromAsync(executor.map(arithmetic.square, [1, 2, 3]));
      await context.until(later());
      gate.open();
      await results;
      await wait(futures);
      // Three of four have waited.
      assert.ok((executor.stats().latency?.wait.p50 ?? 0) * OFF >= LONG);
    },
  },
  {
    id: "cf-record",
    title:
      "a recording has each run on the line of its worker, and an arrow from where it was submitted",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      using recording = record(executor);
      const { gate, futures } = await occupy(context, executor);
      const failed = executor.submit(failures.throwRangeError, "no");
      const dropped = executor.submit(arithmetic.add, 1, 2);
      assert.equal(dropped.cancel(), true);
      const mapped = Array.fromAsync(executor.map(arithmetic.square, [1, 2]));
      gate.open();
      await wait([...futures, failed]);
      await failed.exception();
      await mapped;
      const events = await readSaved(context, recording);
      const runs = events.filter(({ ph, cat }) => ph === "X" && cat !== "submit");
      assert.deepEqual(runs.map(({ name, cat }) => [name, cat]).toSorted(), [
        ["logAndWaitAt", "finished"],
        ["square", "finished"],
        ["square", "finished"],
        ["throwRangeError", "failed"],
      ]);
      const lines = new Map(
        events
          .filter(({ name }) => name === "thread_name")
          .map(({ tid, args }) => [tid, args?.name]),
      );
      for (const { tid, ts, dur = -1 } of runs) {
        assert.ok(lines.get(tid)?.startsWith(executor.name), `a worker's line: ${lines.get(tid)}`);
        assert.ok(ts > 0 && dur >= 0);
      }
      for (const { id, ts } of events.filter(({ ph }) => ph === "f")) {
        const start = events.find((other) => other.ph === "s" && other.id === id);
        assert.ok(
          start !== undefined && start.ts <= ts,
          "an arrow has its beginning, before its end",
        );
      }
      const waits = events.filter(({ ph }) => ph === "b");
      assert.equal(waits.length, 5, "what was cancelled has waited, too");
      assert.equal(events.filter(({ ph }) => ph === "f").length, 4);
    },
  },
  {
    id: "cf-record-lost",
    title: "a recording tells of a run that was lost with its worker, and of the one after it",
    applies: withLinks(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      using recording = record(executor);
      const log = context.log();
      await executor.submit(deaths.exitTimes.with({ retries: 1 }), log.path, 1, "alive");
      await context.until(() => executor.stats().workers === 1);
      const events = await readSaved(context, recording);
      const runs = events.filter(({ ph, cat }) => ph === "X" && cat !== "submit");
      assert.deepEqual(
        runs.map(({ cat, tid }) => [cat, tid]),
        [
          ["lost", 1],
          ["finished", 2],
        ],
      );
      assert.ok(
        events.some(({ ph, name, tid }) => ph === "i" && /^exited/.test(name) && tid === 1),
      );
      const arrow = events.filter(({ cat }) => cat === "flow").map(({ ph }) => ph);
      assert.deepEqual(arrow, ["s", "t", "f"], "one arrow leads through both");
    },
  },
];

/** Has one call run for a while, and another one wait for it. */
async function pass(context: CaseContext, executor: Executor): Promise<void> {
  const { gate, futures } = await occupy(context, executor);
  const next = executor.submit(arithmetic.square, 3);
  await context.until(later());
  gate.open();
  await wait([...futures, next]);
}

/** A condition that holds after a while. */
function later(): () => boolean {
  const end = performance.now() + LONG;
  return () => performance.now() >= end;
}

/** Saves a recording where there are files, and reads it; in a page its pieces. */
async function readSaved(context: CaseContext, recording: Recording): Promise<TraceEvent[]> {
  const path = join(context.directory, "run.trace.json");
  const text = await recording.save(path).then(
    () => readFileSync(path, "utf8"),
    (error) => {
      assert.ok(error instanceof UnsupportedRuntimeError && /pieces\(\)/.test(error.message));
      return [...recording.pieces()].join("");
    },
  );
  return JSON.parse(text).traceEvents;
}
