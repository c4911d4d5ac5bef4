// Tests of the timeline, the camera and the ruler: what the lanes draw, without drawing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Camera } from "./camera.ts";
import { spansOf } from "./marks.ts";
import { clock, ticksBetween } from "./ticks.ts";
import { type Bar, barAt, KEPT_BARS, startsAfter, Timeline } from "./timeline.ts";

function bar(parts: Partial<Bar> & Pick<Bar, "startedAt">): Bar {
  return {
    key: `job@${parts.startedAt}`,
    jobId: "job",
    number: 1,
    kind: "echo",
    lane: "pool/0",
    submittedAt: parts.startedAt,
    finishedAt: parts.startedAt + 1,
    end: "finished",
    outcome: "finished",
    jobs: 1,
    ...parts,
  };
}

function withWorker(worker: number, bornAt = 0, executor = "pool"): Timeline {
  const timeline = new Timeline();
  putWorker(timeline, worker, bornAt, executor);
  return timeline;
}

function putWorker(timeline: Timeline, worker: number, bornAt: number, executor = "pool"): void {
  timeline.putLife({
    key: `${executor}/${worker}`,
    executor,
    worker: `${executor}_${worker}`,
    workerId: worker,
    bornAt,
    diedAt: null,
    why: null,
  });
}

test("putBar() keeps a lane's bars in the order of their starts, whatever order they come in", () => {
  const timeline = withWorker(0);
  for (const startedAt of [30, 10, 20, 40]) timeline.putBar(bar({ startedAt }));
  assert.deepEqual(
    timeline.lanes[0]?.bars.map(({ startedAt }) => startedAt),
    [10, 20, 30, 40],
  );
});

test("putBar() changes the bar that has the same key, also behind others that started with it", () => {
  const timeline = withWorker(0);
  timeline.putBar(bar({ startedAt: 10, key: "a", finishedAt: null, outcome: "running" }));
  timeline.putBar(bar({ startedAt: 10, key: "b" }));
  timeline.putBar(bar({ startedAt: 10, key: "a", finishedAt: 15 }));
  assert.equal(timeline.size, 2);
  assert.equal(timeline.lanes[0]?.bars.find(({ key }) => key === "a")?.finishedAt, 15);
});

test("current() gives a bar as it is now, and one that was forgotten as it was", () => {
  const timeline = withWorker(0);
  const running = bar({ startedAt: 10, key: "a", finishedAt: null, outcome: "running" });
  timeline.putBar(running);
  timeline.putBar(bar({ startedAt: 10, key: "a", finishedAt: 15 }));
  assert.equal(timeline.current(running).finishedAt, 15);
  timeline.clear();
  assert.equal(timeline.current(running), running);
});

test("putBar() drops a run on a worker that nobody spoke of", () => {
  const timeline = withWorker(0);
  timeline.putBar(bar({ startedAt: 1, lane: "pool/9" }));
  assert.equal(timeline.size, 0);
});

test("putLife() ends a lane and keeps its bars", () => {
  const timeline = withWorker(0);
  timeline.putBar(bar({ startedAt: 1 }));
  const [lane] = timeline.lanes;
  assert.ok(lane);
  timeline.putLife({ ...lane, diedAt: 5, why: "exit code 3" });
  assert.deepEqual(
    timeline.lanes.map(({ diedAt, why, bars }) => [diedAt, why, bars.length]),
    [[5, "exit code 3", 1]],
  );
});

test("lanes stand by executor, then by birth: a replacement comes below what it replaces", () => {
  const timeline = withWorker(0, 100, "threads");
  putWorker(timeline, 2, 300, "threads");
  putWorker(timeline, 1, 100, "threads");
  putWorker(timeline, 0, 200, "loop");
  assert.deepEqual(
    timeline.lanes.map(({ key }) => key),
    ["loop/0", "threads/0", "threads/1", "threads/2"],
  );
});

test("lanesIn() finds the workers that live in a span of time", () => {
  const timeline = withWorker(0, 100);
  putWorker(timeline, 1, 300);
  putWorker(timeline, 0, 100, "loop");
  const [, first] = timeline.lanes;
  assert.ok(first);
  timeline.putLife({ ...first, diedAt: 200 });
  const keys = (...span: [number, number, string?]) =>
    timeline.lanesIn(...span).map(({ key }) => key);
  assert.deepEqual(keys(0, 99), []);
  assert.deepEqual(keys(0, 200), ["loop/0", "pool/0"]);
  assert.deepEqual(keys(201, 400), ["loop/0", "pool/1"]);
  assert.deepEqual(keys(0, 400, "pool"), ["pool/0", "pool/1"]);
});

