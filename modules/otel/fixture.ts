// What the tests of traces need on every runtime: tasks, a worker with a real SDK, a collector that it exports to, and the
// proof that one trace leads through all of them.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import {
  context,
  type TracerProvider as Provider,
  SpanKind,
  trace as spans,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { type Executor, importTasks, type PoolExecutor, type PoolOptions } from "../../mod.ts";
import { trace } from "./mod.ts";

/** The functions of this file that are tasks. */
interface Functions {
  register: typeof register;
  work: typeof work;
  fail: typeof fail;
  count: typeof count;
  exitOnce: typeof exitOnce;
  Counter: typeof Counter;
}

export const tasks = importTasks<Functions>(import.meta.url);

// Tasks.

/** Has an SDK in this worker, which exports to `url`. */
export function register(url: string): void {
  registerSdk(new OTLPTraceExporter({ url }));
}

/** Makes a span of its own, behind an `await`, and tells where it ran. */
export async function work(n: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve));
  return spans.getTracer("test").startActiveSpan("inner", (span) => {
    span.setAttribute("pid", process.pid);
    span.end();
    return 2 * n;
  });
}

/** Makes a span in each of its methods. */
export class Counter {
  #count: number;

  constructor(from: number) {
    this.#count = from;
    spans.getTracer("test").startSpan("made").end();
  }

  async add(n: number): Promise<number> {
    await work(n);
    this.#count += n;
    return this.#count;
  }
}

export function fail(message: string): never {
  throw new RangeError(message);
}

export function* count(to: number): Generator<number> {
  for (let n = 1; n <= to; n++) {
    spans.getTracer("test").startSpan(`item ${n}`).end();
    yield n;
  }
}

/** Ends its worker the first time; the file that it is given tells which that is. */
export function exitOnce(mark: string): string {
  if (existsSync(mark)) return "alive";
  writeFileSync(mark, "");
  process.exit(3);
}

// The SDK.

function registerSdk(exporter: SpanExporter): Provider {
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  spans.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return provider;
}

/** A span, as it is looked at here. */
export interface SeenSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** An SDK in this program, whose spans can be looked at. */
export class HostSdk implements Disposable {
  readonly #exporter = new InMemorySpanExporter();

  constructor() {
    registerSdk(this.#exporter);
  }

  get spans(): SeenSpan[] {
    return this.#exporter.getFinishedSpans().map((span: ReadableSpan) => ({
      name: span.name,
      kind: span.kind,
      traceId: span.spanContext().traceId,
      spanId: span.spanContext().spanId,
      parent: span.parentSpanContext?.spanId,
      attributes: span.attributes,
    }));
  }

  reset(): void {
    this.#exporter.reset();
  }

  [Symbol.dispose](): void {
    spans.disable();
    context.disable();
  }
}

