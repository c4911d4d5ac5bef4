// The contract of what only the playground answers: kinds of jobs, submissions, experiments. The rest is the dashboard's.

import { z } from "zod";
import { jobFilter, jobRow } from "../../modules/dashboard/contract.ts";

const count = z.int().min(0);

/** How many jobs one entry of a submission may ask for. */
export const COUNT_LIMIT = 10_000;

/** How many jobs one request may submit, over all its entries. */
export const BATCH_LIMIT = 100_000;

/** Characters that a piece of a visitor's own code may have. */
export const CODE_LENGTH = 32 * 1024;

/** Calls of it that one request may ask for, and that may wait altogether. */
export const CODE_CALLS = 100;
export const CODE_QUEUE = 200;

/** What each call of it may take: milliseconds, MiB, and bytes. */
export const CODE_TIMEOUT = 10_000;
export const CODE_HEAP = 64;
export const CODE_MEMORY = 1024;
export const CODE_OUTPUT = 64 * 1024;
export const CODE_RESULT = 1024 * 1024;

/** What a visitor may have run by the server. */
export const ownCodeBody = z
  .strictObject({
    code: z.string().max(CODE_LENGTH).meta({ description: "The text of a module, in TypeScript." }),
    name: z
      .string()
      .max(200)
      .regex(/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u, "must be the name of an export"),
    calls: z
      .array(z.array(z.unknown()).max(100))
      .min(1)
      .max(CODE_CALLS)
      .meta({ description: "The arguments of each call." }),
  })
  .meta({ id: "OwnCode" });

/** How much of it, for the page to tell. */
export const ownCodeLimits = z
  .object({
    executor: z.string(),
    length: count.meta({ unit: "characters" }),
    calls: count,
    timeout: count.meta({ unit: "ms" }),
    heap: count.meta({ unit: "MiB" }),
    memory: count.meta({ unit: "MiB", description: "Where the system can limit it." }),
    output: count.meta({ unit: "bytes" }),
    result: count.meta({ unit: "bytes" }),
  })
  .meta({ id: "OwnCodeLimits" });

export const experimentView = z
  .object({
    name: z.string(),
    title: z.string(),
    expect: z.string().meta({ description: "What will happen." }),
    executors: z.array(z.string()).meta({ description: "Where it may be tried." }),
  })
  .meta({ id: "Experiment" });

export const parameterDescription = z
  .object({
    type: z.enum(["integer", "number", "string", "boolean"]),
    title: z.string(),
    description: z.string().optional(),
    default: z.union([z.number(), z.string(), z.boolean()]),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    maxLength: z.number().optional(),
    unit: z.string().optional(),
  })
  .meta({ id: "Parameter" });

export const kindDescription = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    group: z.enum(["work", "trouble"]),
    file: z.string().nullable().meta({ description: "What the file is, for kinds that need one." }),
    needsWorker: z
      .boolean()
      .meta({ description: "Refused by executors that share the event loop." }),
    executors: z.array(z.string()).meta({ description: "Where it may run." }),
    parameters: z.record(z.string(), parameterDescription),
    task: z
      .object({
        export: z.string(),
        arguments: z.array(z.string()),
        key: z.string().optional().meta({ description: "The parameter that is its key." }),
      })
      .meta({
        description:
          'The call: names of parameters, "(file)" for the file\'s bytes, "(all)" for the parameters as one object, "(lock)" and "(table)" for what all of its jobs share.',
      }),
    stopsAfter: z.string().nullable().meta({
      description:
        "Of a task that is a generator: the parameter that says after how many items its reader leaves.",
    }),
    samples: z.array(
      z.object({
        title: z.string(),
        parameters: z.record(z.string(), z.unknown()),
        count: z.int().optional(),
        file: z.string().optional().meta({ description: "A text in the place of a file." }),
      }),
    ),
  })
  .meta({ id: "Kind" });

/** What may be said of a job beside its kind's own parameters. */
export const jobOptions = z.object({
  timeout: z.int().min(1).max(600_000).optional().meta({ unit: "ms" }),
  priority: z.int().min(-100).max(100).optional(),
  retries: z.int().min(0).max(5).optional(),
});

export const submission = z
  .strictObject({
    kind: z.string(),
    executor: z.string(),
    parameters: z.record(z.string(), z.unknown()).default({}),
    file: z.string().optional().meta({ description: "A text in the place of a file." }),
    fileOf: z.string().optional().meta({ description: "Takes the file of this job." }),
    count: z.int().min(1).max(COUNT_LIMIT).default(1),
    ...jobOptions.shape,
  })
  .meta({ id: "Submission" });

export const submitted = z
  .object({
    batch: z.string(),
    count,
    jobs: z.array(jobRow).meta({ description: "The first hundred." }),
  })
  .meta({ id: "Submitted" });

/** What to change when a job is run again. */
export const againBody = submission
  .pick({ executor: true, parameters: true, timeout: true, priority: true, retries: true })
  .extend({ executor: z.string(), parameters: z.record(z.string(), z.unknown()) })
  .partial();

export const bulkAgainBody = z.strictObject({ filter: jobFilter });

export const bulkAgain = z.object({
  matched: count.meta({ description: "Failed and cancelled jobs the filter found." }),
  submitted: count,
  skipped: count.meta({ description: "Those that cannot run again, or are over the limit." }),
  batch: z.string().nullable(),
});

export const intakeBody = z.strictObject({ intake: z.enum(["open", "paused"]) });

export const comparisonBody = submission.pick({ kind: true, parameters: true, file: true }).extend({
  executors: z.array(z.string()).min(2).max(4),
  count: z.int().min(1).max(COUNT_LIMIT).default(20),
  repeats: z.int().min(1).max(9).default(3),
});

export const opponentView = z
  .object({
    name: z.string().meta({ description: "Stands among the executors of a comparison." }),
    title: z.string(),
    kinds: z.array(z.string()).meta({ description: "Those that it can run." }),
  })
  .meta({ id: "Opponent", description: "A pool of others that is present on this machine." });

export const trialBody = z.strictObject({ experiment: z.string(), executor: z.string() });

export type OwnCodeBody = z.infer<typeof ownCodeBody>;
export type OwnCodeLimits = z.infer<typeof ownCodeLimits>;
export type OpponentView = z.infer<typeof opponentView>;
export type ExperimentView = z.infer<typeof experimentView>;
export type ParameterDescription = z.infer<typeof parameterDescription>;
export type KindDescription = z.infer<typeof kindDescription>;
export type Submission = z.input<typeof submission>;
export type Submitted = z.infer<typeof submitted>;
