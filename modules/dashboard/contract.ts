// The contract between the server and whoever reads it: every shape that crosses, once.
//
// The routes are described by these schemas, the OpenAPI document is made of them, and the page imports their types.
// Times are milliseconds since 1970, with fractions, on a clock that does not run backwards while a server lives.

import { z } from "zod";

/** How many rows one request may read. */
export const PAGE_LIMIT = 200;

export const JOB_STATES = ["pending", "running", "finished", "failed", "cancelled"] as const;

/** Why a job failed, where that is not an error its task threw. */
export const REASONS = ["timed-out", "worker-lost", "server-lost"] as const;

/** What a list can be sorted by. */
export const SORTS = ["number", "state", "kind", "executor", "wait", "run"] as const;

/** A shape that has a name, or nothing: by `nullable` the OpenAPI document would give the name to both. */
function orNull<S extends z.ZodType>(schema: S) {
  return z.union([schema, z.null()]);
}

const time = z.number();
const count = z.int().min(0);

export const jobState = z.enum(JOB_STATES).meta({
  description: "A future's state, with its two ways to be finished told apart.",
});

export const reason = z.enum(REASONS).meta({
  description:
    "timed-out: it ran longer than its timeout. worker-lost: its worker died. server-lost: the server ended before it.",
});

export const workerName = z.object({ id: count, name: z.string() }).meta({
  description: "A worker: its number, unique in its executor, and its name.",
});

