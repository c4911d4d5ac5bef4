// The session as a Chrome trace: jobs as slices on the threads of their workers. Perfetto and Chrome open it.
//
// The format is the JSON one of "Trace Event Format": https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU

import type { JobRow } from "../contract.ts";
import { rowFrom } from "./database.ts";
import type { Recorder } from "./recorder.ts";

/** Jobs that are written at once. */
const PAGE = 500;

/** Writes the trace piece by piece: it may be large. */
export function* traceOf(recorder: Recorder): Generator<string> {
  const executors = [...recorder.series.keys()];
  const now = performance.timeOrigin + performance.now();
  const names = executors.map((name, i) => metadata("process_name", i + 1, 0, name));
  const threads = recorder.workers.all().map(({ executor, id, name }) => {
    return metadata("thread_name", executors.indexOf(executor) + 1, id + 1, name);
  });
  yield `{"displayTimeUnit":"ms","traceEvents":[\n${[...names, ...threads].map(json).join(",\n")}`;
  for (const rows of recorder.history.pages(PAGE)) {
    const events = rows.flatMap((row) => {
      const job = rowFrom(row);
      return eventsOf(job, executors.indexOf(job.executor) + 1, now);
    });
    if (events.length > 0) yield `,\n${events.map(json).join(",\n")}`;
  }
  yield "\n]}\n";
}

/** A job: how long it waited, which may overlap with others, and its run. */
function eventsOf(job: JobRow, pid: number, now: number): object[] {
  const { kind: name, number, submittedAt, startedAt } = job;
  const end = job.finishedAt ?? now;
  const waiting = { name, cat: "queue", id: number, pid, tid: 0 };
  const events: object[] = [
    { ...waiting, ph: "b", ts: micros(submittedAt) },
    { ...waiting, ph: "e", ts: micros(startedAt ?? end) },
  ];
  if (startedAt === null) return events;
  const { state, reason, priority, attempts, summary } = job;
  events.push({
    name,
    cat: reason ?? state,
    ph: "X",
    pid,
    tid: (job.worker?.id ?? -1) + 1,
    ts: micros(startedAt),
    dur: micros(Math.max(0, end - startedAt)),
    args: { job: number, id: job.id, state, reason, priority, attempts, summary, error: job.error },
  });
  return events;
}

function metadata(name: string, pid: number, tid: number, value: string): object {
  return { name, ph: "M", pid, tid, ts: 0, args: { name: value } };
}

/** The format counts microseconds; thousandths of one are enough. */
function micros(ms: number): number {
  return Math.round(ms * 1e6) / 1000;
}

function json(event: object): string {
  return JSON.stringify(event);
}
