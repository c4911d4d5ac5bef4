// Tests of what the bench says about results: ratios, goals, failures.

import assert from "node:assert/strict";
import { test } from "node:test";
import { summarize } from "./report.ts";
import type { Row } from "./rounds.ts";
import type { RunResult } from "./run_contender.ts";
import type { Kind, Runtime, Scenario, WorkerKind } from "./scenario.ts";

const scenario: Scenario = {
  name: "demo",
  title: "Demo",
  metrics: { task: "µs" },
  kinds: ["us", "pipelined", "peer", "other"],
  size: 1,
  goals: [
    { runtime: "deno", metric: "task", against: "pipelined", atMost: 0.5 },
    { runtime: "deno", metric: "task", against: "peer", atMost: 0.1 },
    { runtime: "bun", metric: "task", atMost: 1, bestRound: true },
  ],
  measure: () => Promise.resolve({}),
};

test("summarize() compares us to the faster of two naked transports", () => {
  const { lines, verdicts } = summarize(scenario, "deno", [
    row("ours", "us", [1, 1, 1]),
    row("slow", "pipelined", [9, 9, 9]),
    row("fast", "pipelined", [4, 4, 4]),
  ]);
  assert.equal(lines[0]?.figures.task?.perNaked, 0.25);
  assert.equal(verdicts[0]?.to, "fast");
  assert.equal(verdicts[0]?.met, true);
});

test("summarize() compares threads to threads, and judges a goal of theirs by them alone", () => {
  const ofThreads: Scenario = {
    ...scenario,
    goals: [
      { runtime: "deno", workers: "threads", metric: "task", against: "pipelined", atMost: 1 },
    ],
  };
  const { lines, verdicts } = summarize(ofThreads, "deno", [
    row("our threads", "us", [4], "deno", "threads"),
    row("our processes", "us", [9], "deno", "processes"),
    row("naked threads", "pipelined", [8], "deno", "threads"),
    row("naked processes", "pipelined", [3], "deno", "processes"),
  ]);
  assert.deepEqual(
    verdicts.map(({ of, to, figure }) => [of, to, figure]),
    [["our threads", "naked threads", 0.5]],
  );
  assert.equal(lines[1]?.figures.task?.perNaked, 3);
});

test("summarize() does not compare to contenders shown for information", () => {
  const { verdicts } = summarize(scenario, "deno", [
    row("ours", "us", [1]),
    row("link", "other", [0.1]),
    row("queue", "peer", [5]),
  ]);
  assert.equal(verdicts[1]?.to, "queue");
  assert.equal(verdicts[1]?.met, false);
});

test("summarize() does not count a goal as met that could not be measured", () => {
  const failed = { ...row("naked", "pipelined", []), rounds: [{ error: "hangs" }] };
  const { lines, verdicts } = summarize(scenario, "deno", [row("ours", "us", [1]), failed]);
  assert.equal(lines[1]?.error, "hangs");
  assert.equal(verdicts[0]?.met, false);
});

test("summarize() judges the best round where the goal says so, else the median", () => {
  const { verdicts } = summarize(scenario, "bun", [row("ours", "us", [3, 0.9, 2], "bun")]);
  assert.equal(verdicts[0]?.figure, 0.9);
  assert.equal(verdicts[0]?.met, true);
});

test("summarize() shows Python's rows beside every runtime's own", () => {
  const rows = [row("ours", "us", [1], "bun"), row("Python", "peer", [9], "python")];
  assert.equal(summarize(scenario, "bun", rows).lines.length, 2);
  assert.equal(summarize(scenario, "bun", rows).lines[0]?.figures.task?.perPeer, 1 / 9);
});

test("summarize() leaves out who has no way to take part", () => {
  const skipped: RunResult[] = [{ skipped: true }];
  const rows = [row("ours", "us", [1]), { ...row("other", "peer", []), rounds: skipped }];
  assert.equal(summarize(scenario, "deno", rows).lines.length, 1);
});

function row(
  name: string,
  kind: Kind,
  values: number[],
  runtime: Runtime = "deno",
  workers?: WorkerKind,
): Row {
  return {
    contender: { name, kind, runtime, module: "none.ts", ...(workers ? { workers } : {}) },
    rounds: values.map((task) => ({ metrics: { task } })),
  };
}
