/**
 * A live view of your own executors, to be mounted in your own web application: `@concurrent/futures/dashboard`.
 *
 * It needs `hono`, `@hono/zod-openapi` and `zod` beside this package.
 *
 * @module
 */

import type { Executor } from "@concurrent/futures";
import type { Hono } from "hono";
import { describe, protect, watch } from "./assemble.ts";
import { hostsNamed } from "./guard.ts";
import { addRoutes } from "./routes/all.ts";
import { readingRoutes } from "./routes/reading.ts";
import { routes } from "./routes/route.ts";

/** How a dashboard is reached, and what it keeps. */
export interface DashboardOptions {
  /**
   * Host names that reach it beside those of loopback, such as `jobs.example.com`, with the port where it is not the
   * default one. They need a `token`. Default: none.
   */
  hosts?: readonly string[];
  /**
   * What visitors must show: they open `?token=…` once, or send it as a bearer token. `false` says that your application
   * has a login of its own in front. Default: none is needed, and only loopback is answered.
   */
  token?: string | false;
  /** Whether visitors may cancel tasks, resize, warm and pause pools, and end workers. Default: false. */
  control?: boolean;
  /** A file that keeps tasks over a restart. Default: they are kept in memory. */
  history?: string;
  /** Settled tasks that are kept. Default: 200 000. */
  keepJobs?: number;
  /** Days that a settled task is kept. Default: 7. */
  keepDays?: number;
  /** Ends the watching and the live streams. Default: they end with the program. */
  signal?: AbortSignal;
}

/**
 * Watches executors and makes a Hono app that shows what they do: mount it under any path.
 *
 * It takes no part in what it watches. It shows tasks submitted from then on, by the names of their functions; arguments
 * are not recorded, results are. While it watches, the executors make events, which costs some microseconds a task.
 *
 * @example In an application of your own
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor } from "@concurrent/futures";
 * import { dashboard } from "@concurrent/futures/dashboard";
 * import { Hono } from "hono";
 *
 * await using executor = new EventLoopExecutor({ name: "mail" });
 * const watching = new AbortController();
 * const app = new Hono();
 * app.route("/jobs", dashboard(executor, { signal: watching.signal }));
 * // On Deno: Deno.serve(app.fetch). On Bun: export default app.
 *
 * await executor.submit(function send() {});
 * const response = await app.request("/jobs/api/jobs", { headers: { host: "localhost" } });
 * const { jobs } = await response.json();
 * assert(jobs[0].kind === "send" && jobs[0].state === "finished");
 * watching.abort();
 * ```
 *
 * @param executors One, shown by its own name, or several by names of your choice.
 * @param options Who may see it, and whether they may do more.
 * @returns The app. It stays yours to serve; the executors stay yours to shut down.
 * @throws {TypeError} When `hosts` are given and `token` is not.
 */
export function dashboard(
  executors: Executor | Record<string, Executor>,
  options: DashboardOptions = {},
): Hono {
  const { hosts = [], token, control = false, history, keepJobs, keepDays } = options;
  if (hosts.length > 0 && token === undefined) {
    throw new TypeError(
      "Cannot make dashboard: hosts beyond loopback need a token, or token: false if the application has a login",
    );
  }
  if (token === "") throw new TypeError("Cannot make dashboard: token is empty");
  const watched = watch(isExecutor(executors) ? { [executors.name]: executors } : executors, {
    history: { path: history, keepJobs, keepDays },
    can: { submit: false, cancel: control, control },
    signal: options.signal ?? new AbortController().signal,
    limits: { count: 0, batch: 0, uploadBytes: 0 },
    singles: { comparison: () => null, trial: () => null },
  });
  const app = routes();
  protect(app, { hosts: hostsNamed(hosts), token: token === false ? undefined : token });
  if (control) addRoutes(app, watched);
  else app.route("/", readingRoutes(watched));
  describe(app, "Dashboard of @concurrent/futures");
  return app as unknown as Hono;
}

/** By its shape: a program may have two copies of this package. */
function isExecutor(value: Executor | Record<string, Executor>): value is Executor {
  return typeof value.submit === "function" && typeof value.name === "string";
}
