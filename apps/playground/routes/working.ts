// Routes that submit jobs, anew or again, and compare and break things with them.

import { z } from "@hono/zod-openapi";
import { comparison, trial } from "../../../modules/dashboard/contract.ts";
import { Problem, quote } from "../../../modules/dashboard/problem.ts";
import { rowOf } from "../../../modules/dashboard/record/job.ts";
import {
  changed,
  executorChanged,
  executorName,
} from "../../../modules/dashboard/routes/controlling.ts";
import {
  answers,
  createRoute,
  jobId,
  mayTake,
  refuses,
  routes,
  takes,
} from "../../../modules/dashboard/routes/route.ts";
import type { Comparisons } from "../comparison.ts";
import {
  againBody,
  bulkAgain,
  bulkAgainBody,
  comparisonBody,
  intakeBody,
  type Submission,
  submission,
  submitted,
  trialBody,
} from "../contract.ts";
import { presentOpponents } from "../opponents/opponents.ts";
import type { OwnCode } from "../own_code.ts";
import type { Reruns } from "../reruns.ts";
import { checkSubmission, readSubmissions } from "../submission.ts";
import type { Batch, Submitter } from "../submitter.ts";
import type { Trials } from "../trials.ts";

/** Rows of a batch that its answer has. */
const FIRST_ROWS = 100;

/** What working needs. */
export interface Working {
  readonly submitter: Submitter;
  readonly reruns: Reruns;
  readonly comparisons: Comparisons;
  readonly trials: Trials;
  /** Where a visitor's own code is run. */
  readonly ownCode: OwnCode | undefined;
}

const oneSubmission = { $ref: "#/components/schemas/Submission" };

/** The body of a submission is read and checked by `readSubmissions`, as JSON or as a form; here it is only described. */
const submissions: z.ZodType<Submission | Submission[]> = z
  .any()
  .openapi({ anyOf: [oneSubmission, { type: "array", items: oneSubmission }] });

const form: z.ZodType<FormData> = z.any().openapi({
  type: "object",
  description: "The fields of a submission, the kind's parameters, and a file",
  properties: { file: { type: "string", format: "binary" } },
});

const submit = createRoute({
  method: "post",
  path: "/api/jobs",
  summary: "Submit a job, or many",
  request: {
    body: {
      content: {
        "application/json": { schema: submissions },
        "multipart/form-data": { schema: form },
      },
    },
  },
  responses: {
    202: answers(submitted, "They are in the queue"),
    ...refuses(400, 413, 415, 422, 503),
  },
});

export function workingRoutes({ submitter, reruns, comparisons, trials, ownCode }: Working) {
  const { executors } = submitter;
  const app = routes();
  const { $schema: _, ...shape } = z.toJSONSchema(submission, { io: "input" });
  app.openAPIRegistry.registerComponent("schemas", "Submission", shape as object);
  app.openAPIRegistry.registerPath(submit);
  return app
    .openapi(
      // Without its body, which would be read and checked twice, and in other words.
      { ...submit, request: {}, hide: true } as unknown as typeof submit,
      async (c) =>
        c.json(tellBatch(await submitter.submit(await readSubmissions(c.req, submitter))), 202),
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/api/jobs/{id}/again",
        summary: "Run a job again, with changes or without",
        request: { params: jobId, ...mayTake(againBody) },
        responses: {
          202: answers(submitted, "It is in the queue"),
          ...refuses(400, 404, 422, 503),
        },
      }),
      async (c) => {
        const batch = await reruns.again(c.req.valid("param").id, c.req.valid("json"));
        return c.json(tellBatch(batch), 202);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/api/jobs/again",
        summary: "Run the failed and cancelled jobs again that a filter finds",
        request: takes(bulkAgainBody),
        responses: { 202: answers(bulkAgain, "How many"), ...refuses(400, 503) },
      }),
      async (c) => c.json(await reruns.allAgain(c.req.valid("json").filter), 202),
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/api/runs/{id}/again",
        summary: "Submit a whole run anew, as it was",
        request: { params: jobId },
        responses: { 202: answers(submitted, "It is in the queue"), ...refuses(404, 503) },
      }),
      async (c) => {
        const { id } = c.req.valid("param");
        const again = ownCode?.has(id) ? ownCode.again(id) : await submitter.again(id);
        return c.json(tellBatch(again), 202);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/api/executors/{name}/intake",
        summary: "Pause or resume taking jobs; what is in the queue runs on",
        request: { params: executorName, ...takes(intakeBody) },
        responses: { 200: executorChanged, ...refuses(400, 404) },
      }),
      (c) => {
        const { name } = c.req.valid("param");
        const set = () => executors.setIntake(name, c.req.valid("json").intake);
        return c.json(changed(executors, name, "set intake", set), 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/api/comparisons",
        summary: "Compare executors by the same batch",
        request: takes(comparisonBody),
        responses: {
          202: answers(z.object({ comparison }), "It has begun"),
          ...refuses(400, 409, 422, 503),
        },
      }),
      async (c) => {
        const { executors: compared, repeats, ...body } = c.req.valid("json");
        // Only where one is asked for, for it has them looked for.
        const { names } = submitter.executors;
        const opponents = compared.every((name) => names.includes(name))
          ? []
          : await presentOpponents();
        const one = compared.find((name) => names.includes(name)) ?? names[0] ?? "";
        const each = compared.map((name) => {
          const opponent = opponents.find((known) => known.name === name);
          const executor = opponent === undefined ? name : one;
          const submission = checkSubmission({ ...body, executor }, submitter);
          if (opponent?.kinds.includes(body.kind) === false) {
            const detail = `kind ${quote(body.kind)} is not known to ${quote(name)}`;
            throw new Problem(422, `Cannot compare: ${detail}`, { field: "kind" });
          }
          return { submission, opponent: opponent?.name };
        });
        return c.json({ comparison: comparisons.start(each, repeats) }, 202);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/api/comparisons/{id}",
        summary: "How a comparison goes",
        request: { params: jobId },
        responses: { 200: answers(z.object({ comparison }), "As it is now"), ...refuses(404) },
      }),
      (c) => c.json({ comparison: theLatest(comparisons, c.req.valid("param").id) }, 200),
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/api/trials",
        summary: "Break something on purpose",
        request: takes(trialBody),
        responses: {
          202: answers(z.object({ trial }), "It has begun"),
          ...refuses(400, 409, 422, 503),
        },
      }),
      async (c) => {
        const { experiment, executor } = c.req.valid("json");
        return c.json({ trial: await trials.start(experiment, executor) }, 202);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/api/trials/{id}",
        summary: "How a trial goes",
        request: { params: jobId },
        responses: { 200: answers(z.object({ trial }), "As it is now"), ...refuses(404) },
      }),
      (c) => c.json({ trial: theLatest(trials, c.req.valid("param").id) }, 200),
    );
}

export function tellBatch({ id, jobs }: Batch) {
  return { batch: id, count: jobs.length, jobs: jobs.slice(0, FIRST_ROWS).map(rowOf) };
}

/** Only the last one is known. */
function theLatest<T extends { id: string }>({ latest }: { latest: T | null }, id: string): T {
  if (latest?.id === id) return latest;
  throw new Problem(404, `Cannot find ${quote(id)}: it is not the last one`);
}
