// Tests of the live stream: it starts with the truth, follows it, and never outgrows its reader.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fixture, FOREVER, fixture, problem, until } from "./fixture.ts";
import type { JobRow } from "./job_view.ts";

interface Message {
  id: string;
  event: string;
  data: {
    jobs: JobRow[];
    forgotten: string[];
    counts: Record<string, number>;
    executors: unknown[];
  };
}

/** Reads a stream of events message by message. */
class Reader implements AsyncDisposable {
  readonly #reader: ReturnType<typeof readerOf>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(response: Response) {
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
    this.#reader = readerOf(response);
  }

  static async open(playground: Fixture): Promise<Reader> {
    return new Reader(await playground.ask("/api/events"));
  }

  /** The next message, or undefined once the stream ended. */
  async next(): Promise<Message | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        if (block.startsWith(":")) continue;
        const lines = new Map(
          block.split("\n").map((line) => line.split(/: (.*)/s, 2) as [string, string]),
        );
        return {
          id: lines.get("id") ?? "",
          event: lines.get("event") ?? "",
          data: JSON.parse(lines.get("data") ?? "null"),
        };
      }
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }

  /** Reads on until a message says so. */
  async until(found: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const message = await this.next();
      assert.ok(message, "the stream ended");
      if (found(message)) return message;
    }
  }

  async [Symbol.asyncDispose]() {
    await this.#reader.cancel();
  }
}

/** A function, because the runtimes' types of readers differ and this one's follows. */
function readerOf(response: Response) {
  return (response.body as ReadableStream<Uint8Array>).getReader();
}

test("the stream starts with a snapshot of jobs, counts and executors", async () => {
  await using playground = fixture();
  const { id } = await playground.submit({ kind: "sleep", parameters: { ms: FOREVER } });
  await using reader = await Reader.open(playground);
  const first = await reader.next();
  assert.equal(first?.event, "snapshot");
  assert.equal(first?.id, "0");
  assert.deepEqual(
    first?.data.jobs.map((job) => job.id),
    [id],
  );
  assert.equal((first?.data.counts.pending ?? 0) + (first?.data.counts.running ?? 0), 1);
  assert.equal(first?.data.executors.length, 1);
});

test("the stream tells each state of a job, with ids that count up", async () => {
  await using playground = fixture();
  await using reader = await Reader.open(playground);
  await reader.next();
  const { id } = await playground.submit({ kind: "sleep", parameters: { ms: FOREVER } });
  const saw = (state: string) =>
    reader.until(({ data }) => data.jobs.some((job) => job.id === id && job.state === state));
  const running = await saw("running");
  await playground.post(`/api/jobs/${id}/cancel`, { interrupt: true });
  const cancelled = await saw("cancelled");
  assert.equal(cancelled.event, "update");
  assert.ok(Number(cancelled.id) > Number(running.id));
  assert.equal(cancelled.data.counts.cancelled, 1);
});

test("the stream tells a running job's progress", async () => {
  await using playground = fixture();
  await using reader = await Reader.open(playground);
  await playground.submit({ kind: "sleep", parameters: { ms: FOREVER } });
  const { data } = await reader.until(({ data }) => data.jobs.some((job) => job.progress !== null));
  assert.ok((data.jobs[0]?.progress?.fraction ?? -1) >= 0);
});

test("many jobs come in few messages, and a slow reader gets the latest states only", async () => {
  await using playground = fixture({ maxWorkers: 32 });
  await using reader = await Reader.open(playground);
  await playground.post("/api/jobs", {
    kind: "sleep",
    executor: "loop",
    count: 500,
    parameters: { ms: 0 },
  });
  // Nobody reads meanwhile, and each of the jobs changes four times.
  await until(async () => {
    const { counts } = await playground.get<{ counts: Record<string, number> }>("/api/jobs");
    return counts.finished === 500 || undefined;
  });
  let messages = 0;
  const states = new Map<string, string>();
  await reader.until(({ data }) => {
    messages++;
    for (const { id, state } of data.jobs) states.set(id, state);
    return [...states.values()].filter((state) => state === "finished").length === 500;
  });
  assert.ok(messages < 15, `${messages} messages`);
});

test("a slow reader ends up with what is remembered, and nothing that was forgotten", async () => {
  await using playground = fixture({ maxWorkers: 32 });
  await using reader = await Reader.open(playground);
  for (let round = 0; round < 4; round++) {
    await playground.post("/api/jobs", {
      kind: "sleep",
      executor: "loop",
      count: 1000,
      parameters: { ms: 0 },
    });
    await until(async () => {
      const { counts } = await playground.get<{ counts: Record<string, number> }>("/api/jobs");
      return (counts.pending === 0 && counts.running === 0) || undefined;
    });
  }
  const { jobs } = await playground.get<{ jobs: JobRow[] }>("/api/jobs?limit=1000");
  const remembered = new Set(jobs.map(({ id }) => id));
  const newest = new Set(jobs.slice(0, 200).map(({ id }) => id));
  const known = new Set<string>();
  await reader.until(({ event, data }) => {
    if (event === "snapshot") known.clear();
    for (const { id } of data.jobs) known.add(id);
    for (const id of data.forgotten) known.delete(id);
    return known.isSubsetOf(remembered) && newest.isSubsetOf(known);
  });
});

test("the stream ends when the server stops", async () => {
  await using playground = fixture();
  await using reader = await Reader.open(playground);
  await reader.next();
  playground.stop();
  assert.equal(await reader.next(), undefined);
});

test("streams are limited in number, and one that leaves makes room", async () => {
  await using playground = fixture();
  const readers: Reader[] = [];
  for (let i = 0; i < 16; i++) readers.push(await Reader.open(playground));
  const refused = await playground.ask("/api/events");
  assert.ok(refused.headers.has("retry-after"));
  await problem(refused, 429);
  await readers.pop()?.[Symbol.asyncDispose]();
  const again = await until(async () => {
    const response = await playground.ask("/api/events");
    if (response.status === 200) return new Reader(response);
    await response.body?.cancel();
    return undefined;
  });
  readers.push(again);
  for (const reader of readers) await reader[Symbol.asyncDispose]();
});
