// createApp: the playground as a Hono app over any executors. It knows no runtime.

import type { Executor } from "@concurrent/futures";
import { describe, type HistorySettings, protect, watch } from "./assemble.ts";
import { Comparisons } from "./comparison.ts";
import { hostsOf } from "./guard.ts";
import type { Rate } from "./rate_limit.ts";
import { Reruns } from "./reruns.ts";
import { cancellingRoutes } from "./routes/cancelling.ts";
import { controllingRoutes } from "./routes/controlling.ts";
import { readingRoutes } from "./routes/reading.ts";
import { routes } from "./routes/route.ts";
import { workingRoutes } from "./routes/working.ts";
import { Submitter } from "./submitter.ts";
import { Trials } from "./trials.ts";

export interface AppOptions {
  /** Tells which `Host` values reach this server, in lower case; by default those of loopback on port 8000. */
  hosts?: (host: string) => boolean;
  /** What clients must show. Default: they need not. */
  token?: string | undefined;
  /** Ends the streams and closes the history. */
  signal?: AbortSignal;
  /** Where jobs are kept, and how many. Default: in memory. */
  history?: HistorySettings;
  /** Executors whose workers can run out of memory without ending the program. Default: none. */
  ownMemory?: readonly string[];
  /** How often clients may change something. */
  rate?: Rate;
}

/** The routes, for typed clients: `hc<App>(address)`. */
export type App = ReturnType<typeof createApp>;

/**
 * Makes the playground over executors, each under the name that clients choose it by.
 *
 * The executors stay the caller's: the app submits to them and never shuts them down.
 */
export function createApp(byName: Record<string, Executor>, options: AppOptions = {}) {
  const watched = watch(byName, {
    history: options.history ?? {},
    ownMemory: options.ownMemory,
    can: { submit: true, cancel: true, control: true },
    signal: options.signal ?? new AbortController().signal,
    singles: { comparison: () => comparisons.latest, trial: () => trials.latest },
  });
  const { recorder, executors } = watched;
  const submitter = new Submitter(recorder, executors);
  const reruns = new Reruns(recorder, submitter);
  const trials = new Trials(recorder, submitter);
  const comparisons = new Comparisons(submitter, () => {
    recorder.journal.add({ what: "comparison" });
  });

  const app = routes();
  protect(app, { hosts: options.hosts ?? hostsOf(8000), token: options.token, rate: options.rate });
  const api = app
    .route("/", readingRoutes({ ...watched, own: { reruns, trials } }))
    .route("/", cancellingRoutes(recorder))
    .route("/", workingRoutes({ submitter, reruns, comparisons, trials }))
    .route("/", controllingRoutes(executors));
  describe(api);
  return api;
}
