// Tests of the live stream: it starts with the truth, follows it, takes up where a reader left, and is never flooded.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SSEStreamingApi } from "hono/streaming";
import type { JobsPage } from "../../modules/dashboard/contract.ts";
import { EventReader } from "../../modules/dashboard/event_reader.ts";
import { problem, until } from "../../modules/dashboard/fixture.ts";
import { LiveFeed, STREAM_LIMIT } from "../../modules/dashboard/live_feed.ts";
import type { LiveView } from "../../modules/dashboard/live_view.ts";
import { Journal } from "../../modules/dashboard/record/journal.ts";
import { type Fixture, FOREVER, fixture } from "./fixture.ts";

const nap = { kind: "sleep", parameters: { ms: FOREVER } };

async function open(playground: Fixture, lastId?: string): Promise<EventReader> {
  const headers: Record<string, string> = lastId === undefined ? {} : { "last-event-id": lastId };
  return new EventReader(await playground.ask("/api/events", { headers }));
}

function numberOf(id: string): number {
  return Number(id.split("-").at(-1));
}

async function settled(playground: Fixture, jobs: number): Promise<void> {
  await until(async () => {
    const { counts } = await playground.get<JobsPage>("/api/jobs?limit=1");
    const { pending, running } = counts.states;
    return (counts.total === jobs && pending + running === 0) || undefined;
  });
}

test("the stream starts with a snapshot of counts, executors, workers and what runs", async () => {
  await using playground = fixture();
  const { id } = await playground.submit(nap);
  await playground.reach(id, "running");
  await using reader = await open(playground);
  const { data } = await reader.snapshot();
  assert.equal(data.counts.states.running, 1);
  assert.deepEqual(
    data.executors.map(({ name }) => name),
    ["loop"],
  );
  assert.deepEqual(
    data.workers.map(({ executor, id }) => [executor, id]),
    [["loop", 0]],
  );
  assert.deepEqual(
    data.bars.map(([job, , kind, , , , , finishedAt, outcome]) => [job, kind, finishedAt, outcome]),
    [[id, "sleep", null, "running"]],
  );
  assert.equal(data.server.storage.kind, "memory");
});

test("the stream tells each state of a job, its progress and its bar, with ids that count up", async () => {
  await using playground = fixture();
  await using reader = await open(playground);
  await reader.snapshot();
  const { id } = await playground.submit(nap);
  const saw = (state: string) =>
    reader.update(({ rows }) => rows.some((row) => row.id === id && row.state === state));
  const running = await saw("running");
  await reader.update(({ rows }) => rows.some(({ progress }) => progress !== null));
  await playground.post(`/api/jobs/${id}/cancel`, { interrupt: true });
  const cancelled = await saw("cancelled");
  assert.ok(numberOf(cancelled.id) > numberOf(running.id));
  assert.equal(cancelled.data.counts.states.cancelled, 1);
  const bar = cancelled.data.bars.find(([job]) => job === id);
  assert.ok(bar?.[8] === "cancelled" && (bar[7] ?? 0) >= bar[6]);
});

test("a reader that comes back is told what it missed, and nothing else", async () => {
  await using playground = fixture();
  const first = await playground.submit(nap);
  await playground.reach(first.id, "running");
  const before = await open(playground);
  const { id } = await before.snapshot();
  await before[Symbol.asyncDispose]();
  const second = await playground.submit(nap);
  await using after = await open(playground, id);
  const message = await after.next();
  assert.ok(message?.event === "update", "the message is an update");
  assert.equal(message.data.counts.total, 2);
  assert.ok(message.data.rows.some((row) => row.id === second.id));
  await playground.post(`/api/jobs/${first.id}/cancel`, { interrupt: true });
  await after.update(({ counts }) => counts.states.cancelled === 1);
});

test("a reader of another start of the server, or with a place that is none, begins anew", async () => {
  await using before = fixture();
  await before.submit(nap);
  const old = await open(before);
  const { id } = await old.snapshot();
  await old[Symbol.asyncDispose]();
  await using playground = fixture();
  for (const lastId of [id, `${id}9`, "5", "-", "x-1e9", ""]) {
    await using reader = await open(playground, lastId);
    assert.equal((await reader.snapshot()).data.counts.total, 0, lastId);
  }
});

