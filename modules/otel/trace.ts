// trace: follows the calls of an executor by spans of OpenTelemetry.
//
//   host    ── submit resize ──┐ (PRODUCER: from the call of submit to its return)
//                              └─ run resize ──────────────┐ (CONSUMER: one for each time it is run)
//   worker                        └─ whatever the task does there
//
// The span of a run is made where the task runs, so that spans of its own are inside it. A worker without an SDK makes none:
// then the host does, afterwards, of what it has observed; and so it does of runs that were lost with their workers.

import * as api from "@opentelemetry/api";
import { serveLinks } from "../core/call_links.ts";
import { type CallTracer, traceCalls } from "../core/call_tracer.ts";
import type { TaskEvent } from "../core/events.ts";
import type { Executor } from "../core/executor.ts";
import { readOptions } from "../core/options.ts";
import type { AnyFunction } from "../core/task.ts";
import type { WorkerIdentity } from "../core/worker_identity.ts";
import { attributesOf, OUTCOME, readRider, SCOPE, SERVICE, writeRider } from "./rider.ts";
import { noteError, useApi, within, wrap } from "./worker_side.ts";

/** How calls are followed. */
export interface TraceOptions {
  /** Who makes the host's spans. Default: the tracer provider that is registered with `@opentelemetry/api`. */
  tracerProvider?: api.TracerProvider;
}

/** A call that is followed and has not settled. */
interface Followed {
  readonly task: string;
  readonly submittedAt: number;
  /** The span it was submitted by. */
  readonly parent: api.SpanContext;
  /** The run that is going on. */
  run: { readonly worker: WorkerIdentity; readonly from: number } | undefined;
  /** How often it was run before. */
  runs: number;
}

/** Workers that make the spans of their runs themselves. */
const independent = new WeakSet<WorkerIdentity>();

/** The epoch's milliseconds now, on the clock of events. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Follows every call of an executor that is submitted from now on, until it is disposed of.
 *
 * Each `submit`, `stream`, `map` or `broadcast`, each actor that is made and each call of its methods is a span of the kind PRODUCER, whose parent is the span that is active there; each time a
 * call is run is a span of the kind CONSUMER, its child. The W3C trace context goes with the call: where an OpenTelemetry SDK
 * is registered in the worker (by the module of the task, say, or by an `initializer`), the task runs inside the span of its run, and spans
 * that it makes are in the same trace. What a worker has not exported when it is killed is gone with it.
 *
 * Attributes: `futures.task`, `futures.executor`, `futures.call.id`, `futures.worker.id`, `futures.worker.name`,
 * `futures.attempt` (from 1 on), `futures.wait_ms` (from submission to the beginning of the run), and of a run `futures.outcome`:
 * `finished`, `failed`, `cancelled` or `lost`.
 *
 * The trace context goes along with the jobs of a queue, too: of an agent whose own executor is traced (`serveQueue({ executor })`)
 * the spans are children of the submitter's, who makes a span of each run besides, as seen from there. What `broadcast` remembers for
 * later workers is not followed there.
 *
 * Calls that a sampler leaves out go with their trace context all the same, as W3C wants it. Where no SDK is registered, nothing
 * is followed and calls cost what they cost before.
 *
 * @example A trace of one call
 * ```ts
 * import assert from "node:assert/strict";
 * import { trace } from "@concurrent/futures/otel";
 * import { EventLoopExecutor } from "@concurrent/futures";
 *
 * await using pool = new EventLoopExecutor();
 * using traced = trace(pool);
 * assert.equal(await pool.submit((n: number) => n + 1, 1), 2);
 * ```
 *
 * @throws {TypeError} For what is no executor whose calls can be followed, and for an option that there is not.
 * @throws {InvalidStateError} When it is traced already.
 */
export function trace(executor: Executor, options?: TraceOptions): Disposable {
  const { tracerProvider } = readOptions(options, ["tracerProvider"], "trace");
  return new Trace(executor, (tracerProvider ?? api.trace).getTracer(SCOPE));
}

