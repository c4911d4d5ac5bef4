// createApp: the playground as a Hono app over any executors. It knows no runtime.

import type { Executor } from "@concurrent/futures";
import type { Hono, MiddlewareHandler } from "hono";
import {
  describe,
  type HistorySettings,
  protect,
  watch,
} from "../../modules/dashboard/assemble.ts";
import type { ExecutorLimits } from "../../modules/dashboard/contract.ts";
import { hostsOf } from "../../modules/dashboard/guard.ts";
import type { Rate } from "../../modules/dashboard/rate_limit.ts";
import { UPLOAD_LIMIT } from "../../modules/dashboard/request_body.ts";
import { addRoutes } from "../../modules/dashboard/routes/all.ts";
import { routes } from "../../modules/dashboard/routes/route.ts";
import { Comparisons } from "./comparison.ts";
import {
  BATCH_LIMIT,
  CODE_CALLS,
  CODE_HEAP,
  CODE_LENGTH,
  CODE_MEMORY,
  CODE_OUTPUT,
  CODE_RESULT,
  CODE_TIMEOUT,
  COUNT_LIMIT,
  type OwnCodeLimits,
} from "./contract.ts";
import { ENGINE, engineHeaders } from "./engine_page.ts";
import { tellResult } from "./kinds.ts";
import { type CodeSandbox, OwnCode, SANDBOX as SANDBOX_POOL } from "./own_code.ts";
import { Reruns } from "./reruns.ts";
import { offeringRoutes } from "./routes/offering.ts";
import { ownCodeRoutes } from "./routes/own_code.ts";
import { workingRoutes } from "./routes/working.ts";
import { SANDBOX, sandboxHeaders, sandboxPage } from "./sandbox_page.ts";
import { Submitter } from "./submitter.ts";
import { type Experiment, Trials } from "./trials.ts";

/** The playground's own page: the dashboard's, and what submits. */
const PAGE = new URL("./page/", import.meta.url);

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
  /** What limits executors beside their workers, by their names. Default: nothing. */
  limits?: Readonly<Record<string, ExecutorLimits>> | undefined;
  /** The page of the queue's engine, where there is a queue. */
  engine?: Hono | undefined;
  /** What else may be broken on purpose. Default: nothing. */
  experiments?: readonly Experiment[];
  /** Runs what visitors type, for those who have the token. Default: nothing of it is run. */
  sandbox?: CodeSandbox | undefined;
  /** How often clients may change something. */
  rate?: Rate;
}

type OwnCodeRoutes = ReturnType<typeof ownCodeRoutes>;

const OWN_CODE: OwnCodeLimits = {
  executor: SANDBOX_POOL,
  length: CODE_LENGTH,
  calls: CODE_CALLS,
  timeout: CODE_TIMEOUT,
  heap: CODE_HEAP,
  memory: CODE_MEMORY,
  output: CODE_OUTPUT,
  result: CODE_RESULT,
};

const OF_SANDBOX = sandboxHeaders();
const OF_ENGINE = engineHeaders();

/** What sets the headers of paths that need others than the page. */
function ownHeaders(path: string): MiddlewareHandler | undefined {
  if (path === SANDBOX) return OF_SANDBOX;
  return path === ENGINE || path.startsWith(`${ENGINE}/`) ? OF_ENGINE : undefined;
}

/** The routes, for typed clients: `hc<App>(address)`. */
export type App = ReturnType<typeof createApp>;

/**
 * Makes the playground over executors, each under the name that clients choose it by.
 *
 * The executors stay the caller's: the app submits to them and never shuts them down.
 */
export function createApp(byName: Record<string, Executor>, options: AppOptions = {}) {
  const { sandbox, token } = options;
  if (sandbox !== undefined && token === undefined) {
    throw new TypeError("Cannot create app: a sandbox for visitors' code needs a token");
  }
  const all = sandbox === undefined ? byName : { ...byName, [SANDBOX_POOL]: sandbox.executor };
  const watched = watch(all, {
    history: options.history ?? {},
    ownMemory: options.ownMemory,
    executorLimits: options.limits,
    can: { submit: true, cancel: true, control: true },
    signal: options.signal ?? new AbortController().signal,
    limits: { count: COUNT_LIMIT, batch: BATCH_LIMIT, uploadBytes: UPLOAD_LIMIT },
    tell: tellResult,
    singles: { comparison: () => comparisons.latest, trial: () => trials.latest },
  });
  const { recorder, executors } = watched;
  const submitter = new Submitter(recorder, executors);
  const reruns = new Reruns(recorder, submitter);
  const trials = new Trials(recorder, submitter, options.experiments);
  const comparisons = new Comparisons(submitter, () => {
    recorder.journal.add({ what: "comparison" });
  });

  const ownCode = sandbox && new OwnCode(recorder, sandbox);

  const app = routes();
  protect(app, {
    hosts: options.hosts ?? hostsOf(8000),
    token,
    rate: options.rate,
    page: PAGE,
    headers: { get: (path) => ownHeaders(path) },
  });
  app.route("/", sandboxPage());
  if (options.engine !== undefined) app.route("/", options.engine);
  const canRunAgain = (kind: string, file: string | null) => reruns.canRunAgain(kind, file);
  const api = addRoutes(app, { ...watched, canRunAgain })
    .route("/", offeringRoutes(executors, trials, ownCode ? OWN_CODE : null))
    .route("/", workingRoutes({ submitter, reruns, comparisons, trials, ownCode }))
    // For clients it has its type either way.
    .route("/", ownCode ? ownCodeRoutes(ownCode) : (routes() as OwnCodeRoutes));
  describe(api, "Playground of @concurrent/futures");
  return api;
}
