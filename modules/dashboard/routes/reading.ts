// Routes that only tell: what every page, and every dashboard over somebody's own executors, is made of.

import { z } from "@hono/zod-openapi";
import { stream, streamSSE } from "hono/streaming";
import type { JobDetail, JobFilter, JobRow } from "../contract.ts";
import {
  executorView,
  exportQuery,
  failureGroup,
  jobDetail,
  jobFilter,
  jobsPage,
  jobsQuery,
  runsQuery,
  runView,
  sample,
  snapshot,
  storage,
  timeline,
  timelineQuery,
} from "../contract.ts";
import type { Executors } from "../executors.ts";
import type { LiveFeed } from "../live_feed.ts";
import type { LiveView } from "../live_view.ts";
import { Problem, quote } from "../problem.ts";
import { type DatabaseRow, detailFrom, rowFrom, valuesOf } from "../record/database.ts";
import { csvOf, jsonOf } from "../record/export.ts";
import { groupFailures } from "../record/failures.ts";
import { type Job, rowOf } from "../record/job.ts";
import { METRICS_TYPE, metricsOf } from "../record/metrics.ts";
import type { Recorder } from "../record/recorder.ts";
import { countOf } from "../record/tally.ts";
import { traceOf } from "../record/trace.ts";
import { answers, createRoute, jobId, refuses, routes } from "./route.ts";

/** What reading needs. */
export interface Reading {
  readonly recorder: Recorder;
  readonly executors: Executors;
  readonly view: LiveView;
  readonly feed: LiveFeed;
  /** Tells whether a job could be submitted anew. Default: none can. */
  readonly canRunAgain?: ((kind: string, fileKey: string | null) => boolean) | undefined;
}