class Trace implements CallTracer, Disposable {
  readonly around: string = new URL("./worker_side.ts", import.meta.url).href;
  readonly #executor: string;
  readonly #tracer: api.Tracer;
  // No DisposableStack: Node has it since 24.
  readonly #ends: Disposable[] = [];
  readonly #open = new Map<number, Followed>();
  /** The span of what is being submitted now. */
  #submitting: api.Span | undefined = undefined;

  constructor(executor: Executor, tracer: api.Tracer) {
    this.#executor = executor.name;
    this.#tracer = tracer;
    this.#ends.push(traceCalls(executor, this));
    this.#ends.push(executor.observe((event) => this.#note(event)));
    useApi(api);
    serveLinks(SERVICE, (link, { worker }) => {
      independent.add(worker);
      link.close();
      return { took() {}, ended() {} };
    });
  }

  [Symbol.dispose](): void {
    for (const end of this.#ends.splice(0).reverse()) end[Symbol.dispose]();
    this.#open.clear();
  }

  // As CallTracer.

  wrap(fn: AnyFunction): AnyFunction {
    return wrap(fn);
  }

  begin(task: string, from?: string): string | undefined {
    try {
      const attributes = { "futures.task": task, "futures.executor": this.#executor };
      const kind = api.SpanKind.PRODUCER;
      const rider = readRider(from);
      const parent = rider === undefined ? api.context.active() : within(api, rider);
      const span = this.#tracer.startSpan(`submit ${task}`, { kind, attributes }, parent);
      const context = span.spanContext();
      if (!api.isSpanContextValid(context)) return undefined;
      this.#submitting = span;
      return writeRider(context, now(), task, this.#executor);
    } catch {
      // An SDK that throws must not keep anybody from submitting.
      return undefined;
    }
  }

  submitted(error?: unknown): void {
    const span = this.#submitting;
    this.#submitting = undefined;
    try {
      if (span !== undefined && error !== undefined) noteError(span, error);
      span?.end();
    } catch {
      // An SDK that throws must not keep anybody from submitting.
    }
  }

  // As an observer.

  #note(event: TaskEvent): void {
    switch (event.type) {
      case "submitted": {
        const parent = contextOf(event.traceparent);
        if (parent === undefined) return;
        const { id, task, at: submittedAt } = event;
        this.#open.set(id, { task, submittedAt, parent, run: undefined, runs: 0 });
        return;
      }
      case "started": {
        const call = this.#open.get(event.id);
        if (call === undefined) return;
        call.run = { worker: event.worker, from: event.at };
        return;
      }
      case "settled": {
        const call = this.#open.get(event.id);
        if (call === undefined) return;
        this.#open.delete(event.id);
        const { outcome, error, at } = event;
        if (call.run !== undefined && !independent.has(call.run.worker))
          this.#makeRun(event.id, call, at, outcome, error);
        return;
      }
      case "worker-exited": {
        // Told before what comes of its calls. What it has not exported is gone, whoever was to make the spans.
        const { worker, exitCode, signal, at } = event;
        const why = `worker ${worker.id} ended (${signal ?? exitCode ?? "unknown"})`;
        for (const [id, call] of this.#open)
          if (call.run?.worker.id === worker.id) this.#makeRun(id, call, at, "lost", why);
        return;
      }
      case "worker-started":
      case "progress":
      case "hold":
      case "console":
        return;
      default:
        event satisfies never;
    }
  }

  /** Makes the span of a run that is over. */
  #makeRun(id: number, call: Followed, at: number, outcome: string, error: unknown): void {
    const { run, task, submittedAt, parent } = call;
    if (run === undefined) return;
    call.run = undefined;
    call.runs++;
    const attributes = attributesOf({
      task,
      executor: this.#executor,
      callId: id,
      worker: run.worker,
      attempt: call.runs,
      waited: run.from - submittedAt,
    });
    const span = this.#tracer.startSpan(
      `run ${task}`,
      { kind: api.SpanKind.CONSUMER, startTime: run.from, attributes },
      api.trace.setSpanContext(api.ROOT_CONTEXT, parent),
    );
    span.setAttribute(OUTCOME, outcome);
    if (outcome !== "finished") noteError(span, error);
    span.end(at);
  }
}

/** The context of the span that a call was submitted by. */
function contextOf(traceparent: string | undefined): api.SpanContext | undefined {
  const [, traceId, spanId, flags] = traceparent?.split("-") ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}
