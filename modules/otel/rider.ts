// Rider: the text that goes with a call which is followed — who submitted it, when, which task, and to which executor.
//
//   00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 1796040000000.5 vendor=1 ["resize","ThreadPoolExecutor-0"]
//   └─ traceparent                                          └─ submitted at └─ tracestate, or "-"
//
// The first is as W3C has it: https://www.w3.org/TR/trace-context/

import type { SpanContext } from "@opentelemetry/api";

/** What a rider says. */
export interface Rider {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  /** What vendors have added, as W3C writes it. */
  readonly traceState: string | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly submittedAt: number;
  /** The names of the task and of the executor. */
  readonly task: string;
  readonly executor: string;
}

/** An absent tracestate. */
const NONE = "-";

const FORM = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2}) ([\d.]+) (\S+) (\[.*\])$/s;

/** Writes one. */
export function writeRider(
  context: SpanContext,
  submittedAt: number,
  task: string,
  executor: string,
): string {
  const { traceId, spanId, traceFlags, traceState } = context;
  const flags = traceFlags.toString(16).padStart(2, "0");
  // Spaces may stand around its commas.
  const state = traceState?.serialize().replaceAll(/\s/g, "") || NONE;
  const names = JSON.stringify([task, executor]);
  return `00-${traceId}-${spanId}-${flags} ${submittedAt} ${state} ${names}`;
}

/** Reads one; undefined for what is none. */
export function readRider(text: unknown): Rider | undefined {
  const found = typeof text === "string" ? FORM.exec(text) : null;
  if (found === null) return undefined;
  const [, traceId = "", spanId = "", flags = "", at = "", state = "", names = ""] = found;
  let task: string;
  let executor: string;
  try {
    [task, executor] = JSON.parse(names) as [string, string];
  } catch {
    // That of a queue's job may be anybody's.
    return undefined;
  }
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    traceState: state === NONE ? undefined : state,
    submittedAt: Number(at),
    task,
    executor,
  };
}

/** What is said of a run, by whichever side makes its span. */
export interface RunFacts {
  readonly task: string;
  readonly executor: string;
  readonly callId: number;
  readonly worker: { readonly id: number; readonly name: string };
  /** Which time it was run, from 1 on. */
  readonly attempt: number;
  /** Milliseconds from its submission to the beginning of this run. */
  readonly waited: number;
}

/** As attributes. */
export function attributesOf(facts: RunFacts): Record<string, string | number> {
  return {
    "futures.task": facts.task,
    "futures.executor": facts.executor,
    "futures.call.id": facts.callId,
    "futures.worker.id": facts.worker.id,
    "futures.worker.name": facts.worker.name,
    "futures.attempt": facts.attempt,
    "futures.wait_ms": facts.waited,
  };
}

/** How a run ended. */
export const OUTCOME = "futures.outcome";

/** The name of our tracers: their instrumentation scope. */
export const SCOPE = "@concurrent/futures";

/** By this name a worker says that it makes the spans of its runs itself. */
export const SERVICE = "otel";
