// Routes that change the executors themselves.

import { z } from "@hono/zod-openapi";
import { executorView, pauseBody, resizeBody } from "../contract.ts";
import type { Executors } from "../executors.ts";
import { answers, createRoute, refuses, routes, takes } from "./route.ts";

export const executorName = z.object({
  name: z
    .string()
    .max(100)
    .openapi({ param: { name: "name", in: "path" } }),
});

const worker = executorName.extend({
  id: z.coerce
    .number()
    .int()
    .min(0)
    .openapi({ param: { name: "id", in: "path" } }),
});

export const executorChanged = answers(
  z.object({ executor: executorView }),
  "The executor as it is now",
);

/**
 * Changes the executor of a name, and tells how it is now.
 *
 * @throws Where there is none; `action` is what could not be done.
 */
export function changed(executors: Executors, name: string, action: string, change: () => void) {
  executors.find(name, action, "name");
  change();
  return { executor: executors.view(name) };
}

export function controllingRoutes(executors: Executors) {
  return routes()
    .openapi(
      createRoute({
        method: "post",
        path: "/api/executors/{name}/resize",
        summary: "Grow or shrink a pool",
        request: { params: executorName, ...takes(resizeBody) },
        responses: { 200: executorChanged, ...refuses(400, 404, 422) },
      }),
      (c) => {
        const { name } = c.req.valid("param");
        const resize = () => executors.resize(name, c.req.valid("json").maxWorkers);
        return c.json(changed(executors, name, "resize executor", resize), 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/api/executors/{name}/warm",
        summary: "Start all workers of a pool, and wait until they are ready",
        request: { params: executorName },
        responses: { 200: executorChanged, ...refuses(404, 422, 503) },
      }),
      async (c) => {
        const { name } = c.req.valid("param");
        await executors.warm(name);
        return c.json({ executor: executors.view(name) }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/api/executors/{name}/pause",
        summary: "Have a pool begin nothing more, or go on; what runs goes on, and jobs are taken",
        request: { params: executorName, ...takes(pauseBody) },
        responses: { 200: executorChanged, ...refuses(400, 404) },
      }),
      (c) => {
        const { name } = c.req.valid("param");
        const pause = () => executors.setPaused(name, c.req.valid("json").paused);
        return c.json(changed(executors, name, "pause executor", pause), 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/api/executors/{name}/workers/{id}/end",
        summary: "End a worker; what it runs is lost, and another takes over",
        request: { params: worker },
        responses: { 200: executorChanged, ...refuses(404, 422) },
      }),
      (c) => {
        const { name, id } = c.req.valid("param");
        const end = () => executors.endWorker(name, id);
        return c.json(changed(executors, name, "end worker", end), 200);
      },
    );
}
