// The worker's side of a trace: a call that is followed runs inside a span of its own, whose parent is the span of whoever
// submitted it — if an OpenTelemetry SDK is registered here. If none is, nothing is loaded, and the host makes the span.

import type * as Api from "@opentelemetry/api";
import { openLink } from "../core/call_links.ts";
import type { AnyFunction } from "../core/task.ts";
import { findTaskContext, type OpenContext } from "../core/task_context.ts";
import type { WorkerIdentity } from "../core/worker_identity.ts";
import { attributesOf, OUTCOME, type Rider, readRider, SCOPE, SERVICE } from "./rider.ts";

/** Where the API keeps what is registered, so that its copies share it. */
const REGISTRY = Symbol.for("opentelemetry.js.api.1");

/** The API, once it is loaded, and how it is. */
let api: typeof Api | undefined;
let loading: Promise<typeof Api | undefined> | undefined;

/** Workers of this realm whose host knows that they make their spans. */
const told = new WeakSet<WorkerIdentity>();

/** Has calls run in a realm that has the API already: the host's own event loop. */
export function useApi(known: typeof Api): void {
  api = known;
}

/** Makes of a task's function the one that is given a rider, and the number of lost runs, behind its arguments. */
export function wrap(fn: AnyFunction): AnyFunction {
  const followed = (...args: unknown[]): unknown => {
    const losses = args.pop();
    const rider = readRider(args.pop());
    if (rider === undefined || !isRegistered()) return fn(...args);
    const context = findTaskContext();
    if (context === undefined) return fn(...args);
    const run = (found: typeof Api) =>
      runInside(found, rider, Number(losses) + 1, fn, args, context);
    if (api !== undefined) return run(api);
    loading ??= import("@opentelemetry/api").catch(() => undefined);
    return loading.then((found) => {
      api = found;
      return found === undefined ? fn(...args) : run(found);
    });
  };
  // For messages about it.
  return Object.defineProperty(followed, "name", { value: fn.name });
}

/** Whether somebody has registered who makes spans. */
function isRegistered(): boolean {
  const registry = (globalThis as { [REGISTRY]?: { trace?: unknown } })[REGISTRY];
  return registry?.trace !== undefined;
}

/** The context within which spans are children of the one that a rider tells of. */
export function within(
  { context, createTraceState, trace }: typeof Api,
  { traceId, spanId, traceFlags, traceState }: Rider,
): Api.Context {
  return trace.setSpanContext(context.active(), {
    traceId,
    spanId,
    traceFlags,
    isRemote: true,
    ...(traceState === undefined ? {} : { traceState: createTraceState(traceState) }),
  });
}

function runInside(
  api: typeof Api,
  rider: Rider,
  attempt: number,
  fn: AnyFunction,
  args: unknown[],
  call: OpenContext,
): unknown {
  sayThatSpansAreMade(call);
  const { context, SpanKind, trace } = api;
  const { task, executor, submittedAt } = rider;
  const parent = within(api, rider);
  const waited = performance.timeOrigin + performance.now() - submittedAt;
  const { id: callId, worker } = call;
  const facts = { task, executor, callId, worker, attempt, waited };
  const span = trace
    .getTracer(SCOPE)
    .startSpan(`run ${task}`, { kind: SpanKind.CONSUMER, attributes: attributesOf(facts) }, parent);
  let returned: unknown;
  try {
    returned = context.with(trace.setSpan(parent, span), fn, undefined, ...args);
  } catch (error) {
    endSpan(span, error);
    throw error;
  }
  const later = promiseOf(returned);
  if (later === undefined) {
    endSpan(span);
    return returned;
  }
  later.then(
    () => endSpan(span),
    (error: unknown) => endSpan(span, error),
  );
  return later;
}

/** The host makes the spans of workers that have not said so. */
function sayThatSpansAreMade(call: OpenContext): void {
  if (told.has(call.worker)) return;
  told.add(call.worker);
  openLink(SERVICE, () => DEAF, { context: call });
}

const DEAF = { took() {}, ended() {} };

/** A promise of what can be awaited. Its `then` is looked up once: that may be a getter of the user's. */
function promiseOf(value: unknown): Promise<unknown> | undefined {
  if ((typeof value !== "object" || value === null) && typeof value !== "function")
    return undefined;
  const { then } = value as PromiseLike<unknown>;
  if (typeof then !== "function") return undefined;
  return new Promise((resolve, reject) => Reflect.apply(then, value, [resolve, reject]));
}

/** Ends the span of a run that has failed, if there is an error, or else has finished. */
function endSpan(span: Api.Span, ...failure: [] | [error: unknown]): void {
  span.setAttribute(OUTCOME, failure.length === 0 ? "finished" : "failed");
  if (failure.length > 0) noteError(span, failure[0]);
  span.end();
}

/** SpanStatusCode.ERROR: an enumeration of the API, which is not loaded for it. */
const ERROR = 2;

/** Notes why a span failed. Whatever was thrown, this does not throw. */
export function noteError(span: Api.Span, error: unknown): void {
  try {
    const message = error instanceof Error ? error.message : String(error);
    span.setStatus({ code: ERROR, message });
    span.recordException(error instanceof Error ? error : message);
  } catch {
    span.setStatus({ code: ERROR });
  }
}