test("only so many bars are kept, and the oldest go first", () => {
  const timeline = withWorker(0);
  for (let i = 0; i < KEPT_BARS * 1.2; i++) timeline.putBar(bar({ startedAt: i }));
  assert.ok(timeline.size <= KEPT_BARS * 1.1 && timeline.size >= KEPT_BARS, `${timeline.size}`);
  const bars = timeline.lanes[0]?.bars ?? [];
  assert.equal(bars.length, timeline.size);
  assert.equal(bars.at(-1)?.startedAt, KEPT_BARS * 1.2 - 1);
});

test("barAt() finds the bar under a time, or the nearest within reach", () => {
  const bars = [bar({ startedAt: 10, finishedAt: 20 }), bar({ startedAt: 30, finishedAt: null })];
  assert.equal(barAt(bars, 15, 100, 2)?.startedAt, 10);
  assert.equal(barAt(bars, 22, 100, 2)?.startedAt, 10);
  assert.equal(barAt(bars, 25, 100, 2), undefined);
  assert.equal(barAt(bars, 28, 100, 2)?.startedAt, 30);
  assert.equal(barAt(bars, 90, 100, 2)?.startedAt, 30, "a bar that runs reaches to the clock");
  assert.equal(startsAfter(bars, 10), 1);
});

test("a camera follows the clock until it is paused or moved", () => {
  const camera = new Camera();
  const seen = camera.window(1000);
  assert.ok(seen.to > 1000 && seen.from === seen.to - camera.span);
  assert.equal(camera.window(2000).to - seen.to, 1000);
  camera.pause(2000);
  assert.deepEqual(camera.window(9000), camera.window(2000));
  camera.follow();
  camera.pan(-0.5, 2000);
  assert.ok(!camera.following);
});

test("zoom() keeps the time under the pointer where it is", () => {
  const camera = new Camera();
  camera.pause(100_000);
  const at = (part: number) => {
    const { from } = camera.window(100_000);
    return from + part * camera.span;
  };
  const before = at(0.25);
  camera.zoom(1 / 3, 0.25, 100_000);
  assert.ok(Math.abs(at(0.25) - before) < 1e-6);
  camera.zoom(1e-12, 0.5, 100_000);
  assert.equal(camera.span, 1);
});

test("fit() shows a whole span with room on both sides", () => {
  const camera = new Camera();
  camera.fit(1000, 2000);
  const { from, to } = camera.window(50_000);
  assert.ok(from < 1000 && to > 2000 && to - from < 1200);
});

test("the ruler has round times, no more than asked for, and says them as exactly as it must", () => {
  const noon = new Date(2026, 10, 25, 12, 0, 0).getTime();
  const seconds = ticksBetween(noon, noon + 10_000, 10);
  assert.deepEqual(seconds.map(({ label }) => label).slice(0, 3), [
    "12:00:00",
    "12:00:01",
    "12:00:02",
  ]);
  assert.ok(seconds.length <= 11);
  assert.equal(clock(noon + 1.5, 0.1), "12:00:00.001.5");
  assert.equal(clock(noon + 7, 1), "12:00:00.007");
  assert.deepEqual(
    ticksBetween(noon, noon + 4 * 3_600_000, 5).map(({ label }) => label),
    ["12:00", "13:00", "14:00", "15:00", "16:00"],
  );
});

test("spansOf() ends a mark with its bar, and lets what goes on grow", () => {
  const marks: Bar["marks"] = [
    ["waits", "lock", 11, 12],
    ["holds", "lock", 12, null],
  ];
  const spans = (finishedAt: number | null) =>
    spansOf(bar({ startedAt: 10, finishedAt, marks }), 20).map(({ from, to }) => [from, to]);
  assert.deepEqual(spans(null), [
    [11, 12],
    [12, 20],
  ]);
  assert.deepEqual(spans(15), [
    [11, 12],
    [12, 15],
  ]);
  assert.deepEqual(spansOf(bar({ startedAt: 10 }), 20), []);
});

test("a lane knows from when to when jobs of a group ran on it, and whether one goes on", () => {
  const timeline = withWorker(0);
  const span = () => timeline.lanes[0]?.groups.get(7);
  timeline.putBar(bar({ startedAt: 5 }));
  assert.equal(timeline.lanes[0]?.groups.size, 0);
  timeline.putBar(bar({ startedAt: 20, key: "b", finishedAt: null, group: 7 }));
  timeline.putBar(bar({ startedAt: 10, key: "a", finishedAt: 19, group: 7 }));
  assert.deepEqual(span(), { from: 10, to: 20, open: "b" });
  timeline.putBar(bar({ startedAt: 20, key: "b", finishedAt: 25, group: 7 }));
  assert.deepEqual(span(), { from: 10, to: 25, open: undefined });
  putWorker(timeline, 0, 0);
  assert.equal(timeline.lanes[0]?.groups.size, 1, "what is new of a worker forgets nothing");
});
