// Tests of the history: what a restart shows, what is forgotten, and a file that cannot be written.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { EventLoopExecutor, task } from "@concurrent/futures";
import type { JobsQuery } from "../contract.ts";
import { until } from "../fixture.ts";
import type { HistoryOptions } from "./history.ts";
import { Recorder } from "./recorder.ts";

const ALL: JobsQuery = { sort: "number", order: "asc", offset: 0, limit: 200 };

const PLENTY = { keepJobs: 1000, keepFor: 1e9, keepBytes: 1e9 };

export const nameless = task(import.meta.url, function nameless(value: unknown) {
  return value;
});

/** A folder that is gone at the end. */
function temporary() {
  const folder = mkdtempSync(join(tmpdir(), "history-"));
  return {
    path: join(folder, "deep", "history.sqlite"),
    folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A recorder over one executor, as one start of a server has it. */
function record(options: Partial<HistoryOptions> & { path?: string }) {
  const loop = new EventLoopExecutor({ name: "loop", maxWorkers: 2 });
  const session = crypto.randomUUID();
  const history = { session, ...PLENTY, ...options };
  const recorder = new Recorder(new Map([["loop", loop]]), { history });
  return {
    loop,
    recorder,
    history: recorder.history,
    /** Ends as a server does that is killed: what waits is written, and nothing is settled. */
    [Symbol.dispose]() {
      recorder[Symbol.dispose]();
      void loop.terminateWorkers();
    },
  };
}

const states = (recorder: Recorder) =>
  recorder.history.list(ALL).map(({ number, state, reason }) => [number, state, reason]);

/** Has console.error collected instead of printed, for what is meant to complain. */
function complaints() {
  const lines: string[] = [];
  const { error } = console;
  console.error = (...args) => lines.push(args.join(" "));
  return {
    lines,
    [Symbol.dispose]() {
      console.error = error;
    },
  };
}

test("a restart shows what ran, and what was under way as lost", async () => {
  using place = temporary();
  {
    using first = record(place);
    await first.loop.submit(nameless, { a: [1] });
    await first.loop.submit(() => Promise.reject(new RangeError("no"))).exception();
    first.loop.submit(() => new Promise(() => {}));
    first.loop.submit(() => new Promise(() => {}));
    first.loop.submit(() => 3);
    // The third and fourth run, the fifth waits.
    await until(() => first.recorder.tally.view().states.running === 2 || undefined);
  }
  using second = record(place);
  assert.deepEqual(states(second.recorder), [
    [1, "finished", null],
    [2, "failed", null],
    [3, "failed", "server-lost"],
    [4, "failed", "server-lost"],
    [5, "failed", "server-lost"],
  ]);
  const { states: counted, reasons, total } = second.recorder.tally.view();
  assert.deepEqual([total, counted.finished, counted.failed], [5, 1, 4]);
  assert.equal(reasons["server-lost"], 3);
  const [kept] = second.history.list(ALL);
  const whole = second.history.find(String(kept?.id));
  assert.equal(whole?.result, '{"a":[1]}');
  // Numbers go on where they stopped, and only this session is on the timeline.
  await second.loop.submit(nameless, 1);
  assert.equal(second.history.list({ ...ALL, order: "desc" })[0]?.number, 6);
  assert.equal(second.recorder.bars(0, Number.MAX_SAFE_INTEGER, 100).length, 1);
});

test("without a file, nothing is left of it", async () => {
  {
    using first = record({});
    await first.loop.submit(nameless, 1);
    assert.equal(first.recorder.tally.view().total, 1);
    assert.deepEqual(first.history.storage, { kind: "memory", path: null, warning: null });
  }
  using second = record({});
  assert.equal(second.recorder.tally.view().total, 0);
});

test("a second server cannot take the first one's running jobs for lost: it keeps to memory, and says so", async () => {
  using place = temporary();
  using first = record(place);
  first.loop.submit(() => new Promise(() => {}));
  await until(() => first.recorder.tally.view().states.running === 1 || undefined);
  first.history.flush();
  using told = complaints();
  using second = record(place);
  assert.match(second.history.storage.warning ?? "", /cannot be opened .*kept in memory/);
  assert.equal(told.lines.length, 1);
  await second.loop.submit(nameless, 1);
  assert.deepEqual(states(second.recorder), [[1, "finished", null]]);
  assert.deepEqual(states(first.recorder), [[1, "running", null]]);
});

test("a file that is no database is left as it is", () => {
  using place = temporary();
  const path = join(place.folder, "precious.txt");
  writeFileSync(path, "not a database, and longer than a header of one hundred bytes. ".repeat(20));
  using told = complaints();
  using server = record({ path });
  assert.match(server.history.storage.warning ?? "", /not a database/);
  assert.equal(told.lines.length, 1);
});

test("a full disk degrades to memory with a warning, and nothing that was shown is lost", async () => {
  using place = temporary();
  using told = complaints();
  let shown: unknown;
  {
    using server = record({ ...place, maxBytes: 200_000 });
    let changes = 0;
    for (let i = 0; server.history.storage.kind === "file"; i++) {
      assert.ok(i < 1000, "the disk is never full");
      await server.loop.submit(nameless, "x".repeat(5000));
      server.history.flush();
      changes = i + 1;
    }
    assert.match(server.history.storage.warning ?? "", /cannot be written \(.*full.*\)/);
    assert.equal(told.lines.length, 1);
    // It goes on, in memory.
    await server.loop.submit(nameless, 1);
    shown = states(server.recorder);
    assert.equal((shown as unknown[]).length, changes + 1);
    assert.equal(server.recorder.tally.view().states.finished, changes + 1);
    const told_ = server.recorder.journal.since(0)?.some(({ what }) => what === "storage");
    assert.ok(told_, "readers of the stream are told");
  }
  // With room again, the file has what it had before.
  using later = record(place);
  assert.equal(later.history.storage.kind, "file");
  assert.ok(later.recorder.tally.view().states.finished > 0);
});

test("retention takes the oldest settled jobs by count, and never one that is not settled", async () => {
  using server = record({ keepJobs: 10 });
  server.loop.submit(() => new Promise(() => {}));
  for (let i = 0; i < 30; i++) await server.loop.submit(nameless, i);
  server.history.flush();
  const left = states(server.recorder);
  assert.deepEqual(left[0], [1, "running", null]);
  assert.deepEqual(
    left.slice(1).map(([number]) => number),
    [23, 24, 25, 26, 27, 28, 29, 30, 31],
  );
  const { total, states: counted } = server.recorder.tally.view();
  assert.deepEqual([total, counted.finished, counted.running], [10, 9, 1]);
});

test("retention takes what is too old, also at the next start", async () => {
  using place = temporary();
  {
    using server = record(place);
    await server.loop.submit(nameless, 1);
  }
  using server = record({ ...place, keepFor: -1 });
  server.recorder.retain();
  assert.equal(server.recorder.tally.view().total, 0);
});

test("large results go before their jobs do", async () => {
  using server = record({ keepBytes: 100_000 });
  for (let i = 0; i < 10; i++) await server.loop.submit(nameless, "x".repeat(30_000));
  server.history.flush();
  server.recorder.retain();
  const kept = server.history
    .list(ALL)
    .map(({ id }) => server.history.find(String(id))?.result !== null);
  assert.deepEqual(kept, [...Array(7).fill(false), ...Array(3).fill(true)]);
  assert.equal(server.recorder.tally.view().total, 10);
});

test("lists filter, search, sort and page; counts leave state and reason out", async () => {
  using server = record({});
  const { loop, history } = server;
  for (let i = 0; i < 5; i++) await loop.submit(nameless, `result ${i}`);
  await loop
    .submit(function boom() {
      throw new RangeError("100% broken_");
    })
    .exception();
  const numbers = (query: Partial<JobsQuery>) =>
    history.list({ ...ALL, ...query }).map(({ number }) => number);
  assert.deepEqual(numbers({ kind: "boom" }), [6]);
  assert.deepEqual(numbers({ state: "failed" }), [6]);
  assert.deepEqual(numbers({ text: "RESULT 3" }), [4]);
  assert.deepEqual(numbers({ text: "100% b" }), [6], "a percent sign is no wildcard");
  assert.deepEqual(numbers({ text: "n_" }), [6], "an underscore is no wildcard");
  assert.deepEqual(numbers({ text: "'; DROP TABLE jobs; --" }), []);
  assert.deepEqual(numbers({ order: "desc", offset: 1, limit: 2 }), [5, 4]);
  assert.deepEqual(numbers({ sort: "kind", order: "asc", limit: 1 }), [6]);
  assert.deepEqual(numbers({ worker: 7 }), []);
  for (const sort of ["wait", "run", "state", "executor"] as const) {
    assert.equal(numbers({ sort }).length, 6, sort);
  }
  const groups = history.groups({ kind: "nameless" }).map((group) => ({ ...group }));
  assert.deepEqual(groups, [{ state: "finished", reason: null, jobs: 5 }]);
});

test("in a flood, jobs are forgotten as fast as they come", async () => {
  using server = record({ keepJobs: 2000 });
  let most = 0;
  for (let round = 0; round < 10; round++) {
    const futures = Array.from({ length: 3000 }, (_, i) => server.loop.submit(nameless, i));
    await futures.at(-1);
    await until(() => server.recorder.tally.view().states.pending === 0 || undefined);
    server.history.flush();
    most = Math.max(most, server.recorder.tally.view().total);
  }
  assert.ok(most <= 5000, String(most));
});

test("forty thousand jobs are written behind the executor's back, and all of them", async () => {
  using server = record({ keepJobs: 100_000 });
  const echo = nameless.with({});
  const futures = Array.from({ length: 40_000 }, (_, i) => server.loop.submit(echo, i));
  await futures.at(-1);
  await until(() => server.recorder.tally.view().states.finished === 40_000 || undefined);
  await until(() => {
    const [group] = server.history.groups({ state: "finished" });
    return group?.jobs === 40_000 || undefined;
  });
  assert.equal([...server.recorder.live].length, 0, "what is settled and written is let go");
});