test("a reader that missed more than the journal holds begins anew", async () => {
  await using playground = fixture({ maxWorkers: 32 });
  await using reader = await open(playground);
  const { id } = await reader.snapshot();
  const body = { kind: "echo", executor: "loop", count: 10_000 };
  await playground.post("/api/jobs", [body, body]);
  await settled(playground, 20_000);
  await using after = await open(playground, id);
  assert.equal((await after.snapshot()).data.counts.states.finished, 20_000);
  // The one that did not read meanwhile, too, once it has read what was under way.
  for (;;) {
    const message = await reader.next();
    assert.ok(message, "the stream ended");
    if (message.data.counts.states.finished === 20_000) break;
  }
});

test("many jobs come in few messages with few rows and bars, and exact counts at the end", async () => {
  await using playground = fixture({ maxWorkers: 32 });
  await using reader = await open(playground);
  await reader.snapshot();
  const body = { kind: "echo", executor: "loop", count: 3000 };
  await playground.post("/api/jobs", body);
  // Nobody reads meanwhile, and each of the jobs changes three times.
  await settled(playground, 3000);
  let messages = 0;
  let jobs = 0;
  await reader.update(({ counts, rows, moreRows, bars }) => {
    messages++;
    assert.ok(rows.length <= 100 && bars.length <= 400, `${rows.length} rows, ${bars.length} bars`);
    jobs = rows.length + moreRows;
    return counts.states.finished === 3000;
  });
  assert.ok(messages < 15, `${messages} messages`);
  assert.ok(jobs > 0);
});

test("messages come no faster than twenty a second", async () => {
  await using playground = fixture();
  await using reader = await open(playground);
  await reader.snapshot();
  const begin = performance.now();
  const messages = 12;
  for (let i = 0; i < messages; i++) {
    await playground.submit(nap);
    await reader.next();
  }
  // A timer may be early by a rounded millisecond.
  assert.ok(performance.now() - begin > messages * 49, "each message waits for the one before");
});

test("a message that took long to make is followed by a pause nineteen times as long", async () => {
  const journal = new Journal();
  const closing = new AbortController();
  const made: { began: number; ended: number }[] = [];
  const view = {
    snapshot: () => ({}),
    update() {
      const began = performance.now();
      while (performance.now() < began + 8);
      made.push({ began, ended: performance.now() });
      return {};
    },
  };
  const feed = new LiveFeed(journal, view as unknown as LiveView, {
    epoch: "x",
    closing: closing.signal,
  });
  const stream = {
    onAbort() {},
    async writeSSE() {
      // Something changes all the time.
      journal.add({ what: "forgotten", jobs: 1 });
      if (made.length === 4) closing.abort();
    },
  };
  await feed.serve(stream as unknown as SSEStreamingApi, undefined);
  for (const [i, { began }] of made.entries()) {
    const before = made[i - 1];
    if (before === undefined) continue;
    // A timer may be late, and never early by more than it rounds.
    const least = Math.min(500, 19 * (before.ended - before.began)) - 2;
    assert.ok(began - before.ended >= least, `${began - before.ended} instead of ${least}`);
  }
});

test("the stream ends when the server stops", async () => {
  await using playground = fixture();
  await using reader = await open(playground);
  await reader.snapshot();
  playground.stop();
  assert.equal(await reader.next(), undefined);
});

test("streams are limited in number, and one that leaves makes room", async () => {
  await using playground = fixture();
  const readers: EventReader[] = [];
  for (let i = 0; i < STREAM_LIMIT; i++) readers.push(await open(playground));
  const refused = await playground.ask("/api/events");
  assert.ok(refused.headers.has("retry-after"));
  await problem(refused, 429);
  await readers.pop()?.[Symbol.asyncDispose]();
  const again = await until(async () => {
    const response = await playground.ask("/api/events");
    if (response.status === 200) return new EventReader(response);
    await response.body?.cancel();
    return undefined;
  });
  readers.push(again);
  for (const reader of readers) await reader[Symbol.asyncDispose]();
});
