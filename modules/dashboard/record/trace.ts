// The session as a trace that Perfetto and Chrome open: jobs as slices on the threads of their workers.

import { type TracedCall, traceText } from "@concurrent/futures/record";
import { rowFrom } from "./database.ts";
import type { Recorder } from "./recorder.ts";

/** Jobs that are read at once. */
const PAGE = 500;

/** Writes the trace piece by piece: it may be large. */
export function traceOf(recorder: Recorder): Generator<string> {
  const names = [...recorder.series.keys()];
  const workers = recorder.workers.all();
  return traceText({
    executors: names.map((name) => ({
      name,
      workers: workers.filter(({ executor }) => executor === name),
    })),
    calls: callsOf(recorder, names),
    now: performance.timeOrigin + performance.now(),
  });
}

function* callsOf(recorder: Recorder, names: readonly string[]): Generator<TracedCall> {
  for (const rows of recorder.history.pages(PAGE)) {
    for (const row of rows) {
      const { number, id, kind, submittedAt, startedAt, finishedAt, worker, ...job } = rowFrom(row);
      const { state, reason, priority, attempts, summary, error } = job;
      const details = { job: number, id, state, reason, priority, attempts, summary, error };
      const to = finishedAt ?? undefined;
      // Of one that was run again the last run is known, and how many there were.
      const run = { worker: worker?.id, to, outcome: reason ?? state };
      yield {
        executor: names.indexOf(job.executor),
        id: number,
        name: kind,
        submittedAt,
        settledAt: to,
        runs: startedAt === null ? [] : [{ ...run, from: startedAt }],
        details,
      };
    }
  }
}
