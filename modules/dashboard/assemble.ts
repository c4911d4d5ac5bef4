// What a dashboard is put together from, and an app that has one and more: watching, telling, and who may ask.

import type { Executor } from "@concurrent/futures";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { apiPage } from "./api_page.ts";
import { servePageAtBase } from "./base_path.ts";
import type { ExecutorLimits, ServerView } from "./contract.ts";
import { Executors } from "./executors.ts";
import { guard, type OwnHeaders, safeHeaders } from "./guard.ts";
import { LiveFeed } from "./live_feed.ts";
import { LiveView, type Singles } from "./live_view.ts";
import { pageFiles } from "./page_files.ts";
import { answerError, Problem, quote } from "./problem.ts";
import { limitRate, type Rate } from "./rate_limit.ts";
import { Recorder, type RecorderOptions } from "./record/recorder.ts";
import { limitBody } from "./request_body.ts";
import { requireToken } from "./token.ts";
import { VERSION } from "./version.ts";

/** Settled jobs that are kept. */
export const KEEP_JOBS = 200_000;

/** Days that a settled job is kept. */
export const KEEP_DAYS = 7;

/** Bytes of results, output and pictures that are kept: more on a disk than in memory. */
const KEEP_BYTES_FILE = 256 * 1024 * 1024;
const KEEP_BYTES_MEMORY = 64 * 1024 * 1024;

const DAY_MS = 24 * 60 * 60 * 1000;

export interface HistorySettings {
  /** The file that keeps jobs over a restart; without one they are kept in memory. */
  path?: string | undefined;
  /** Settled jobs that are kept. Default: 200 000. */
  keepJobs?: number | undefined;
  /** Days that a settled job is kept. Default: 7. */
  keepDays?: number | undefined;
}

/** Watches executors, and has what tells of them. */
export interface Watch {
  readonly executors: Executors;
  readonly recorder: Recorder;
  readonly view: LiveView;
  readonly feed: LiveFeed;
}

export interface WatchOptions {
  readonly history: HistorySettings;
  readonly ownMemory?: readonly string[] | undefined;
  /** What limits executors beside their workers, by their names. Default: nothing is told of it. */
  readonly executorLimits?: Readonly<Record<string, ExecutorLimits>> | undefined;
  readonly can: ServerView["can"];
  /** How much may be submitted. */
  readonly limits: Omit<ServerView["limits"], "kept">;
  /** Tells a job's result in a few words. Default: nothing is told of it. */
  readonly tell?: RecorderOptions["tell"];
  /** Ends the watching and the streams. */
  readonly signal: AbortSignal;
  /** Those that a dashboard does not have are null. */
  readonly singles: Omit<Singles, "server">;
}

export function watch(byName: Record<string, Executor>, options: WatchOptions): Watch {
  const { history, can, signal } = options;
  const epoch = crypto.randomUUID();
  const startedAt = performance.timeOrigin + performance.now();
  const executors = new Executors(byName, options.ownMemory, options.executorLimits);
  const keepJobs = history.keepJobs ?? KEEP_JOBS;
  const recorder = new Recorder(executors.byName, {
    history: {
      path: history.path,
      session: epoch,
      keepJobs,
      keepFor: (history.keepDays ?? KEEP_DAYS) * DAY_MS,
      keepBytes: history.path === undefined ? KEEP_BYTES_MEMORY : KEEP_BYTES_FILE,
    },
    standing: () => executors.standing(),
    tell: options.tell,
  });
  const server = (): ServerView => ({
    version: VERSION,
    runtime: navigator.userAgent.replace("/", " "),
    epoch,
    startedAt,
    can,
    limits: { ...options.limits, kept: keepJobs },
    storage: recorder.history.storage,
  });
  const view = new LiveView(recorder, executors, { server, ...options.singles });
  const feed = new LiveFeed(recorder.journal, view, { epoch, closing: signal });
  const end = () => recorder[Symbol.dispose]();
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  return { executors, recorder, view, feed };
}

export interface Access {
  /** The `Host` values that reach this server. */
  readonly hosts: (host: string) => boolean;
  readonly token?: string | undefined;
  readonly rate?: Rate | undefined;
  /** The folder of the page, as the dashboard's own: `index.html`, and in `dist` what was bundled. Default: that one. */
  readonly page?: URL | undefined;
  /** Sets the headers of paths that need others than the page, by path. Default: none does. */
  readonly headers?: OwnHeaders | undefined;
}

/** Guards an app and gives it the page: everything that is added to it afterwards is behind the guards. */
export function protect(app: OpenAPIHono, { hosts, token, rate, page, headers }: Access): void {
  app.onError(answerError);
  app.notFound((c) => {
    throw new Problem(404, `Cannot answer: nothing is at ${c.req.method} ${quote(c.req.path)}`);
  });
  app.use(safeHeaders(headers));
  app.use(guard(hosts));
  if (token !== undefined) app.use(requireToken(token));
  app.use(limitRate(rate));
  app.use(limitBody());
  const files = pageFiles(page);
  app.use(servePageAtBase(files));
  app.route("/", files);
}

/** Adds the description of all routes that the app has by now, and a page made of it. */
export function describe(app: OpenAPIHono, title: string): void {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title,
      version: VERSION,
      description: "Every refusal is a problem of RFC 9457. Times are milliseconds since 1970.",
    },
    // Seen from where the document is: the app may be mounted anywhere.
    servers: [{ url: ".." }],
  });
  app.get("/api/openapi.json", (c) => c.json(document));
  app.route("/", apiPage(document));
}
