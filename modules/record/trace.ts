// The trace format that Perfetto and Chrome open: calls as slices on the threads of their workers, with an arrow from where
// each was submitted.
//
// It is the JSON one of "Trace Event Format": https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU

/** One executor of a trace, which is drawn as a process. */
export interface TracedExecutor {
  /** Its name. */
  readonly name: string;
  /** The workers it has had, each of which is drawn as a thread. */
  readonly workers: Iterable<{ readonly id: number; readonly name: string }>;
}

/** One time that a call was run. */
export interface TracedRun {
  /** The worker's id; undefined where nobody knows it. */
  readonly worker: number | undefined;
  /** When it began, in milliseconds since the Unix epoch. */
  readonly from: number;
  /** When it ended; undefined while it goes on. */
  readonly to: number | undefined;
  /** How: `finished`, `failed`, `cancelled`, `lost`, `running`. */
  readonly outcome: string;
}

/** One call. */
export interface TracedCall {
  /** Which of the executors it was submitted to, counted from 0. */
  readonly executor: number;
  /** Its number there. */
  readonly id: number;
  /** What it is called. */
  readonly name: string;
  /** When it was submitted, in milliseconds since the Unix epoch. */
  readonly submittedAt: number;
  /** When it settled; undefined while it waits or runs. */
  readonly settledAt: number | undefined;
  /** Each time it was run: more than one where a worker was lost. */
  readonly runs: readonly TracedRun[];
  /** What else is told of it: plain values. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A moment that concerns one worker. */
export interface TracedMoment {
  /** Which of the executors, counted from 0. */
  readonly executor: number;
  /** The worker's id. */
  readonly worker: number;
  /** When, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** What happened. */
  readonly name: string;
}

/** What a trace is made of. */
export interface Traced {
  /** The executors. */
  readonly executors: readonly TracedExecutor[];
  /** Their calls; read once, one after the other. */
  readonly calls: Iterable<TracedCall>;
  /** Moments of their workers. */
  readonly moments?: Iterable<TracedMoment>;
  /** Now, in milliseconds since the Unix epoch: what is not over is drawn up to here. */
  readonly now: number;
  /** What is told of the whole. */
  readonly about?: Readonly<Record<string, unknown>>;
}

/** So many characters are written at once. */
const PIECE = 64 * 1024;

/** On the first line of a process stands what was submitted; workers follow. */
const SUBMITS = 0;

/**
 * Writes a trace, piece by piece: it may be large.
 *
 * @example One call
 * ```ts
 * import assert from "node:assert/strict";
 * import { traceText } from "@concurrent/futures/record";
 *
 * const run = { worker: 0, from: 2, to: 5, outcome: "finished" };
 * const call = { executor: 0, id: 7, name: "resize", submittedAt: 1, settledAt: 5, runs: [run] };
 * const executors = [{ name: "pool", workers: [{ id: 0, name: "pool_0" }] }];
 * const { traceEvents } = JSON.parse([...traceText({ executors, calls: [call], now: 9 })].join(""));
 * const slice = traceEvents.find(({ cat }: { cat?: string }) => cat === "finished");
 * assert.deepEqual([slice.name, slice.ts, slice.dur], ["resize", 2000, 3000]);
 * ```
 */
export function* traceText(traced: Traced): Generator<string, void> {
  const about = traced.about === undefined ? "" : `"otherData":${JSON.stringify(traced.about)},`;
  let piece = `{"displayTimeUnit":"ms",${about}"traceEvents":[`;
  let before = "\n";
  for (const event of eventsOf(traced)) {
    piece += `${before}${JSON.stringify(event)}`;
    before = ",\n";
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  yield `${piece}\n]}\n`;
}

/** A slice on the thread of a worker: one run, by the moment it began and the milliseconds it took. */
export function sliceOf(
  name: string,
  outcome: string,
  [pid, tid]: readonly [pid: number, tid: number],
  from: number,
  ms: number,
  details: Readonly<Record<string, unknown>> | undefined,
): object {
  const dur = micros(Math.max(0, ms));
  const slice = { name, cat: outcome, ph: "X", pid, tid, ts: micros(from), dur };
  return details === undefined ? slice : { ...slice, args: details };
}

function* eventsOf({ executors, calls, moments = [], now }: Traced): Generator<object> {
  for (const [index, { name, workers }] of executors.entries()) {
    const pid = index + 1;
    yield metadata("process_name", pid, SUBMITS, name);
    yield metadata("thread_name", pid, SUBMITS, "submitted");
    for (const worker of workers) yield metadata("thread_name", pid, worker.id + 1, worker.name);
  }
  for (const call of calls) yield* eventsOfCall(call, now);
  for (const { executor, worker, at, name } of moments) {
    const place = { pid: executor + 1, tid: worker + 1 };
    yield { name, cat: "worker", ph: "i", s: "t", ...place, ts: micros(at) };
  }
}

/** That it was submitted, how long it waited, which may overlap with others, and each run, with an arrow that leads to it. */
function* eventsOfCall(call: TracedCall, now: number): Generator<object> {
  const { executor, name, submittedAt, settledAt, runs, details } = call;
  const pid = executor + 1;
  const id = `${pid}.${call.id}`;
  const [first] = runs;
  const submitted = { pid, tid: SUBMITS, ts: micros(submittedAt) };
  yield { name, cat: "submit", ph: "X", dur: 1, ...submitted };
  const waiting = { name, cat: "queue", id, pid, tid: SUBMITS };
  yield { ...waiting, ph: "b", ts: micros(submittedAt) };
  yield { ...waiting, ph: "e", ts: micros(first?.from ?? settledAt ?? now) };
  if (first !== undefined) yield { name: "call", cat: "flow", ph: "s", id, ...submitted };
  for (const [index, { worker, from, to = now, outcome }] of runs.entries()) {
    const tid = (worker ?? -1) + 1;
    yield sliceOf(name, outcome, [pid, tid], from, to - from, details);
    // A step on the way, but for the last run, at which the arrow ends.
    const ph = index === runs.length - 1 ? { ph: "f", bp: "e" } : { ph: "t" };
    yield { name: "call", cat: "flow", ...ph, id, pid, tid, ts: micros(from) };
  }
}

function metadata(name: string, pid: number, tid: number, value: string): object {
  return { name, ph: "M", pid, tid, ts: 0, args: { name: value } };
}

/** The format counts microseconds; thousandths of one are enough. */
function micros(ms: number): number {
  return Math.round(ms * 1e6) / 1000;
}