export const jobRow = z
  .object({
    id: z.string(),
    number: z.int().meta({ description: "Counts submissions, from 1: what people call the job." }),
    kind: z.string(),
    executor: z.string(),
    batch: z.string().nullable().meta({ description: "Shared by what was submitted together." }),
    state: jobState,
    reason: reason.nullable(),
    priority: z.int(),
    submittedAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    attempts: count.meta({ description: "How often it was started: more than 1 after a retry." }),
    progress: z.object({ fraction: z.number(), detail: z.string().nullable() }).nullable(),
    worker: workerName.nullable(),
    file: z.object({ name: z.string(), bytes: count }).nullable(),
    summary: z.string().nullable().meta({ description: "The result in a few words." }),
    error: z.object({ name: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: "JobRow" });

export interface ErrorView {
  name: string;
  message: string;
  code: string | number | null;
  stack: string | null;
  /** The stack the task had in its worker, at the end of a chain of causes. */
  workerStack: string | null;
  cause: ErrorView | null;
}

export const errorView: z.ZodType<ErrorView> = z
  .object({
    name: z.string(),
    message: z.string(),
    code: z.union([z.string(), z.number()]).nullable(),
    stack: z.string().nullable(),
    workerStack: z.string().nullable(),
    get cause() {
      return orNull(errorView);
    },
  })
  .meta({ id: "Error" });

export const jobMoment = z
  .object({
    at: time,
    what: z
      .enum([
        "submitted",
        "grouped",
        "started",
        "progress",
        "waits",
        "holds",
        "released",
        "gave-up",
        "lost",
        "settled",
      ])
      .meta({
        description:
          "waits, holds, released, gave-up: of what detail names, as a lock. grouped: it is of the group in detail.",
      }),
    worker: workerName.nullable(),
    fraction: z.number().nullable(),
    detail: z.string().nullable(),
  })
  .meta({ id: "Moment", description: "A step of a job's life. Of very many, some are left out." });

export const mark = z
  .tuple([
    z.enum(["waits", "holds"]),
    z.string().meta({ description: 'of what: lock "cache"' }),
    time.meta({ description: "from" }),
    time.nullable().meta({ description: "to; null where that was not told before the bar's end" }),
  ])
  .meta({ id: "Mark", description: "A time in which a job waited for a lock, or held it." });

export const outputLine = z
  .object({
    at: time,
    level: z.enum(["debug", "info", "log", "warn", "error"]),
    text: z.string(),
  })
  .meta({ id: "OutputLine", description: "What a task printed." });

export const jobDetail = jobRow
  .omit({ error: true })
  .extend({
    parameters: z.record(z.string(), z.unknown()),
    options: z.object({
      timeout: z.number().optional(),
      priority: z.number().optional(),
      retries: z.number().optional(),
    }),
    moments: z.array(jobMoment),
    marks: z.array(mark).meta({ description: "What it waited for and held." }),
    group: count.nullable().meta({ description: "The number of the TaskGroup whose child it is." }),
    result: z.unknown().meta({ description: "JSON; what is too large or binary is left out." }),
    picture: z.object({ width: count, height: count, href: z.string() }).nullable().meta({
      description: "Where the pixels are, for a job that drew a picture; one byte each, relative",
    }),
    error: orNull(errorView),
    output: z.array(outputLine),
    outputCut: z.boolean().meta({ description: "Whether it printed more than is kept." }),
    againOf: z.string().nullable().meta({ description: "The job that this one runs again." }),
    canRunAgain: z.boolean().meta({
      description: "False for jobs that this server did not submit, or whose file is gone.",
    }),
  })
  .meta({ id: "JobDetail" });

export const counts = z
  .object({
    total: count,
    states: z.object({
      pending: count,
      running: count,
      finished: count,
      failed: count,
      cancelled: count,
    }),
    reasons: z.object({ "timed-out": count, "worker-lost": count, "server-lost": count }),
  })
  .meta({ id: "Counts", description: "Jobs by state; reasons count among the failed." });

export const percentiles = z
  .object({ p50: z.number(), p95: z.number(), p99: z.number() })
  .meta({ id: "Percentiles", description: "Milliseconds." });

export const runView = z
  .object({
    id: z.string().meta({ description: "The batch of its jobs." }),
    jobs: count,
    parts: z
      .array(z.object({ kind: z.string(), executor: z.string(), jobs: z.int() }))
      .meta({ description: "What it is made of: the first eight of different ones." }),
    states: counts.shape.states,
    submittedAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable().meta({ description: "When the last job ended; null before." }),
    slowestMs: z.number().nullable().meta({ description: "The longest that one of its jobs ran." }),
  })
  .meta({ id: "Run", description: "What was submitted together." });

export const runsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const failureGroup = z
  .object({
    name: z.string(),
    message: z.string().meta({ description: "That of the latest one." }),
    reason: reason.nullable(),
    jobs: count,
    kinds: z.array(z.string()),
    latest: z.string().meta({ description: "The id of the latest job that failed so." }),
    latestAt: time,
  })
  .meta({
    id: "FailureGroup",
    description: "Failures whose errors differ in nothing but numbers.",
  });

export const executorLimits = z
  .object({
    perKey: z.object({ maxRunning: count }).optional(),
    rate: z.object({ limit: count, per: z.number().meta({ unit: "ms" }) }).optional(),
  })
  .meta({
    id: "Limits",
    description: "Those options that it was made with, where the program tells them.",
  });

export const executorView = z
  .object({
    name: z.string(),
    type: z.string().meta({ description: "The class, such as ThreadPoolExecutor." }),
    sharesEventLoop: z.boolean(),
    intake: z.enum(["open", "paused"]),
    paused: z.boolean().meta({
      description:
        "Whether it begins nothing more until it is resumed; it takes jobs all the same.",
    }),
    canResize: z.boolean(),
    canEndWorkers: z.boolean(),
    maxWorkers: count.nullable().meta({ description: "Null where the executor does not tell." }),
    limits: executorLimits.optional(),
    stats: z.object({
      queued: count,
      running: count,
      finished: count,
      failed: count,
      cancelled: count,
      workers: count,
      busy: count,
      lost: count,
      abandoned: count,
      utilisation: z.number(),
      latency: z.object({ wait: percentiles, run: percentiles }).optional(),
      queue: z
        .object({
          waiting: count,
          delayed: count,
          running: count,
          agents: count,
          stalls: count,
          waited: percentiles.optional(),
        })
        .optional()
        .meta({
          description:
            "Of an executor over a queue: how that is doing, as this program last saw it; absent before its first task.",
        }),
    }),
  })
  .meta({ id: "Executor" });

export const workerView = z
  .object({
    executor: z.string(),
    id: count,
    name: z.string(),
    startedAt: time,
    exitedAt: time.nullable(),
    exit: z
      .object({
        code: z.int().nullable(),
        signal: z.string().nullable(),
        abandoned: z.boolean(),
      })
      .nullable(),
  })
  .meta({ id: "Worker", description: "One lane of the timeline: it ends when its worker does." });

export const bar = z
  .tuple([
    z.string().meta({ description: "job id" }),
    z.int().meta({ description: "job number" }),
    z.string().meta({ description: "kind" }),
    z.string().meta({ description: "executor" }),
    count.meta({ description: "worker id" }),
    time.meta({ description: "submitted at" }),
    time.meta({ description: "started at" }),
    time.nullable().meta({ description: "finished at; null while it runs" }),
    z.enum([...JOB_STATES, ...REASONS]).meta({ description: "reason, else state" }),
    z.int().meta({ description: "how many jobs: more than 1 where short neighbours are merged" }),
    z.array(mark).optional().meta({ description: "what it waited for and held, if it did" }),
    count.optional().meta({ description: "the number of its group, if it is of one" }),
  ])
  .meta({
    id: "Bar",
    description:
      "A run of a job on a worker. The same id and start again means: the same bar, changed. Of merged ones, id, " +
      "number and submitted-at are the first one's.",
  });

export const sample = z
  .object({
    at: time.meta({ description: "The end of the second it tells of." }),
    executor: z.string(),
    queued: count,
    running: count,
    workers: count,
    busy: count,
    submitted: count.meta({ description: "In this second; as are the next ones." }),
    finished: count,
    failed: count,
    cancelled: count,
    wait: orNull(percentiles).meta({ description: "Of jobs that started in this second." }),
    run: orNull(percentiles).meta({ description: "Of jobs that settled in this second." }),
  })
  .meta({ id: "Sample" });

export const storage = z
  .object({
    kind: z.enum(["file", "memory"]),
    path: z.string().nullable(),
    warning: z
      .string()
      .nullable()
      .meta({ description: "Why history is not kept, although it should be." }),
  })
  .meta({ id: "Storage" });

export const serverView = z
  .object({
    version: z.string(),
    runtime: z.string(),
    epoch: z.string().meta({ description: "Another one after each start of the server." }),
    startedAt: time,
    can: z
      .object({ submit: z.boolean(), cancel: z.boolean(), control: z.boolean() })
      .meta({ description: "All false for a read-only dashboard." }),
    limits: z.object({ count, batch: count, uploadBytes: count, kept: count }),
    storage,
  })
  .meta({ id: "Server" });

export const comparison = z
  .object({
    id: z.string(),
    kind: z.string(),
    count,
    repeats: count.meta({ description: "How often each is run, by turns." }),
    state: z.enum(["running", "done", "failed"]),
    error: z.string().nullable(),
    sides: z.array(
      z.object({
        executor: z.string(),
        state: z.enum(["waiting", "running", "done"]),
        workers: count.meta({ description: "How many there are when all take part." }),
        workersNow: count.meta({ description: "How many take part in the run under way." }),
        batch: z.string().nullable().meta({ description: "The last run with all workers." }),
        done: count.meta({ description: "Settled jobs of the run under way." }),
        failed: count,
        points: z
          .array(z.object({ workers: count, times: z.array(z.number()) }))
          .meta({ description: "By number of workers: how long each run took, in milliseconds." }),
        wallMs: z.number().nullable().meta({ description: "The median with all workers." }),
        oneWorkerMs: z.number().nullable().meta({ description: "The median with one." }),
        speedUp: z.number().nullable().meta({ description: "oneWorkerMs divided by wallMs." }),
        wait: orNull(percentiles),
        run: orNull(percentiles),
      }),
    ),
  })
  .meta({
    id: "Comparison",
    description: "The same batch on several executors, by turns, on more and more workers.",
  });

export const trial = z
  .object({
    id: z.string(),
    experiment: z.string(),
    executor: z.string(),
    batch: z.string(),
    startedAt: time,
    state: z.enum(["running", "over"]),
    expected: z.string(),
    happened: z.string().nullable().meta({ description: "One sentence, once it is over." }),
    job: orNull(jobRow).meta({ description: "The job that broke something." }),
    tookMs: z.number().nullable().meta({ description: "From the start to the outcome." }),
    recoveryMs: z.number().nullable().meta({
      description: "From the outcome until another job of this executor ran; null before.",
    }),
    lostWorkers: z.array(workerName),
    newWorkers: z.array(workerName),
  })
  .meta({ id: "Trial", description: "An experiment that is made, or was." });

/** Everything a page needs to begin, or to begin anew. */
export const snapshot = z
  .object({
    server: serverView,
    counts,
    executors: z.array(executorView),
    workers: z.array(workerView).meta({ description: "Those of the bars, oldest first." }),
    bars: z.array(bar).meta({ description: "The newest ones, oldest first." }),
    samples: z.array(sample).meta({ description: "The last ten minutes." }),
    runs: z.array(runView).meta({ description: "The last fifty, newest first." }),
    comparison: orNull(comparison).meta({ description: "The last one." }),
    trial: orNull(trial).meta({ description: "The last one." }),
  })
  .meta({ id: "Snapshot" });

/** What changed since the message before; at most 20 a second. */
export const update = z
  .object({
    counts,
    executors: z.array(executorView),
    rows: z.array(jobRow).meta({ description: "Jobs that changed, as they are now; not all." }),
    moreRows: count.meta({ description: "How many others changed: what is on view is stale." }),
    forgotten: count.meta({ description: "How many jobs retention took." }),
    workers: z.array(workerView).meta({ description: "Those that started or exited." }),
    bars: z.array(bar),
    samples: z.array(sample),
    runs: z.array(runView).meta({ description: "Those whose jobs changed." }),
    comparison: comparison.optional().meta({ description: "Present where it changed." }),
    trial: trial.optional().meta({ description: "Present where it changed." }),
    storage: storage.optional().meta({ description: "Present where it changed." }),
  })
  .meta({ id: "Update" });

/** What jobs may be narrowed to. */
export const jobFilter = z.strictObject({
  state: jobState.optional(),
  reason: reason.optional(),
  executor: z.string().max(100).optional(),
  kind: z.string().max(100).optional(),
  worker: z.coerce.number().int().min(0).optional(),
  batch: z.string().max(100).optional(),
  text: z.string().max(200).optional().meta({
    description:
      "Found in number, id, kind, executor, worker, file, summary, error or what was printed.",
  }),
});

export const jobsQuery = jobFilter.extend({
  sort: z.enum(SORTS).default("number"),
  order: z.enum(["asc", "desc"]).default("desc"),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT).default(100),
});

export const jobsPage = z
  .object({
    jobs: z.array(jobRow),
    total: count.meta({ description: "How many the filter finds." }),
    counts: counts.meta({ description: "What the filter finds without its state and reason." }),
  })
  .meta({ id: "JobsPage" });

export const exportQuery = jobFilter.extend({
  format: z.enum(["csv", "json"]).default("csv"),
});

export const cancelBody = z.strictObject({ interrupt: z.boolean().default(false) });

export const cancelled = z.object({ cancelled: z.boolean(), job: jobRow });

export const bulkCancelBody = z.strictObject({
  filter: jobFilter,
  interrupt: z.boolean().default(false),
});

export const bulkCancelled = z.object({
  matched: count.meta({ description: "Jobs the filter found that were not settled." }),
  cancelled: count,
});

export const pauseBody = z.strictObject({ paused: z.boolean() });

export const resizeBody = z.strictObject({ maxWorkers: z.int().min(1).max(64) });

export const timelineQuery = z.strictObject({
  since: z.coerce.number().default(0),
  until: z.coerce.number().optional(),
  limit: z.coerce.number().int().min(1).max(20_000).default(10_000),
});

export const timeline = z
  .object({ workers: z.array(workerView), bars: z.array(bar) })
  .meta({ id: "Timeline", description: "The newest bars in a stretch of time, oldest first." });

/** RFC 9457. */
export const problem = z
  .object({
    status: z.int(),
    title: z.string(),
    detail: z.string(),
    field: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: "Problem" });

export type JobState = z.infer<typeof jobState>;
export type Reason = z.infer<typeof reason>;
export type WorkerName = z.infer<typeof workerName>;
export type JobRow = z.infer<typeof jobRow>;
export type JobDetail = z.infer<typeof jobDetail>;
export type JobMoment = z.infer<typeof jobMoment>;
export type OutputLine = z.infer<typeof outputLine>;
export type Counts = z.infer<typeof counts>;
export type RunView = z.infer<typeof runView>;
export type FailureGroup = z.infer<typeof failureGroup>;
export type ExecutorLimits = z.infer<typeof executorLimits>;
export type ExecutorView = z.infer<typeof executorView>;
export type WorkerView = z.infer<typeof workerView>;
export type Bar = z.infer<typeof bar>;
export type Mark = z.infer<typeof mark>;
export type QueueView = NonNullable<ExecutorView["stats"]["queue"]>;
export type Percentiles = z.infer<typeof percentiles>;
export type Sample = z.infer<typeof sample>;
export type Storage = z.infer<typeof storage>;
export type ServerView = z.infer<typeof serverView>;
export type Comparison = z.infer<typeof comparison>;
export type Trial = z.infer<typeof trial>;
export type Snapshot = z.infer<typeof snapshot>;
export type Update = z.infer<typeof update>;
export type JobFilter = z.infer<typeof jobFilter>;
export type JobsQuery = z.infer<typeof jobsQuery>;
export type JobsPage = z.infer<typeof jobsPage>;
export type Timeline = z.infer<typeof timeline>;
export type ProblemView = z.infer<typeof problem>;