export function readingRoutes({ recorder, executors, view, feed, canRunAgain }: Reading) {
  const { history, tally } = recorder;

  return routes()
    .openapi(
      createRoute({
        method: "get",
        path: "/api/snapshot",
        summary: "Everything a page needs to begin",
        description:
          "The header `Last-Event-ID` of the answer is that of the stream's last event: what comes later changes this.",
        responses: { 200: answers(snapshot, "As the stream's first message"), ...refuses() },
      }),
      (c) => {
        // Before it is made, so that what changes meanwhile is told again, and nothing is left out.
        c.header("last-event-id", feed.lastId);
        return c.json(view.snapshot(), 200);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/api/executors",
        summary: "The executors, and what they do",
        responses: {
          200: answers(z.object({ executors: z.array(executorView) }), "The executors"),
          ...refuses(),
        },
      }),
      (c) => c.json({ executors: executors.views() }, 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/api/jobs",
        summary: "A window of the jobs that a filter finds",
        request: { query: jobsQuery },
        responses: { 200: answers(jobsPage, "The jobs, and how many there are"), ...refuses(400) },
      }),
      (c) => {
        const query = c.req.valid("query");
        const { state, reason, sort: _, order: __, offset: ___, limit: ____, ...rest } = query;
        const unfiltered = Object.values(rest).every((value) => value === undefined);
        const groups = unfiltered ? undefined : history.groups(rest);
        const counts = groups === undefined ? tally.view() : countOf(groups);
        const total =
          reason !== undefined
            ? state === undefined || state === "failed"
              ? counts.reasons[reason]
              : 0
            : state !== undefined
              ? counts.states[state]
              : counts.total;
        const jobs = history.list(query).map((row) => latest(recorder, row));
        return c.json({ jobs, total, counts }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/api/runs",
        summary: "What was submitted together, newest first",
        request: { query: runsQuery },
        responses: {
          200: answers(z.object({ runs: z.array(runView) }), "The runs"),
          ...refuses(400),
        },
      }),
      (c) => c.json({ runs: recorder.runs.latest(c.req.valid("query").limit) }, 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/api/samples",
        summary: "What each executor did in the last day, by minutes",
        description:
          "Each figure is the highest of its minute's seconds. The stream has the seconds.",
        responses: {
          200: answers(z.object({ samples: z.array(sample) }), "Oldest first, by executor"),
          ...refuses(),
        },
      }),
      (c) => c.json({ samples: recorder.samples.byMinute() }, 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/api/failures",
        summary: "The failed jobs that a filter finds, by their errors",
        request: { query: jobFilter },
        responses: {
          200: answers(
            z.object({ groups: z.array(failureGroup) }),
            "Those with the most jobs first",
          ),
          ...refuses(400),
        },
      }),
      (c) => c.json({ groups: groupFailures(history.failures(c.req.valid("query"))) }, 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/api/export",
        summary: "The jobs that a filter finds, as a file",
        request: { query: exportQuery },
        responses: {
          200: {
            description: "Rows of CSV, or a list as JSON, oldest first",
            content: {
              "text/csv": { schema: z.string() },
              "application/json": { schema: z.string() },
            },
          },
          ...refuses(400),
        },
      }),
      (c) => {
        const { format, ...filter } = c.req.valid("query");
        const type = format === "csv" ? "text/csv; charset=utf-8" : "application/json";
        c.header("content-type", type);
        c.header("content-disposition", `attachment; filename="jobs.${format}"`);
        const pages = exported(recorder, filter);
        return stream(c, async (to) => {
          for (const piece of format === "csv" ? csvOf(pages) : jsonOf(pages)) {
            if (to.aborted) return;
            await to.write(piece);
            // A turn for others: who reads fast would have all of it in one.
            await new Promise((resolve) => setTimeout(resolve, 0));
          }
        }) as never;
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/api/jobs/{id}",
        summary: "All that is known of a job",
        request: { params: jobId },
        responses: {
          200: answers(z.object({ job: jobDetail }), "The job"),
          ...refuses(404),
        },
      }),
      (c) => c.json({ job: detailOf(recorder, canRunAgain, c.req.valid("param").id) }, 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/api/jobs/{id}/pixels",
        summary: "The picture a job drew: one palette index a pixel, row by row",
        request: { params: jobId },
        responses: {
          200: {
            description: "The pixels",
            content: {
              "application/octet-stream": {
                schema: z.instanceof(Uint8Array).openapi({ type: "string", format: "binary" }),
              },
            },
          },
          ...refuses(404),
        },
      }),
      (c) => {
        const pixels = pixelsOf(recorder, c.req.valid("param").id);
        return c.body(pixels, 200, { "content-type": "application/octet-stream" });
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/api/timeline",
        summary: "The bars of a stretch of time",
        request: { query: timelineQuery },
        responses: { 200: answers(timeline, "Bars and lanes"), ...refuses(400) },
      }),
      (c) => {
        const now = performance.timeOrigin + performance.now();
        const { since, until = now, limit } = c.req.valid("query");
        const bars = recorder.bars(since, until, limit).toSorted((a, b) => a[6] - b[6]);
        const shown = new Set(bars.map((bar) => `${bar[4]} ${bar[3]}`));
        const workers = recorder.workers
          .all()
          .filter(
            ({ id, executor, exitedAt }) => exitedAt === null || shown.has(`${id} ${executor}`),
          );
        return c.json({ workers, bars }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/api/events",
        summary: "What changes, as server-sent events",
        description:
          "The first event is a `snapshot`, or, for a `Last-Event-ID` that is known, an `update` of what came after it. " +
          "At most 20 events a second. A reader that falls too far behind is sent a `snapshot` again.",
        responses: {
          200: {
            description: "The stream",
            content: { "text/event-stream": { schema: z.string() } },
          },
          ...refuses(),
        },
      }),
      (c) => {
        feed.checkRoom();
        const lastId = c.req.header("last-event-id");
        // The stream outlives the handler, whose type knows strings only.
        return streamSSE(c, (to) => feed.serve(to, lastId)) as never;
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/api/trace",
        summary: "The session as a Chrome trace, for Perfetto",
        responses: {
          200: {
            description: "Trace events",
            content: { "application/json": { schema: z.string() } },
          },
          ...refuses(),
        },
      }),
      (c) => {
        c.header("content-type", "application/json");
        c.header("content-disposition", 'attachment; filename="playground-trace.json"');
        return stream(c, async (to) => {
          // Each write waits for the reader, so that a slow one costs nothing.
          for (const piece of traceOf(recorder)) if (!to.aborted) await to.write(piece);
        }) as never;
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/metrics",
        summary: "Numbers for Prometheus",
        responses: {
          200: { description: "Metrics", content: { "text/plain": { schema: z.string() } } },
          ...refuses(),
        },
      }),
      (c) =>
        c.body(metricsOf(recorder, executors.views()), 200, {
          "content-type": METRICS_TYPE,
        }) as never,
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/healthz",
        summary: "Whether the server is well",
        responses: {
          200: answers(
            z.object({ status: z.enum(["ok", "degraded"]), storage }),
            "Degraded: history should be in a file and is not",
          ),
          ...refuses(),
        },
      }),
      (c) => {
        const { storage: now } = history;
        return c.json(
          { status: now.warning === null ? "ok" : "degraded", storage: now } as const,
          200,
        );
      },
    );
}

/** Jobs of an export that are read at once. */
const EXPORT_PAGE = 500;

function* exported(recorder: Recorder, filter: JobFilter): Generator<JobRow[]> {
  for (const rows of recorder.history.rows(filter, EXPORT_PAGE)) {
    yield rows.map((row) => latest(recorder, row));
  }
}

/** Tells a job of a list: as it is now, where that is not written yet. */
function latest(recorder: Recorder, row: DatabaseRow): JobRow {
  const job = recorder.get(row.id as string);
  return job === undefined ? rowFrom(row) : rowOf(job);
}

function detailOf(recorder: Recorder, canRunAgain: Reading["canRunAgain"], id: string): JobDetail {
  const row = findJob(recorder, id);
  const can = canRunAgain?.(row.kind as string, row.file_key as string | null) ?? false;
  return { ...detailFrom(row), canRunAgain: can };
}

function pixelsOf(recorder: Recorder, id: string): Uint8Array<ArrayBuffer> {
  const { pixels } = findJob(recorder, id);
  if (pixels instanceof Uint8Array) return new Uint8Array(pixels);
  throw new Problem(404, "Cannot read pixels: the job has drawn nothing, or they are not kept");
}

/** Finds a job, as the row it is or will be. */
function findJob(recorder: Recorder, id: string): DatabaseRow {
  const job: Job | undefined = recorder.get(id);
  const row = job === undefined ? recorder.history.find(id) : (valuesOf(job, "") as DatabaseRow);
  if (row === undefined) throw new Problem(404, `Cannot find job: no job ${quote(id)} is known`);
  return row;
}
