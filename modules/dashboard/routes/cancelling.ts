// Routes that cancel jobs: the one thing that can be done to anybody's.

import {
  bulkCancelBody,
  bulkCancelled,
  cancelBody,
  cancelled,
  type JobFilter,
} from "../contract.ts";
import { Problem, quote } from "../problem.ts";
import { rowFrom } from "../record/database.ts";
import { rowOf } from "../record/job.ts";
import type { Recorder } from "../record/recorder.ts";
import { answers, createRoute, jobId, mayTake, refuses, routes, takes } from "./route.ts";

/** What the futures of cancelled jobs are rejected for. */
const REASON = "cancelled in the playground";

export function cancellingRoutes(recorder: Recorder) {
  return routes()
    .openapi(
      createRoute({
        method: "post",
        path: "/api/jobs/{id}/cancel",
        summary: "Cancel a job; one that runs must be interrupted",
        request: { params: jobId, ...mayTake(cancelBody) },
        responses: { 200: answers(cancelled, "Whether it is cancelled now"), ...refuses(400, 404) },
      }),
      (c) => {
        const { id } = c.req.valid("param");
        const { interrupt = false } = c.req.valid("json");
        return c.json(cancelOne(recorder, id, interrupt), 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/api/jobs/cancel",
        summary: "Cancel the jobs that a filter finds",
        request: takes(bulkCancelBody),
        responses: { 200: answers(bulkCancelled, "How many"), ...refuses(400) },
      }),
      async (c) => {
        const { filter, interrupt } = c.req.valid("json");
        return c.json(await cancelAll(recorder, filter, interrupt), 200);
      },
    );
}

function cancelOne(recorder: Recorder, id: string, interrupt: boolean) {
  const job = recorder.get(id);
  if (job !== undefined) {
    const done = job.future?.cancel({ interrupt, reason: REASON }) ?? false;
    return { cancelled: done, job: rowOf(job) };
  }
  const row = recorder.history.find(id);
  if (row === undefined) throw new Problem(404, `Cannot find job: no job ${quote(id)} is known`);
  return { cancelled: false, job: rowFrom(row) };
}

async function cancelAll(recorder: Recorder, filter: JobFilter, interrupt: boolean) {
  const unsettled = ["pending", "running"] as const;
  const rows = await recorder.history.select(filter, unsettled, Number.MAX_SAFE_INTEGER);
  let cancelled = 0;
  for (const { id } of rows) {
    const future = recorder.get(id as string)?.future;
    if (future?.cancel({ interrupt, reason: REASON })) cancelled++;
  }
  return { matched: rows.length, cancelled };
}
