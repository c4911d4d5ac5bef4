// How every route is declared: what it answers, what it refuses, and that what comes in is checked.

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { problem } from "../contract.ts";
import { problemOf } from "../issues.ts";

export { createRoute };

/** Makes a group of routes; a request that does not fit its route's schemas is a problem that names the field. */
export function routes(): OpenAPIHono {
  return new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw problemOf(result.error, { action: "read request" });
    },
  });
}

/** Says that a route answers JSON of this shape. */
export function answers<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** Says that a route takes JSON of this shape. */
export function takes<S extends z.ZodType>(schema: S) {
  return { body: { content: { "application/json": { schema } }, required: true } } as const;
}

/** Says that a route takes JSON of this shape, or no body at all for what it says by default. */
export function mayTake<S extends z.ZodType>(schema: S) {
  return { body: { content: { "application/json": { schema } }, required: false } } as const;
}

/** What every route may refuse: a client without the token, one from elsewhere, one that asks too often. */
const ALWAYS = [401, 403, 429];

/**
 * Says what a route refuses.
 *
 * Only the document knows: a handler throws a `Problem`, so its answers, and what a client reads of them, have one shape.
 */
export function refuses(...statuses: (400 | 404 | 409 | 413 | 415 | 422 | 503)[]) {
  const response = {
    description: "Refused, and why",
    content: { "application/problem+json": { schema: problem } },
  };
  const all = [...statuses, ...ALWAYS].map((status) => [status, response]);
  return Object.fromEntries(all) as Record<never, never>;
}

/** The id of a job, in an address. */
export const jobId = z.object({
  id: z
    .string()
    .max(100)
    .openapi({ param: { name: "id", in: "path" } }),
});
