// Random programs over a task group, beside a reference of a few lines: which children are open, and how the group ends.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import { type Executor, Future, GroupClosedError, TaskGroup } from "../../../mod.ts";

/** Enough for a hundred thousand deeds. */
const RUNS = 2_500;
const MOST_DEEDS = 80;

const deed = fc.record({
  kind: fc.constantFrom(
    "submit",
    "submit",
    "submit",
    "succeed",
    "succeed",
    "fail",
    "drop",
    "cancel",
  ),
  which: fc.nat({ max: 1_000 }),
});
const program = fc.record({
  onFailure: fc.constantFrom("cancel" as const, "continue" as const),
  maxRunning: fc.option(fc.integer({ min: 1, max: 4 }), { nil: Number.POSITIVE_INFINITY }),
  deeds: fc.array(deed, { minLength: 20, maxLength: MOST_DEEDS, size: "max" }),
});
type Program = typeof program extends fc.Arbitrary<infer P> ? P : never;

/** What a child is, by the reference: "held" and "running" are open. */
type Child = "held" | "running" | "succeeded" | "failed" | "cancelled";

let deedsDone = 0;

test("a group's children are what the reference says, whatever is done to it", async () => {
  const runs = Number(process.env.MODEL_RUNS ?? RUNS);
  await fc.assert(fc.asyncProperty(program, run), { numRuns: runs });
  assert.ok(deedsDone > runs * 40, `${deedsDone} deeds`);
});

async function run({ onFailure, maxRunning, deeds }: Program): Promise<void> {
  const started: Future<number>[] = [];
  const executor = {
    submit() {
      const future = new Future<number>();
      future.setRunningOrNotifyCancel();
      started.push(future);
      return future;
    },
  } as unknown as Executor;
  const group = new TaskGroup<number>(executor, { onFailure, maxRunning });
  const futures: Future<number>[] = [];
  const children: Child[] = [];
  let ended: "failure" | "cancel" | undefined;

  const end = (how: "failure" | "cancel") => {
    ended ??= how;
    for (const [at, child] of children.entries()) if (isOpen(child)) children[at] = "cancelled";
  };
  const admit = () => {
    for (const [at, child] of children.entries()) {
      const running = children.filter((other) => other === "running").length;
      if (child === "held" && running < maxRunning) children[at] = "running";
    }
  };
  /** Settles the first that runs: those of the executor come in the order of submission. */
  const settle = (at: number, how: "succeed" | "fail") => {
    const real = started.find((future) => future.running()) as Future<number>;
    if (how === "succeed") real.setResult(at);
    else real.setException(new Error(String(at)));
  };

  for (const { kind, which } of deeds) {
    deedsDone++;
    const running = children.flatMap((child, at) => (child === "running" ? [at] : []));
    const open = children.flatMap((child, at) => (isOpen(child) ? [at] : []));
    switch (kind) {
      case "submit":
        if (ended !== undefined) {
          assert.throws(() => group.submit((n: number) => n, 0), GroupClosedError);
          break;
        }
        futures.push(group.submit((n: number) => n, 0));
        children.push("held");
        admit();
        break;
      case "succeed":
      case "fail": {
        const [first] = running;
        if (first === undefined) break;
        settle(first, kind);
        children[first] = kind === "fail" ? "failed" : "succeeded";
        if (kind === "fail" && onFailure === "cancel") end("failure");
        admit();
        break;
      }
      case "drop": {
        const at = open[which % open.length];
        if (at === undefined) break;
        assert.equal(futures[at]?.cancel({ interrupt: true }), true);
        children[at] = "cancelled";
        admit();
        break;
      }
      case "cancel":
        // Seldom, or no program comes far.
        if (which % 20 > 0) break;
        group.cancel("by the program");
        if (ended === undefined) end("cancel");
        break;
    }
    assert.deepEqual(futures.map(stateOf), children);
    assert.equal(started.filter((future) => !future.done()).length, countOf(children, "running"));
  }
  await finish(group, futures, children, ended, started);
}

/** What is open succeeds; then the group says what the reference says. */
async function finish(
  group: TaskGroup<number>,
  futures: readonly Future<number>[],
  children: readonly Child[],
  ended: "failure" | "cancel" | undefined,
  started: readonly Future<number>[],
): Promise<void> {
  const joined = group.join().then(
    (results) => ({ results }),
    (error: unknown) => ({ error }),
  );
  for (let at = 0; at < started.length; at++) if (!started[at]?.done()) started[at]?.setResult(-1);
  const outcome = await joined;
  if (ended === undefined) {
    assert.ok("results" in outcome);
    assert.deepEqual(
      outcome.results.map((value) => value !== undefined),
      children.map((child) => child !== "failed" && child !== "cancelled"),
    );
  } else {
    assert.ok("error" in outcome);
    if (ended === "failure") assert.equal(outcome.error, group.failures[0]);
    else assert.equal((outcome.error as Error).cause, "by the program");
  }
  assert.equal(group.failures.length, countOf(children, "failed"));
  assert.ok(futures.every((future) => future.done()));
  await group[Symbol.asyncDispose]();
}

function isOpen(child: Child): boolean {
  return child === "held" || child === "running";
}

function countOf(children: readonly Child[], kind: Child): number {
  return children.filter((child) => child === kind).length;
}

function stateOf(future: Future<number>): Child {
  const snapshot = future.snapshot();
  switch (snapshot.state) {
    case "pending":
      return "held";
    case "finished":
      return "error" in snapshot ? "failed" : "succeeded";
    default:
      return snapshot.state;
  }
}