/** A collector of OTLP over HTTP, on this machine. */
export class Collector implements AsyncDisposable {
  readonly spans: SeenSpan[] = [];
  readonly #server = createServer((request, response) => {
    const pieces: Uint8Array[] = [];
    request.on("data", (piece: Uint8Array) => pieces.push(piece));
    request.on("end", () => {
      this.#take(JSON.parse(Buffer.concat(pieces).toString()));
      response.setHeader("content-type", "application/json");
      response.end("{}");
    });
  });

  /** Starts one; returns its address, too. */
  static async start(): Promise<[Collector, string]> {
    const collector = new Collector();
    await new Promise<void>((resolve) => collector.#server.listen(0, "127.0.0.1", resolve));
    const { port } = collector.#server.address() as AddressInfo;
    return [collector, `http://127.0.0.1:${port}/v1/traces`];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take({ resourceSpans }: { resourceSpans: OtlpSpans[] }): void {
    for (const { scopeSpans } of resourceSpans) {
      for (const { spans } of scopeSpans) {
        for (const { parentSpanId, attributes = [], ...span } of spans) {
          const values = attributes.map(
            ({ key, value }) => [key, Object.values(value)[0]] as const,
          );
          this.spans.push({
            ...span,
            // Counted from 1 there.
            kind: span.kind - 1,
            parent: parentSpanId || undefined,
            attributes: Object.fromEntries(values),
          });
        }
      }
    }
  }
}

interface OtlpSpans {
  readonly scopeSpans: readonly {
    readonly spans: readonly {
      readonly name: string;
      readonly kind: number;
      readonly traceId: string;
      readonly spanId: string;
      readonly parentSpanId?: string;
      readonly attributes?: readonly { key: string; value: Record<string, unknown> }[];
    }[];
  }[];
}

/** Waits for a condition. */
export async function until(isMet: () => boolean): Promise<void> {
  while (!isMet()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Runs something within a span. */
export function inSpan<R>(name: string, run: () => R): R {
  return spans.getTracer("test").startActiveSpan(name, (span) => {
    try {
      return run();
    } finally {
      span.end();
    }
  });
}

/** The one span of that name. */
export function only(all: readonly SeenSpan[], name: string): SeenSpan {
  const found = all.filter((span) => span.name === name);
  assert.equal(found.length, 1, `"${name}" among ${all.map((span) => span.name)}`);
  return found[0] as SeenSpan;
}

/** Proves that one trace leads from the host to the spans that a task makes in its worker, which has an SDK of its own. */
export async function proveOneTrace(
  create: (options: PoolOptions) => PoolExecutor,
  isProcess: boolean,
): Promise<void> {
  const [collector, url] = await Collector.start();
  await using _ = collector;
  using host = new HostSdk();
  const pool = create({ maxWorkers: 2, initializer: tasks.register, initializerArgs: [url] });
  using traced = trace(pool);
  try {
    assert.equal(await inSpan("request", () => pool.submit(tasks.work, 21)), 42);
    const names = ["inner", "run work"];
    await until(() => names.every((name) => collector.spans.some((span) => span.name === name)));
    const [request, submit] = ["request", "submit work"].map((name) => only(host.spans, name));
    const [run, inner] = ["run work", "inner"].map((name) => only(collector.spans, name));
    assert.ok(request && submit && run && inner);
    for (const { traceId } of [submit, run, inner]) assert.equal(traceId, request.traceId);
    assert.deepEqual(
      [submit.parent, run.parent, inner.parent],
      [request.spanId, submit.spanId, run.spanId],
    );
    assert.deepEqual([submit.kind, run.kind], [SpanKind.PRODUCER, SpanKind.CONSUMER]);
    assert.deepEqual(
      ["task", "executor", "attempt", "outcome", "worker.id"].map(
        (name) => run.attributes[`futures.${name}`],
      ),
      ["work", pool.name, 1, "finished", 0],
    );
    assert.ok((run.attributes["futures.wait_ms"] as number) >= 0);
    assert.equal(inner.attributes.pid !== process.pid, isProcess);
    assert.equal(host.spans.filter(({ name }) => name === "run work").length, 0, "made once");
    const chain = async (run: () => unknown, submitted: string, ran: string, last: string) => {
      host.reset();
      collector.spans.length = 0;
      const told = await inSpan("request", run);
      await until(() => collector.spans.some(({ name }) => name === ran));
      const line = [only(host.spans, "request"), only(host.spans, submitted)];
      line.push(only(collector.spans, ran), only(collector.spans, last));
      for (const [at, { spanId }] of line.slice(0, -1).entries())
        assert.equal(line[at + 1]?.parent, spanId);
      return told;
    };
    const tell = () => Promise.all(pool.broadcast(tasks.work, 1));
    assert.deepEqual(await chain(tell, "submit work", "run work", "inner"), [2]);
    const make = () => pool.actor(tasks.Counter, 1);
    const made = await chain(make, "submit new Counter", "run new Counter", "made");
    await using counter = made as Awaited<ReturnType<typeof make>>;
    const add = () => counter.add(2);
    assert.equal(await chain(add, "submit Counter.add", "run Counter.add", "inner"), 3);
    await counter[Symbol.asyncDispose]();
    traced[Symbol.dispose]();
    host.reset();
    await inSpan("request", () => pool.submit(tasks.work, 1));
    assert.deepEqual(
      host.spans.map(({ name }) => name),
      ["request"],
      "nobody traces any more",
    );
  } finally {
    await pool.shutdown();
  }
}

/** Proves what the host tells of workers that have no SDK: of calls, of a map, of failures and of lost workers. */
export async function proveHostsSpans(
  create: (options: PoolOptions) => Executor,
  mark: string,
): Promise<void> {
  using host = new HostSdk();
  await using pool = create({ maxWorkers: 1 });
  using _ = trace(pool);
  assert.equal(await pool.submit(tasks.work, 2), 4);
  const submit = only(host.spans, "submit work");
  const run = only(host.spans, "run work");
  assert.deepEqual([run.parent, run.traceId], [submit.spanId, submit.traceId]);
  assert.equal(run.attributes["futures.outcome"], "finished");

  host.reset();
  const results = await Array.fromAsync(pool.map(tasks.work, [1, 2, 3]));
  assert.deepEqual(results, [2, 4, 6]);
  const mapped = only(host.spans, "submit work");
  const runs = host.spans.filter(({ name }) => name === "run work");
  assert.deepEqual(
    runs.map(({ parent }) => parent),
    Array.from({ length: 3 }, () => mapped.spanId),
  );

  host.reset();
  assert.ok((await pool.submit(tasks.fail, "no").exception()) instanceof RangeError);
  assert.equal(only(host.spans, "run fail").attributes["futures.outcome"], "failed");

  host.reset();
  assert.deepEqual(await Array.fromAsync(pool.stream(tasks.count, 3)), [1, 2, 3]);
  assert.equal(only(host.spans, "run count").parent, only(host.spans, "submit count").spanId);

  host.reset();
  assert.equal(await pool.submit(tasks.exitOnce.with({ retries: 1 }), mark), "alive");
  const tries = host.spans.filter(({ name }) => name === "run exitOnce");
  assert.deepEqual(
    tries.map(({ attributes }) => [attributes["futures.attempt"], attributes["futures.outcome"]]),
    [
      [1, "lost"],
      [2, "finished"],
    ],
  );
}

/** Gives a path at which nothing is. */
export async function withMark(run: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "futures-otel-"));
  try {
    await run(join(folder, "mark"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
