// createApp: the playground as a Hono app over any executors. It knows no runtime.

import { EventLoopExecutor, type Executor } from "@concurrent/futures";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { guard, localHosts, safeHeaders } from "./guard.ts";
import { JOB_STATES, type Job, JobBoard } from "./job_board.ts";
import { detailOf, pixelsOf, rowOf } from "./job_view.ts";
import { describeKind, KINDS } from "./kinds.ts";
import { LiveFeed, type Overview } from "./live_feed.ts";
import { pageFiles } from "./page_files.ts";
import { answerError, Problem, quote } from "./problem.ts";
import { limitBody, readJson } from "./request_body.ts";
import { BATCH_LIMIT, type Executors, readSubmissions } from "./submission.ts";

export interface AppOptions {
  /** The `Host` values that reach this server, in lower case; by default those of loopback on port 8000. */
  hosts?: ReadonlySet<string>;
  /** Ends the event streams, so that a server can stop. */
  signal?: AbortSignal;
}

const listQuery = z.strictObject({
  state: z.enum(JOB_STATES).optional(),
  executor: z.string().optional(),
  kind: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(BATCH_LIMIT).default(100),
});

const cancelBody = z.strictObject({ interrupt: z.boolean().default(false) }).optional();

/**
 * Makes the playground over executors, each under the name that clients choose it by.
 *
 * The executors stay the caller's: the app submits to them and never shuts them down.
 */
export function createApp(byName: Record<string, Executor>, options: AppOptions = {}): Hono {
  const executors = new Map(Object.entries(byName));
  const choice: Executors = {
    names: () => [...executors.keys()],
    sharesEventLoop: (name) => executors.get(name) instanceof EventLoopExecutor,
  };
  const board = new JobBoard(executors);
  const overview = (): Overview => ({
    counts: board.counts(),
    executors: [...executors].map(([name, executor]) => describeExecutor(name, executor)),
  });
  const feed = new LiveFeed(board, overview, options.signal ?? new AbortController().signal);
  const find = (id: string): Job => {
    const job = board.get(id);
    if (job === undefined) throw new Problem(404, `Cannot find job: no job ${quote(id)} is known`);
    return job;
  };

  const app = new Hono();
  app.onError(answerError);
  app.notFound((c) => {
    throw new Problem(404, `Cannot answer: nothing is at ${c.req.method} ${quote(c.req.path)}`);
  });
  app.use(safeHeaders());
  app.use(guard(options.hosts ?? localHosts(8000)));
  app.use(limitBody());
  app.route("/", pageFiles());

  app.get("/api/kinds", (c) => c.json({ kinds: [...KINDS.values()].map(describeKind) }));
  app.get("/api/executors", (c) => c.json({ executors: overview().executors }));

  app.post("/api/jobs", async (c) => {
    const jobs = board.submit(await readSubmissions(c.req, choice));
    return c.json({ jobs: jobs.map(rowOf) }, 202);
  });
  app.get("/api/jobs", (c) => {
    const { limit, ...filter } = readQuery(c.req.query(), choice);
    const jobs = board.list(filter);
    const counts = board.counts();
    return c.json({ jobs: jobs.slice(0, limit).map(rowOf), total: jobs.length, counts });
  });
  app.get("/api/jobs/:id", (c) => c.json({ job: detailOf(find(c.req.param("id"))) }));
  app.get("/api/jobs/:id/pixels", (c) => {
    const pixels = pixelsOf(find(c.req.param("id")));
    if (pixels === undefined)
      throw new Problem(404, "Cannot read pixels: the job has drawn nothing");
    return c.body(pixels, 200, { "content-type": "application/octet-stream" });
  });
  app.post("/api/jobs/:id/cancel", async (c) => {
    const job = find(c.req.param("id"));
    const { interrupt } = readCancel(await readJson(c.req));
    const cancelled = job.future.cancel({ interrupt, reason: "cancelled in the playground" });
    return c.json({ cancelled, job: rowOf(job) });
  });

  app.get("/api/events", (c) => {
    feed.checkRoom();
    return streamSSE(c, (stream) => feed.serve(stream));
  });
  return app;
}

function describeExecutor(name: string, executor: Executor) {
  return {
    name,
    type: executor.constructor.name,
    sharesEventLoop: executor instanceof EventLoopExecutor,
    stats: executor.stats(),
  };
}

function readQuery(query: Record<string, string>, executors: Executors) {
  const parsed = listQuery.safeParse(query);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.code === "unrecognized_keys" ? issue.keys[0] : issue?.path.join(".");
    throw new Problem(400, `Cannot list jobs: ${field}: ${issue?.message}`, {
      field: field ?? "query",
    });
  }
  const { executor, kind } = parsed.data;
  if (executor !== undefined && !executors.names().includes(executor)) {
    throw new Problem(400, `Cannot list jobs: unknown executor ${quote(executor)}`, {
      field: "executor",
    });
  }
  if (kind !== undefined && !KINDS.has(kind)) {
    throw new Problem(400, `Cannot list jobs: unknown kind ${quote(kind)}`, { field: "kind" });
  }
  return parsed.data;
}

function readCancel(body: unknown): { interrupt: boolean } {
  const parsed = cancelBody.safeParse(body);
  if (parsed.success) return parsed.data ?? { interrupt: false };
  const detail = 'Cannot cancel job: "interrupt" must be true or false, and the only field';
  throw new Problem(400, detail, { field: "interrupt" });
}
